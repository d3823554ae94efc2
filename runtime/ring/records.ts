import { MetabonkError } from '../errors.ts'
import { counterDouble, lineWord, ringHeaderBytes, sideWord } from './layout.ts'
import { expectFormat, type RingMemory, type SchemaHash } from './ring.ts'
import { brokenRing, Side, type Role, type SideOptions } from './side.ts'
import { rest } from './wait.ts'

const tailWord = lineWord.producer + sideWord.index
const headWord = lineWord.consumer + sideWord.index

/**
 * Where a side stands when it opens, its counter set right: a side counts before it moves its index, so one killed in between has counted what
 * it did not do.
 */
function standing({ words, doubles }: RingMemory, indexWord: number, counter: number): number {
  const index = Atomics.load(words, indexWord)
  doubles[counter] -= (doubles[counter] - index) | 0
  return index
}

const lineWords = 16
/** Bytes that a side brings near at once where fewer are claimed, and the most: what stays in a cache of the first level. */
const nearBytes = { least: 4_096, most: 32_768 } as const

/** What both sides of a ring of records do: claim records that lie side by side, and hand them over. */
abstract class RecordSide {
  readonly ring: RingMemory
  /** First byte of the first claimed record, from the start of the ring; see `words` of its memory. */
  at = ringHeaderBytes
  protected readonly side: Side
  protected readonly words: Int32Array
  protected readonly doubles: Float64Array
  protected readonly capacity: number
  /** Own index: records handed over since the ring was made, modulo 2^32. */
  protected index: number
  /** Records that can be claimed, as far as is known; `look` says more. */
  protected known = 0
  private readonly recordBytes: number
  private claimed = 0
  /** Records from the own index on that were brought near. */
  private near = 0
  private readonly indexWord: number
  private readonly counter: number

  constructor(ring: RingMemory, schema: SchemaHash | undefined, role: Role, options: SideOptions) {
    expectFormat(ring, 'records', schema)
    this.side = new Side(ring, role, options)
    this.ring = ring
    this.words = ring.words
    this.doubles = ring.doubles
    this.capacity = ring.capacity
    this.recordBytes = ring.recordBytes
    this.indexWord = role === 'producer' ? tailWord : headWord
    this.counter = role === 'producer' ? counterDouble.messages : counterDouble.taken
    this.index = standing(ring, this.indexWord, this.counter)
  }

  /** Says that this side is done. What is published stays to be taken. */
  close(): void {
    this.side.close()
    // Nothing is claimed or known any more: whoever goes on has to look, and is told.
    this.claimed = 0
    this.known = 0
    this.near = 0
  }

  /** Claims up to `wanted` of the known records, as many as lie side by side. */
  protected take(wanted: number): number {
    const offset = this.index & (this.capacity - 1)
    let count = this.known
    if (!(count <= wanted)) count = Math.max(wanted | 0, 0)
    if (count > this.capacity - offset) count = this.capacity - offset
    this.at = ringHeaderBytes + offset * this.recordBytes
    this.claimed = count
    if (count > this.near) this.bringNear(count)
    return count
  }

  /**
   * Touches a word of every line of the next records, at least `count`: lines that another core has had last come to this one at the same time
   * then, not each when it is wanted. Between two cores, 48 M messages of 64 bytes a second became 70 M.
   */
  private bringNear(count: number): void {
    const { recordBytes, index, capacity, near } = this
    const atOnce = Math.max(count, Math.floor(nearBytes.least / recordBytes))
    this.near = Math.min(atOnce, this.known, capacity - (index & (capacity - 1)))
    const first = (this.at + near * recordBytes) >> 2
    this.touch(first, first + (Math.min((this.near - near) * recordBytes, nearBytes.most) >> 2))
  }

  /** Touches words of records that this side has, one of every line, from the start of the ring. */
  protected abstract touch(first: number, end: number): void

  /** Hands the first `count` claimed records over, all at once. */
  protected handOver(count: number): void {
    if (!(count >= 0 && count <= this.claimed) || count !== (count | 0)) throw new MetabonkError({ code: 'ring', what: `${count} records can't be handed over, ${this.claimed} are claimed`, todo: 'claim first, and count no further' })
    this.side.checkOpen()
    this.claimed = 0
    this.index = (this.index + count) | 0
    this.known -= count
    this.near -= count
    this.doubles[this.counter] += count
    Atomics.store(this.words, this.indexWord, this.index)
    this.side.wake()
  }
}

/**
 * The writing side of a ring of records, for one thread: claim some, write them, publish them at once. The other side's index is looked at
 * only when the known room is too small (Atomics are never inlined by V8 and take about 8 ns each, a plain store 0.5 ns).
 *
 * After B. Dechev's and E. Rigtorp's rings with cached indices (https://rigtorp.se/ringbuffer).
 */
