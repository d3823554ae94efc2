/**
 * Reads MCAP files: by the summary at the end when it is whole, else front to back up to the last complete chunk.
 * Every checksum is checked, and every length before it is used.
 */
import { MetabonkError } from '../errors.ts'
import type { Crc32 } from './crc32.ts'
import { ChunkSurvey } from './mcap-chunk.ts'
import {
  chunkHeadBytes, compressedChunkBytesMax, dataEndBytes, footerBytes, indexEntryBytes, isMagic, mcapMagic, messageHeadBytes, opcodes, recordHeadBytes, recordName,
} from './mcap-format.ts'
import type { WrittenAttachment, WrittenChunk, WrittenMetadata } from './mcap-writer.ts'
import type { Compression } from './ports.ts'
import { Piecewise, type ByteSource } from './piecewise.ts'
import { RecordCursor, brokenRecording } from './record-cursor.ts'

export interface McapSchema {
  readonly name: string
  readonly encoding: string
  readonly text: Uint8Array
  /** The whole record. */
  readonly record: Uint8Array
}

export interface McapChannel {
  readonly id: number
  readonly schema: number
  readonly topic: string
  readonly encoding: string
  readonly metadata: ReadonlyMap<string, string>
}

export type McapChunk = WrittenChunk
export type McapAttachment = WrittenAttachment

interface McapSpan {
  readonly offset: number
  readonly bytes: number
}

/** A message inside a chunk's records; one object is reused for all of them. */
export interface McapMessage {
  channel: number
  sequence: number
  /** Where its data start and how many they are, in the chunk's records. */
  at: number
  bytes: number
}

/** The longest name of a compression that is looked for. */
const compressionNameBytesMax = 32
/** Of a statistics record: everything before the counts of the channels. */
const statisticsHeadBytes = 8 + 2 + 4 + 4 + 4 + 4 + 8 + 8

interface FoundChunk extends McapChunk {
  readonly indexes: (readonly [channel: number, offset: number])[]
  indexBytes: number
}

/** What the front-to-back scan or the summary found. */
class Contents {
  readonly schemas = new Map<number, McapSchema>()
  readonly channels = new Map<number, McapChannel>()
  /** Messages by channel. */
  readonly messages = new Map<number, number>()
  chunks: FoundChunk[] = []
  attachments: McapAttachment[] = []
  metadata: WrittenMetadata[] = []
  /** Offset of the data end record, where it is known. */
  dataEnd: number | undefined
  /** Checksum of everything before it. */
  dataCrc = 0
}

/** Channels with messages in a chunk. */
export function channelsOf(chunk: McapChunk): readonly number[] {
  return chunk.indexes.map(([channel]) => channel)
}

/** Messages of each channel in a chunk, by the sizes of their indexes. */
export function messagesOf(chunk: McapChunk): readonly (readonly [channel: number, messages: number])[] {
  const ends = [...chunk.indexes.slice(1).map(([, offset]) => offset), chunk.offset + chunk.bytes + chunk.indexBytes]
  return chunk.indexes.map(([channel, offset], place) => [channel, (ends[place] - offset - recordHeadBytes - 6) / indexEntryBytes])
}

export interface McapReaderOptions {
  readonly crc32: Crc32
  readonly compression?: Compression | undefined
  /** What the header must name as profile and as library. */
  readonly profile: string
}

export class McapReader {
  readonly schemas: ReadonlyMap<number, McapSchema>
  readonly channels: ReadonlyMap<number, McapChannel>

  readonly #source: ByteSource
  readonly #crc32: Crc32
  readonly #compression: Compression | undefined
  readonly #contents: Contents
  readonly #headerEnd: number
  #isIndexed: boolean
  #pieces: Piecewise | undefined
  /** The head of the last chunk, with its checksum: a file that is read on still has it. */
  #lastHead = new Uint8Array(0)

