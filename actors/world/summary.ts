import { describe, MetabonkError, type SharedState } from '../../runtime/index.ts'
import { countInState } from '../statechart/index.ts'
import type { WorldDefinition } from './define.ts'
import { reportView } from './report.ts'

/** One number of a world's report on the current state. Throws `world-threw` when the world does, `world-invalid` when it is no number. */
export function reportOf(world: WorldDefinition, state: SharedState, name: string): number {
  const view = reportView(state.tables, state.control.step, (kind, path) => countInState(state.program.behaviours[kind], state.tables[kind], path))
  try {
    const value: unknown = world.report[name](view)
    if (typeof value !== 'number') throw new MetabonkError({ code: 'world-invalid', what: `the report ${name} is ${describe(value)}`, todo: 'return a number' })
    return value
  } catch (cause) {
    if (cause instanceof MetabonkError) throw cause
    throw new MetabonkError({ code: 'world-threw', what: `the report ${name} threw: ${cause instanceof Error ? cause.message : String(cause)}`, cause })
  }
}

/** The report of a world's current state, and how many agents of each kind are alive. */
export function summarise(world: WorldDefinition, state: SharedState): { report: Record<string, number>; agents: Record<string, number> } {
  const report: Record<string, number> = {}
  for (const name of Object.keys(world.report)) report[name] = reportOf(world, state, name)
  return { report, agents: agentsOf(state) }
}

/** How many agents of each kind are alive. */
export function agentsOf(state: SharedState): Record<string, number> {
  return Object.fromEntries(state.tables.map((table) => [table.kind.name, table.aliveCount]))
}
