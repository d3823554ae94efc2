import { MetabonkError } from '../../runtime/index.ts'
import { keyframeStepBefore, recordedHash } from '../travel/opened-run.ts'
import { ReplayMismatch } from '../travel/replica.ts'
import { channelsOf } from '../streams/index.ts'
import { openRun, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { runWorld, type RunOptions, type RunResult } from './run.ts'

/** Options of {@link resumeRun}. */
export interface ResumeOptions extends ReplayOptions, Pick<RunOptions, 'fsync' | 'signKey' | 'stallSeconds'> {
  /** The run ends before this step. Default: where it was to end when it was begun, if it was. */
  readonly steps?: number
}

/**
 * Goes on with a recorded run, in the same file: one that was killed, or one that has ended. What it holds is replayed from its last
 * keyframe and compared, and then it runs and records as if it had never been interrupted, with the streams it has. Throws what opening a recording throws,
 * `recording-mismatch` when the replay comes to another state, and `disk` when somebody is still writing it.
 */
export async function resumeRun(path: string, options: ResumeOptions = {}): Promise<RunResult> {
  const run = await openRun(path, options)
  const after = run.recording.steps
  const steps = options.steps ?? run.recording.manifest.until
  if (steps !== undefined && (steps < after || (steps === after && run.recording.complete))) {
    throw new MetabonkError({ code: 'usage', what: `the recording has its ${after} steps already`, where: path, todo: 'give --steps beyond them' })
  }
  const keyframe = keyframeStepBefore(run.recording, after)
  return goOn(run, { record: path, after, from: keyframe > 0 ? run.recording.loadKeyframe(keyframe) : undefined, inputs: run.inputs, channels: channelsOf(run.recording.topics.map((each) => each.topic)) }, { ...options, steps })
}

/** Where a run goes on, and with what. */
interface Onward extends Pick<RunOptions, 'from' | 'inputs' | 'channels'> {
  readonly record: string
  readonly after: number
}

/** Runs a recorded run on from a state, into a recording that holds the states before. */
export async function goOn(run: LoadedRun, { record, after, from, inputs, channels }: Onward, options: ResumeOptions): Promise<RunResult> {
  const { recording, loaded, definition, config } = run
  const { workers, steps, fsync, signKey, stallSeconds, signal, onProgress } = options
  const roots = recording.roots.subarray(0, 2 * (after + 1))
  const result = await runWorld({
    world: { loaded, definition, config }, seed: recording.manifest.seed, record, goOn: { after, roots }, from, inputs, channels,
    workers, steps, fsync, signKey, stallSeconds, signal, onProgress,
  })
  const { mismatch } = result.outcome
  if (mismatch !== undefined && result.finalHash !== recordedHash(recording, mismatch)) throw new ReplayMismatch(run, mismatch, result.finalHash)
  return result
}
