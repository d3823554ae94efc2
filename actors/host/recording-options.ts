import type { Rotation } from '../../runtime/host/index.ts'
import { MetabonkError } from '../../runtime/index.ts'

/** How a run is recorded. None of it changes a hash. */
export interface RecordingOptions {
  /** File to record to. */
  readonly record?: string | undefined
  /** What going to any recorded step may cost one thread, in milliseconds: keyframes are spaced by it. Default 100. */
  readonly seekBudgetMillis?: number | undefined
  /** Records in parts: `record` is the first, and the others have their numbers before its ending. */
  readonly rotate?: Rotation | undefined
}

/** Below this a part would be little more than its keyframe. */
const partBytesMin = 64 * 1024
const seekBudgetMillisMax = 60_000

function refuse(what: string, where: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'usage', what, where, todo })
}

/** Refuses what can't be asked of the recording of a run. Throws `usage`. */
export function checkRecordingOptions({ seekBudgetMillis, rotate, record }: RecordingOptions): void {
  if (seekBudgetMillis !== undefined && !(seekBudgetMillis >= 1 && seekBudgetMillis <= seekBudgetMillisMax)) {
    throw refuse(`${seekBudgetMillis} ms are no budget for a seek`, 'seek budget', `give 1 to ${seekBudgetMillisMax} milliseconds`)
  }
  if (rotate === undefined) return
  if (record === undefined) throw refuse('parts are of a recording, and this run is not recorded', 'rotate', 'record it, or leave that out')
  if (!(Number.isSafeInteger(rotate.bytes) && rotate.bytes >= partBytesMin)) throw refuse(`${rotate.bytes} bytes are no size of a part`, 'rotate', `give ${partBytesMin} bytes or more`)
  if (rotate.keep !== undefined && !(Number.isSafeInteger(rotate.keep) && rotate.keep >= 1)) throw refuse(`${rotate.keep} parts can't be kept`, 'keep', 'give a whole number from 1')
}
