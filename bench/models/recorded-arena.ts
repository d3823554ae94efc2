import { statSync } from 'node:fs'
import { openRecording, prepareWorld, runWorld } from '../../actors/index.ts'
import { openFile } from '../../actors/host/open-file.ts'
import { createRng, streamId } from '../../runtime/index.ts'
import { channelsOf } from '../../runtime/recording/mcap-reader.ts'
import { secondsOf } from '../harness/measure.ts'
import { seed } from '../harness/runs.ts'

/** Runs the arena with its default settings on one thread, recorded. */
export async function recordArena(path: string, steps: number): Promise<void> {
  await runWorld({ world: await prepareWorld('arena'), seed, workers: 1, steps, record: path })
}

/** Bytes a step of a recording that has nothing but hashes and keyframes: without the chunks of the keyframes, and without 8 bytes for each column that changed. */
export function bytesPerStep(path: string): number {
  const recording = openFile(path)
  const { chunks, channels } = recording.mcap
  let bytes = statSync(path).size
  for (const chunk of chunks) if (channelsOf(chunk).some((id) => channels.get(id)?.topic === 'keyframes')) bytes -= chunk.bytes + chunk.indexBytes
  for (let step = 0; step <= recording.steps; step++) bytes -= 8 * recording.changedAt(step).length
  return bytes / (recording.steps + 1)
}

/** How to look into a recording. */
export interface Looks {
  /** Steps that are sought, anywhere in it, and those before them that are not timed. */
  readonly seeks: number
  readonly warmSeeks: number
}

const toMillis = (seconds: number): number => seconds * 1000

/** Milliseconds to any step of a recording, each from a keyframe. */
export async function seekMillis(path: string, { seeks, warmSeeks }: Looks): Promise<number[]> {
  // States on the way are made into bytes as always, but none is kept: so no way is the shorter for one that was gone before it.
  const run = await openRecording(path, { cacheBytes: 1 })
  const rng = createRng(seed, streamId('bench', '', 'seek'))
  const millis: number[] = []
  for (let seek = -warmSeeks; seek < seeks; seek++) {
    const step = rng.below(run.steps + 1)
    const seconds = secondsOf(() => run.stateAt(step))
    if (seek >= 0) millis.push(toMillis(seconds))
  }
  return millis
}

/** Milliseconds of each of so many steps back, one after the other, from seven tenths of the way. */
export async function stepBackMillis(path: string, steps: number): Promise<number[]> {
  const run = await openRecording(path)
  const from = Math.floor(0.7 * run.steps)
  run.stateAt(from)
  return Array.from({ length: steps }, (_, back) => toMillis(secondsOf(() => run.stateAt(from - 1 - back))))
}
