import type { ConfigValues } from '../lockstep/program.ts'
import { assert } from '../errors.ts'
import type { ColumnPlan } from '../schema/kind.ts'
import { everyRow, type Agent, type QuerySource } from './scope.ts'
import type { Arithmetic, Comparison } from './syntax.ts'

/** A value at the row a query is at. */
export type At<V> = (row: number) => V

/** A source and how often it was asked: sums are made once each time. */
export interface Asked {
  readonly source: QuerySource
  round: number
}

interface Bindable<V> {
  /** Rows that must be alive for the value to mean something. */
  readonly needs: readonly Agent[]
  bind(asked: Asked): At<V>
}

export interface NumberTerm extends Bindable<number> {
  readonly type: 'number'
}

export interface BooleanTerm extends Bindable<boolean> {
  readonly type: 'boolean'
}

export interface TextTerm extends Bindable<string> {
  readonly type: 'text'
  /** Its value, when it is written in the query. */
  readonly literal?: string
  /** The column of an enum, and its codes: what comparisons with a label look at. */
  readonly enumeration?: { readonly column: ColumnPlan; readonly codes: NumberTerm }
}

/** The state of a machine: not a value, but it can be compared with a path. */
export interface StateTerm {
  readonly type: 'state'
  readonly agent: Agent
}

export type ValueTerm = NumberTerm | BooleanTerm | TextTerm
export type Term = ValueTerm | StateTerm

/** Agents that must be alive: only those whose row is fixed, since the rows that a query ranges over are alive. */
export function needsOf(...agents: readonly Agent[]): readonly Agent[] {
  return agents.filter(({ row }) => row !== everyRow)
}

/** A number that is always the same. */
export function constantTerm(value: number): NumberTerm {
  return { type: 'number', needs: [], bind: () => () => value }
}

/** A value written in the query. */
export function literalTerm(value: number | string | boolean): ValueTerm {
  if (typeof value === 'number') return constantTerm(value)
  if (typeof value === 'boolean') return { type: 'boolean', needs: [], bind: () => () => value }
  return { type: 'text', literal: value, needs: [], bind: () => () => value }
}

/** An element of a column as the number it is stored as; of an id, the whole id. */
function elementTerm(agent: Agent, { name, type }: ColumnPlan, element: number): NumberTerm {
  const bind = ({ source }: Asked): At<number> => {
    const { live } = source.tables[agent.kind].column(name)
    const { width } = type
    const read: At<number> =
      type.form === 'id' ? (row) => live[row * width + 1] * 4294967296 + live[row * width] : width === 1 ? (row) => live[row] : (row) => live[row * width + element]
    return agent.row === everyRow ? read : () => read(agent.row)
  }
  return { type: 'number', needs: needsOf(agent), bind }
}

/** A column of an agent. */
export function columnTerm(agent: Agent, column: ColumnPlan, element: number): ValueTerm {
  const codes = elementTerm(agent, column, element)
  const { needs } = codes
  switch (column.type.form) {
    case 'bool':
      return { type: 'boolean', needs, bind: (asked) => from(codes.bind(asked), (code) => code !== 0) }
    case 'enum':
      return { type: 'text', needs, enumeration: { column, codes }, bind: (asked) => from(codes.bind(asked), (code) => column.type.labels[code]) }
    default:
      return codes
  }
}

function from<V>(codes: At<number>, meaning: (code: number) => V): At<V> {
  return (row) => meaning(codes(row))
}

/** Whether the machine of a live agent is in a state, or in a state with a tag. */
export function askMachine({ kind, row: fixed }: Agent, question: 'matches' | 'hasTag', name: string): (asked: Asked) => At<boolean> {
  return ({ source }) => {
    const states = source.states[kind]
    assert(states !== undefined, 'a source reads the machines that its scope names')
    return fixed === everyRow ? (row) => states[question](row, name) : () => states[question](fixed, name)
  }
}

/** A setting, of the type it has now. */
export function configTerm(key: string, value: ConfigValues[string]): ValueTerm {
  const bind = ({ source }: Asked) => () => source.config()[key]
  return { type: typeof value === 'string' ? 'text' : typeof value, needs: [], bind } as ValueTerm
}

/** `test`, and false while one of the rows it needs is not alive. */
export function whereAlive(needs: readonly Agent[], { source }: Asked, test: At<boolean>): At<boolean> {
  if (needs.length === 0) return test
  const alive = aliveAll(needs, source)
  return (row) => alive() && test(row)
}

/** Whether rows are alive. */
export function aliveAll(needs: readonly Agent[], source: QuerySource): () => boolean {
  const tables = needs.map(({ kind }) => source.tables[kind])
  const rows = needs.map(({ row }) => row)
  // Asked for every row of a query that ranges: no closure, no iterator.
  return () => {
    for (let i = 0; i < tables.length; i++) if (!tables[i].isAlive(rows[i])) return false
    return true
  }
}

