/**
 * Memory layout of a ring: four lines of header, then the records or frames. A ring is a region of kind 'ring' of a slab; offsets count from
 * its first byte. Everything is little-endian. Each line has one writer, so that no line is fought over.
 *
 *   line 0, written once       magic u32 | version u32 | form u32 | bytes of a record u32 | capacity u32 | schema hash u32 u32
 *   line 1, of the producer    tail u32 | state u32 | pid u32 | pid namespace u32 | messages f64 | bytes f64 | stalls f64 | drops f64
 *   line 2, of the consumer    head u32 | state u32 | pid u32 | pid namespace u32 | messages f64 | high water f64
 *   line 3, of both            the producer sleeps u32 | the consumer sleeps u32 | times the producer was opened u32 | the consumer u32. Apart, since
 *                              the other side looks whether one sleeps after every publish and release, and would wait for a line that is
 *                              written all the time
 *   byte 256                   data
 *
 *           head                    tail
 *            v                       v
 *   +----+----+----+----+----+----+----+----+
 *   |    | ## | ## | ## | ## | ## |    |    |     tail - head records wait; both count on for ever, modulo 2^32
 *   +----+----+----+----+----+----+----+----+
 *
 * Form 0, records of one size: record i lies at data + (i mod capacity) * bytes; capacity is a power of two.
 * Form 1, frames: capacity is bytes, a power of two; head and tail count bytes. A frame is u32 length of the payload, u32 tag, payload, padded
 * to 8 bytes, in one piece: where it does not fit before the end, a frame of length 0xffffffff leads back to the start.
 * Form 2, records of many producers and consumers (D. Vyukov's bounded queue): each record is preceded by a u32 sequence and a u32 of padding;
 * tail and head are claimed by compare-and-exchange; nobody has a side, and the fourth word of the producers' line counts failures. Their counters of messages, and that of stalls, hold what was counted before the word of
 * the same line (tail, head, failures) last came round to zero.
 */
export const ringMagic = 0x474e524d // 'MRNG'
export const ringVersion = 1
export const ringHeaderBytes = 256
export const frameHeaderBytes = 8
/** Length word of the frame that leads back to the start. */
export const paddingLength = 0xffffffff
/** What a u32 has counted when it is zero again. */
export const turnOfWord = 0x100000000

/** How a ring holds its messages; the code in its header is the index here. */
export const ringForms = ['records', 'frames', 'many'] as const
export type RingForm = (typeof ringForms)[number]

/** States of a side; the code in its line is the index here. `dead` is written by whoever watched it end. */
export const sideStates = ['nobody', 'open', 'closed', 'dead'] as const
export type SideState = (typeof sideStates)[number]

/** u32 word offsets in the header. */
export const ringWord = { magic: 0, version: 1, form: 2, recordBytes: 3, capacity: 4, schemaLow: 5, schemaHigh: 6 } as const
/** u32 word offsets of both sides' lines, of the first word of which `index` is tail or head. */
export const sideWord = { index: 0, state: 1, pid: 2, namespace: 3 } as const
/** In a ring of many: u32 word in the producers' line that counts how often there was no room. */
export const failuresWord = 3
/** Which u32 word says that a side sleeps. */
export const sleepWord = { producer: 48, consumer: 49 } as const
/** Which u32 word counts how often a side was opened. */
export const openingsWord = { producer: 50, consumer: 51 } as const
/** First u32 word of a side's line. */
export const lineWord = { producer: 16, consumer: 32 } as const
/** f64 offsets of the counters, from the start of the header. */
export const counterDouble = { messages: 10, bytes: 11, stalls: 12, drops: 13, taken: 18, highWater: 19 } as const
