import { limits } from '../limits.ts'
import { memoryOf, type RecordMemory } from '../schema/memory.ts'
import { kindOfAddress, rowOfAddress } from '../state/address.ts'
import type { KindTable } from '../state/table.ts'
import { frameWords } from '../ring/bulk.ts'
import { mailWord } from './layout.ts'
import type { Outbox } from './outbox.ts'
import { SenderOrder } from './sender-order.ts'

/** A worker's rows of each kind: [begin, end), whole blocks. */
export interface RowRanges {
  begin(kind: number): number
  end(kind: number): number
}

/** Marks of one delivery. */
export interface Delivery {
  /** Words of mail now in the inbox. */
  words: number
  /** Messages whose receiver is dead. */
  dropped: number
}

/**
 * Mail of the rows a worker owns, in canonical order: receiver, sender, sequence. The order among outboxes is the order of
 * their threads' rows, so the stable sort makes the result independent of how rows are dealt.
 */
export class Inbox {
  readonly memory: RecordMemory
  /** The memory in words. */
  readonly words: Uint32Array
  private used = 0
  /** By kind: first word of each row's mail; the mail of row r ends where that of r + 1 begins. Undefined: kind gets no mail. */
  private readonly starts: readonly (Uint32Array | undefined)[]
  private readonly filled: Uint8Array
  private readonly tables: readonly KindTable[]
  private ranges: RowRanges | undefined
  private readonly order = new SenderOrder()

  constructor(memory: SharedArrayBuffer, tables: readonly KindTable[]) {
    this.memory = memoryOf(memory)
    this.words = this.memory.u32
    this.tables = tables
    this.filled = new Uint8Array(tables.length)
    this.starts = tables.map((table) =>
      table.kind.receives.length === 0 ? undefined : new Uint32Array(new SharedArrayBuffer((table.kind.rowsMax + limits.blockRows + 2) * 4)),
    )
  }

  /** First word of the mail of a row of this worker. */
  begin(kind: number, row: number): number {
    const starts = this.starts[kind]
    return starts === undefined || this.filled[kind] === 0 ? 0 : starts[row]
  }

  /** Word after the last of the mail of a row; equals `begin` when there is none. */
  end(kind: number, row: number): number {
    const starts = this.starts[kind]
    return starts === undefined || this.filled[kind] === 0 ? 0 : starts[row + 1]
  }

  /** Where the mail of each row of a kind begins, in words, while {@link hasMail}; that of the next row is where it ends. Empty when the kind gets none. */
  places(kind: number): Uint32Array {
    return this.starts[kind] ?? new Uint32Array(0)
  }

  /** True when any row of the kind in this worker's range has mail. */
  hasMail(kind: number): boolean {
    return this.filled[kind] !== 0
  }

  /** Collects this worker's mail from all outboxes, in their order. `first` is true for the one worker that counts foreign drops. */
  deliver(outboxes: readonly Outbox[], ranges: RowRanges, first: boolean, out: Delivery): void {
    this.ranges = ranges
    this.filled.fill(0)
    this.used = 0
    out.dropped = 0
    out.words = 0
    let any = false
    for (let i = 0; i < outboxes.length; i++) any ||= outboxes[i].used > 0
    if (!any) return
    this.countWords(outboxes, first, out)
    this.placeStarts()
    for (let i = 0; i < outboxes.length; i++) this.copyIn(outboxes[i])
    this.sortSenders()
    out.words = this.used
  }

  /** Kind of the receiver when the message at `at` is for a live row of this worker, -1 when not ours, -2 when its receiver is dead. */
  private receiverKind(words: Uint32Array, at: number, first: boolean): number {
    const address = words[at + mailWord.to]
    const kind = kindOfAddress(address)
    const row = rowOfAddress(address)
    const table = this.tables[kind]
    const ranges = this.ranges
    if (ranges === undefined) return -1
    const ours = row >= ranges.begin(kind) && row < ranges.end(kind)
    if (!ours) return first && row >= table.rows ? -2 : -1
    return table.alive[row] === 1 && table.generation[row] === words[at + mailWord.toGeneration] ? kind : -2
  }

  private countWords(outboxes: readonly Outbox[], first: boolean, out: Delivery): void {
    for (let i = 0; i < outboxes.length; i++) {
      const outbox = outboxes[i]
      const words = outbox.words
      for (let at = 0, end = outbox.used; at < end; at += frameWords(words[at])) {
        const kind = this.receiverKind(words, at, first)
        if (kind === -2) out.dropped++
        if (kind < 0) continue
        const starts = this.touch(kind)
        starts[rowOfAddress(words[at + mailWord.to]) + 2] += frameWords(words[at])
      }
    }
  }

  /** The kind's starts, zeroed over this worker's rows at the first message of a delivery. */
  private touch(kind: number): Uint32Array {
    const starts = this.starts[kind] as Uint32Array
    if (this.filled[kind] === 0) {
      this.filled[kind] = 1
      starts.fill(0, this.ranges?.begin(kind) ?? 0, (this.ranges?.end(kind) ?? 0) + 2)
    }
    return starts
  }

  /** Turns counts (kept two places up) into places (one place up), kinds in order. */
  private placeStarts(): void {
    let place = 0
    for (let kind = 0; kind < this.tables.length; kind++) {
      if (this.filled[kind] === 0) continue
      const starts = this.starts[kind] as Uint32Array
      const begin = this.ranges?.begin(kind) ?? 0
      const end = this.ranges?.end(kind) ?? 0
      starts[begin] = place
      starts[begin + 1] = place
      for (let row = begin; row < end; row++) {
        place += starts[row + 2]
        starts[row + 2] = place
      }
    }
    this.used = place
  }

  /**
   * Copies our messages of an outbox to their places. `starts[row + 1]` is the fill mark of a row, so that after the copy it
   * is where the row's mail ends and the next row's begins.
   */
  private copyIn(outbox: Outbox): void {
    const words = outbox.words
    for (let at = 0, end = outbox.used; at < end; at += frameWords(words[at])) {
      const kind = this.receiverKind(words, at, false)
      if (kind < 0) continue
      const starts = this.starts[kind] as Uint32Array
      const row = rowOfAddress(words[at + mailWord.to])
      const length = frameWords(words[at])
      let to = starts[row + 1]
      starts[row + 1] = to + length
      for (let i = 0; i < length; i++) this.words[to++] = words[at + i]
    }
  }

  /** Sorts each row's mail by sender, keeping the order of one sender's messages. */
  private sortSenders(): void {
    for (let kind = 0; kind < this.tables.length; kind++) {
      if (this.filled[kind] === 0) continue
      for (let row = this.ranges?.begin(kind) ?? 0, end = this.ranges?.end(kind) ?? 0; row < end; row++) {
        this.order.sort(this.words, this.begin(kind, row), this.end(kind, row))
      }
    }
  }
}
