/**
 * A synchronous writer of MCAP files. Messages are laid out straight into reused chunk buffers; a chunk goes out with its
 * message indexes in one write. Every checksum of the container is filled in.
 */
import { assert } from '../errors.ts'
import { joinCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { MessageIndex, OpenChunk } from './mcap-chunk.ts'
import type { ChunkSurvey, OpenChannel } from './mcap-chunk.ts'
import { chunkHeadBytes, compressedChunkBytesMax, dataEndBytes, footerBytes, mcapMagic, opcodes, recordHeadBytes } from './mcap-format.ts'
import type { Compression, Digest } from './ports.ts'
import { RecordBuilder, putU64 } from './record-builder.ts'

/** Where a recording goes: appended to, never read back or changed. */
export interface ByteSink {
  /**
   * Asks for room for `bytes`, to be written at once, and for `endBytes` after them with which the file can still be ended.
   * Throws a `disk` error when there is not enough; nothing has been written then. A sink that cannot know has no such method.
   */
  claim?(bytes: number, endBytes: number): void
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
  /** Taken of every byte before {@link McapWriter.takeDigest}. */
  readonly digest?: Digest | undefined
}

interface Span {
  readonly offset: number
  readonly bytes: number
}

/** A chunk of a file, as the index at its end describes it. */
export interface WrittenChunk extends Span {
  readonly timeFirst: bigint
  readonly timeLast: bigint
  readonly indexes: readonly (readonly [channel: number, offset: number])[]
  readonly indexBytes: number
  /** Size of its records, as they are and as they lie in the file. */
  readonly recordBytes: number
  readonly storedBytes: number
  readonly compression: string
}

export interface WrittenAttachment extends Span {
  readonly name: string
  readonly mediaType: string
  readonly time: bigint
  readonly dataBytes: number
}

export interface WrittenMetadata extends Span {
  readonly name: string
}

/** A file that is written on: what lies before the place where it goes on. */
export interface McapPrefix {
  /** Where it goes on. */
  readonly position: number
  /** Checksum of all before it. */
  readonly crc: number
  /** Schema records, by id from 1. */
  readonly schemas: readonly Uint8Array[]
  readonly chunks: readonly WrittenChunk[]
  /** The last chunk lies right before that place and has lost its indexes: they are to be written again. */
  readonly unindexed: ChunkSurvey | undefined
  readonly attachments: readonly WrittenAttachment[]
  readonly metadata: readonly WrittenMetadata[]
}

/** A channel to be made. */
export interface ChannelOptions {
  readonly schema: number
  readonly topic: string
  readonly encoding: string
  readonly metadata: ReadonlyMap<string, string>
}

const noBytes = new Uint8Array(0)
/** Of the index at the end: bytes a chunk adds, and what there is besides, generously. */
const indexBytesPerChunk = 128
const endBytesMin = 64 * 1024

export class McapWriter {
  readonly #sink: ByteSink
  readonly #crc32: Crc32
  readonly #stepNanos: number
  readonly #schemas: Uint8Array[] = []
  readonly #channels: OpenChannel[] = []
  readonly #chunks: WrittenChunk[] = []
  readonly #attachments: WrittenAttachment[] = []
  readonly #metadata: WrittenMetadata[] = []
  readonly #openChunks: OpenChunk[] = []
  #digest: Digest | undefined
  #mayUseReserve = false
  #position = 0
  #dataCrc = 0

  /**
   * Starts a file, or goes on after `prefix`: its channels are to be added again, in their order. They and the schemas are said
   * again in the file, since they may have stood behind that place.
   */
  constructor(sink: ByteSink, options: McapWriterOptions, prefix?: McapPrefix) {
    assert(Number.isSafeInteger(options.stepNanos) && options.stepNanos > 0 && options.stepNanos <= 0xffff_ffff, 'a step lasts 1 to 2^32 - 1 ns')
    this.#sink = sink
    this.#crc32 = options.crc32
    this.#stepNanos = options.stepNanos
    this.#digest = options.digest
    if (prefix === undefined) {
      const header = new RecordBuilder().raw(Uint8Array.from(mcapMagic))
      this.#emit(header.begin(opcodes.header).string(options.profile).string(options.library).end().built())
      return
    }
    this.#position = prefix.position
    this.#dataCrc = prefix.crc
    for (const chunk of prefix.chunks) this.#chunks.push(chunk)
    this.#attachments.push(...prefix.attachments)
    this.#metadata.push(...prefix.metadata)
    if (prefix.unindexed !== undefined) this.#emit(prefix.unindexed.indexBytes())
    for (const schema of prefix.schemas) {
      this.#schemas.push(schema)
      this.#emit(schema)
    }
  }

  /** Bytes of the file so far. */
  get position(): number {
    return this.#position
  }

  /** A chunk to be filled; several may be open at a time. */
  openChunk(): OpenChunk {
    const chunk = new OpenChunk(this.#stepNanos)
    this.#openChunks.push(chunk)
    return chunk
  }

  /** Registers a schema and returns its id. */
  addSchema(name: string, encoding: string, text: Uint8Array): number {
    const id = this.#schemas.length + 1
    const record = new RecordBuilder().begin(opcodes.schema).u16(id).string(name).string(encoding).u32(text.length).raw(text).end().built()
    this.#schemas.push(record)
    this.#emit(record)
    return id
  }

  /** Registers the next channel, by ids from 1, whose messages go to `chunk`; the file holds `messages` of it already. */
  addChannel(chunk: OpenChunk, { schema, topic, encoding, metadata }: ChannelOptions, messages = 0): OpenChannel {
    const id = this.#channels.length + 1
    const record = new RecordBuilder().begin(opcodes.channel).u16(id).u16(schema).string(topic).string(encoding).strings(metadata).end().built()
    const channel: OpenChannel = { id, record, chunk, index: new MessageIndex(id), messages }
    this.#channels.push(channel)
    chunk.channels.push(channel)
    this.#emit(record)
    return channel
  }

  /** Closes a chunk at its mark and writes it out; `body` continues the data of its last message, and is not copied. */
  close(chunk: OpenChunk, body: Uint8Array = noBytes): void {
    const { markEnd, end } = chunk
    if (markEnd === chunkHeadBytes) return
    const recordBytes = markEnd - chunkHeadBytes + body.length
    const timeFirst = this.#timeOf(chunk.stepFirst)
    const timeLast = this.#timeOf(chunk.stepLast)
    const indexEnd = chunk.putIndexes()
    const bytes = chunkHeadBytes + recordBytes
    const indexBytes = indexEnd - end
    this.#claim(bytes + indexBytes)
    const crc = this.#crc32(body, this.#crc32(chunk.bytes.subarray(chunkHeadBytes, markEnd), 0))
    const written = { offset: this.#position, bytes, recordBytes, storedBytes: recordBytes, timeFirst, timeLast, compression: '', indexBytes }
    putChunkHead(chunk.view, written, crc)
    const indexes = this.#indexed(chunk.channels.map(({ index }) => index), written.offset + bytes)
    const records = chunk.bytes.subarray(0, markEnd)
    const indexRecords = chunk.bytes.subarray(end, indexEnd)
    // The checksum of the records is there: it is joined instead of taken again.
    const crcBefore = joinCrc32(this.#crc32(records.subarray(0, chunkHeadBytes), this.#dataCrc), crc, recordBytes)
    this.#dataCrc = this.#crc32(indexRecords, crcBefore)
    if (body.length === 0 && markEnd === end) {
      this.#put(chunk.bytes.subarray(0, indexEnd))
    } else {
      this.#put(records)
      if (body.length > 0) this.#put(body)
      this.#put(indexRecords)
    }
    this.#chunks.push({ ...written, indexes })
    chunk.next()
  }

  /** Writes a chunk of another file: its records, compressed where that makes them smaller. */
  copy(records: Uint8Array, survey: ChunkSurvey, compression?: Compression): void {
    const compressed = compression === undefined || records.length > compressedChunkBytesMax ? undefined : compression.compress(records)
    const isSmaller = compressed !== undefined && compressed.length < records.length
    const stored = isSmaller ? compressed : records
    const name = isSmaller && compression !== undefined ? compression.name : ''
    const headBytes = chunkHeadBytes + name.length
    const head = new RecordBuilder().begin(opcodes.chunk).time(survey.timeFirst).time(survey.timeLast).u64(records.length)
    const headRecord = head.u32(this.#crc32(records, 0)).string(name).u64(stored.length).built()
    const bytes = headBytes + stored.length
    putU64(new DataView(headRecord.buffer, headRecord.byteOffset), 1, bytes - recordHeadBytes)
    const indexRecords = survey.indexBytes()
    this.#claim(bytes + indexRecords.length)
    const indexes = this.#indexed(survey.indexes, this.#position + bytes)
    this.#chunks.push({
      offset: this.#position, bytes, recordBytes: records.length, storedBytes: stored.length, timeFirst: survey.timeFirst, timeLast: survey.timeLast,
      compression: name, indexes, indexBytes: indexRecords.length,
    })
    for (const piece of [headRecord, stored, indexRecords]) this.#emit(piece)
  }

  attach(name: string, mediaType: string, time: bigint, data: Uint8Array): void {
    const head = new RecordBuilder().begin(opcodes.attachment).time(time).u64(0).string(name).string(mediaType).u64(data.length)
    const bytes = head.length + data.length + 4
    this.#claim(bytes)
    const headBytes = head.built()
    putU64(new DataView(headBytes.buffer), 1, bytes - recordHeadBytes)
    const crc = this.#crc32(data, this.#crc32(headBytes.subarray(recordHeadBytes), 0))
    this.#attachments.push({ offset: this.#position, bytes, name, mediaType, time, dataBytes: data.length })
    this.#emit(headBytes)
    this.#emit(data)
    this.#emit(new RecordBuilder().u32(crc).built())
  }

  metadata(name: string, entries: ReadonlyMap<string, string>): void {
    const record = new RecordBuilder().begin(opcodes.metadata).string(name).strings(entries).end().built()
    this.#metadata.push({ offset: this.#position, bytes: record.length, name })
    this.#emit(record)
  }

  /** The digest of every byte so far, where one is taken. */
  takeDigest(): string | undefined {
    const digest = this.#digest?.finish()
    this.#digest = undefined
    return digest
  }

  /** From now on the file is being ended: what is written may take the room that was kept for that. */
  useReserve(): void {
    this.#mayUseReserve = true
  }

  /** Asks the sink for room for `bytes` and for the end of the file. */
  #claim(bytes: number): void {
    if (this.#sink.claim === undefined || this.#mayUseReserve) return
    const pending = this.#openChunks.reduce((sum, { end }) => sum + 2 * end, 0)
    this.#sink.claim(bytes, endBytesMin + pending + this.#chunks.length * indexBytesPerChunk)
  }

  /** Writes the end of the file: data end, summary, footer. Chunks are closed before; the sink stays open. */
  finish(): void {
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

  /** Where each index lies when the first is at `offset`; counts their messages. */
  #indexed(indexes: readonly MessageIndex[], offset: number): (readonly [number, number])[] {
    const places: (readonly [number, number])[] = []
    let at = offset
    for (const index of indexes) {
      if (index.marked === 0) continue
      places.push([index.channel, at])
      at += index.bytes
      this.#channels[index.channel - 1].messages += index.marked
    }
    return places
  }

  #timeOf(step: number): bigint {
    return BigInt(step) * BigInt(this.#stepNanos)
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
    group(opcodes.chunkIndex, () => { for (const chunk of this.#chunks) putChunkIndex(out, chunk) })
    group(opcodes.attachmentIndex, () => { for (const attachment of this.#attachments) putAttachmentIndex(out, attachment) })
    group(opcodes.metadataIndex, () => {
      for (const { offset, bytes, name } of this.#metadata) out.begin(opcodes.metadataIndex).u64(offset).u64(bytes).string(name).end()
    })
    return groups
  }

  #putStatistics(out: RecordBuilder): void {
    const messages = this.#channels.reduce((sum, channel) => sum + channel.messages, 0)
    out.begin(opcodes.statistics).u64(messages).u16(this.#schemas.length).u32(this.#channels.length)
    out.u32(this.#attachments.length).u32(this.#metadata.length).u32(this.#chunks.length)
    let first = this.#chunks[0]?.timeFirst ?? 0n
    let last = 0n
    for (const { timeFirst, timeLast } of this.#chunks) {
      if (timeFirst < first) first = timeFirst
      if (timeLast > last) last = timeLast
    }
    out.time(first).time(last).map(this.#channels, (channel) => out.u16(channel.id).u64(channel.messages)).end()
  }

  /** Writes bytes of the data section. */
  #emit(bytes: Uint8Array): void {
    this.#dataCrc = this.#crc32(bytes, this.#dataCrc)
    this.#put(bytes)
  }

  /** Writes bytes whose checksum has been taken. */
  #put(bytes: Uint8Array): void {
    this.#digest?.update(bytes)
    this.#sink.write(bytes)
    this.#position += bytes.length
  }
}

function putChunkHead(view: DataView, chunk: Omit<WrittenChunk, 'indexes'>, crc: number): void {
  view.setUint8(0, opcodes.chunk)
  putU64(view, 1, chunk.bytes - recordHeadBytes)
  view.setBigUint64(9, chunk.timeFirst, true)
  view.setBigUint64(17, chunk.timeLast, true)
  putU64(view, 25, chunk.recordBytes)
  view.setUint32(33, crc, true)
  view.setUint32(37, 0, true)
  putU64(view, 41, chunk.recordBytes)
}

function putChunkIndex(out: RecordBuilder, chunk: WrittenChunk): void {
  out.begin(opcodes.chunkIndex).time(chunk.timeFirst).time(chunk.timeLast)
  out.u64(chunk.offset).u64(chunk.bytes).map(chunk.indexes, ([channel, offset]) => out.u16(channel).u64(offset))
  out.u64(chunk.indexBytes).string(chunk.compression).u64(chunk.storedBytes).u64(chunk.recordBytes).end()
}

function putAttachmentIndex(out: RecordBuilder, { offset, bytes, time, dataBytes, name, mediaType }: WrittenAttachment): void {
  out.begin(opcodes.attachmentIndex).u64(offset).u64(bytes).time(time).u64(0).u64(dataBytes).string(name).string(mediaType).end()
}
