import { eachRecorded, type TimedInput } from '../lockstep/inputs.ts'
import type { RecordingTarget } from './manifest.ts'
import type { Recording } from './recording.ts'

/** Copies what a recording holds of its states up to `until`, hashes and keyframes, with these inputs, in canonical order, instead of its own. */
export function copyHistory(recording: Recording, target: RecordingTarget, until: number, inputs: readonly TimedInput[]): void {
  eachRecorded(inputs, (step, sequence, bytes) => { target.input(step, sequence, bytes) })
  let keyframe = 0
  for (let { first: step } = recording; step <= until; step++) {
    const changed = recording.changedAt(step)
    const { lo, hi } = recording.hashAt(step)
    target.hash(step, lo, hi, Uint32Array.from(changed.flatMap((each) => [each.column, each.lo, each.hi])), changed.length)
    if (recording.keyframes.at(keyframe)?.step !== step) continue
    target.keyframe(step, recording.loadKeyframe(step))
    keyframe++
  }
}
