import { frameOf, type Frame } from '../../compositor/index.ts'
import { loadRow, MetabonkError, type KindTable, type SharedState } from '../../runtime/index.ts'
import { stateCounts, type KindStates } from '../statechart/index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { agentsOf, summarise } from '../world/summary.ts'
import { mailOf, mailTo, type Correspondent, type Letter } from './mail.ts'
import { openQuery, type OpenQuery, type Queried } from './query.ts'
import { recordedObservations, recordedTable, type RecordedTable } from './recorded-tables.ts'

/** What an expression comes to at a moment. */
export interface QueryAnswer {
  /** A condition is met: by some row, or by the state as a whole. False for a number or a text. */
  readonly holds: boolean
  /** What it comes to; undefined for a condition over rows, and where a row that it reads is not alive. */
  readonly value: number | string | boolean | undefined
  /** The kind whose rows it ranges over. */
  readonly kind: string | undefined
  /** The live rows for which it holds, ascending. */
  readonly rows: readonly number[]
}

/** A moment of a run: valid until the run is asked for another one. */
export interface RecordedState {
  readonly step: number
  readonly hash: string
  /** Step of the keyframe before it; 0 for `init`. Of a live run, which goes back nowhere, its own. */
  readonly keyframeStep: number
  /** The world's report. Throws what the world throws. */
  readonly report: Readonly<Record<string, number>>
  /** Live agents by kind. */
  readonly agents: Readonly<Record<string, number>>
  /** All columns of a live row, as people write their values. Throws `usage` when there is no such agent. */
  agent(kind: string, row: number): Record<string, unknown>
  /** How many agents are in each state of their machine, for every kind that has one. */
  states(): KindStates[]
  /** The whole state as bytes. */
  keyframe(): Uint8Array
  /** All agents of a kind where they lie: nothing is copied. Throws `usage` when there is no such kind. */
  table(kind: string): RecordedTable
  /** The messages that this state holds, in canonical order: the next step delivers them. */
  mail(): Letter[]
  /** The first of those to an agent, at most so many. */
  mailTo(agent: Correspondent & { readonly most: number }): Letter[]
  /**
   * What an expression of the query language comes to, such as `enemy.health < 5`; with a kind, bare names belong to it: `health < 5`. Throws `usage` for
   * one that the world can't be asked.
   */
  query(expression: string, kind?: string): QueryAnswer
  /** What the policy of a kind took in at this step: f32 [rowsMax, ...shape]. Only of a state that was asked for `drawn`; throws `usage`. */
  observations(kind: string): Float32Array
  /**
   * What the camera of an agent saw at this step. Only of a state that was asked for `drawn`, or of a live run, where it is the newest picture there is
   * and may be of a later step; throws `usage`.
   */
  picture(kind: string, row: number): Frame
}

/** What a moment is of. */
export interface Occasion {
  readonly step: number
  readonly hash: string
  readonly keyframeStep: number
  /** Throws `usage` when the memory holds another moment by now. */
  check(): void
  keyframe(): Uint8Array
  /** Throws `usage` where nothing was drawn for this moment. */
  checkDrawn(): void
  /** Reads a picture; by default that of the step, from the memory of the state. */
  picture?(table: KindTable, row: number): Frame
}

/** Expressions kept ready: the oldest is forgotten first. */
const queriesMax = 64

/** Makes moments of a world in memory that goes on to other steps: what does not depend on the step is made once. */
export class Moments {
  private readonly queried: Queried
  private tables: { readonly state: SharedState | undefined; readonly of: Map<KindTable, RecordedTable> } = { state: undefined, of: new Map() }
  private readonly queries = new Map<string, OpenQuery>()

  constructor(queried: Queried) {
    this.queried = queried
  }

  /** The moment that the memory holds. */
  at(occasion: Occasion): RecordedState {
    const { definition, state } = this.queried
    const { step, hash, keyframeStep } = occasion
    const here = (): readonly KindTable[] => {
      occasion.check()
      return state.tables
    }
    const seen = (kind: string): KindTable => {
      const table = tableNamed(here(), kind)
      occasion.checkDrawn()
      return table
    }
    const summary = summaryOf(definition, state)
    return {
      step,
      hash,
      keyframeStep,
      get report() {
        if (summary.failure !== undefined) throw summary.failure
        return summary.report
      },
      agents: summary.agents,
      agent: (kind, row) => agentOf(here(), kind, row),
      states: () => here().flatMap((table) => stateCounts(state.program.behaviours[table.index], table)),
      keyframe: () => (here(), occasion.keyframe()),
      table: (kind) => this.tableOf(state, tableNamed(here(), kind)),
      mail: () => (here(), mailOf(state)),
      mailTo: (agent) => (here(), mailTo(state, agent)),
      query: (expression, kind) => (here(), this.answer(expression, kind)),
      observations: (kind) => (seen(kind), recordedObservations(state, kind)),
      picture: (kind, row) => occasion.picture?.(tableNamed(here(), kind), row) ?? frameOf(state.stages, seen(kind).kind, row, step),
    }
  }

  /** The table of a kind; made once for as long as the memory of the state stays. */
  private tableOf(state: SharedState, table: KindTable): RecordedTable {
    if (this.tables.state !== state) this.tables = { state, of: new Map() }
    const { of } = this.tables
    const made = of.get(table) ?? recordedTable(state, table)
    of.set(table, made)
    return made
  }

  private answer(expression: string, subject: string | undefined): QueryAnswer {
    const read = this.queryOf(expression, subject)
    const { query } = read
    const asked = read.bound()
    const kind = query.subject?.name
    if (query.type !== 'boolean') return { holds: false, value: asked.value(), kind, rows: [] }
    if (kind === undefined) {
      const holds = asked.test()
      return { holds, value: holds, kind, rows: [] }
    }
    const rows: number[] = []
    asked.rows(rows)
    return { holds: rows.length > 0, value: undefined, kind, rows }
  }

  private queryOf(expression: string, subject: string | undefined): OpenQuery {
    const { queries } = this
    const asked = `${subject ?? ''}:${expression}`
    const known = queries.get(asked)
    if (known !== undefined) return known
    const read = openQuery(this.queried, expression, subject)
    queries.set(asked, read)
    for (const oldest of queries.keys()) {
      if (queries.size <= queriesMax) break
      queries.delete(oldest)
    }
    return read
  }
}

interface Summary {
  readonly report: Readonly<Record<string, number>>
  readonly agents: Readonly<Record<string, number>>
  readonly failure?: MetabonkError
}

/** A report that throws is no reason not to look at the rest. */
function summaryOf(definition: WorldDefinition, state: SharedState): Summary {
  try {
    return summarise(definition, state)
  } catch (error) {
    if (!(error instanceof MetabonkError)) throw error
    return { report: {}, agents: agentsOf(state), failure: error }
  }
}

function tableNamed(tables: readonly KindTable[], kind: string): KindTable {
  const table = tables.find((each) => each.kind.name === kind)
  if (table !== undefined) return table
  throw new MetabonkError({ code: 'usage', what: `there is no kind '${kind}'`, todo: `choose from ${tables.map((each) => each.kind.name).join(', ')}` })
}

function agentOf(tables: readonly KindTable[], kind: string, row: number): Record<string, unknown> {
  const table = tableNamed(tables, kind)
  if (!(row >= 0 && row < table.rows) || table.alive[row] !== 1) throw new MetabonkError({ code: 'usage', what: `${kind} ${row} is not alive`, todo: `${table.aliveCount} of ${table.rows} rows are` })
  return loadRow(table, row)
}
