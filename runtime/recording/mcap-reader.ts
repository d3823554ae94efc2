/**
 * Reads MCAP files: by the summary at the end when it is whole, else front to back up to the last complete chunk.
 * Every checksum is checked, and every length before it is used.
 */
import { MetabonkError } from '../errors.ts'
import type { Crc32 } from './crc32.ts'
import {
  chunkHeadBytes, dataEndBytes, footerBytes, isMagic, mcapMagic, messageHeadBytes, opcodes, recordHeadBytes, recordName,
} from './mcap-format.ts'
import { RecordCursor, brokenRecording } from './record-cursor.ts'

/** Where a recording is read from. */
export interface ByteSource {
  /** For messages: the file's path. */
  readonly name: string
  readonly size: number
  /** Exactly `length` bytes from `offset`; the caller stays within `size`. */
  read(offset: number, length: number): Uint8Array
}

export interface McapChannel {
  readonly id: number
  readonly topic: string
  readonly encoding: string
}

export interface McapChunk {
  readonly offset: number
  readonly bytes: number
  readonly startTime: bigint
  readonly endTime: bigint
  /** Channels with messages in the chunk. */
  readonly channels: readonly number[]
}

export interface McapAttachment {
  readonly offset: number
  readonly bytes: number
  readonly name: string
  readonly mediaType: string
  readonly dataBytes: number
}

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

interface FoundChunk extends McapChunk {
  readonly channels: number[]
}

/** What the front-to-back scan or the summary found. */
class Contents {
  readonly channels = new Map<number, McapChannel>()
  chunks: FoundChunk[] = []
  readonly attachments: McapAttachment[] = []
  readonly metadata: (McapSpan & { readonly name: string })[] = []
  /** Offset of the data end record, where it is known. */
  dataEnd: number | undefined
  /** Checksum of everything before it. */
  dataCrc = 0
}

export class McapReader {
  /** The summary at the end was whole; without it the file was read from front to back. */
  readonly indexed: boolean
  /** The data section is complete. */
  readonly ended: boolean
  readonly channels: ReadonlyMap<number, McapChannel>
  readonly attachments: readonly McapAttachment[]

  readonly #source: ByteSource
  readonly #crc32: Crc32
  readonly #contents: Contents

  /** Opens a file whose profile and library are both `profile`. */
  constructor(source: ByteSource, crc32: Crc32, profile: string) {
    this.#source = source
    this.#crc32 = crc32
    const headerEnd = this.#readHeader(profile)
    const indexed = this.#readSummary(headerEnd)
    this.indexed = indexed !== undefined
    this.#contents = indexed ?? this.#scan(headerEnd)
    this.ended = this.#contents.dataEnd !== undefined
    this.channels = this.#contents.channels
    this.attachments = this.#contents.attachments
  }

  get chunks(): readonly McapChunk[] {
    return this.#contents.chunks
  }

  /**
   * Without a summary: reads and checks every chunk, for what its index would have said. A damaged one is the torn end of
   * the file when no whole one follows, and is left out; else it is an error. `label` names a chunk for errors.
   */
  settle(label: (chunk: McapChunk) => string): void {
    if (this.indexed) return
    const contents = this.#contents
    const whole: FoundChunk[] = []
    let failure: MetabonkError | undefined
    for (const [place, chunk] of contents.chunks.entries()) {
      const settled = this.#settled(chunk, label(chunk), place === contents.chunks.length - 1 && !this.ended)
      if (settled instanceof MetabonkError) {
        failure ??= settled
        continue
      }
      if (failure !== undefined) throw failure
      whole.push(settled)
    }
    if (failure !== undefined && this.ended) throw failure
    contents.chunks = whole
  }

  /** Entries of the first metadata record of that name. */
  metadata(name: string): ReadonlyMap<string, string> | undefined {
    const span = this.#contents.metadata.find((entry) => entry.name === name)
    if (span === undefined) return undefined
    const cursor = this.#record(span, opcodes.metadata)
    if (cursor.string() !== name) throw cursor.broken(`is not '${name}', which the index says`)
    return cursor.strings()
  }

