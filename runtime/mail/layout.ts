import { hashPair } from '../hash/text.ts'

/**
 * A message on its way: a frame of a ring, in u32 words. The same words travel in outboxes, lie in inboxes, are hashed and kept in keyframes.
 * The header and any payload are multiples of 8 bytes, so that every payload lies at one.
 *
 *   word 0          1        2          3           4         5            6 ..
 *      +-----------+--------+----------+-----------+---------+------------+---------+
 *      | bytes     | type   | receiver | receiver  | sender  | sender     | payload |
 *      | from here | (tag)  | address  | generation| address | generation |         |
 *      +-----------+--------+----------+-----------+---------+------------+---------+
 *                           ^ word 2 is `here`
 */
export const mailWord = { length: 0, type: 1, to: 2, toGeneration: 3, from: 4, fromGeneration: 5 } as const
export const mailHeaderWords = 6
/** Bytes of the addresses before the payload. */
export const mailAddressBytes = 16

/** Identity of the rings that hold mail. */
export const mailSchema = hashPair('metabonk mail 1')
