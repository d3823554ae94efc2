import { describe, expect, it } from 'vitest'
import { halfToNumber, numberToHalf } from '../../runtime/slab/half.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('half', 20_260_111)

/** All halves from 0 up by counting: 1024 steps of 2^-24 twice, then steps that double every 1024. The last is what would follow 65504. */
function halvesByCounting(): Float64Array {
  const halves = new Float64Array(31 * 1024 + 1)
  let step = 1 / 16_777_216
  for (let i = 1; i < halves.length; i++) {
    halves[i] = halves[i - 1] + step
    if (i % 1024 === 0 && i > 1024) step *= 2
  }
  return halves
}

const halves = halvesByCounting()
const infinity = halves.length - 1

/** Bits of the half nearest to a number, by search: f64 holds the middle between two halves exactly. */
function nearestHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  let low = 0
  let high = infinity
  if (size >= halves[high]) return sign + infinity
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (halves[middle] <= size) low = middle
    else high = middle
  }
  const half = (halves[low] + halves[high]) / 2
  if (size === half) return sign + (low % 2 === 0 ? low : high)
  return sign + (size < half ? low : high)
}

/** Random words, xorshift. */
function createWords(from: number): () => number {
  let state = from | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** Throws at the first of `count` numbers that is rounded otherwise than by search; quicker than an expect for each. */
function compare(count: number, numberAt: (i: number) => number): void {
  for (let i = 0; i < count; i++) {
    const value = numberAt(i)
    const [got, wanted] = [numberToHalf(value), nearestHalf(value)]
    if (got !== wanted) throw new Error(`${String(value)} becomes 0x${got.toString(16)}, not 0x${wanted.toString(16)}`)
  }
}

describe('halfToNumber', () => {
  it('knows the corners of the format', () => {
    expect([0, 1, 0x3ff, 0x400, 0x3c00, 0x3c01, 0x7bff, 0xc000].map(halfToNumber)).toEqual([0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, 1 + 2 ** -10, 65504, -2])
    expect([0x8000, 0x7c00, 0xfc00, 0x7e00, 0x7c01, 0xffff].map(halfToNumber)).toEqual([-0, Infinity, -Infinity, NaN, NaN, NaN])
  })
  it('reads all finite values as counting makes them', () => {
    const read = (sign: number): Float64Array => Float64Array.from({ length: infinity }, (_, bits) => halfToNumber(bits + sign))
    expect(read(0)).toEqual(halves.subarray(0, infinity))
    expect(read(0x8000)).toEqual(halves.map((half) => -half).subarray(0, infinity))
  })
})

describe('numberToHalf', () => {
  it('takes all 65,536 values back to their bits, NaN to its one pattern', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits)
    expect(all.map((bits) => numberToHalf(halfToNumber(bits)))).toEqual(all.map((bits) => ((bits & 0x7fff) > 0x7c00 ? 0x7e00 : bits)))
  })
  it('rounds to even in the middle of two halves and to the nearer one beside it, for all of them', () => {
    const cell = new Float64Array(1)
    const bits = new BigInt64Array(cell.buffer)
    for (const beside of [-1n, 0n, 1n]) {
      compare(infinity * 2, (i) => {
        cell[0] = (halves[i >> 1] + halves[(i >> 1) + 1]) / 2
        bits[0] += beside
        return i % 2 === 0 ? cell[0] : -cell[0]
      })
    }
  })
  it('rounds once from the f64: what an f32 in between would turn into a tie is none', () => {
    expect(numberToHalf(1 + 2 ** -11)).toBe(0x3c00)
    expect(numberToHalf(1 + 2 ** -11 + 2 ** -40)).toBe(0x3c01)
    expect(numberToHalf(1 + 3 * 2 ** -11 - 2 ** -40)).toBe(0x3c01)
    expect(numberToHalf(2 ** -25 + 2 ** -70)).toBe(1)
  })
  it('overflows to infinity and underflows to zero, with the sign', () => {
    expect([65519.99999999999, 65520, 1e300, Infinity].map(numberToHalf)).toEqual([0x7bff, 0x7c00, 0x7c00, 0x7c00])
    expect([2 ** -25, 5e-324, 0, -0, -1e-300, -65520, NaN].map(numberToHalf)).toEqual([0, 0, 0, 0x8000, 0x8000, 0xfc00, 0x7e00])
  })
  it('rounds random f64 and f32 as the search for the nearest half does', () => {
    const count = counts(200_000, 4_000_000)
    const word = createWords(seed)
    const cell = new DataView(new ArrayBuffer(8))
    // Exponents from below the half of the smallest to above the largest; half of the numbers have few bits, so that there are ties.
    compare(count, () => {
      cell.setUint32(0, (word() & 0x800fffff) | ((1023 - 28 + (word() % 46)) << 20))
      cell.setUint32(4, word() % 2 === 0 ? word() : 0)
      return cell.getFloat64(0)
    })
    compare(count, () => {
      cell.setUint32(0, (word() & (word() % 2 === 0 ? 0x807fffff : 0x807ff000)) | ((127 - 28 + (word() % 46)) << 23))
      return cell.getFloat32(0)
    })
    compare(count, () => {
      cell.setUint32(0, word())
      cell.setUint32(4, word())
      return Number.isNaN(cell.getFloat64(0)) ? 0 : cell.getFloat64(0)
    })
  })
})