  /**
   * The records of a chunk, checked. `label` names what it holds, for the error: "keyframe at step 500".
   */
  readChunk(chunk: McapChunk, label: string): Uint8Array {
    const cursor = this.#record(chunk, opcodes.chunk)
    if (cursor.time() !== chunk.startTime || cursor.time() !== chunk.endTime) throw this.#damaged(label, chunk.offset, 'the times of its chunk do not match the index')
    const size = cursor.u64()
    const crc = cursor.u32()
    const compression = cursor.string()
    if (compression !== '') throw cursor.broken(`is compressed by ${compression}, which this package does not read`)
    if (cursor.u64() !== size || cursor.remaining !== size) throw this.#damaged(label, chunk.offset, 'the sizes of its chunk do not match')
    const records = cursor.raw(size)
    if (this.#crc32(records, 0) !== crc) throw this.#damaged(label, chunk.offset, 'checksum of its chunk does not match')
    return records
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
    const head = this.#source.read(offset, recordHeadBytes)
    const view = new DataView(head.buffer, head.byteOffset, head.length)
    const bytes = view.getUint32(5, true) * 0x1_0000_0000 + view.getUint32(1, true)
    return bytes > room ? undefined : { opcode: head[0], bytes: recordHeadBytes + bytes }
  }

  /** The content of the record at a place that an index or the scan gave. */
  #record(span: McapSpan, opcode: number): RecordCursor {
    const { name, size } = this.#source
    if (span.bytes < recordHeadBytes || span.offset + span.bytes > size) throw brokenRecording(`${recordName(opcode)} lies outside the file`, name, span.offset)
    const bytes = this.#source.read(span.offset, span.bytes)
    const head = new RecordCursor(bytes, name, span.offset, recordName(opcode))
    if (head.u8() !== opcode) throw head.broken('is not where it should be')
    if (head.u64() !== head.remaining) throw head.broken('has a wrong length')
    return new RecordCursor(bytes.subarray(recordHeadBytes), name, span.offset, recordName(opcode))
  }

