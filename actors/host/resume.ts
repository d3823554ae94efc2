import { hostKernels, partAfter } from '../../runtime/host/index.ts'
import { MetabonkError } from '../../runtime/index.ts'
import { keyframeStepBefore, originOf } from '../travel/opened-run.ts'
import { Replica } from '../travel/replica.ts'
import { channelsOf } from '../streams/index.ts'
import { openRun, type ReplayOptions } from './recorded.ts'
import type { PreparedWorld } from './prepare.ts'
import { runWorld, type RunOptions, type RunResult } from './run.ts'
import { travelTo } from './travel-to.ts'

/** Options of {@link resumeRun}. */
export interface ResumeOptions extends ReplayOptions, Pick<RunOptions, 'fsync' | 'signKey' | 'stallSeconds' | 'seekBudgetMillis' | 'rotate' | 'onLive'> {
  /** The run ends before this step. Default: where it was to end when it was begun, if it was. */
  readonly steps?: number
}

/**
 * Goes on with a recorded run, in the same file: one that was killed, or one that has ended. Its last state is replayed
 * and compared, and then it runs and records as if it had never been interrupted, with the streams it has. Throws what opening a recording throws,
 * `recording-mismatch` when the replay comes to another state, and `disk` when somebody is still writing it.
 */
export async function resumeRun(path: string, options: ResumeOptions = {}): Promise<RunResult> {
  const run = await openRun(path, options)
  const { recording } = run
  const after = recording.steps
  const steps = options.steps ?? recording.until
  const next = partAfter(path, recording)
  if (next !== undefined) throw new MetabonkError({ code: 'usage', what: `the run has gone on in ${next}`, where: path, todo: 'resume its last part' })
  if (steps !== undefined && (steps < after || (steps === after && recording.complete))) {
    throw new MetabonkError({ code: 'usage', what: `the recording has its ${after} steps already`, where: path, todo: 'give --steps beyond them' })
  }
  if (recording.end?.publicKey !== undefined && options.signKey === undefined) {
    throw new MetabonkError({ code: 'usage', what: 'the recording is signed: going on with it would take its signature away', where: path, todo: 'sign it again (--sign KEY), or fork it' })
  }
  // The file is not touched before its last states have come out the same, from the last keyframe but one.
  const replica = new Replica(run, hostKernels(), { cacheBytes: 0 })
  const keyframe = keyframeStepBefore(recording, after)
  replica.startAt(keyframe > recording.first ? keyframeStepBefore(recording, keyframe - 1) : originOf(recording))
  await travelTo(replica, after, { signal: options.signal, onProgress: options.onProgress, onward: true })
  return goOn({ world: run, seed: recording.manifest.seed }, { record: path, after, from: replica.keyframe(), inputs: run.inputs, channels: channelsOf(recording.topics.map((each) => each.topic)) }, { ...options, steps })
}

/** Where a run goes on, and with what. */
export interface Onward extends Pick<RunOptions, 'from' | 'inputs' | 'channels'> {
  readonly record: string
  readonly after: number
}

/** Runs a recorded run on from a state, into a recording that holds the states before, and the inputs. */
export function goOn({ world: { loaded, definition, config }, seed }: { readonly world: PreparedWorld; readonly seed: number }, { record, after, from, inputs, channels }: Onward, options: ResumeOptions): Promise<RunResult> {
  const { workers, steps, fsync, signKey, stallSeconds, seekBudgetMillis, rotate, signal, onProgress, onLive } = options
  return runWorld({ world: { loaded, definition, config }, seed, record, goOn: after, from, inputs, channels, workers, steps, fsync, signKey, stallSeconds, seekBudgetMillis, rotate, signal, onProgress, onLive })
}
