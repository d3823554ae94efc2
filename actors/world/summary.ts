import type { SharedState } from '../../runtime/index.ts'
import { countInState } from '../machine/index.ts'
import type { WorldDefinition } from './define.ts'
import { reportView } from './report.ts'

/** The report of a world's current state, and how many agents of each kind are alive. */
export function summarise(world: WorldDefinition, state: SharedState): { report: Record<string, number>; agents: Record<string, number> } {
  const view = reportView(state.tables, state.control.step, (kind, path) => countInState(state.program.behaviours[kind], state.tables[kind], path))
  const report: Record<string, number> = {}
  for (const name of Object.keys(world.report)) report[name] = world.report[name](view)
  const agents: Record<string, number> = {}
  for (const table of state.tables) agents[table.kind.name] = table.aliveCount
  return { report, agents }
}
