import { assert } from '../errors.ts'
import { memoryOf, type RecordMemory } from '../schema/memory.ts'
import { counterDouble, frameHeaderBytes, lineWord, ringHeaderBytes, sideWord } from './layout.ts'
import { expectFormat, type RingMemory, type SchemaHash } from './ring.ts'

const headerWords = frameHeaderBytes / 4

/** u32 words that a frame takes, from its first word: the length of its payload in bytes. */
export function frameWords(length: number): number {
  return (length + frameHeaderBytes) >>> 2
}

/**
 * A ring of frames in lock-step. One thread appends; after a barrier any number of threads read all frames in place; after the next barrier
 * the owner empties the ring, and begins at its first byte again, so that no more memory is touched than one round needs. The barriers order
 * everything: a frame costs plain stores, and nobody asks for room, since the ring holds the most that a round may append.
 */
export class BulkRing {
  /** The frames, from the ring's first: word 0 of each is its length in bytes, a multiple of 8, word 1 its tag, then the payload. */
  readonly words: Uint32Array
  /** The same memory, for codecs. */
  readonly memory: RecordMemory
  private readonly control: Uint32Array
  private readonly counters: Float64Array

  /** Throws `schema` when the ring holds something else. */
  constructor(ring: RingMemory, schema: SchemaHash) {
    expectFormat(ring, 'frames', schema)
    this.memory = memoryOf(ring.buffer, ring.byteOffset + ringHeaderBytes, ring.capacity)
    this.words = this.memory.u32
    this.control = new Uint32Array(ring.buffer, ring.byteOffset, ringHeaderBytes / 4)
    this.counters = ring.doubles
  }

  /** u32 words in use. */
  get used(): number {
    return this.control[lineWord.producer + sideWord.index] >>> 2
  }

  /** Takes back what was appended after so many words were in use. */
  set used(words: number) {
    this.control[lineWord.producer + sideWord.index] = words * 4
  }

  /** The first word of the payload of the next frame; `append` makes it one. */
  get next(): number {
    return this.used + headerWords
  }

  /** Ends the frame whose payload of `length` bytes, a multiple of 8, was written from word `next` on. */
  append(length: number, tag: number): void {
    const at = this.used
    assert(at + frameWords(length) <= this.words.length, 'a round appends no more than its ring holds')
    this.words[at] = length
    this.words[at + 1] = tag
    this.used = at + frameWords(length)
  }

  /** Empties the ring when all have read it, and counts what was in it: so many messages. */
  clear(messages: number): void {
    const bytes = this.used * 4
    this.used = 0
    if (messages === 0) return
    this.counters[counterDouble.messages] += messages
    this.counters[counterDouble.taken] += messages
    this.counters[counterDouble.bytes] += bytes - messages * frameHeaderBytes
    if (bytes > this.counters[counterDouble.highWater]) this.counters[counterDouble.highWater] = bytes
  }
}
