/**
 * A synchronous writer of MCAP files. Messages are laid out straight into one reused chunk buffer; a chunk goes out with
 * its message indexes in one write. Every checksum of the container is filled in.
 */
import { MetabonkError, assert } from '../errors.ts'
import type { Crc32 } from './crc32.ts'
import {
  chunkBytesDefault, chunkHeadBytes, dataEndBytes, footerBytes, indexEntryBytes, mcapMagic, messageBytesMax, messageHeadBytes, opcodes, recordHeadBytes,
} from './mcap-format.ts'
import { RecordBuilder, grown, putU64 } from './record-builder.ts'

/** Where a recording goes: appended to, never read back or changed. */
export interface ByteSink {
  /** Appends all of `bytes`; they may be reused afterwards. Throws a `disk` error. */
  write(bytes: Uint8Array): void
  /** Makes everything written so far survive a power cut. */
  sync(): void
  close(): void
  /** Ends without a result: nothing of what was written stays, what it was to replace comes back. */
  discard(): void
}

export interface McapWriterOptions {
  readonly profile: string
  readonly library: string
  /** Nanoseconds of log time per step. */
  readonly stepNanos: number
  readonly crc32: Crc32
  /** Size at which a chunk is closed. */
  readonly chunkBytes?: number | undefined
}

/** A channel and the index of its messages in the open chunk: log time low, high and offset, three words each. */
interface OpenChannel {
  readonly id: number
  readonly record: Uint8Array
  index: Uint32Array
  indexed: number
  messages: number
}

interface Span {
  readonly offset: number
  readonly bytes: number
}

interface WrittenChunk extends Span {
  readonly stepFirst: number
  readonly stepLast: number
  readonly indexes: readonly (readonly [channel: number, offset: number])[]
  readonly indexBytes: number
  readonly recordBytes: number
}

interface WrittenAttachment extends Span {
  readonly name: string
  readonly mediaType: string
  readonly step: number
  readonly dataBytes: number
}

interface WrittenMetadata extends Span {
  readonly name: string
}

const noBytes = new Uint8Array(0)

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

export class McapWriter {
  /** The chunk buffer, to fill in what {@link reserve} has reserved; replaced when it grows. */
  bytes = new Uint8Array(64 * 1024)
  view = new DataView(this.bytes.buffer)

  readonly #sink: ByteSink
  readonly #crc32: Crc32
  readonly #stepNanos: number
  readonly #chunkBytes: number
  readonly #schemas: Uint8Array[] = []
  readonly #channels: OpenChannel[] = []
  readonly #chunks: WrittenChunk[] = []
  readonly #attachments: WrittenAttachment[] = []
  readonly #metadata: WrittenMetadata[] = []
  readonly #time = new Uint32Array(2)
  #position = 0
  #dataCrc = 0
  /** End of the open chunk's records in the buffer. */
  #end = chunkHeadBytes
  #stepFirst = 0
  #stepLast = 0

  constructor(sink: ByteSink, options: McapWriterOptions) {
    assert(Number.isSafeInteger(options.stepNanos) && options.stepNanos > 0 && options.stepNanos <= 0xffff_ffff, 'a step lasts 1 to 2^32 - 1 ns')
    this.#sink = sink
    this.#crc32 = options.crc32
    this.#stepNanos = options.stepNanos
    this.#chunkBytes = options.chunkBytes ?? chunkBytesDefault
    const header = new RecordBuilder().raw(Uint8Array.from(mcapMagic))
    this.#emit(header.begin(opcodes.header).string(options.profile).string(options.library).end().built())
  }

  /** True when messages wait for their chunk to be closed. */
  get pending(): boolean {
    return this.#end > chunkHeadBytes
  }

  /** Registers a schema and returns its id. */
  addSchema(name: string, encoding: string, text: string): number {
    const id = this.#schemas.length + 1
    const record = new RecordBuilder().begin(opcodes.schema).u16(id).string(name).string(encoding).string(text).end().built()
    this.#schemas.push(record)
    this.#emit(record)
    return id
  }

