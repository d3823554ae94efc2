import { MetabonkError } from '../errors.ts'
import { counterDouble, frameHeaderBytes, lineWord, paddingLength, ringHeaderBytes, sideWord } from './layout.ts'
import { expectFormat, type RingMemory, type SchemaHash } from './ring.ts'
import { brokenRing, Side, type SideOptions } from './side.ts'

const tailWord = lineWord.producer + sideWord.index
const headWord = lineWord.consumer + sideWord.index

function frameBytes(length: number): number {
  return (frameHeaderBytes + length + 7) & ~7
}

/** The longest payload that fits a ring of frames wherever its tail stands. */
export function payloadMax({ capacity }: RingMemory): number {
  return capacity / 2 - frameHeaderBytes
}

/**
 * The writing side of a ring of frames, for one thread: claim room for a payload, write it, append it; publish hands over all that was
 * appended since.
 */
export class FrameProducer {
  readonly ring: RingMemory
  /** First byte of the claimed payload, from the start of the ring. */
  at = 0
  private readonly side: Side
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly capacity: number
  /** Bytes appended, and of those the published. */
  private end: number
  private tail: number
  private room = 0
  private claimed = -1
  /** Bytes before the end of the ring that the claimed frame leaves out. */
  private padding = 0
  private messages = 0
  private bytes = 0

  /** Opens the side. Throws `schema` when the ring holds something else, `ring` when it has a producer. */
  constructor(ring: RingMemory, schema: SchemaHash | undefined, options: SideOptions = {}) {
    expectFormat(ring, 'frames', schema)
    this.side = new Side(ring, 'producer', options)
    this.ring = ring
    this.words = ring.words
    this.doubles = ring.doubles
    this.capacity = ring.capacity
    this.tail = Atomics.load(ring.words, tailWord)
    this.end = this.tail
    if ((this.tail & 7) !== 0) throw brokenRing(ring, 'its tail lies within a frame')
    this.look()
  }

  /** Room for a payload of `length` bytes at byte `at`: true; false when the ring is too full. Throws `limit` for what never fits. */
  claim(length: number): boolean {
    if (!Number.isInteger(length) || length < 0 || length > payloadMax(this.ring)) {
      throw new MetabonkError({ code: 'limit', what: `a payload of ${length} bytes does not fit ring ${this.ring.name}`, todo: `send at most ${payloadMax(this.ring)} bytes, hand over blocks instead, or make the ring larger` })
    }
    const bytes = frameBytes(length)
    const untilEnd = this.capacity - (this.end & (this.capacity - 1))
    const needed = bytes > untilEnd ? untilEnd + bytes : bytes
    if (needed > this.room && needed > this.look()) return false
    this.padding = needed - bytes
    this.at = ringHeaderBytes + ((this.end + this.padding) & (this.capacity - 1)) + frameHeaderBytes
    this.claimed = length
    return true
  }

  /** As `claim`, but publishes and waits for room, at most `millis` without the consumer moving: false when they are over or it has closed. Throws `peer-dead`. */
  claimOrWait(length: number, millis = Infinity): boolean {
    if (this.claim(length)) return true
    this.publish()
    this.doubles[counterDouble.stalls]++
    for (;;) {
      const seen = Atomics.load(this.words, headWord)
      if (this.claim(length)) return true
      if (!this.side.await(seen, millis)) return false
    }
  }

  /** Ends the claimed frame: `length` bytes of payload, not more than claimed, and a tag that says what they are. */
  append(length: number, tag: number): void {
    if (!(length >= 0 && length <= this.claimed)) throw new MetabonkError({ code: 'ring', what: `${length} bytes can't be appended, ${Math.max(this.claimed, 0)} are claimed`, todo: 'claim first, and write no further' })
    // Not before: padding that no frame follows must never be published.
    if (this.padding > 0) this.skip()
    const word = this.wordAt(this.end)
    this.words[word] = length
    this.words[word + 1] = tag
    const bytes = frameBytes(length)
    this.end = (this.end + bytes) | 0
    this.room -= bytes
    this.claimed = -1
    this.messages++
    this.bytes += length
  }

  /** Hands over all appended frames at once. */
  publish(): void {
    this.side.checkOpen()
    this.doubles[counterDouble.messages] += this.messages
    this.doubles[counterDouble.bytes] += this.bytes
    this.messages = 0
    this.bytes = 0
    this.tail = this.end
    Atomics.store(this.words, tailWord, this.tail)
    this.side.wake()
  }

  /** Says that nothing more comes. What is published stays to be taken. */
  close(): void {
    this.side.close()
  }

