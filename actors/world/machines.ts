import { describeMachine, machineBehaviour, type MachineDescription } from '../statechart/index.ts'
import type { WorldDefinition } from './define.ts'

/** Describes the machines of a world, in the order of its kinds; kinds without one are left out. Throws `machine` errors for what can't run in a swarm. */
export function describeMachines({ kinds, stepMillis }: WorldDefinition): MachineDescription[] {
  return kinds.flatMap((entry) => ('machine' in entry ? [describeMachine(machineBehaviour(entry.kind, entry.machine, { stepMillis, executor: entry.executor }))] : []))
}
