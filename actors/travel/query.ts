import { parseQuery, type Behaviour, type BoundQuery, type Program, type Query, type QueryScope, type QuerySource, type SharedState } from '../../runtime/index.ts'
import { machineNames } from '../statechart/index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { reportOf } from '../world/summary.ts'
import type { Replica } from './replica.ts'

/** What names mean in queries about a world. */
export function scopeOf({ kinds, behaviours, config }: Program, { report }: WorldDefinition): QueryScope {
  return { kinds, machines: behaviours.map((behaviour: Behaviour | undefined) => machineNames(behaviour)), config, reports: Object.keys(report) }
}

function sourceOf(state: SharedState, definition: WorldDefinition): QuerySource {
  const { tables, program, control, config } = state
  return {
    tables,
    states: program.behaviours.map((behaviour, kind) => behaviour?.states(tables[kind])),
    step: () => control.step,
    config: () => config.current,
    report: (name) => reportOf(definition, state, name),
  }
}

/** A query about wherever a replica is. */
export interface OpenQuery {
  readonly query: Query
  /** The query over the memory that the replica has now. */
  bound(): BoundQuery
}

/** Reads a query about a replica's world. Throws `usage`. */
export function openQuery(replica: Replica, text: string): OpenQuery {
  const { definition } = replica.run
  const query = parseQuery(text, scopeOf(replica.state.program, definition))
  let state: SharedState | undefined
  let made: BoundQuery | undefined
  return {
    query,
    bound: () => {
      if (made === undefined || state !== replica.state) {
        state = replica.state
        made = query.bind(sourceOf(state, definition))
      }
      return made
    },
  }
}
