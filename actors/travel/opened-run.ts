import { decodeInput, hashHex, MetabonkError, type ConfigValues, type Program, type Recording, type TimedInput } from '../../runtime/index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { buildProgram } from '../world/program.ts'

/** A recording together with the world that made it: what it takes to be at any of its steps again. */
export interface OpenedRun {
  readonly path: string
  readonly recording: Recording
  readonly definition: WorldDefinition
  readonly config: ConfigValues
  readonly inputs: readonly TimedInput[]
}

/** What the world, the settings and the seed of a run amount to. */
export function programOf({ definition, config, recording }: Pick<OpenedRun, 'definition' | 'config' | 'recording'>): Program {
  return buildProgram(definition, { seed: recording.manifest.seed, config })
}

/** Everything that came from outside in a recorded run. Throws `recording-invalid`. */
export function inputsOf({ inputs }: Recording): TimedInput[] {
  return inputs.map((each) => decodeInput(each.bytes, each.step, each.sequence))
}

/** The recorded hash of a state: 16 hex digits. */
export function recordedHash(recording: Recording, step: number): string {
  const { lo, hi } = recording.hashAt(step)
  return hashHex(lo, hi)
}

/** The step of the last keyframe at or before a step; -1 when there is none. */
export function keyframeStepBefore(recording: Recording, step: number): number {
  return recording.keyframes[keyframesUpTo(recording, step) - 1]?.step ?? -1
}

/** How many keyframes lie at or before a step. */
export function keyframesUpTo({ keyframes }: Recording, step: number): number {
  let low = 0
  for (let high = keyframes.length; low < high; ) {
    const middle = (low + high) >>> 1
    if (keyframes[middle].step <= step) low = middle + 1
    else high = middle
  }
  return low
}

/** Where a replay of all that a recording holds starts: at its first keyframe where it is a part of a run, else (-1) after `init`. */
export function originOf({ first }: Recording): number {
  return first > 0 ? first : -1
}

/** The step, if the recording has it; throws `usage` if not. */
export function stepWithin({ path, recording }: Pick<OpenedRun, 'path' | 'recording'>, step: number): number {
  const { first, steps } = recording
  if (Number.isSafeInteger(step) && step >= first && step <= steps) return step
  const part = partWith(recording, step)
  if (part !== undefined) throw new MetabonkError({ code: 'usage', what: `step ${step} is not in this part of the run, which has the steps ${first} to ${steps}`, where: path, todo: part })
  throw new MetabonkError({ code: 'usage', what: `step ${step} is not in the recording`, where: path, todo: `give a step from ${first} to ${steps}` })
}

/** Where to look for a step that a part does not have. */
function partWith({ first, steps, manifest, end }: Recording, step: number): string | undefined {
  if (step < first && manifest.follows !== undefined) return `look in the part before, ${manifest.follows.recording}`
  return step > steps && end?.next !== undefined ? `look in the part after, ${end.next}` : undefined
}
