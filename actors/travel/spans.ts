import type { Recording } from '../../runtime/index.ts'
import { keyframesUpTo } from './opened-run.ts'

/** A part of a run that can be replayed by itself: from the state at `from` (after `init` when -1) to that at `to`. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Cuts the steps `first` to `last`, which the recording has, at the keyframes, ascending. The first part starts at the keyframe before `first`, or after `init`. */
export function spansBetween(recording: Recording, first: number, last: number): Span[] {
  const { keyframes } = recording
  const before = keyframesUpTo(recording, first)
  const cuts: number[] = []
  for (let i = Math.max(0, before - 1); i < keyframes.length && keyframes[i].step <= last; i++) cuts.push(keyframes[i].step)
  // State 0 is that after init, which proves more than its keyframe.
  const starts = before === 0 || cuts[0] === 0 ? [-1, ...cuts.filter((step) => step > 0)] : cuts
  return starts.map((from, i) => ({ from, to: starts[i + 1] ?? last }))
}
