/** Chunks of MCAP files: one that is being filled in memory, and the indexes of the messages in it. */
import { MetabonkError, assert } from '../errors.ts'
import { chunkHeadBytes, indexEntryBytes, messageBytesMax, messageHeadBytes, opcodes, recordHeadBytes } from './mcap-format.ts'
import { grown, putU64 } from './record-builder.ts'

/** Opcode, length, channel and bytes of the list: everything of a message index before its entries. */
const indexHeadBytes = recordHeadBytes + 2 + 4

/**
 * `step * nanos` as two words, exactly, by 16-bit limbs (a product of doubles would round).
 * Throws `limit` where it needs more than 64 bits.
 */
export function logTime(step: number, nanos: number, time: Uint32Array): void {
  const stepHigh = Math.floor(step / 0x1_0000_0000)
  const stepLow = step >>> 0
  const upper = (stepLow >>> 16) * nanos
  const lower = (stepLow & 0xffff) * nanos + (upper % 0x1_0000) * 0x1_0000
  const high = stepHigh * nanos + Math.floor(upper / 0x1_0000) + Math.floor(lower / 0x1_0000_0000)
  if (high >= 0x1_0000_0000) {
    throw new MetabonkError({ code: 'limit', what: `step ${String(step)} has no log time: recordings hold 64 bits of nanoseconds`, todo: 'end the run earlier' })
  }
  time[0] = lower % 0x1_0000_0000
  time[1] = high
}

/** The index of one channel's messages in one chunk: log time low, high and offset, three words each. */
export class MessageIndex {
  readonly channel: number
  /** Messages indexed, and those of them that go out when the chunk is closed. */
  count = 0
  marked = 0
  #words = new Uint32Array(3 * 8)

  constructor(channel: number) {
    this.channel = channel
  }

  /** Size of the record of the marked messages. */
  get bytes(): number {
    return indexHeadBytes + this.marked * indexEntryBytes
  }

  /** Leaves the marked messages out: the others lie `bytes` further to the front from now on. */
  shift(bytes: number): void {
    const words = this.#words
    words.copyWithin(0, this.marked * 3, this.count * 3)
    this.count -= this.marked
    this.marked = 0
    for (let entry = 0; entry < this.count; entry++) words[entry * 3 + 2] -= bytes
  }

