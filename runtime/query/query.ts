import { MetabonkError } from '../errors.ts'
import type { KindType } from '../schema/kind.ts'
import type { KindTable } from '../state/table.ts'
import { shown } from './fault.ts'
import { Names, type QueryScope, type QuerySource } from './scope.ts'
import { parseExpression } from './syntax.ts'
import { aliveAll, whereAlive, type Asked, type At, type ValueTerm } from './terms.ts'
import { Typing } from './typing.ts'

/** Type of what a query gives. */
export type QueryType = 'boolean' | 'number' | 'text'

/** An expression over a state, checked against the world it is asked of. */
export interface Query {
  readonly text: string
  readonly type: QueryType
  /** The kind whose rows it ranges over; undefined when it is about the state as a whole. */
  readonly subject: KindType | undefined
  /** Kinds it reads, in the world's order. */
  readonly kinds: readonly KindType[]
  bind(source: QuerySource): BoundQuery
}

/** A query over a source. Each call reads the state as it is then. */
export class BoundQuery {
  private readonly asked: Asked
  private readonly read: At<number | string | boolean>
  private readonly isCondition: boolean
  private readonly text: string
  private readonly usable: () => boolean
  private readonly table: KindTable | undefined

  constructor(text: string, term: ValueTerm, asked: Asked, table: KindTable | undefined) {
    this.text = text
    this.asked = asked
    this.isCondition = term.type === 'boolean'
    this.read = term.type === 'boolean' ? whereAlive(term.needs, asked, term.bind(asked)) : term.bind(asked)
    this.usable = term.type === 'boolean' ? () => true : aliveAll(term.needs, asked.source)
    this.table = table
  }

  /** Whether the condition holds: for some live row of its subject, or for the state as a whole. Throws `usage` for a number or a text. */
  test(): boolean {
    const test = this.condition()
    return this.table === undefined ? test(0) : this.hitFrom(0) >= 0
  }

  /** Puts the live rows of the subject for which the condition holds into `out`, ascending; none without a subject. Returns how many. */
  rows(out: number[]): number {
    this.condition()
    let count = 0
    for (let row = this.hitFrom(0); row >= 0; row = this.hitFrom(row + 1)) out[count++] = row
    // Last, since a list that is emptied first gives up its memory.
    out.length = count
    return count
  }

  /** The value, at a row when the query ranges over rows; undefined when a row it reads is not alive. */
  value(row?: number): number | string | boolean | undefined {
    this.asked.round++
    if (this.table !== undefined) {
      if (row === undefined) throw new MetabonkError({ code: 'usage', what: `the query has a value for each ${this.table.kind.name}`, where: shown(this.text), todo: 'ask for that of a row' })
      if (!this.table.isAlive(row)) return undefined
    }
    return this.usable() ? this.read(row ?? 0) : undefined
  }

  private condition(): At<boolean> {
    if (!this.isCondition) throw new MetabonkError({ code: 'usage', what: 'the query is no condition', where: shown(this.text), todo: 'compare it with something' })
    this.asked.round++
    return this.read as At<boolean>
  }

  /** The first live row from `begin` on for which the condition holds, or -1. */
  private hitFrom(begin: number): number {
    const { table, read } = this
    if (table === undefined) return -1
    const { rows, alive } = table
    for (let row = begin; row < rows; row++) if (alive[row] === 1 && read(row) === true) return row
    return -1
  }
}

/** Reads a query and checks it against a world. Throws `usage` with the place of the fault. */
export function parseQuery(text: string, scope: QueryScope): Query {
  const typing = new Typing(new Names(text, scope))
  const { term, ranges } = typing.whole(parseExpression(text))
  return {
    text,
    type: term.type,
    subject: ranges === undefined ? undefined : scope.kinds[ranges],
    kinds: scope.kinds.filter((_, index) => typing.kinds.has(index)),
    bind: (source) => new BoundQuery(text, term, { source, round: 0 }, ranges === undefined ? undefined : source.tables[ranges]),
  }
}