  /** Registers a channel and returns its id. */
  addChannel(schema: number, topic: string, encoding: string): number {
    const id = this.#channels.length + 1
    const record = new RecordBuilder().begin(opcodes.channel).u16(id).u16(schema).string(topic).string(encoding).strings(new Map()).end().built()
    this.#channels.push({ id, record, index: new Uint32Array(3 * 64), indexed: 0, messages: 0 })
    this.#emit(record)
    return id
  }

  /** Starts a message of `dataBytes` in the open chunk; returns where in {@link bytes} and {@link view} its data go. */
  reserve(channel: number, sequence: number, step: number, dataBytes: number): number {
    assert(dataBytes <= messageBytesMax, 'a message in a shared chunk is at most 64 MiB')
    if (this.pending && this.#end + messageHeadBytes + dataBytes > this.#chunkBytes) this.flush()
    const at = this.#putMessageHead(channel, sequence, step, dataBytes)
    this.#end = at + dataBytes
    this.#room(this.#end)
    return at
  }

  /** Writes one message, its data being `head` and then `body`, in a chunk of its own; `body` is not copied. */
  alone(message: { readonly channel: number; readonly sequence: number; readonly step: number }, head: Uint8Array, body: Uint8Array): void {
    this.flush()
    const at = this.#putMessageHead(message.channel, message.sequence, message.step, head.length + body.length)
    this.#end = at + head.length
    this.#room(this.#end)
    this.bytes.set(head, at)
    this.#closeChunk(body)
  }

  /** Closes the open chunk and writes it out. */
  flush(): void {
    if (this.pending) this.#closeChunk(noBytes)
  }

  attach(name: string, mediaType: string, step: number, data: Uint8Array): void {
    logTime(step, this.#stepNanos, this.#time)
    const head = new RecordBuilder().begin(opcodes.attachment).time(this.#time).u64(0).string(name).string(mediaType).u64(data.length)
    const bytes = head.length + data.length + 4
    const headBytes = head.built()
    putU64(new DataView(headBytes.buffer), 1, bytes - recordHeadBytes)
    const crc = this.#crc32(data, this.#crc32(headBytes.subarray(recordHeadBytes), 0))
    this.#attachments.push({ offset: this.#position, bytes, name, mediaType, step, dataBytes: data.length })
    this.#emit(headBytes)
    this.#emit(data)
    this.#emit(new RecordBuilder().u32(crc).built())
  }

  metadata(name: string, entries: ReadonlyMap<string, string>): void {
    const record = new RecordBuilder().begin(opcodes.metadata).string(name).strings(entries).end().built()
    this.#metadata.push({ offset: this.#position, bytes: record.length, name })
    this.#emit(record)
  }

  /** Closes the open chunk and writes the end of the file: data end, summary, footer. The sink stays open. */
  finish(): void {
    this.flush()
    this.#sink.write(new RecordBuilder().begin(opcodes.dataEnd).u32(this.#dataCrc).end().built())
    const summaryStart = this.#position + dataEndBytes
    const out = new RecordBuilder()
    const groups = this.#putSummary(out)
    const offsetsStart = summaryStart + out.length
    for (const { opcode, offset, bytes } of groups) {
      if (bytes > 0) out.begin(opcodes.summaryOffset).u8(opcode).u64(summaryStart + offset).u64(bytes).end()
    }
    out.u8(opcodes.footer).u64(footerBytes - recordHeadBytes).u64(summaryStart).u64(offsetsStart)
    this.#sink.write(out.u32(this.#crc32(out.built(), 0)).raw(Uint8Array.from(mcapMagic)).built())
  }

  #putMessageHead(channel: number, sequence: number, step: number, dataBytes: number): number {
    const start = this.#end
    this.#room(start + messageHeadBytes)
    logTime(step, this.#stepNanos, this.#time)
    const timeLow = this.#time[0]
    const timeHigh = this.#time[1]
    const view = this.view
    view.setUint8(start, opcodes.message)
    putU64(view, start + 1, messageHeadBytes - recordHeadBytes + dataBytes)
    view.setUint16(start + 9, channel, true)
    view.setUint32(start + 11, sequence, true)
    for (let at = start + 15; at < start + messageHeadBytes; at += 8) {
      view.setUint32(at, timeLow, true)
      view.setUint32(at + 4, timeHigh, true)
    }
    this.#stepFirst = this.pending ? Math.min(this.#stepFirst, step) : step
    this.#stepLast = this.pending ? Math.max(this.#stepLast, step) : step
    indexMessage(this.#channels[channel - 1], timeLow, timeHigh, start - chunkHeadBytes)
    return start + messageHeadBytes
  }

  #room(bytes: number): void {
    const larger = grown(this.bytes, bytes)
    if (larger === this.bytes) return
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  /** Closes the chunk whose records are those in the buffer, then `body`. */
  #closeChunk(body: Uint8Array): void {
    const bufferEnd = this.#end
    const recordBytes = bufferEnd - chunkHeadBytes + body.length
    const records = this.bytes.subarray(chunkHeadBytes, bufferEnd)
    this.#putChunkHead(recordBytes, this.#crc32(body, this.#crc32(records, 0)))
    const bytes = chunkHeadBytes + recordBytes
    const indexes = this.#putMessageIndexes(this.#position + bytes)
    const chunk: WrittenChunk = {
      offset: this.#position, bytes, recordBytes, stepFirst: this.#stepFirst, stepLast: this.#stepLast, indexes, indexBytes: this.#end - bufferEnd,
    }
    if (body.length === 0) {
      this.#emit(this.bytes.subarray(0, this.#end))
    } else {
      this.#emit(this.bytes.subarray(0, bufferEnd))
      this.#emit(body)
      this.#emit(this.bytes.subarray(bufferEnd, this.#end))
    }
    this.#chunks.push(chunk)
    this.#end = chunkHeadBytes
  }

  #putChunkHead(recordBytes: number, crc: number): void {
    const view = this.view
    view.setUint8(0, opcodes.chunk)
    putU64(view, 1, chunkHeadBytes - recordHeadBytes + recordBytes)
    this.#putTime(9, this.#stepFirst)
    this.#putTime(17, this.#stepLast)
    putU64(view, 25, recordBytes)
    view.setUint32(33, crc, true)
    view.setUint32(37, 0, true)
    putU64(view, 41, recordBytes)
  }

  #putTime(at: number, step: number): void {
    logTime(step, this.#stepNanos, this.#time)
    this.view.setUint32(at, this.#time[0], true)
    this.view.setUint32(at + 4, this.#time[1], true)
  }

  /** Appends the message indexes to the buffer; they will start at `offset` of the file. */
  #putMessageIndexes(offset: number): (readonly [number, number])[] {
    const start = this.#end
    const indexes: (readonly [number, number])[] = []
    for (const channel of this.#channels) {
      if (channel.indexed === 0) continue
      indexes.push([channel.id, offset + this.#end - start])
      const bytes = channel.indexed * indexEntryBytes
      this.#room(this.#end + recordHeadBytes + 6 + bytes)
      this.#end = putMessageIndex(this.view, this.#end, channel, bytes)
      channel.messages += channel.indexed
      channel.indexed = 0
    }
    return indexes
  }

  #putSummary(out: RecordBuilder): (Span & { readonly opcode: number })[] {
    const groups: (Span & { readonly opcode: number })[] = []
    const group = (opcode: number, put: () => void): void => {
      const offset = out.length
      put()
      groups.push({ opcode, offset, bytes: out.length - offset })
    }
    group(opcodes.schema, () => { for (const record of this.#schemas) out.raw(record) })
    group(opcodes.channel, () => { for (const channel of this.#channels) out.raw(channel.record) })
    group(opcodes.statistics, () => { this.#putStatistics(out) })
    group(opcodes.chunkIndex, () => { for (const chunk of this.#chunks) this.#putChunkIndex(out, chunk) })
    group(opcodes.attachmentIndex, () => { for (const attachment of this.#attachments) this.#putAttachmentIndex(out, attachment) })
    group(opcodes.metadataIndex, () => {
      for (const { offset, bytes, name } of this.#metadata) out.begin(opcodes.metadataIndex).u64(offset).u64(bytes).string(name).end()
    })
    return groups
  }

  #putStatistics(out: RecordBuilder): void {
    const messages = this.#channels.reduce((sum, channel) => sum + channel.messages, 0)
    out.begin(opcodes.statistics).u64(messages).u16(this.#schemas.length).u32(this.#channels.length)
    out.u32(this.#attachments.length).u32(this.#metadata.length).u32(this.#chunks.length)
    const first = this.#chunks.reduce((step, chunk) => Math.min(step, chunk.stepFirst), this.#chunks[0]?.stepFirst ?? 0)
    const last = this.#chunks.reduce((step, chunk) => Math.max(step, chunk.stepLast), 0)
    this.#putStepTimes(out, first, last)
    out.map(this.#channels, (channel) => out.u16(channel.id).u64(channel.messages)).end()
  }

  #putChunkIndex(out: RecordBuilder, chunk: WrittenChunk): void {
    out.begin(opcodes.chunkIndex)
    this.#putStepTimes(out, chunk.stepFirst, chunk.stepLast)
    out.u64(chunk.offset).u64(chunk.bytes).map(chunk.indexes, ([channel, offset]) => out.u16(channel).u64(offset))
    out.u64(chunk.indexBytes).string('').u64(chunk.recordBytes).u64(chunk.recordBytes).end()
  }

  #putAttachmentIndex(out: RecordBuilder, attachment: WrittenAttachment): void {
    logTime(attachment.step, this.#stepNanos, this.#time)
    out.begin(opcodes.attachmentIndex).u64(attachment.offset).u64(attachment.bytes).time(this.#time).u64(0)
    out.u64(attachment.dataBytes).string(attachment.name).string(attachment.mediaType).end()
  }

  #putStepTimes(out: RecordBuilder, first: number, last: number): void {
    logTime(first, this.#stepNanos, this.#time)
    out.time(this.#time)
    logTime(last, this.#stepNanos, this.#time)
    out.time(this.#time)
  }

  /** Writes bytes of the data section. */
  #emit(bytes: Uint8Array): void {
    this.#dataCrc = this.#crc32(bytes, this.#dataCrc)
    this.#sink.write(bytes)
    this.#position += bytes.length
  }
}

function indexMessage(channel: OpenChannel, timeLow: number, timeHigh: number, offset: number): void {
  const at = channel.indexed * 3
  if (at === channel.index.length) {
    const larger = new Uint32Array(at * 2)
    larger.set(channel.index)
    channel.index = larger
  }
  channel.index[at] = timeLow
  channel.index[at + 1] = timeHigh
  channel.index[at + 2] = offset
  channel.indexed += 1
}

/** Lays out the index of one channel at `at`; returns its end. */
function putMessageIndex(view: DataView, at: number, channel: OpenChannel, bytes: number): number {
  view.setUint8(at, opcodes.messageIndex)
  putU64(view, at + 1, 6 + bytes)
  view.setUint16(at + 9, channel.id, true)
  view.setUint32(at + 11, bytes, true)
  let entryAt = at + 15
  for (let word = 0; word < channel.indexed * 3; word += 3) {
    view.setUint32(entryAt, channel.index[word], true)
    view.setUint32(entryAt + 4, channel.index[word + 1], true)
    view.setUint32(entryAt + 8, channel.index[word + 2], true)
    view.setUint32(entryAt + 12, 0, true)
    entryAt += indexEntryBytes
  }
  return entryAt
}