  /** Leads the consumer back to the start of the ring, where the claimed frame lies. */
  private skip(): void {
    this.words[this.wordAt(this.end)] = paddingLength | 0
    this.end = (this.end + this.padding) | 0
    this.room -= this.padding
    this.padding = 0
  }

  private wordAt(index: number): number {
    return (ringHeaderBytes + (index & (this.capacity - 1))) >> 2
  }

  private look(): number {
    this.side.checkOpen()
    const used = (this.end - Atomics.load(this.words, headWord)) >>> 0
    if (used > this.capacity) throw brokenRing(this.ring, `its head is ${used} bytes behind`)
    this.room = this.capacity - used
    return this.room
  }
}

/** The reading side of a ring of frames, for one thread: next, read in place, next, ..., release. */
export class FrameConsumer {
  readonly ring: RingMemory
  /** First byte of the payload, from the start of the ring; its length in bytes; its tag. */
  at = 0
  length = 0
  tag = 0
  private readonly side: Side
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly capacity: number
  /** Bytes released, read, and known to be there. */
  private head: number
  private end: number
  private tail: number
  private taken = 0

  /** Opens the side. Throws `schema` when the ring holds something else, `ring` when it has a consumer. */
  constructor(ring: RingMemory, schema: SchemaHash | undefined, options: SideOptions = {}) {
    expectFormat(ring, 'frames', schema)
    this.side = new Side(ring, 'consumer', options)
    this.ring = ring
    this.words = ring.words
    this.doubles = ring.doubles
    this.capacity = ring.capacity
    this.head = Atomics.load(ring.words, headWord)
    this.end = this.head
    this.tail = this.head
    if ((this.head & 7) !== 0) throw brokenRing(ring, 'its head lies within a frame')
  }

  /** Goes to the next frame: `at`, `length` and `tag` are of it. False when there is none. Throws `ring` for a frame that can't be. */
  next(): boolean {
    if (this.end === this.tail && this.look() === 0) return false
    let length = this.words[this.wordAt(this.end)]
    if (length === (paddingLength | 0)) {
      this.end = (this.end + this.capacity - (this.end & (this.capacity - 1))) | 0
      this.checkInside(0)
      length = this.words[this.wordAt(this.end)]
    }
    this.accept(length)
    return true
  }

  /** As `next`, but waits for a frame, at most `millis`: false when they are over, or the producer has closed and all is taken. Throws `peer-dead`. */
  nextOrWait(millis = Infinity): boolean {
    if (this.next()) return true
    return this.side.await(this.tail, millis) && this.next()
  }

  /** Gives all frames read so far back to the producer: they are taken for good. */
  release(): void {
    this.side.checkOpen()
    this.head = this.end
    this.doubles[counterDouble.taken] += this.taken
    this.taken = 0
    Atomics.store(this.words, headWord, this.head)
    this.side.wake()
  }

  /** Whether nothing more can be taken: the producer has closed and everything is taken, or this side has closed. */
  get isOver(): boolean {
    return !this.side.isOpen || (this.side.isOtherClosed && this.end === this.tail && this.look() === 0)
  }

  /** Says that this side takes no more. */
  close(): void {
    this.side.close()
  }

  private accept(length: number): void {
    const offset = this.end & (this.capacity - 1)
    const bytes = frameBytes(length)
    if (length < 0 || length > payloadMax(this.ring) || offset + bytes > this.capacity) throw brokenRing(this.ring, `a frame says it has ${length >>> 0} bytes`)
    this.checkInside(bytes)
    this.tag = this.words[this.wordAt(this.end) + 1] >>> 0
    this.at = ringHeaderBytes + offset + frameHeaderBytes
    this.length = length
    this.end = (this.end + bytes) | 0
    this.taken++
  }

  /** Checks that so many bytes more are published. An honest producer publishes whole frames, and none after padding alone. */
  private checkInside(bytes: number): void {
    const left = (this.tail - this.end) >>> 0
    if (left > this.capacity || left < Math.max(bytes, frameHeaderBytes)) throw brokenRing(this.ring, 'a frame reaches beyond its tail')
  }

  private wordAt(index: number): number {
    return (ringHeaderBytes + (index & (this.capacity - 1))) >> 2
  }

  private look(): number {
    this.side.checkOpen()
    const tail = Atomics.load(this.words, tailWord)
    const used = (tail - this.head) >>> 0
    const unread = (tail - this.end) >>> 0
    if (used > this.capacity || unread > used || (tail & 7) !== 0) throw brokenRing(this.ring, `its tail is ${used} bytes ahead`)
    this.tail = tail
    if (used > this.doubles[counterDouble.highWater]) this.doubles[counterDouble.highWater] = used
    return unread
  }
}
