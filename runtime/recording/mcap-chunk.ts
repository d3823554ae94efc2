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
  /** Messages indexed. */
  count = 0
  #words = new Uint32Array(3 * 8)

  constructor(channel: number) {
    this.channel = channel
  }

  /** Size of the record. */
  get bytes(): number {
    return indexHeadBytes + this.count * indexEntryBytes
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

  /** Lays the record out at `at`; returns its end. */
  put(view: DataView, at: number): number {
    const entryBytes = this.count * indexEntryBytes
    view.setUint8(at, opcodes.messageIndex)
    putU64(view, at + 1, 6 + entryBytes)
    view.setUint16(at + 9, this.channel, true)
    view.setUint32(at + 11, entryBytes, true)
    let entryAt = at + indexHeadBytes
    for (let word = 0; word < this.count * 3; word += 3) {
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
 * the head of the chunk comes first, so that all of it goes out in one write.
 */
export class OpenChunk {
  /** The buffer, to fill in what {@link extend} has made room for; both are replaced when it grows. */
  bytes = new Uint8Array(64 * 1024)
  view = new DataView(this.bytes.buffer)
  /** End of the records in the buffer. */
  end = chunkHeadBytes
  stepFirst = 0
  stepLast = 0
  /** Channels whose messages go here, by id. */
  readonly channels: OpenChannel[] = []

  readonly #stepNanos: number
  readonly #time = new Uint32Array(2)

  constructor(stepNanos: number) {
    this.#stepNanos = stepNanos
  }

  /** True when messages wait for the chunk to be closed. */
  get pending(): boolean {
    return this.end > chunkHeadBytes
  }

  /** Lays out the head of a message of `dataBytes`; its data are to follow, by {@link extend}. */
  begin(channel: OpenChannel, sequence: number, step: number, dataBytes: number): void {
    const start = this.end
    const isFirst = start === chunkHeadBytes
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
    if (isFirst || step < this.stepFirst) this.stepFirst = step
    if (isFirst || step > this.stepLast) this.stepLast = step
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

  /** Lays the message indexes out behind the records; returns where they end. */
  putIndexes(): number {
    let at = this.end
    for (const { index } of this.channels) {
      if (index.count === 0) continue
      this.#room(at + index.bytes)
      at = index.put(this.view, at)
    }
    return at
  }

  /** Starts anew. */
  clear(): void {
    this.end = chunkHeadBytes
    for (const { index } of this.channels) index.count = 0
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
