import type { Recording } from '../../runtime/index.ts'
import { keyframesUpTo } from './opened-run.ts'

/** A part of a run that can be replayed by itself: from the state at `from` (after `init` when -1) to that at `to`. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Cuts the steps `first` to `last` at the keyframes, ascending. The first part starts at the keyframe before `first`. */
export function spansBetween(recording: Recording, first: number, last: number): Span[] {
  const { keyframes } = recording
  const cuts: number[] = []
  for (let i = Math.max(0, keyframesUpTo(recording, first) - 1); i < keyframes.length && keyframes[i].step <= last; i++) cuts.push(keyframes[i].step)
  // State 0 is proved by init, not by a keyframe.
  if (cuts.length === 0 || cuts[0] === 0) cuts.splice(0, 1, -1)
  return cuts.map((from, i) => ({ from, to: cuts[i + 1] ?? last })).filter(({ from, to }) => from <= to)
}
