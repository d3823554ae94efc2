import { MetabonkError } from '../errors.ts'
import { limits } from '../limits.ts'
import { type ColumnArray } from '../schema/types.ts'
import { elementBytes } from '../slab/element.ts'
import type { Column, KindTable } from '../state/table.ts'
import type { Lane } from './lane.ts'
import type { SystemStage } from './stages.ts'

/** Runs the parts of a step, and looks at what they do. */
export interface Checker {
  runStage(stage: SystemStage, first: boolean): void
  /** Runs a sequential system. */
  runSequential(system: number, run: () => void): void
  /** Called when the inputs of a step have been applied, and when its births and deaths are settled. */
  after?(part: 'inputs' | 'settle'): void
}

function bytesOf(array: ColumnArray, length: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, length)
}

/** Blocks that the rows of a kind are cut into: enough to tell neighbours apart in a small world, few enough for a large one. */
const blocksMax = 64

function usedBytes(table: KindTable, column: Column): number {
  return Math.ceil(table.rows / limits.blockRows) * limits.blockRows * rowBytes(column)
}

/** Words that are compared at once: blocks of rows are of whole lines of a cache. */
const lineWords = 16

function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / 4)
}

/** First byte at which two equally long ranges differ outside [holeBegin, holeEnd), or -1. */
function firstDifference(a: Uint8Array, b: Uint8Array, holeBegin: number, holeEnd: number): number {
  const words = wordsOf(a)
  const others = wordsOf(b)
  for (let line = 0; line < words.length; line += lineWords) {
    let differing = 0
    for (let word = line; word < line + lineWords; word++) differing |= words[word] ^ others[word]
    if (differing === 0) continue
    for (let i = 4 * line; i < 4 * (line + lineWords); i++) if (a[i] !== b[i] && (i < holeBegin || i >= holeEnd)) return i
  }
  return -1
}

/** One array of a column, live or published. */
interface Part {
  readonly table: KindTable
  readonly column: Column
  readonly published: boolean
  readonly array: ColumnArray
}

function partsOf(tables: readonly KindTable[]): Part[] {
  return tables.flatMap((table) =>
    table.columns.flatMap((column) => [
      { table, column, published: false, array: column.live },
      ...(column.published === undefined ? [] : [{ table, column, published: true, array: column.published }]),
    ]),
  )
}

/** Where a state differs from a copy. */
interface Place extends Part {
  readonly row: number
}

/** Bits of all columns of a world, live and published. */
class StateCopy {
  private readonly parts: readonly Part[]
  private readonly copies: readonly Uint8Array[]

  constructor(tables: readonly KindTable[]) {
    this.parts = partsOf(tables)
    this.copies = this.parts.map(({ table, column, array }) => bytesOf(array, usedBytes(table, column)).slice())
  }

  /** Puts the copied bits back. */
  restore(): void {
    this.parts.forEach(({ array }, i) => {
      bytesOf(array, this.copies[i].length).set(this.copies[i])
    })
  }

  /** Takes over the rows [begin, end) of one kind's live columns as they are now. */
  accept(kind: number, begin: number, end: number): void {
    this.parts.forEach(({ table, column, published, array }, i) => {
      if (published || table.index !== kind) return
      const bytes = rowBytes(column)
      this.copies[i].set(bytesOf(array, this.copies[i].length).subarray(begin * bytes, end * bytes), begin * bytes)
    })
  }

  /** The first place where the state differs from the copy, apart from live rows [begin, end) of `kind`. */
  difference(kind: number, begin: number, end: number): Place | undefined {
    return this.find(({ table, column, published }) => {
      const own = !published && table.index === kind
      return [own ? begin * rowBytes(column) : -1, own ? end * rowBytes(column) : -1]
    })
  }

  /** The first place where a column differs that `may` does not let change. */
  changedBeyond(may: (table: KindTable, column: Column) => boolean): Place | undefined {
    return this.find(({ table, column, published }) => (!published && may(table, column) ? undefined : [-1, -1]))
  }