  /** The contents by the summary; undefined when the end of the file is missing or damaged. */
  #readSummary(headerEnd: number): Contents | undefined {
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
      if (opcode === opcodes.channel) putChannel(contents, cursor)
      else if (opcode === opcodes.chunkIndex) this.#putChunkIndex(contents, takeChunkIndex(cursor))
      else if (opcode === opcodes.attachmentIndex) contents.attachments.push(takeAttachmentIndex(cursor))
      else if (opcode === opcodes.metadataIndex) contents.metadata.push({ offset: cursor.u64(), bytes: cursor.u64(), name: cursor.string() })
    }
  }

  #putChunkIndex(contents: Contents, chunk: FoundChunk): void {
    const before = contents.chunks.at(-1)
    const start = before === undefined ? 0 : before.offset + before.bytes
    const end = contents.dataEnd ?? 0
    if (chunk.offset < start || chunk.offset + chunk.bytes > end) throw brokenRecording('chunk lies outside the data section', this.#source.name, chunk.offset)
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
    if (opcode === opcodes.channel) {
      putChannel(contents, this.#record(span, opcode))
    } else if (opcode === opcodes.metadata) {
      contents.metadata.push({ ...span, name: this.#record(span, opcode).string() })
    } else if (opcode === opcodes.attachment) {
      const { name, mediaType, dataBytes } = takeAttachmentHead(this.#record(span, opcode))
      contents.attachments.push({ ...span, name, mediaType, dataBytes })
    } else if (opcode === opcodes.chunk) {
      contents.chunks.push(this.#takeChunkHead(span))
    } else if (opcode === opcodes.messageIndex) {
      const chunk = contents.chunks.at(-1)
      if (chunk === undefined) throw brokenRecording('message index stands before every chunk', this.#source.name, span.offset)
      chunk.channels.push(this.#record(span, opcode).u16())
    } else if (opcode !== opcodes.schema) {
      throw brokenRecording(`${recordName(opcode)} stands where none should`, this.#source.name, span.offset)
    }
  }

  #takeChunkHead(span: McapSpan): FoundChunk {
    const head = this.#source.read(span.offset + recordHeadBytes, Math.min(span.bytes, chunkHeadBytes) - recordHeadBytes)
    const cursor = new RecordCursor(head, this.#source.name, span.offset, recordName(opcodes.chunk))
    return { ...span, startTime: cursor.time(), endTime: cursor.time(), channels: [] }
  }

  /**
   * Reads and checks a whole chunk, for what its index would have said; its damage, where there is any. Its message indexes
   * must name its channels (those of the last chunk may be cut off): so a chunk that cannot be seen as one any more is missed.
   */
  #settled(chunk: McapChunk, label: string, isLast: boolean): FoundChunk | MetabonkError {
    try {
      const records = this.readChunk(chunk, label)
      const { channels, startTime, endTime } = this.#survey(chunk, records)
      if (startTime !== chunk.startTime || endTime !== chunk.endTime) throw this.#damaged(label, chunk.offset, 'the times of its chunk do not match its messages')
      const indexed = isLast ? channels.slice(0, chunk.channels.length) : channels
      if (indexed.join() !== chunk.channels.join()) throw this.#damaged(label, chunk.offset, 'the records after its chunk do not match its messages')
      return { ...chunk, channels }
    } catch (error) {
      if (error instanceof MetabonkError) return error
      throw error
    }
  }

  /** Channels, ascending, and times of the messages in a chunk. */
  #survey(chunk: McapChunk, records: Uint8Array): Pick<FoundChunk, 'channels' | 'startTime' | 'endTime'> {
    const view = new DataView(records.buffer, records.byteOffset, records.length)
    const channels = new Set<number>()
    let [startTime, endTime] = [chunk.endTime, chunk.startTime]
    this.eachMessage(chunk, records, ({ channel, at }) => {
      const time = view.getBigUint64(at - 16, true)
      channels.add(channel)
      if (time < startTime) startTime = time
      if (time > endTime) endTime = time
    })
    return { channels: [...channels].sort((a, b) => a - b), startTime, endTime }
  }
}

function putChannel(contents: Contents, cursor: RecordCursor): void {
  const id = cursor.u16()
  cursor.u16()
  const channel: McapChannel = { id, topic: cursor.string(), encoding: cursor.string() }
  const known = contents.channels.get(id)
  if (known !== undefined && (known.topic !== channel.topic || known.encoding !== channel.encoding)) throw cursor.broken(`gives channel ${String(id)} a second meaning`)
  contents.channels.set(id, channel)
}

function takeChunkIndex(cursor: RecordCursor): FoundChunk {
  const startTime = cursor.time()
  const endTime = cursor.time()
  const offset = cursor.u64()
  const bytes = cursor.u64()
  const channels = cursor.map(() => {
    const channel = cursor.u16()
    cursor.u64()
    return channel
  })
  return { offset, bytes, startTime, endTime, channels }
}

function takeAttachmentIndex(cursor: RecordCursor): McapAttachment {
  const offset = cursor.u64()
  const bytes = cursor.u64()
  cursor.raw(16)
  const dataBytes = cursor.u64()
  return { offset, bytes, dataBytes, name: cursor.string(), mediaType: cursor.string() }
}

/** Reads an attachment up to its data. */
function takeAttachmentHead(cursor: RecordCursor): { readonly name: string; readonly mediaType: string; readonly dataBytes: number; readonly dataAt: number } {
  cursor.raw(16)
  return { name: cursor.string(), mediaType: cursor.string(), dataBytes: cursor.u64(), dataAt: cursor.at }
}

/** A recording that was cut before anything in it could be used. */
export function tornRecording(file: string): MetabonkError {
  return new MetabonkError({ code: 'recording-torn', what: 'recording was cut off before its first complete step', where: file, todo: 'record the run again' })
}
