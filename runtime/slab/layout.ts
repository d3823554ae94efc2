/**
 * Memory layout of a slab: header, directory, regions. Everything is little-endian; regions start on 64-byte lines.
 *
 *   byte 0        4          8        12           16             24
 *        +--------+----------+--------+------------+--------------+----
 *        | magic  | version  | flags  | regions    | total bytes  | reserved up to byte 64
 *        +--------+----------+--------+------------+--------------+----
 *   In shared memory the process that made the slab is named at byte 32 (see ownerByte): pid u32, its start time f64, its pid namespace f64.
 *   byte 64: directory, 128 bytes a region
 *        +----------------------+--------+-------+------+-----------+--------+---------------+
 *        | name (64 bytes,      | kind   | dtype | rank | bytes per | offset | shape (4 f64) |
 *        |  UTF-8, zero padded) | u32    | u32   | u32  | item u32  | f64    |               |
 *        +----------------------+--------+-------+------+-----------+--------+---------------+
 */
export const slabMagic = 0x424c534d // 'MSLB'
export const slabVersion = 1
export const headerBytes = 64
export const entryBytes = 128
export const lineBytes = 64
export const nameBytes = 64

/** u32 word offsets in the header. */
export const headerWord = { magic: 0, version: 1, flags: 2, regions: 3, totalBytes: 4 } as const
/**
 * Byte offsets in the header of a slab in shared memory: who made it. `start` is in clock ticks since the system's start, so that a pid that
 * is used again is not taken for the owner; `namespace` is the number of the pid namespace, outside of which the pid says nothing.
 */
export const ownerByte = { pid: 32, start: 40, namespace: 48 } as const
/** Byte offsets in a directory entry. */
export const entryByte = { name: 0, kind: 64, dtype: 68, rank: 72, itemBytes: 76, offset: 80, shape: 88 } as const

/** What a region is for; the code stored in its entry is the index here. */
export const regionKinds = ['column', 'ring', 'tensor', 'counters', 'words'] as const
export type RegionKind = (typeof regionKinds)[number]
/** Element types; the code stored in an entry is the index here. */
export const regionDtypes = ['f32', 'f64', 'i32', 'u32', 'u16', 'u8'] as const
export const regionsMax = 4096
