import type { Behaviour, KindTable } from '../../runtime/index.ts'
import type { MachineBehaviour } from './behaviour.ts'

/** How many agents of a kind are in each state of its machine. */
export interface KindStates {
  readonly kind: string
  /** Agents alive. */
  readonly agents: number
  /** In document order, those nobody is in included; a state counts whoever is in one of its own. */
  readonly states: readonly { readonly state: string; readonly agents: number }[]
}

/** Paths of the states of a kind's machine, in document order, and its tags; undefined for a kind without a machine. */
export function machineNames(behaviour: Behaviour | undefined): { readonly states: readonly string[]; readonly tags: readonly string[] } | undefined {
  if (behaviour === undefined || !('chart' in behaviour)) return undefined
  const { nodes } = (behaviour as MachineBehaviour).chart.space
  const states = nodes.filter((node) => node.type !== 'history').map((node) => node.path.join('.'))
  return { states: states.filter((path) => path !== ''), tags: [...new Set(nodes.flatMap((node) => node.tags))] }
}

/** Counts the agents of a kind by state; an empty list for a kind without a machine. */
export function stateCounts(behaviour: Behaviour | undefined, table: KindTable): KindStates[] {
  if (behaviour === undefined || !('chart' in behaviour)) return []
  const counts = (behaviour as MachineBehaviour).states(table).counts()
  return [{ kind: table.kind.name, agents: table.aliveCount, states: [...counts].map(([state, agents]) => ({ state, agents })) }]
}
