import { MetabonkError, parseQuery, type Behaviour, type BoundQuery, type Program, type Query, type QueryScope, type QuerySource, type SharedState } from '../../runtime/index.ts'
import { machineNames } from '../statechart/index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { reportOf } from '../world/summary.ts'

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

/** A query about a state that moves on. */
export interface OpenQuery {
  readonly query: Query
  /** The query over the memory that the state lies in now. */
  bound(): BoundQuery
}

/** Throws `usage` for a query that is true or false of no state. */
export function checkCondition({ text, type }: Query): void {
  if (type !== 'boolean') throw new MetabonkError({ code: 'usage', what: `'${text}' is a ${type} and no condition`, todo: 'compare it with something' })
}

/** What a query is about: a world, and memory of it. Another memory may stand there later. */
export interface Queried {
  readonly definition: WorldDefinition
  readonly state: SharedState
}

/** Reads a query about a world in memory; bare names may belong to a kind. Throws `usage`. */
export function openQuery(queried: Queried, text: string, subject?: string): OpenQuery {
  const { definition } = queried
  const query = parseQuery(text, { ...scopeOf(queried.state.program, definition), subject })
  let state: SharedState | undefined
  let made: BoundQuery | undefined
  return {
    query,
    bound: () => {
      if (made === undefined || state !== queried.state) {
        state = queried.state
        made = query.bind(sourceOf(state, definition))
      }
      return made
    },
  }
}
