import { MetabonkError } from '../errors.ts'
import { limits } from '../limits.ts'
import { dtypeBytes, type ColumnArray } from '../schema/types.ts'
import type { Column, KindTable } from '../state/table.ts'
import type { Lane } from './lane.ts'
import type { SystemStage } from './stages.ts'

/** Runs the stages of a step under suspicion. */
export interface Checker {
  runStage(stage: SystemStage, first: boolean): void
}

function bytesOf(array: ColumnArray, length: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, length)
}

function usedBytes(table: KindTable, column: Column): number {
  return Math.ceil(table.rows / limits.blockRows) * limits.blockRows * column.type.width * dtypeBytes[column.type.dtype]
}

/** First byte at which two equally long ranges differ outside [holeBegin, holeEnd), or -1. */
function firstDifference(a: Uint8Array, b: Uint8Array, holeBegin: number, holeEnd: number): number {
  for (let i = 0; i < a.length; i++) {
    if (i === holeBegin) i = holeEnd
    if (i < a.length && a[i] !== b[i]) return i
  }
  return -1
}

/** Bits of all live columns of a world. */
class StateCopy {
  private readonly tables: readonly KindTable[]
  private readonly copies: Uint8Array[][]

  constructor(tables: readonly KindTable[]) {
    this.tables = tables
    this.copies = tables.map((table) => table.columns.map((column) => bytesOf(column.live, usedBytes(table, column)).slice()))
  }

  /** Puts the copied bits back. */
  restore(): void {
    this.eachColumn((_, column, copy) => {
      bytesOf(column.live, copy.length).set(copy)
    })
  }

  /** Takes over the rows [begin, end) of one kind as they are now. */
  accept(kind: number, begin: number, end: number): void {
    this.eachColumn((table, column, copy) => {
      if (table.index !== kind) return
      const rowBytes = column.type.width * dtypeBytes[column.type.dtype]
      copy.set(bytesOf(column.live, copy.length).subarray(begin * rowBytes, end * rowBytes), begin * rowBytes)
    })
  }

  /** Where the state differs from the copy, apart from rows [begin, end) of `kind`: kind, column and row. */
  difference(kind: number, begin: number, end: number): { table: KindTable; column: Column; row: number } | undefined {
    let found: { table: KindTable; column: Column; row: number } | undefined
    this.eachColumn((table, column, copy) => {
      if (found !== undefined) return
      const rowBytes = column.type.width * dtypeBytes[column.type.dtype]
      const own = table.index === kind
      const at = firstDifference(bytesOf(column.live, copy.length), copy, own ? begin * rowBytes : -1, own ? end * rowBytes : -1)
      if (at >= 0) found = { table, column, row: Math.floor(at / rowBytes) }
    })
    return found
  }

  /** A column that changed although nobody took it for writing, with a row. */
  unmarked(lane: number): { table: KindTable; column: Column; row: number } | undefined {
    let found: { table: KindTable; column: Column; row: number } | undefined
    this.eachColumn((table, column, copy) => {
      if (found !== undefined || table.isDirty(column.index, lane)) return
      const at = firstDifference(bytesOf(column.live, copy.length), copy, -1, -1)
      if (at >= 0) found = { table, column, row: Math.floor(at / (column.type.width * dtypeBytes[column.type.dtype])) }
    })
    return found
  }

  private eachColumn(visit: (table: KindTable, column: Column, copy: Uint8Array) => void): void {
    this.tables.forEach((table, kind) => {
      table.columns.forEach((column, index) => {
        visit(table, column, this.copies[kind][index])
      })
    })
  }
}

/** One thing that runs over a range of rows of a kind: a system, or the machines of a kind. */
interface Suspect {
  readonly name: string
  readonly kind: number
  run(begin: number, end: number): void
}

/**
 * `--check`: runs every parallel system and every kind's machines block by block, forwards and then backwards from the same
 * state. A write outside the block, or another result backwards, is an error that names step, system, kind, column and row.
 * It runs on one thread and costs a copy of the state for every system and block.
 */
export class BlockChecker implements Checker {
  private readonly lane: Lane

  constructor(lane: Lane) {
    this.lane = lane
  }

  runStage(stage: SystemStage, first: boolean): void {
    for (const suspect of this.suspects(stage, first)) this.examine(suspect)
  }

