/**
 * Memory layout of a slab: header, directory, regions. Everything is little-endian; regions start on 64-byte lines.
 *
 *   byte 0        4          8            12           16             24         32
 *        +--------+----------+------------+------------+--------------+----------+---------------------
 *        | magic  | version  | byte order | regions    | total bytes  | reserved | owner, up to byte 64
 *        | u32    | u32      | u32        | u32        | f64          |          | (see ownerByte)
 *        +--------+----------+------------+------------+--------------+----------+---------------------
 *   byte 64: directory, 192 bytes a region
 *        +----------------------+--------+-------+------+-----------+--------+--------+---------+-----------+----------+
 *   at   0                      64       68      72     76          80       88       96        136         176
 *        | name (64 bytes,      | kind   | dtype | rank | bytes per | offset | bytes  | shape   | strides   | reserved |
 *        |  UTF-8, zero padded) | u32    | u32   | u32  | item u32  | f64    | f64    | (5 f64) | in bytes  |          |
 *        |                      |        |       |      |           |        |        |         | (5 f64)   |          |
 *        +----------------------+--------+-------+------+-----------+--------+--------+---------+-----------+----------+
 */
export const slabMagic = 0x424c534d // 'MSLB'
export const slabVersion = 2
/** What the byte order word reads as where it was written; a reader of the other order sees 0x04030201. */
export const byteOrderMark = 0x01020304
export const headerBytes = 64
export const entryBytes = 192
export const lineBytes = 64
export const nameBytes = 64
export const rankMax = 5

/** u32 word offsets in the header. */
export const headerWord = { magic: 0, version: 1, byteOrder: 2, regions: 3, totalBytes: 4 } as const
/**
 * Byte offsets in the header of a slab in shared memory: who made it, as pid u32, start f64 and namespace f64. `start` is in clock ticks since
 * the system's start, so that a pid that is used again is not taken for the owner; `namespace` is the number of the pid namespace, outside of
 * which the pid says nothing.
 */
export const ownerByte = { pid: 32, start: 40, namespace: 48 } as const
/** Byte offsets in a directory entry. */
export const entryByte = { name: 0, kind: 64, dtype: 68, rank: 72, itemBytes: 76, offset: 80, bytes: 88, shape: 96, strides: 136 } as const

/** What a region is for; the code stored in its entry is the index here. */
export const regionKinds = ['column', 'ring', 'tensor', 'counters', 'words'] as const
export type RegionKind = (typeof regionKinds)[number]
/** Element types; the code stored in an entry is the index here. */
export const regionDtypes = ['f32', 'f64', 'i32', 'u32', 'u16', 'u8', 'i8', 'i16', 'i64', 'u64', 'f16'] as const
export const regionsMax = 4096