  add(timeLow: number, timeHigh: number, offset: number): void {
    const at = this.count * 3
    if (at === this.#words.length) {
      const larger = new Uint32Array(at * 2)
      larger.set(this.#words)
      this.#words = larger
    }
    const words = this.#words
    words[at] = timeLow
    words[at + 1] = timeHigh
    words[at + 2] = offset
    this.count += 1
  }

  /** Lays the record of the marked messages out at `at`; returns its end. */
  put(view: DataView, at: number): number {
    const entryBytes = this.marked * indexEntryBytes
    view.setUint8(at, opcodes.messageIndex)
    putU64(view, at + 1, 6 + entryBytes)
    view.setUint16(at + 9, this.channel, true)
    view.setUint32(at + 11, entryBytes, true)
    let entryAt = at + indexHeadBytes
    for (let word = 0; word < this.marked * 3; word += 3) {
      view.setUint32(entryAt, this.#words[word], true)
      view.setUint32(entryAt + 4, this.#words[word + 1], true)
      view.setUint32(entryAt + 8, this.#words[word + 2], true)
      view.setUint32(entryAt + 12, 0, true)
      entryAt += indexEntryBytes
    }
    return entryAt
  }
}

/** A channel of a file that is being written. */
export interface OpenChannel {
  readonly id: number
  /** Its record, for the summary. */
  readonly record: Uint8Array
  /** The chunk its messages go to. */
  readonly chunk: OpenChunk
  /** Its messages in that chunk. */
  readonly index: MessageIndex
  /** Its messages in closed chunks. */
  messages: number
}

/**
 * A chunk that is being filled: messages are laid out straight into one buffer, which is kept for the next chunk. Room for
 * the head of the chunk comes first, so that all of it goes out in one write. What goes out are the messages up to the mark;
 * those behind it are the first of the next chunk.
 */
export class OpenChunk {
  /** The buffer, to fill in what {@link extend} has made room for; both are replaced when it grows. */
  bytes = new Uint8Array(64 * 1024)
  view = new DataView(this.bytes.buffer)
  /** End of the records in the buffer. */
  end = chunkHeadBytes
  /** End of those before the mark. */
  markEnd = chunkHeadBytes
  /** First and last step of those before the mark. */
  stepFirst = 0
  stepLast = 0
  /** Channels whose messages go here, by id. */
  readonly channels: OpenChannel[] = []

  readonly #stepNanos: number
  readonly #time = new Uint32Array(2)
  /** First and last step of those behind the mark. */
  #tailFirst = 0
  #tailLast = 0

  constructor(stepNanos: number) {
    this.#stepNanos = stepNanos
  }

  /** Lays out the head of a message of `dataBytes`; its data are to follow, by {@link extend}. */
  begin(channel: OpenChannel, sequence: number, step: number, dataBytes: number): void {
    const start = this.end
    const isFirst = start === this.markEnd
    const time = this.#time
    logTime(step, this.#stepNanos, time)
    this.end = start + messageHeadBytes
    this.#room(this.end)
    const timeLow = time[0]
    const timeHigh = time[1]
    const view = this.view
    view.setUint8(start, opcodes.message)
    putU64(view, start + 1, messageHeadBytes - recordHeadBytes + dataBytes)
    view.setUint16(start + 9, channel.id, true)
    view.setUint32(start + 11, sequence, true)
    view.setUint32(start + 15, timeLow, true)
    view.setUint32(start + 19, timeHigh, true)
    view.setUint32(start + 23, timeLow, true)
    view.setUint32(start + 27, timeHigh, true)
    if (isFirst || step < this.#tailFirst) this.#tailFirst = step
    if (isFirst || step > this.#tailLast) this.#tailLast = step
    channel.index.add(timeLow, timeHigh, start - chunkHeadBytes)
  }

  /** Makes room for `bytes` more of a message's data; returns where they go. */
  extend(bytes: number): number {
    assert(bytes <= messageBytesMax, 'a message in a shared chunk is at most 64 MiB')
    const at = this.end
    this.end = at + bytes
    this.#room(this.end)
    return at
  }

  /** Sets the mark behind all that is there. */
  mark(): void {
    if (this.end === this.markEnd) return
    const isFirst = this.markEnd === chunkHeadBytes
    if (isFirst || this.#tailFirst < this.stepFirst) this.stepFirst = this.#tailFirst
    if (isFirst || this.#tailLast > this.stepLast) this.stepLast = this.#tailLast
    this.markEnd = this.end
    for (let place = 0; place < this.channels.length; place++) {
      const { index } = this.channels[place]
      index.marked = index.count
    }
  }

  /** Lays the indexes of the marked messages out behind all records; returns where they end. */
  putIndexes(): number {
    let at = this.end
    for (const { index } of this.channels) {
      if (index.marked === 0) continue
      this.#room(at + index.bytes)
      at = index.put(this.view, at)
    }
    return at
  }

  /** Starts anew with the messages behind the mark. */
  next(): void {
    const gone = this.markEnd - chunkHeadBytes
    if (this.end > this.markEnd) this.bytes.copyWithin(chunkHeadBytes, this.markEnd, this.end)
    for (const { index } of this.channels) index.shift(gone)
    this.end -= gone
    this.markEnd = chunkHeadBytes
  }

  #room(bytes: number): void {
    if (bytes <= this.bytes.length) return
    this.bytes = grown(this.bytes, bytes)
    this.view = new DataView(this.bytes.buffer)
  }
}

/** What the messages of a chunk's records say of the chunk. */
export class ChunkSurvey {
  timeFirst = 0n
  timeLast = 0n
  /** Indexes of the channels with messages, by channel. */
  get indexes(): readonly MessageIndex[] {
    return [...this.#indexes.values()].sort((a, b) => a.channel - b.channel)
  }

  readonly #indexes = new Map<number, MessageIndex>()

  /** Takes note of a message at `offset` of the records. */
  add(channel: number, time: bigint, offset: number): void {
    const isFirst = this.#indexes.size === 0
    if (isFirst || time < this.timeFirst) this.timeFirst = time
    if (isFirst || time > this.timeLast) this.timeLast = time
    let index = this.#indexes.get(channel)
    if (index === undefined) this.#indexes.set(channel, (index = new MessageIndex(channel)))
    index.add(Number(time & 0xffff_ffffn), Number(time >> 32n), offset)
    index.marked = index.count
  }

  /** The message index records, as they follow the chunk. */
  indexBytes(): Uint8Array {
    const { indexes } = this
    const bytes = new Uint8Array(indexes.reduce((sum, index) => sum + index.bytes, 0))
    const view = new DataView(bytes.buffer)
    let at = 0
    for (const index of indexes) at = index.put(view, at)
    return bytes
  }
}