export class RecordProducer extends RecordSide {
  /** Opens the side. Throws `schema` when the ring holds something else, `ring` when it has a producer. */
  constructor(ring: RingMemory, schema: SchemaHash | undefined, options: SideOptions = {}) {
    super(ring, schema, 'producer', options)
    this.look()
  }

  /**
   * Records that can be written now, at most `wanted`: from byte `at` on, side by side. None when the ring is full; fewer than there is room
   * for at its end.
   */
  claim(wanted: number): number {
    if (this.known < wanted) this.look()
    return this.take(wanted)
  }

  /** As `claim`, but waits for room, at most `millis`: 0 when they are over or the consumer has closed. Throws `peer-dead`. */
  claimOrWait(wanted: number, millis = Infinity): number {
    const count = this.claim(wanted)
    if (count > 0 || !(wanted >= 1)) return count
    this.noteStall()
    if (!this.side.await((this.index - this.capacity) | 0, millis, wanted > 1)) return 0
    this.look(this.side.last)
    return this.take(wanted)
  }

  /** Hands the first `count` claimed records over, all at once. */
  publish(count: number): void {
    this.handOver(count)
  }

  /** Writes them: what lies in a record that is not published means nothing. */
  protected override touch(first: number, end: number): void {
    const { words } = this
    for (let word = first; word < end; word += lineWords) words[word] = 0
  }

  /** Looks after the consumer of a full ring. Throws `peer-dead`. */
  checkConsumer(): void {
    this.side.await((this.index - this.capacity) | 0, 0)
  }

  /** Counts a record that was given up for a later one. */
  noteDrop(): void {
    this.doubles[counterDouble.drops]++
  }

  /** Counts a record that found no room. */
  noteStall(): void {
    this.doubles[counterDouble.stalls]++
  }

  /** Looks how far the consumer is. */
  private look(head = Atomics.load(this.words, headWord)): void {
    this.side.checkOpen()
    const waiting = (this.index - head) >>> 0
    if (waiting > this.capacity) throw brokenRing(this.ring, `its head is ${waiting} records behind`)
    this.known = this.capacity - waiting
  }
}

/** The reading side of a ring of records, for one thread: claim what is there, read it in place, release it. */
export class RecordConsumer extends RecordSide {
  protected touched = 0
  /** Records that were there when last looked. */
  private found = 0

  /** Opens the side. Throws `schema` when the ring holds something else, `ring` when it has a consumer. */
  constructor(ring: RingMemory, schema: SchemaHash | undefined, options: SideOptions = {}) {
    super(ring, schema, 'consumer', options)
    this.look()
  }

  /** Records that can be read now, at most `wanted`: from byte `at` on, side by side. None when the ring is empty. */
  claim(wanted: number): number {
    if (this.known === 0) this.look()
    return this.take(wanted)
  }

  /** As `claim`, but waits for records, at most `millis`, and rests before it looks again for more than one: 0 when they are over, or the producer has closed and all is taken. Throws `peer-dead`. */
  claimOrWait(wanted: number, millis = Infinity): number {
    // Who looks again at once finds a few again, and takes their line from the producer each time.
    if (this.known === 0 && this.found < wanted && wanted > 1) rest()
    const count = this.claim(wanted)
    if (count > 0 || !(wanted >= 1)) return count
    if (!this.side.await(this.index, millis, wanted > 1)) return 0
    this.look(this.side.last)
    return this.take(wanted)
  }

  /** Gives the first `count` claimed records back to the producer: they are taken for good. */
  release(count: number): void {
    this.handOver(count)
  }

  /** Whether nothing more can be taken: the producer has closed and everything is taken, or this side has closed. */
  get isOver(): boolean {
    if (!this.side.isOpen) return true
    if (!this.side.isOtherClosed) return false
    if (this.known === 0) this.look()
    return this.known === 0
  }

  /** Reads them; nobody asks for the sum, but nobody can know that and leave the reading out. */
  protected override touch(first: number, end: number): void {
    const { words } = this
    let sum = 0
    for (let word = first; word < end; word += lineWords) sum = (sum + words[word]) | 0
    this.touched = sum
  }

  /** Looks how far the producer is. */
  private look(tail = Atomics.load(this.words, tailWord)): void {
    this.side.checkOpen()
    const waiting = (tail - this.index) >>> 0
    if (waiting > this.capacity) throw brokenRing(this.ring, `its tail is ${waiting} records ahead`)
    this.known = waiting
    this.found = waiting
    if (waiting > this.doubles[counterDouble.highWater]) this.doubles[counterDouble.highWater] = waiting
  }
}