  constructor(source: ByteSource, { crc32, compression, profile }: McapReaderOptions) {
    this.#source = source
    this.#crc32 = crc32
    this.#compression = compression
    this.#headerEnd = this.#readHeader(profile)
    const indexed = this.#readSummary()
    this.#isIndexed = indexed !== undefined
    this.#contents = indexed ?? this.passing(() => this.#scan(this.#headerEnd))
    this.schemas = this.#contents.schemas
    this.channels = this.#contents.channels
  }

  /** The summary at the end is whole; without it the file was read from front to back. */
  get indexed(): boolean {
    return this.#isIndexed
  }

  /** The data section is complete. */
  get ended(): boolean {
    return this.#contents.dataEnd !== undefined
  }

  get attachments(): readonly McapAttachment[] {
    return this.#contents.attachments
  }

  get metadataSpans(): readonly WrittenMetadata[] {
    return this.#contents.metadata
  }

  get chunks(): readonly McapChunk[] {
    return this.#contents.chunks
  }

  /** Messages of a channel in the whole file. */
  messagesIn(channel: number): number {
    return this.#contents.messages.get(channel) ?? 0
  }

  /**
   * Without a summary: reads and checks every chunk, for what its index would have said. A damaged one is the torn end of
   * the file when no whole one follows, and is left out; else it is an error. `label` names a chunk for errors.
   */
  settle(label: (chunk: McapChunk) => string): void {
    if (this.indexed) return
    this.#contents.chunks = this.passing(() => this.#wholeOf(this.#contents, label))
    this.#markLast()
  }

  /** Reads with fewer and larger reads, during some work that keeps nothing of what it reads; by an index only what is wanted is read. */
  passing<Result>(work: () => Result): Result {
    if (this.#isIndexed) return work()
    this.#pieces = new Piecewise(this.#source)
    try {
      return work()
    } finally {
      this.#pieces = undefined
    }
  }

  #read(offset: number, length: number): Uint8Array {
    return (this.#pieces ?? this.#source).read(offset, length)
  }

  /**
   * Reads what was written since the file was read: gives the whole chunks that came, which {@link chunks} has from now on. What was there is not read again,
   * but its last chunk, by which it is known that this is the same file. `label` names a chunk for errors. Throws `recording-invalid` when it is not the
   * same, only longer, and for damage that whole chunks follow; what is known stays as it was.
   */
  readOn(label: (chunk: McapChunk) => string): readonly McapChunk[] {
    const source = this.#source
    const { size } = source
    source.measure?.()
    if (source.size === size) return []
    if (source.size < size) throw this.#changed()
    if (this.ended) {
      this.#readIndexOn()
      return []
    }
    const from = this.#endOfLast(label)
    if (from === undefined) return []
    const more = this.passing(() => this.#scan(from))
    const contents = this.#contents
    for (const [id, schema] of more.schemas) contents.schemas.set(id, schema)
    for (const [id, channel] of more.channels) contents.channels.set(id, channel)
    const chunks = this.passing(() => this.#wholeOf(more, label))
    contents.chunks.push(...chunks)
    contents.attachments = [...contents.attachments.filter(({ offset }) => offset < from), ...more.attachments]
    contents.metadata = [...contents.metadata.filter(({ offset }) => offset < from), ...more.metadata]
    contents.dataEnd = more.dataEnd
    contents.dataCrc = more.dataCrc
    this.#markLast()
    this.#readIndexOn()
    return chunks
  }

  /** The chunks that are whole, of what a scan has found; counts their messages. */
  #wholeOf({ chunks, dataEnd }: Contents, label: (chunk: McapChunk) => string): FoundChunk[] {
    const isEnded = dataEnd !== undefined
    const whole: { readonly chunk: FoundChunk; readonly survey: ChunkSurvey }[] = []
    let failure: MetabonkError | undefined
    for (const [place, chunk] of chunks.entries()) {
      const settled = this.#settled(chunk, () => label(chunk), place === chunks.length - 1 && !isEnded)
      if (settled instanceof MetabonkError) {
        failure ??= settled
        continue
      }
      if (failure !== undefined) throw failure
      whole.push(settled)
    }
    if (failure !== undefined && isEnded) throw failure
    const { messages } = this.#contents
    for (const { survey } of whole) for (const { channel, count } of survey.indexes) messages.set(channel, this.messagesIn(channel) + count)
    return whole.map(({ chunk }) => chunk)
  }

  #markLast(): void {
    const last = this.chunks.at(-1)
    if (last !== undefined) this.#lastHead = this.#headBytes(last)
  }

  #headBytes({ offset, bytes }: McapSpan): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#source.read(offset, Math.min(bytes, chunkHeadBytes)))
  }

