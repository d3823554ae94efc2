import type { RecordingTarget } from './manifest.ts'
import type { Recording } from './recording.ts'

/** Copies what a recording holds of the states 0 to `until`: hashes, keyframes, and the inputs of the steps before. */
export function copyHistory(recording: Recording, target: RecordingTarget, until: number): void {
  const { inputs, keyframes } = recording
  let [input, keyframe] = [0, 0]
  for (let step = 0; step <= until; step++) {
    const changed = recording.changedAt(step)
    const { lo, hi } = recording.hashAt(step)
    target.hash(step, lo, hi, Uint32Array.from(changed.flatMap((each) => [each.column, each.lo, each.hi])), changed.length)
    if (keyframes.at(keyframe)?.step === step) {
      target.keyframe(step, recording.loadKeyframe(step))
      keyframe++
    }
    for (; step < until && inputs.at(input)?.step === step; input++) target.input(step, inputs[input].sequence, inputs[input].bytes)
  }
}
