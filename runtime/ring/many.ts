import { MetabonkError } from '../errors.ts'
import { counterDouble, failuresWord, lineWord, ringHeaderBytes, sideWord, turnOfWord } from './layout.ts'
import { expectFormat, strideOf, type RingMemory, type SchemaHash } from './ring.ts'

const tailWord = lineWord.producer + sideWord.index
const headWord = lineWord.consumer + sideWord.index
/** How often a producer found no room. */
const stallsWord = lineWord.producer + failuresWord
/** So often no honest others are faster in a row: the index is moved by somebody who claims nothing. */
const triesMax = 1 << 16

/**
 * A bounded queue that any number of threads write and any number read, each through a `ManyRing` of its own. One compare-and-exchange a
 * message: N rings of one producer each carry more, and are drained in an order that does not depend on timing; see the benchmark.
 * A thread that ends between claim and publish (or release) blocks the queue once it has gone round.
 *
 * D. Vyukov, Bounded MPMC queue, https://www.1024cores.net/home/lock-free-algorithms/queues/bounded-mpmc-queue.
 */
export class ManyRing {
  readonly ring: RingMemory
  /** First byte of the claimed record, from the start of the ring. */
  at = 0
  private readonly words: Int32Array
  private readonly mask: number
  private readonly stride: number
  private readonly capacity: number
  private claimed = 0
  /** What the record at `at` was claimed for. */
  private use: 'nothing' | 'writing' | 'reading' = 'nothing'

  /** Throws `schema` when the ring holds something else. */
  constructor(ring: RingMemory, schema: SchemaHash | undefined) {
    expectFormat(ring, 'many', schema)
    this.ring = ring
    this.words = ring.words
    this.mask = ring.capacity - 1
    this.capacity = ring.capacity
    this.stride = strideOf(ring)
  }

  /** Takes a record to write at byte `at`; false when the ring is full. */
  claim(): boolean {
    this.expect('nothing')
    const isThere = this.advance(tailWord, 0)
    if (isThere) this.use = 'writing'
    if (isThere && this.claimed === -1) this.ring.doubles[counterDouble.messages] += turnOfWord
    // The word wraps around, the counter does not.
    if (!isThere && Atomics.add(this.words, stallsWord, 1) === -1) this.ring.doubles[counterDouble.stalls] += turnOfWord
    return isThere
  }

  /** Hands the claimed record over. */
  publish(): void {
    this.expect('writing')
    this.use = 'nothing'
    Atomics.store(this.words, this.sequenceWord(this.claimed), (this.claimed + 1) | 0)
  }

  /** Takes a record to read at byte `at`; false when there is none. */
  next(): boolean {
    this.expect('nothing')
    const isThere = this.advance(headWord, 1)
    if (isThere) this.use = 'reading'
    if (isThere && this.claimed === -1) this.ring.doubles[counterDouble.taken] += turnOfWord
    return isThere
  }

  /** Gives the record back to the producers. */
  release(): void {
    this.expect('reading')
    this.use = 'nothing'
    Atomics.store(this.words, this.sequenceWord(this.claimed), (this.claimed + this.capacity) | 0)
  }

  private expect(use: typeof this.use): void {
    if (this.use !== use) throw new MetabonkError({ code: 'ring', what: `ring ${this.ring.name}: a record is claimed for ${this.use}`, todo: 'publish what claim gave and release what next gave, each once, before the next' })
  }

  /** Claims the record at an index whose sequence says that it is its turn: index + `turn`. */
  private advance(indexWord: number, turn: number): boolean {
    const { words } = this
    for (let index = Atomics.load(words, indexWord), tries = 0; tries < triesMax; tries++) {
      const ahead = (Atomics.load(words, this.sequenceWord(index)) - index - turn) | 0
      if (ahead < 0) return false
      const now = ahead === 0 ? Atomics.compareExchange(words, indexWord, index, (index + 1) | 0) : Atomics.load(words, indexWord)
      if (ahead === 0 && now === index) {
        this.claimed = index
        this.at = ringHeaderBytes + (index & this.mask) * this.stride + 8
        return true
      }
      // A sequence ahead of an index that stands still is no work of ours: full, or empty, for all we know.
      if (now === index) return false
      index = now
    }
    return false
  }

  private sequenceWord(index: number): number {
    return (ringHeaderBytes + (index & this.mask) * this.stride) >> 2
  }
}
