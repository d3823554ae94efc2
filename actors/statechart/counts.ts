import type { Behaviour, KindTable } from '../../runtime/index.ts'
import { countInState, type MachineBehaviour } from './behaviour.ts'

/** How many agents of a kind are in each state of its machine. */
export interface KindStates {
  readonly kind: string
  /** Agents alive. */
  readonly agents: number
  /** In document order, those nobody is in included; a state counts whoever is in one of its own. */
  readonly states: readonly { readonly state: string; readonly agents: number }[]
}

/** Counts the agents of a kind by state; an empty list for a kind without a machine. */
export function stateCounts(behaviour: Behaviour | undefined, table: KindTable): KindStates[] {
  if (behaviour === undefined || !('chart' in behaviour)) return []
  const { chart } = behaviour as MachineBehaviour
  const paths = chart.space.nodes.filter((node) => node.type !== 'history').map((node) => node.path.join('.'))
  const states = paths.filter((path) => path !== '').map((state) => ({ state, agents: countInState(behaviour, table, state) }))
  return [{ kind: table.kind.name, agents: table.aliveCount, states }]
}