  /** Looks outside the bytes that `hole` names for a part; parts without a hole are left out. */
  private find(hole: (part: Part) => readonly [begin: number, end: number] | undefined): Place | undefined {
    for (const [i, part] of this.parts.entries()) {
      const bytes = hole(part)
      if (bytes === undefined) continue
      const at = firstDifference(bytesOf(part.array, this.copies[i].length), this.copies[i], ...bytes)
      if (at >= 0) return { ...part, row: Math.floor(at / rowBytes(part.column)) }
    }
    return undefined
  }
}

function rowBytes(column: Column): number {
  return column.type.width * elementBytes[column.type.dtype]
}

/** What was sent and asked for, in canonical order: that in which it came is no result. */
class Outcome {
  private readonly state: StateCopy
  private readonly sent: readonly Uint32Array[]
  private readonly births: readonly Uint32Array[]
  private readonly deaths: readonly number[]

  constructor(lane: Lane, since: Marks) {
    this.state = new StateCopy(lane.state.tables)
    this.sent = lane.outbox.since(since.outbox)
    this.births = lane.requests.birthsSince(since.requests)
    this.deaths = lane.requests.deathsSince(since.requests)
  }

  /** In what the state as it is now, and another outcome's mail and requests, differ from this one, in words. */
  difference(other: Outcome): string | undefined {
    const found = this.state.difference(-1, 0, 0)
    if (found !== undefined) return `${found.table.kind.name}.${found.column.name} of row ${found.row} comes out otherwise`
    if (!sameWords(this.sent, other.sent)) return 'it sends other messages'
    if (!sameWords(this.births, other.births)) return 'it asks for other births'
    return this.deaths.join() === other.deaths.join() ? undefined : 'it ends other rows'
  }
}

function sameWords(a: readonly Uint32Array[], b: readonly Uint32Array[]): boolean {
  return a.length === b.length && a.every((words, i) => words.length === b[i].length && words.every((word, j) => word === b[i][j]))
}

/** Where mail and requests stood. */
interface Marks {
  readonly outbox: ReturnType<Lane['outbox']['mark']>
  readonly requests: ReturnType<Lane['requests']['mark']>
}

/** One thing that runs over a range of rows of a kind: a system, or the machines of a kind. */
interface Suspect {
  readonly name: string
  readonly kind: number
  run(begin: number, end: number): void
}

/**
 * `--check`: runs every parallel system and every kind's machines block by block, forwards and then backwards from the same
 * state, and then all of a stage as threads would that each own one block. A write outside the block, or another state, mail,
 * birth or death, is an error that names step, system, kind, column and row. It runs on one thread and costs a copy of the
 * state for every system and block.
 */
export class BlockChecker implements Checker {
  private readonly lane: Lane

  constructor(lane: Lane) {
    this.lane = lane
    lane.guard = (name, kind, columns, run) => {
      const before = new StateCopy(lane.state.tables)
      run()
      const found = before.changedBeyond((table, column) => table.index === kind && columns.includes(column.index))
      if (found !== undefined) throw this.writeError(name, found, 'which it does not declare to write', 'write there in a system')
    }
  }

  runSequential(system: number, run: () => void): void {
    this.watchMarks(`system ${this.lane.state.program.systems[system].name}`, run)
  }

