/**
 * Layout of the MCAP container, major version 0 (https://mcap.dev/spec). All numbers are little-endian. A file is
 *
 *     magic · Header · data section · DataEnd · summary section · summary offset section · Footer · magic
 *
 * and every record is `| opcode u8 | content length u64 | content |`. Strings, lists and maps start with their bytes as u32.
 * Contents, with times as u64 nanoseconds:
 *
 *     Header            profile string · library string
 *     Schema            id u16 · name string · encoding string · data list of u8
 *     Channel           id u16 · schema u16 · topic string · message encoding string · metadata map
 *     Message           channel u16 · sequence u32 · log time · publish time · data to the end
 *     Chunk             start time · end time · records bytes u64 · records crc u32 · compression string · records (u64 bytes first)
 *     MessageIndex      channel u16 · list of (log time, offset u64 into the chunk's records); follows its chunk, one per channel
 *     Attachment        log time · create time · name string · media type string · data (u64 bytes first) · crc u32 of all before it
 *     Metadata          name string · map
 *     DataEnd           crc u32 of the file up to this record
 *     ChunkIndex        start time · end time · chunk offset u64 · chunk bytes u64 · map channel u16 -> offset u64 of its index ·
 *                       bytes of the indexes u64 · compression string · compressed bytes u64 · records bytes u64
 *     AttachmentIndex   offset u64 · bytes u64 · log time · create time · data bytes u64 · name string · media type string
 *     MetadataIndex     offset u64 · bytes u64 · name string
 *     Statistics        messages u64 · schemas u16 · channels u32 · attachments u32 · metadata u32 · chunks u32 · start time ·
 *                       end time · map channel u16 -> messages u64
 *     SummaryOffset     opcode u8 · group start u64 · group bytes u64
 *     Footer            summary start u64 · summary offset start u64 · crc u32 of all from the summary start to here
 */
export const opcodes = {
  header: 0x01, footer: 0x02, schema: 0x03, channel: 0x04, message: 0x05, chunk: 0x06, messageIndex: 0x07, chunkIndex: 0x08,
  attachment: 0x09, attachmentIndex: 0x0a, statistics: 0x0b, metadata: 0x0c, metadataIndex: 0x0d, summaryOffset: 0x0e, dataEnd: 0x0f,
} as const

const recordNames: ReadonlyMap<number, string> = new Map(Object.entries(opcodes).map(([name, code]) => [code, `${name} record`]))

/** Name of a record kind for messages. */
export function recordName(opcode: number): string {
  return recordNames.get(opcode) ?? `unknown record 0x${opcode.toString(16)}`
}

/** First and last bytes of a file. */
export const mcapMagic: readonly number[] = [0x89, 0x4d, 0x43, 0x41, 0x50, 0x30, 0x0d, 0x0a]

export function isMagic(bytes: Uint8Array): boolean {
  return bytes.length === mcapMagic.length && mcapMagic.every((byte, place) => bytes[place] === byte)
}

/** Opcode and content length. */
export const recordHeadBytes = 9
/** Of a message: everything before its data. */
export const messageHeadBytes = recordHeadBytes + 2 + 4 + 8 + 8
/** Of an uncompressed chunk: everything before its records. */
export const chunkHeadBytes = recordHeadBytes + 8 + 8 + 8 + 4 + 4 + 8
export const dataEndBytes = recordHeadBytes + 4
export const footerBytes = recordHeadBytes + 8 + 8 + 4
/** One entry of a message index. */
export const indexEntryBytes = 16

/** Default size at which a chunk is closed. */
export const chunkBytesDefault = 1024 * 1024
/** The largest message that shares a chunk with others. */
export const messageBytesMax = 64 * 1024 * 1024
/** Larger chunks are not compressed, and compressed ones that say they are larger are refused before room is made for them. */
export const compressedChunkBytesMax = 256 * 1024 * 1024