  /** Where the last chunk ends, with its indexes; undefined as long as they are not there. */
  #endOfLast(label: (chunk: McapChunk) => string): number | undefined {
    const last = this.#contents.chunks.at(-1)
    if (last === undefined) return this.#headerEnd
    const head = this.#headBytes(last)
    if (this.#lastHead.some((byte, place) => byte !== head[place])) throw this.#changed()
    const end = last.offset + last.bytes + last.indexBytes
    if (end > this.#source.size) return undefined
    const settled = this.#settled(last, () => label(last), false)
    if (settled instanceof MetabonkError) throw settled
    return end
  }

  /** What follows the data may come after them. */
  #readIndexOn(): void {
    const { dataEnd, dataCrc } = this.#contents
    if (dataEnd === undefined) return
    const head = this.#recordAt(dataEnd)
    const isSame = !this.#isIndexed && head?.opcode === opcodes.dataEnd && this.#record({ offset: dataEnd, bytes: head.bytes }, opcodes.dataEnd).u32() === dataCrc
    if (!isSame) throw this.#changed()
    this.#isIndexed = this.#readSummary() !== undefined
  }

  #changed(): MetabonkError {
    return new MetabonkError({ code: 'recording-invalid', what: 'recording is not what it was when it was read: it was cut, or written anew', where: this.#source.name, todo: 'open it again' })
  }

  /** Entries of the first metadata record of that name. */
  metadata(name: string): ReadonlyMap<string, string> | undefined {
    const span = this.#contents.metadata.find((entry) => entry.name === name)
    return span === undefined ? undefined : this.metadataAt(span)
  }

  /** Entries of a metadata record. */
  metadataAt(span: WrittenMetadata): ReadonlyMap<string, string> {
    const cursor = this.#record(span, opcodes.metadata)
    const { name } = span
    if (cursor.string() !== name) throw cursor.broken(`is not '${name}', which the index says`)
    return cursor.strings()
  }

  /**
   * The records of a chunk, checked. `label` tells what it holds, for the error: "keyframe at step 500".
   */
  readChunk(chunk: McapChunk, label: () => string): Uint8Array {
    const cursor = this.#record(chunk, opcodes.chunk)
    if (cursor.time() !== chunk.timeFirst || cursor.time() !== chunk.timeLast) throw this.#damaged(label(), chunk.offset, 'the times of its chunk do not match the index')
    const size = cursor.u64()
    const crc = cursor.u32()
    const name = cursor.string()
    const stored = cursor.u64()
    if (stored !== cursor.remaining || size !== chunk.recordBytes) throw this.#damaged(label(), chunk.offset, 'the sizes of its chunk do not match')
    const records = name === '' ? cursor.raw(stored) : this.#decompress(cursor, name, size)
    if (records.length !== size) throw this.#damaged(label(), chunk.offset, 'the sizes of its chunk do not match')
    if (this.#crc32(records, 0) !== crc) throw this.#damaged(label(), chunk.offset, 'checksum of its chunk does not match')
    return records
  }

  #decompress(cursor: RecordCursor, name: string, size: number): Uint8Array {
    const compression = this.#compression
    if (compression?.name !== name) throw cursor.broken(`is compressed by '${name}', which is not read here`)
    if (size > compressedChunkBytesMax) throw cursor.broken(`says that it holds ${String(size)} bytes, more than a compressed one may`)
    try {
      return compression.decompress(cursor.raw(cursor.remaining), size)
    } catch {
      throw cursor.broken(`cannot be decompressed: what it holds is not ${name} of ${String(size)} bytes`)
    }
  }

  /** What the messages of a chunk's records say of it. */
  survey(chunk: McapChunk, records: Uint8Array): ChunkSurvey {
    const view = new DataView(records.buffer, records.byteOffset, records.length)
    const survey = new ChunkSurvey()
    this.eachMessage(chunk, records, ({ channel, at }) => {
      if (!this.channels.has(channel)) throw brokenRecording(`message is of channel ${String(channel)}, which is not declared`, this.#source.name, chunk.offset + chunkHeadBytes + at)
      survey.add(channel, view.getBigUint64(at - 16, true), at - messageHeadBytes)
    })
    return survey
  }

  /** Visits the messages of a chunk's records, as {@link readChunk} gives them. `visit` must not keep the message object. */
  eachMessage(chunk: McapChunk, records: Uint8Array, visit: (message: McapMessage) => void): void {
    const view = new DataView(records.buffer, records.byteOffset, records.length)
    const message: McapMessage = { channel: 0, sequence: 0, at: 0, bytes: 0 }
    for (let at = 0; at < records.length; ) {
      const room = records.length - at - recordHeadBytes
      const bytes = room < 0 ? 0 : view.getUint32(at + 5, true) * 0x1_0000_0000 + view.getUint32(at + 1, true)
      if (bytes > room) throw brokenRecording('record inside a chunk is cut short', this.#source.name, chunk.offset + chunkHeadBytes + at)
      if (records[at] === opcodes.message) {
        if (bytes < messageHeadBytes - recordHeadBytes) throw brokenRecording('message record is cut short', this.#source.name, chunk.offset + chunkHeadBytes + at)
        message.channel = view.getUint16(at + 9, true)
        message.sequence = view.getUint32(at + 11, true)
        message.at = at + messageHeadBytes
        message.bytes = bytes + recordHeadBytes - messageHeadBytes
        visit(message)
      }
      at += recordHeadBytes + bytes
    }
  }

  readAttachment(attachment: McapAttachment): Uint8Array {
    const cursor = this.#record(attachment, opcodes.attachment)
    const content = cursor.raw(cursor.remaining)
    const crcAt = content.length - 4
    const fields = new RecordCursor(content, this.#source.name, attachment.offset, recordName(opcodes.attachment))
    const { dataAt } = takeAttachmentHead(fields)
    fields.raw(attachment.dataBytes)
    if (fields.at !== crcAt || fields.u32() !== this.#crc32(content.subarray(0, crcAt), 0)) {
      throw this.#damaged(`attachment '${attachment.name}'`, attachment.offset, 'its checksum does not match')
    }
    return content.subarray(dataAt, crcAt)
  }

  /**
   * Checks what no other read checks: that the index at the end is whole, or cut off after data that are, and the checksum over
   * the whole data section.
   */
  checkWhole(): void {
    const { dataEnd, dataCrc } = this.#contents
    if (dataEnd === undefined) return
    if (!this.indexed && !this.#isCut(dataEnd)) throw brokenRecording('index at the end of the file is damaged; the data before it are whole', this.#source.name, dataEnd)
    let crc = 0
    const piece = 1024 * 1024
    for (let at = 0; at < dataEnd; at += piece) crc = this.#crc32(this.#source.read(at, Math.min(piece, dataEnd - at)), crc)
    if (crc !== dataCrc) throw brokenRecording('bytes outside the chunks are damaged: checksum of the data section does not match', this.#source.name, dataEnd)
  }

  /** Whether the file ends within the records that follow the data. */
  #isCut(dataEnd: number): boolean {
    const { size } = this.#source
    let offset = dataEnd
    let head = this.#recordAt(offset)
    while (head !== undefined && head.opcode !== opcodes.footer) {
      offset += head.bytes
      head = this.#recordAt(offset)
    }
    const reachesEnd = head !== undefined && size >= offset + head.bytes + mcapMagic.length
    return !reachesEnd && !isMagic(this.#source.read(size - mcapMagic.length, mcapMagic.length))
  }

  #damaged(label: string, offset: number, why: string): MetabonkError {
    return brokenRecording(`${label} is damaged: ${why}`, this.#source.name, offset)
  }

  /** Checks whose file it is; returns the end of the header. */
  #readHeader(expected: string): number {
    const { size, name } = this.#source
    const magic = this.#source.read(0, Math.min(size, mcapMagic.length))
    if (!magic.every((byte, place) => byte === mcapMagic[place])) throw brokenRecording('file is not an MCAP recording', name, 0)
    const start = mcapMagic.length
    const head = this.#recordAt(start)
    if (head === undefined) throw tornRecording(name)
    if (head.opcode !== opcodes.header) throw brokenRecording(`${recordName(head.opcode)} stands where the header should`, name, start)
    const cursor = this.#record({ offset: start, bytes: head.bytes }, opcodes.header)
    const profile = cursor.string()
    const library = cursor.string()
    if (profile === expected && library === expected) return start + head.bytes
    throw new MetabonkError({
      code: 'recording-foreign',
      what: `file is an MCAP recording of profile '${profile}' by '${library}', not of ${expected}`,
      where: name,
      todo: `give a file that ${expected} has recorded`,
    })
  }

  /** Opcode and size, with its head, of the record at `offset`; undefined when the file ends before it does. */
  #recordAt(offset: number): { readonly opcode: number; readonly bytes: number } | undefined {
    const room = this.#source.size - offset - recordHeadBytes
    if (room < 0) return undefined
    const head = this.#read(offset, recordHeadBytes)
    const view = new DataView(head.buffer, head.byteOffset, head.length)
    const bytes = view.getUint32(5, true) * 0x1_0000_0000 + view.getUint32(1, true)
    return bytes > room ? undefined : { opcode: head[0], bytes: recordHeadBytes + bytes }
  }

  /** The content of the record at a place that an index or the scan gave. */
  #record(span: McapSpan, opcode: number): RecordCursor {
    const { name, size } = this.#source
    if (span.bytes < recordHeadBytes || span.offset + span.bytes > size) throw brokenRecording(`${recordName(opcode)} lies outside the file`, name, span.offset)
    const bytes = this.#read(span.offset, span.bytes)
    const head = new RecordCursor(bytes, name, span.offset, recordName(opcode))
    if (head.u8() !== opcode) throw head.broken('is not where it should be')
    if (head.u64() !== head.remaining) throw head.broken('has a wrong length')
    return new RecordCursor(bytes.subarray(recordHeadBytes), name, span.offset, recordName(opcode))
  }

  /** The contents by the summary; undefined when the end of the file is missing or damaged. */
  #readSummary(): Contents | undefined {
    const headerEnd = this.#headerEnd
    const { size, name } = this.#source
    const footerAt = size - mcapMagic.length - footerBytes
    if (footerAt < headerEnd + dataEndBytes) return undefined
    const tail = this.#source.read(footerAt, footerBytes + mcapMagic.length)
    if (!isMagic(tail.subarray(footerBytes))) return undefined
    const footer = new RecordCursor(tail, name, footerAt, recordName(opcodes.footer))
    if (footer.u8() !== opcodes.footer || footer.u32() !== footerBytes - recordHeadBytes || footer.u32() !== 0) return undefined
    const summaryStart = Number(footer.time())
    const offsetsStart = Number(footer.time())
    if (summaryStart < headerEnd + dataEndBytes || summaryStart > footerAt) return undefined
    const summary = this.#source.read(summaryStart, footerAt - summaryStart)
    const crc = this.#crc32(tail.subarray(0, footerBytes - 4), this.#crc32(summary, 0))
    if (crc !== footer.u32()) return undefined
    const contents = new Contents()
    contents.dataEnd = summaryStart - dataEndBytes
    contents.dataCrc = this.#record({ offset: contents.dataEnd, bytes: dataEndBytes }, opcodes.dataEnd).u32()
    const end = offsetsStart === 0 ? footerAt : offsetsStart
    this.#takeSummary(contents, summary, { start: summaryStart, end })
    return contents
  }

  #takeSummary(contents: Contents, summary: Uint8Array, range: { readonly start: number; readonly end: number }): void {
    const { name } = this.#source
    const records = new RecordCursor(summary, name, range.start, 'summary')
    while (range.start + records.at < range.end) {
      const offset = range.start + records.at
      const opcode = records.u8()
      const cursor = new RecordCursor(records.raw(records.u64()), name, offset, recordName(opcode))
      if (opcode === opcodes.schema) putSchema(contents, cursor, summary.subarray(offset - range.start, records.at))
      else if (opcode === opcodes.channel) putChannel(contents, cursor)
      else if (opcode === opcodes.statistics) takeMessageCounts(contents, cursor)
      else if (opcode === opcodes.chunkIndex) this.#putChunkIndex(contents, takeChunkIndex(cursor))
      else if (opcode === opcodes.attachmentIndex) contents.attachments.push(takeAttachmentIndex(cursor))
      else if (opcode === opcodes.metadataIndex) contents.metadata.push({ offset: cursor.u64(), bytes: cursor.u64(), name: cursor.string() })
    }
  }

  #putChunkIndex(contents: Contents, chunk: FoundChunk): void {
    const before = contents.chunks.at(-1)
    const start = before === undefined ? 0 : before.offset + before.bytes + before.indexBytes
    const end = contents.dataEnd ?? 0
    if (chunk.offset < start || chunk.offset + chunk.bytes + chunk.indexBytes > end) throw brokenRecording('chunk lies outside the data section', this.#source.name, chunk.offset)
    contents.chunks.push(chunk)
  }

  /** Reads a file without a summary, from front to back. */
  #scan(headerEnd: number): Contents {
    const contents = new Contents()
    let offset = headerEnd
    for (;;) {
      const head = this.#recordAt(offset)
      // An opcode of 0 is what a file system leaves where a write never arrived.
      if (head === undefined || head.opcode === 0) break
      if (head.opcode === opcodes.dataEnd) {
        contents.dataEnd = offset
        contents.dataCrc = this.#record({ offset, bytes: head.bytes }, opcodes.dataEnd).u32()
        break
      }
      this.#takeRecord(contents, { offset, bytes: head.bytes }, head.opcode)
      offset += head.bytes
    }
    return contents
  }

  #takeRecord(contents: Contents, span: McapSpan, opcode: number): void {
    if (opcode === opcodes.schema) {
      putSchema(contents, this.#record(span, opcode), this.#source.read(span.offset, span.bytes))
    } else if (opcode === opcodes.channel) {
      putChannel(contents, this.#record(span, opcode))
    } else if (opcode === opcodes.metadata) {
      contents.metadata.push({ ...span, name: this.#record(span, opcode).string() })
    } else if (opcode === opcodes.attachment) {
      const { name, mediaType, dataBytes, time } = takeAttachmentHead(this.#record(span, opcode))
      contents.attachments.push({ ...span, name, mediaType, dataBytes, time })
    } else if (opcode === opcodes.chunk) {
      contents.chunks.push(this.#takeChunkHead(span))
    } else if (opcode === opcodes.messageIndex) {
      const chunk = contents.chunks.at(-1)
      if (chunk === undefined) throw brokenRecording('message index stands before every chunk', this.#source.name, span.offset)
      chunk.indexes.push([this.#record(span, opcode).u16(), span.offset])
      chunk.indexBytes += span.bytes
    } else {
      throw brokenRecording(`${recordName(opcode)} stands where none should`, this.#source.name, span.offset)
    }
  }

  #takeChunkHead(span: McapSpan): FoundChunk {
    const head = this.#read(span.offset + recordHeadBytes, Math.min(span.bytes, chunkHeadBytes + compressionNameBytesMax) - recordHeadBytes)
    const cursor = new RecordCursor(head, this.#source.name, span.offset, recordName(opcodes.chunk))
    const [timeFirst, timeLast, recordBytes] = [cursor.time(), cursor.time(), cursor.u64()]
    cursor.u32()
    return { ...span, timeFirst, timeLast, recordBytes, compression: cursor.string(), storedBytes: cursor.u64(), indexes: [], indexBytes: 0 }
  }

  /**
   * Reads and checks a whole chunk, for what its index would have said; its damage, where there is any. Its message indexes
   * must be those of its messages (of the last chunk they may be cut off): so a chunk that cannot be seen as one any more is
   * missed.
   */
  #settled(chunk: McapChunk, label: () => string, isLast: boolean): { readonly chunk: FoundChunk; readonly survey: ChunkSurvey } | MetabonkError {
    try {
      const survey = this.survey(chunk, this.readChunk(chunk, label))
      if (survey.timeFirst !== chunk.timeFirst || survey.timeLast !== chunk.timeLast) throw this.#damaged(label(), chunk.offset, 'the times of its chunk do not match its messages')
      const expected = survey.indexBytes()
      const isRight = (isLast ? chunk.indexBytes <= expected.length : chunk.indexBytes === expected.length) &&
        this.#read(chunk.offset + chunk.bytes, chunk.indexBytes).every((byte, place) => byte === expected[place])
      if (!isRight) throw this.#damaged(label(), chunk.offset, 'the records after its chunk do not match its messages')
      let offset = chunk.offset + chunk.bytes
      const indexes = survey.indexes.map(({ channel, bytes }) => [channel, (offset += bytes) - bytes] as const)
      return { chunk: { ...chunk, indexes, indexBytes: expected.length }, survey }
    } catch (error) {
      if (error instanceof MetabonkError) return error
      throw error
    }
  }
}

function putSchema(contents: Contents, cursor: RecordCursor, record: Uint8Array): void {
  const id = cursor.u16()
  contents.schemas.set(id, { name: cursor.string(), encoding: cursor.string(), text: cursor.raw(cursor.u32()), record })
}

function takeMessageCounts(contents: Contents, cursor: RecordCursor): void {
  cursor.raw(statisticsHeadBytes)
  for (const [channel, messages] of cursor.map(() => [cursor.u16(), cursor.u64()] as const)) contents.messages.set(channel, messages)
}

function putChannel(contents: Contents, cursor: RecordCursor): void {
  const id = cursor.u16()
  const channel: McapChannel = { id, schema: cursor.u16(), topic: cursor.string(), encoding: cursor.string(), metadata: cursor.strings() }
  const known = contents.channels.get(id)
  if (known !== undefined && (known.topic !== channel.topic || known.encoding !== channel.encoding)) throw cursor.broken(`gives channel ${String(id)} a second meaning`)
  contents.channels.set(id, channel)
}

function takeChunkIndex(cursor: RecordCursor): FoundChunk {
  const [timeFirst, timeLast, offset, bytes] = [cursor.time(), cursor.time(), cursor.u64(), cursor.u64()]
  const indexes = cursor.map(() => [cursor.u16(), cursor.u64()] as const)
  const [indexBytes, compression, storedBytes, recordBytes] = [cursor.u64(), cursor.string(), cursor.u64(), cursor.u64()]
  return { offset, bytes, timeFirst, timeLast, indexes, indexBytes, compression, storedBytes, recordBytes }
}

function takeAttachmentIndex(cursor: RecordCursor): McapAttachment {
  const [offset, bytes, time] = [cursor.u64(), cursor.u64(), cursor.time()]
  cursor.time()
  const dataBytes = cursor.u64()
  return { offset, bytes, time, dataBytes, name: cursor.string(), mediaType: cursor.string() }
}

/** Reads an attachment up to its data. */
function takeAttachmentHead(cursor: RecordCursor): Omit<McapAttachment, 'offset' | 'bytes'> & { readonly dataAt: number } {
  const time = cursor.time()
  cursor.time()
  return { time, name: cursor.string(), mediaType: cursor.string(), dataBytes: cursor.u64(), dataAt: cursor.at }
}

/** A recording that was cut before anything in it could be used. */
export function tornRecording(file: string): MetabonkError {
  return new MetabonkError({ code: 'recording-torn', what: 'recording was cut off before its first complete step', where: file, todo: 'record the run again' })
}