  runStage(stage: SystemStage, first: boolean): void {
    const suspects = this.suspects(stage, first)
    const before = new StateCopy(this.lane.state.tables)
    const marks = this.marks()
    for (const suspect of suspects) this.examine(suspect)
    if (suspects.length > 1) this.examineTogether(suspects, before, marks)
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
          if (begin < end) lane.runSystemOver(index, begin, end)
        },
      })
    }
    return suspects
  }

  private marks(): Marks {
    return { outbox: this.lane.outbox.mark(), requests: this.lane.requests.mark() }
  }

  private rewind(before: StateCopy, marks: Marks): void {
    before.restore()
    this.lane.outbox.rewind(marks.outbox)
    this.lane.requests.rewind(marks.requests)
  }

  private examine(suspect: Suspect): void {
    const { lane } = this
    const { tables } = lane.state
    const before = new StateCopy(tables)
    const marks = this.marks()
    this.watchMarks(suspect.name, () => {
      this.runBlocks(suspect, true)
    })
    const forwards = new Outcome(lane, marks)
    this.rewind(before, marks)
    this.runBlocks(suspect, false)
    this.compare(suspect.name, forwards, marks, 'when blocks run backwards')
    // Births take rows in the order asked: what stays is one run over all rows.
    this.rewind(before, marks)
    suspect.run(lane.begin(suspect.kind), lane.end(suspect.kind))
    this.compare(suspect.name, forwards, marks, 'when all rows run as one block')
  }

  /** Runs something and looks whether it changed a column that it did not take for writing. */
  private watchMarks(name: string, run: () => void): void {
    const { lane } = this
    const { tables } = lane.state
    const before = new StateCopy(tables)
    const marked = tables.map((table) => table.takeDirty())
    run()
    const found = before.changedBeyond((table, column) => table.isDirty(column.index, lane.index))
    tables.forEach((table, kind) => {
      table.mergeDirty(marked[kind])
    })
    if (found !== undefined) throw this.writeError(name, found, 'through a column it took for reading', 'take it from rows.write')
  }

  private compare(name: string, expected: Outcome, marks: Marks, when: string): void {
    const how = expected.difference(new Outcome(this.lane, marks))
    if (how !== undefined) throw this.orderError(name, `${how} ${when}`)
  }

  /** Runs a stage as threads that own a block each, one after the other: what one reads of another's live rows shows. */
  private examineTogether(suspects: readonly Suspect[], before: StateCopy, marks: Marks): void {
    const expected = new Outcome(this.lane, marks)
    const names = suspects.map((each) => each.name).join(', ')
    for (const forwards of [true, false]) {
      this.rewind(before, marks)
      for (let i = 0; i < blocksMax; i++) {
        for (const suspect of suspects) suspect.run(...this.block(suspect.kind, forwards ? i : blocksMax - 1 - i))
      }
      this.compare(`the stage of ${names}`, expected, marks, 'when one thread is ahead of another')
    }
    this.rewind(before, marks)
    for (const suspect of suspects) suspect.run(this.lane.begin(suspect.kind), this.lane.end(suspect.kind))
  }

  /** The rows [begin, end) of block `i` of a kind. */
  private block(kind: number, i: number): readonly [begin: number, end: number] {
    const begin = this.lane.begin(kind)
    const rows = this.lane.end(kind) - begin
    const size = Math.ceil(rows / blocksMax)
    return [begin + Math.min(i * size, rows), begin + Math.min((i + 1) * size, rows)]
  }

  private runBlocks(suspect: Suspect, forwards: boolean): void {
    const expected = new StateCopy(this.lane.state.tables)
    for (let i = 0; i < blocksMax; i++) {
      const [from, to] = this.block(suspect.kind, forwards ? i : blocksMax - 1 - i)
      if (from === to) continue
      suspect.run(from, to)
      const foreign = expected.difference(suspect.kind, from, to)
      if (foreign !== undefined) throw this.foreignError(suspect, foreign)
      expected.accept(suspect.kind, from, to)
    }
  }

  private foreignError(suspect: Suspect, at: Place): MetabonkError {
    const own = this.lane.state.program.kinds[suspect.kind].name
    return this.writeError(suspect.name, at, `which is outside the rows of ${own} it was given`, 'write own rows only, and tell others by message')
  }

  private writeError(name: string, { table, column, published, row }: Place, how: string, todo: string): MetabonkError {
    const where = `${table.kind.name}.${column.name} of row ${row}`
    return new MetabonkError({
      code: 'foreign-write',
      what: published ? `${name} wrote the published copy of ${where}` : `${name} wrote ${where}${how.startsWith('which') ? ',' : ''} ${how}`,
      where: `step ${this.lane.state.control.step}`,
      todo: published ? 'write live columns: copies are made at the end of the step' : todo,
    })
  }

  private orderError(name: string, how: string): MetabonkError {
    return new MetabonkError({
      code: 'order-dependence',
      what: `${name} depends on the order of rows: ${how}`,
      where: `step ${this.lane.state.control.step}`,
      todo: 'keep state in columns, not in variables, and read others only as published',
    })
  }
}
