import { ringRegion, type RegionPlan } from '../../runtime/index.ts'

export const recordBytes = 16
export const recordSchema = { low: 0x51, high: 0x52 }

/** What the two sides tell each other and the test beside the ring. */
export const note = { stop: 0, named: 1, namedMillis: 2, seen: 3, acknowledged: 4, again: 5, missed: 6, firstMillis: 7, lastMillis: 8 } as const

/** A ring of 16-byte records and the notes. */
export function recordPlans(capacity: number): RegionPlan[] {
  return [ringRegion('ring', { form: 'records', capacity, recordBytes, schema: recordSchema }), { name: 'notes', kind: 'words', dtype: 'f64', shape: [9] }]
}

function checksum(sequence: number): number {
  return Math.imul(sequence ^ (sequence >>> 15), 0x2c1b3c6d) ^ 0x297a2d39
}

/** Writes records `first`, `first + 1`, ...: sequence, checksum of it, and both again turned around. */
export function writeRecords(words: Int32Array, at: number, first: number, count: number): void {
  for (let i = 0, word = at >> 2; i < count; i++, word += 4) {
    const sequence = (first + i) | 0
    const sum = checksum(sequence)
    words[word] = sequence
    words[word + 1] = sum
    words[word + 2] = ~sequence
    words[word + 3] = ~sum
  }
}

/** The number of the first record of `count` that is not the one expected there, every word of it; -1 when all are. */
export function wrongRecord(words: Int32Array, at: number, first: number, count: number): number {
  for (let i = 0, word = at >> 2; i < count; i++, word += 4) {
    const sequence = (first + i) | 0
    const sum = checksum(sequence)
    if (words[word] !== sequence || words[word + 1] !== sum || words[word + 2] !== ~sequence || words[word + 3] !== ~sum) return first + i
  }
  return -1
}
