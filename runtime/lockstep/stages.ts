import type { Program, System } from './program.ts'

/** Systems that run between two meetings of the threads: parallel ones, then perhaps one that runs alone. */
export interface SystemStage {
  /** Indices of parallel systems, in order. */
  readonly parallel: readonly number[]
  /** Index of the sequential system that follows, or -1. */
  readonly sequential: number
}

/** Groups systems, kept in order. There is always one stage: machines decide in the first. */
export function stagesOf(systems: readonly System[]): SystemStage[] {
  const stages: SystemStage[] = []
  let parallel: number[] = []
  systems.forEach((system, index) => {
    if (system.form === 'parallel') {
      parallel.push(index)
      return
    }
    stages.push({ parallel, sequential: index })
    parallel = []
  })
  if (stages.length === 0 || parallel.length > 0) stages.push({ parallel, sequential: -1 })
  return stages
}

/** Names of what a thread can be doing, in the order of the codes it leaves in the control slab. */
export function phaseNames(program: Program): string[] {
  return [
    'waiting',
    'publish, deliver and hash',
    'settle',
    ...program.kinds.map((kind) => `decide of ${kind.name}`),
    ...program.systems.map((system) => `system ${system.name}`),
    ...program.stages.map((stage) => `${stage.name} of ${stage.kind.name}`),
  ]
}
