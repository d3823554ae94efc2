/**
 * A message on its way, in u32 words. The same words travel in outboxes, lie in inboxes, are hashed and kept in keyframes. The header and any
 * payload are multiples of 8 bytes, so that every payload lies at one.
 *
 *   word 0          1           2         3           4        5        6 ..
 *      +-----------+-----------+---------+-----------+--------+--------+---------+
 *      | receiver  | receiver  | sender  | sender    | type   | words  | payload |
 *      | address   | generation| address | generation|        | in all |         |
 *      +-----------+-----------+---------+-----------+--------+--------+---------+
 */
export const mailWord = { to: 0, toGeneration: 1, from: 2, fromGeneration: 3, type: 4, words: 5 } as const
export const mailHeaderWords = 6
