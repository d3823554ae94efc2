import { limits } from '../limits.ts'
import type { KindType } from '../schema/kind.ts'
import { memoryOf, type RecordMemory } from '../schema/memory.ts'
import type { KindTable } from '../state/table.ts'
import type { BirthOrder } from './birth-order.ts'

const head = { births: 0, birthWords: 1, deaths: 2, overKind: 3, words: 16 } as const
/** Words of a birth before its record: kind, and address of who asks. Even, so that records lie at multiples of 8 bytes. */
const birthHeaderWords = 2

function birthCapacity(kinds: readonly KindType[]): number {
  return kinds.reduce((words, kind) => words + kind.birthsMax * (birthHeaderWords + kind.codec.words), 64)
}

/** Makes the memory of one thread's requests. */
export function createRequestMemory(kinds: readonly KindType[]): SharedArrayBuffer {
  const deaths = kinds.reduce((rows, kind) => rows + kind.rowsMax, 0)
  return new SharedArrayBuffer((head.words + birthCapacity(kinds) + deaths) * 4)
}

/** Where the record of the birth at a word of the births lies in the whole memory. */
function recordByte(word: number): number {
  return (head.words + word + birthHeaderWords) * 4
}

/**
 * Births and deaths one thread asked for in one step, for the director to settle. Like mail, a limit that was exceeded is
 * noted and raised by the coordinator.
 */
export class Requests {
  private readonly memory: RecordMemory
  private readonly header: Uint32Array
  private readonly births: Uint32Array
  private readonly deaths: Uint32Array
  private readonly counts: Uint32Array
  private readonly tables: readonly KindTable[]

  constructor(memory: SharedArrayBuffer, tables: readonly KindTable[]) {
    const kinds = tables.map((table) => table.kind)
    this.tables = tables
    this.memory = memoryOf(memory)
    this.header = new Uint32Array(memory, 0, head.words)
    const births = birthCapacity(kinds)
    this.births = new Uint32Array(memory, head.words * 4, births)
    this.deaths = new Uint32Array(memory, (head.words + births) * 4)
    this.counts = new Uint32Array(kinds.length)
  }

  clear(): void {
    this.header.fill(0)
    this.counts.fill(0)
  }

  get isEmpty(): boolean {
    return this.header[head.births] === 0 && this.header[head.deaths] === 0
  }

  /** Where the requests stand, to be rewound to. */
  mark(): { readonly header: Uint32Array; readonly counts: Uint32Array } {
    return { header: this.header.slice(), counts: this.counts.slice() }
  }

  /** Takes back everything asked since a mark. */
  rewind(mark: { readonly header: Uint32Array; readonly counts: Uint32Array }): void {
    this.header.set(mark.header)
    this.counts.set(mark.counts)
  }

  /** Births asked for since a mark, by who asked; those of one in the order asked. */
  birthsSince(mark: { readonly header: Uint32Array }): Uint32Array[] {
    const births: Uint32Array[] = []
    for (let at = mark.header[head.birthWords]; at < this.header[head.birthWords]; ) {
      const end = at + birthHeaderWords + this.tables[this.births[at]].kind.codec.words
      births.push(this.births.slice(at, end))
      at = end
    }
    return births.sort((a, b) => a[1] - b[1])
  }

  /** Deaths asked for since a mark, ascending, each once. */
  deathsSince(mark: { readonly header: Uint32Array }): number[] {
    return [...new Set(this.deaths.subarray(mark.header[head.deaths], this.header[head.deaths]))].sort((a, b) => a - b)
  }

  /** Index of the lowest kind whose births went over its limit, or -1. */
  get overKind(): number {
    return this.header[head.overKind] - 1
  }

  askBirth(kind: number, from: number, values: Readonly<Record<string, unknown>>): void {
    const { codec, birthsMax } = this.tables[kind].kind
    if (this.counts[kind] >= birthsMax) {
      const worst = this.header[head.overKind]
      if (worst === 0 || kind + 1 < worst) this.header[head.overKind] = kind + 1
      return
    }
    this.counts[kind]++
    const at = this.header[head.birthWords]
    codec.encode(values, this.memory, recordByte(at))
    this.births[at] = kind
    this.births[at + 1] = from
    this.header[head.birthWords] = at + birthHeaderWords + codec.words
    this.header[head.births]++
  }

  /** Asks for the death of a row; asking twice is the same as once. */
  askDeath(kind: number, row: number): void {
    // Full and without repeats, it holds every row there is, this one too.
    if (this.header[head.deaths] === this.deaths.length && !this.dropRepeats()) return
    const at = this.header[head.deaths]
    this.deaths[at] = kind * limits.rowsMax + row
    this.header[head.deaths] = at + 1
  }

  /** Makes room where rows were asked for more than once; false when none was. */
  private dropRepeats(): boolean {
    const rows = [...new Set(this.deaths)]
    this.deaths.set(rows)
    this.header[head.deaths] = rows.length
    return rows.length < this.deaths.length
  }

  eachDeath(visit: (kind: number, row: number) => void): void {
    for (let i = 0; i < this.header[head.deaths]; i++) visit(this.deaths[i] >>> 26, this.deaths[i] & (limits.rowsMax - 1))
  }

  /** Adds this thread's births to `order`, as asked for through box number `box`. */
  collectBirths(order: BirthOrder, box: number): void {
    for (let at = 0; at < this.header[head.birthWords]; at += birthHeaderWords + this.tables[this.births[at]].kind.codec.words) {
      order.add(this.births[at], this.births[at + 1], box, at)
    }
  }

  /** Gives a row the values of the birth at a word of the births. */
  fillRow(row: number, at: number): void {
    this.tables[this.births[at]].fillRow(row, this.memory.u8, recordByte(at))
  }
}
