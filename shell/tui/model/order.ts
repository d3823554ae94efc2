/** Which rows of a kind a table shows, and in which order. */
import { MetabonkError, type RecordedState, type RecordedTable } from '../../../actors/index.ts'
import type { TableQuery } from './model.ts'
import { PlaceSorter } from './radix.ts'

const nobody = new Uint32Array(0)

/** A live state is sorted anew after so many milliseconds at the earliest: rows that jump about can't be read. */
const sortMillis = 250

/** Rows in an order. */
export interface OrderedRows {
  readonly rows: Uint32Array
  /** Why the filter could not be read. */
  readonly fault: string | undefined
}

type Wanted = Pick<TableQuery, 'kind' | 'sort' | 'filter'>

/** The rows that a table showed last, kept for as long as they are true. */
export class RowOrder {
  private readonly isLive: boolean
  private readonly sorter = new PlaceSorter()
  /** Room for the rows of the next answer: the one before is not used any more. */
  private room = nobody
  private last: (OrderedRows & { readonly asked: string; readonly state: string; readonly since: number }) | undefined

  /** Of a live run the order may be some moments old; those who died since are left out. */
  constructor(isLive: boolean) {
    this.isLive = isLive
  }

  of(moment: RecordedState, table: RecordedTable, wanted: Wanted): OrderedRows {
    const { last } = this
    const asked = JSON.stringify([wanted.kind, wanted.filter, wanted.sort])
    const state = `${String(moment.step)} ${moment.hash}`
    if (last?.asked === asked) {
      if (last.state === state) return last
      if (this.isLive && isByValue(wanted.sort) && performance.now() - last.since < sortMillis) return { rows: stillAlive(last.rows, table), fault: last.fault }
    }
    if (this.room.length < table.rows) this.room = new Uint32Array(table.rows)
    const { rows, fault } = rowsThrough({ moment, table, room: this.room }, wanted)
    this.last = { rows: this.sorted(rows, table, wanted.sort), fault, asked, state, since: performance.now() }
    return this.last
  }

  private sorted(rows: Uint32Array, table: RecordedTable, sort: Wanted['sort']): Uint32Array {
    if (sort === undefined) return rows
    if (sort.by === 'row') return sort.descending ? rows.reverse() : rows
    const keys = this.sorter.room(rows.length)
    if (!fillKeys(keys, rows, table, sort.by)) return rows
    return this.sorter.sorted(rows.length, sort.descending).map((place) => rows[place])
  }
}

function isByValue(sort: Wanted['sort']): boolean {
  return sort !== undefined && sort.by !== 'row'
}

function stillAlive(rows: Uint32Array, { alive }: RecordedTable): Uint32Array {
  return rows.filter((row) => alive[row] === 1)
}

/** The numbers that rows are sorted by: false when there is no such column. */
function fillKeys(keys: Float64Array, rows: Uint32Array, table: RecordedTable, by: string): boolean {
  if (by === 'state' && table.stateOf !== undefined) {
    fillStates(keys, rows, table.stateOf)
    return true
  }
  const column = table.columns.find(({ name }) => name === by)
  if (column === undefined) return false
  // A vector goes by its first element, an id by its address: kind, then row.
  const { values, type: { width } } = column
  for (let i = 0; i < rows.length; i++) keys[i] = values[rows[i] * width]
  return true
}

/** States by their names. */
function fillStates(keys: Float64Array, rows: Uint32Array, stateOf: (row: number) => string): void {
  const codes = new Map<string, number>()
  for (let i = 0; i < rows.length; i++) {
    const state = stateOf(rows[i])
    let code = codes.get(state)
    if (code === undefined) {
      code = codes.size
      codes.set(state, code)
    }
    keys[i] = code
  }
  const ranks = new Float64Array(codes.size)
  ;[...codes.keys()].sort().forEach((state, rank) => { ranks[codes.get(state) ?? 0] = rank })
  for (let i = 0; i < rows.length; i++) keys[i] = ranks[keys[i]]
}

/** What rows are taken from, and room for all of them. */
interface Source {
  readonly moment: RecordedState
  readonly table: RecordedTable
  readonly room: Uint32Array
}

function rowsAlive({ table: { alive, rows: used }, room }: Source): Uint32Array {
  let count = 0
  for (let row = 0; row < used; row++) if (alive[row] === 1) room[count++] = row
  return room.subarray(0, count)
}

/** The rows that a filter lets through, ascending. */
function rowsThrough(source: Source, { kind, filter }: Wanted): OrderedRows {
  const text = filter.trim()
  const { moment, table } = source
  if (text === '') return { rows: rowsAlive(source), fault: undefined }
  if (/^\d+$/.test(text)) return { rows: rowsAlive(source).filter((row) => row === Number(text)), fault: undefined }
  try {
    const found = moment.query(text, kind)
    if (found.kind === undefined) return { rows: found.holds ? rowsAlive(source) : nobody, fault: undefined }
    if (found.kind !== kind) return { rows: nobody, fault: `that is about ${found.kind}, and this table shows ${kind}` }
    return { rows: Uint32Array.from(found.rows), fault: undefined }
  } catch (error) {
    if (!(error instanceof MetabonkError)) throw error
    const { stateOf } = table
    if (stateOf === undefined || !/^[\w.-]+$/.test(text)) return { rows: nobody, fault: error.message }
    return { rows: rowsInStates(rowsAlive(source), stateOf, text.toLowerCase()), fault: undefined }
  }
}

function rowsInStates(rows: Uint32Array, stateOf: (row: number) => string, part: string): Uint32Array {
  const known = new Map<string, boolean>()
  return rows.filter((row) => {
    const state = stateOf(row)
    const isIn = known.get(state) ?? state.toLowerCase().includes(part)
    known.set(state, isIn)
    return isIn
  })
}
