import { MetabonkError, type FieldsOf, type KindTable, type KindType, type ValueOf } from '../../runtime/index.ts'

/** Columns of a kind that hold one number, or true (1) and false (0). */
export type NumberColumn<K extends KindType> = { [F in keyof FieldsOf<K>]: ValueOf<FieldsOf<K>[F]> extends number | boolean ? F : never }[keyof FieldsOf<K>] & string

/** What a report may ask of a state. All sums run in row order. */
export interface ReportView {
  readonly step: number
  /** Agents of a kind alive; with a state path (`fleeing`, `armed.reloading`) only those whose machine is in it. */
  count(kind: KindType, state?: string): number
  /** Sum of a numeric column over live agents. */
  sum<K extends KindType>(kind: K, column: NumberColumn<K>): number
  /** Mean of a numeric column over live agents; 0 when there are none. */
  mean<K extends KindType>(kind: K, column: NumberColumn<K>): number
  /** Largest value of a numeric column over live agents; 0 when there are none. */
  max<K extends KindType>(kind: K, column: NumberColumn<K>): number
}

/** Named numbers that sum up a state. */
export type Report = Readonly<Record<string, (view: ReportView) => number>>

/** How many agents of a kind are in a state of its machine. */
export type StateCounter = (kind: number, path: string) => number

/** Reads a report off the tables. */
export function reportView(tables: readonly KindTable[], step: number, inState: StateCounter): ReportView {
  const tableOf = (kind: KindType): KindTable => {
    const table = tables.find((each) => each.kind.name === kind.name)
    if (table === undefined) throw new MetabonkError({ code: 'world-invalid', what: `the report asks for kind ${kind.name}, which the world does not have` })
    return table
  }
  const fold = (kind: KindType, name: string, start: number, merge: (a: number, b: number) => number): number => {
    const table = tableOf(kind)
    const column = table.findColumn(name)
    if (column === undefined) throw new MetabonkError({ code: 'world-invalid', what: `the report asks for ${kind.name}.${name}, which is no column` })
    if (column.type.form !== 'number' && column.type.form !== 'bool') throw new MetabonkError({ code: 'world-invalid', what: `the report asks for ${kind.name}.${name}, which holds no single number`, todo: 'count or observe it in a system' })
    let result = start
    for (let row = 0; row < table.rows; row++) if (table.alive[row] === 1) result = merge(result, column.live[row])
    return result
  }
  const sum = (kind: KindType, name: string): number => fold(kind, name, 0, (a, b) => a + b)
  return {
    step,
    count: (kind, state) => (state === undefined ? tableOf(kind).aliveCount : inState(tableOf(kind).index, state)),
    sum,
    mean: (kind, name) => (tableOf(kind).aliveCount === 0 ? 0 : sum(kind, name) / tableOf(kind).aliveCount),
    max: (kind, name) => (tableOf(kind).aliveCount === 0 ? 0 : fold(kind, name, -Infinity, Math.max)),
  }
}