  private suspects(stage: SystemStage, first: boolean): Suspect[] {
    const { lane } = this
    const { program } = lane.state
    const suspects: Suspect[] = []
    lane.behaviours.forEach((behaviour, kind) => {
      if (!first || behaviour === undefined) return
      suspects.push({
        name: `the machine of ${program.kinds[kind].name}`,
        kind,
        run: (begin, end) => {
          behaviour.decide(begin, end)
        },
      })
    })
    for (const index of stage.parallel) {
      const system = program.systems[index]
      if (system.form !== 'parallel') continue
      suspects.push({
        name: `system ${system.name}`,
        kind: program.kinds.findIndex((kind) => kind.name === system.kind.name),
        run: (begin, end) => {
          lane.runSystemOver(index, begin, end)
        },
      })
    }
    return suspects
  }

  private examine(suspect: Suspect): void {
    const { lane } = this
    const { tables } = lane.state
    const before = new StateCopy(tables)
    const marks = { outbox: lane.outbox.mark(), requests: lane.requests.mark() }
    this.runBlocks(suspect, new StateCopy(tables), true)
    const unmarked = before.unmarked(lane.index)
    if (unmarked !== undefined) throw this.unmarkedError(suspect, unmarked)
    const forwards = new StateCopy(tables)
    const sent = lane.outbox.mark()
    before.restore()
    lane.outbox.rewind(marks.outbox)
    lane.requests.rewind(marks.requests)
    this.runBlocks(suspect, new StateCopy(tables), false)
    const difference = forwards.difference(-1, 0, 0)
    if (difference !== undefined) throw this.orderError(suspect, `${difference.table.kind.name}.${difference.column.name} of row ${difference.row} comes out otherwise`)
    if (sent.used !== lane.outbox.mark().used) throw this.orderError(suspect, 'it sends other messages')
    // Mail and births are taken in row order: go once more forwards from the same state.
    before.restore()
    lane.outbox.rewind(marks.outbox)
    lane.requests.rewind(marks.requests)
    suspect.run(lane.begin(suspect.kind), lane.end(suspect.kind))
    const whole = forwards.difference(-1, 0, 0)
    if (whole !== undefined) throw this.orderError(suspect, `${whole.table.kind.name}.${whole.column.name} of row ${whole.row} depends on how rows are grouped`)
  }

  private runBlocks(suspect: Suspect, expected: StateCopy, forwards: boolean): void {
    const begin = this.lane.begin(suspect.kind)
    const end = this.lane.end(suspect.kind)
    const blocks = Math.ceil((end - begin) / limits.blockRows)
    for (let i = 0; i < blocks; i++) {
      const from = begin + (forwards ? i : blocks - 1 - i) * limits.blockRows
      const to = Math.min(from + limits.blockRows, end)
      suspect.run(from, to)
      const foreign = expected.difference(suspect.kind, from, to)
      if (foreign !== undefined) throw this.foreignError(suspect, foreign)
      expected.accept(suspect.kind, from, to)
    }
  }

  private foreignError(suspect: Suspect, at: { table: KindTable; column: Column; row: number }): MetabonkError {
    const own = this.lane.state.program.kinds[suspect.kind].name
    return new MetabonkError({
      code: 'foreign-write',
      what: `${suspect.name} wrote ${at.table.kind.name}.${at.column.name} of row ${at.row}, which is outside the rows of ${own} it was given`,
      where: `step ${this.lane.state.control.step}`,
      todo: 'write own rows only, and tell others by message',
    })
  }

  private unmarkedError(suspect: Suspect, at: { table: KindTable; column: Column; row: number }): MetabonkError {
    return new MetabonkError({
      code: 'foreign-write',
      what: `${suspect.name} wrote ${at.table.kind.name}.${at.column.name} of row ${at.row} through a column it took for reading`,
      where: `step ${this.lane.state.control.step}`,
      todo: `take it from rows.write`,
    })
  }

  private orderError(suspect: Suspect, how: string): MetabonkError {
    return new MetabonkError({
      code: 'order-dependence',
      what: `${suspect.name} depends on the order of rows: ${how} when blocks run backwards`,
      where: `step ${this.lane.state.control.step}`,
      todo: 'keep state in columns, not in variables, and read others only as published',
    })
  }
}