const numberTests: Readonly<Record<Comparison, (left: At<number>, right: At<number>) => At<boolean>>> = {
  '==': (left, right) => (row) => left(row) === right(row),
  '!=': (left, right) => (row) => left(row) !== right(row),
  '<': (left, right) => (row) => left(row) < right(row),
  '<=': (left, right) => (row) => left(row) <= right(row),
  '>': (left, right) => (row) => left(row) > right(row),
  '>=': (left, right) => (row) => left(row) >= right(row),
}

/** A comparison of two numbers. */
export function compareNumbers(operator: Comparison, left: NumberTerm, right: NumberTerm): BooleanTerm {
  return comparison([...left.needs, ...right.needs], (asked) => numberTests[operator](left.bind(asked), right.bind(asked)))
}

/** Whether two values of a type are the same, or differ. */
export function compareSame<V>(same: boolean, left: Bindable<V>, right: Bindable<V>): BooleanTerm {
  return comparison([...left.needs, ...right.needs], (asked) => {
    const a = left.bind(asked)
    const b = right.bind(asked)
    return (row) => (a(row) === b(row)) === same
  })
}

/** A test that is false while a row it needs is not alive. */
export function comparison(needs: readonly Agent[], bind: (asked: Asked) => At<boolean>): BooleanTerm {
  return { type: 'boolean', needs: [], bind: (asked) => whereAlive(needs, asked, bind(asked)) }
}

const arithmetic: Readonly<Record<Arithmetic, (left: At<number>, right: At<number>) => At<number>>> = {
  '+': (left, right) => (row) => left(row) + right(row),
  '-': (left, right) => (row) => left(row) - right(row),
  '*': (left, right) => (row) => left(row) * right(row),
  '/': (left, right) => (row) => left(row) / right(row),
  '%': (left, right) => (row) => left(row) % right(row),
}

export function arithmeticTerm(operator: Arithmetic, left: NumberTerm, right: NumberTerm): NumberTerm {
  return { type: 'number', needs: [...left.needs, ...right.needs], bind: (asked) => arithmetic[operator](left.bind(asked), right.bind(asked)) }
}

export function logicTerm(operator: 'and' | 'or', left: BooleanTerm, right: BooleanTerm): BooleanTerm {
  const bind = (asked: Asked): At<boolean> => {
    const a = whereAlive(left.needs, asked, left.bind(asked))
    const b = whereAlive(right.needs, asked, right.bind(asked))
    return operator === 'and' ? (row) => a(row) && b(row) : (row) => a(row) || b(row)
  }
  return { type: 'boolean', needs: [], bind }
}

export function notTerm(inner: BooleanTerm): BooleanTerm {
  const bind = (asked: Asked): At<boolean> => {
    const test = whereAlive(inner.needs, asked, inner.bind(asked))
    return (row) => !test(row)
  }
  return { type: 'boolean', needs: [], bind }
}

/** How the values of many rows become one. Without rows, a mean, a least and a largest are NaN. */
export const folds = {
  sum: { start: 0, merge: (a: number, b: number) => a + b, end: (total: number) => total },
  mean: { start: 0, merge: (a: number, b: number) => a + b, end: (total: number, rows: number) => total / rows },
  min: { start: Infinity, merge: Math.min, end: (least: number, rows: number) => (rows === 0 ? NaN : least) },
  max: { start: -Infinity, merge: Math.max, end: (most: number, rows: number) => (rows === 0 ? NaN : most) },
} as const

/** A fold of `value` over the live rows of a kind, in row order, where `where` holds. */
export interface FoldPlan {
  readonly kind: number
  readonly fold: (typeof folds)[keyof typeof folds]
  readonly value: NumberTerm
  readonly where: BooleanTerm | undefined
}

/** A fold, made once each time the query is asked. */
export function foldTerm({ kind, fold, value, where }: FoldPlan): NumberTerm {
  const bind = (asked: Asked): At<number> => {
    const table = asked.source.tables[kind]
    const read = value.bind(asked)
    const test = where === undefined ? undefined : whereAlive(where.needs, asked, where.bind(asked))
    let round = -1
    let result = 0
    const make = (): number => {
      let merged: number = fold.start
      let count = 0
      for (let row = 0; row < table.rows; row++) {
        if (table.alive[row] !== 1 || (test !== undefined && !test(row))) continue
        merged = fold.merge(merged, read(row))
        count++
      }
      return fold.end(merged, count)
    }
    return () => {
      if (round !== asked.round) result = make()
      round = asked.round
      return result
    }
  }
  return { type: 'number', needs: value.needs, bind }
}
