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

/** The step, if the recording has it; throws `usage` if not. */
export function stepWithin({ path, recording }: Pick<OpenedRun, 'path' | 'recording'>, step: number): number {
  if (Number.isSafeInteger(step) && step >= 0 && step <= recording.steps) return step
  throw new MetabonkError({ code: 'usage', what: `step ${step} is not in the recording`, where: path, todo: `give a step from 0 to ${recording.steps}` })
}
