import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashBlocksTwin } from '../../runtime/hash/blocks.ts'
import { hashHex } from '../../runtime/hash/hex.ts'
import { hashText } from '../../runtime/hash/text.ts'
import { hashWords } from '../../runtime/hash/words.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('hash', 20_260_102)

function blocks(words: Uint32Array, size: number, elementClass = 0): string {
  const sums = new Uint32Array(2)
  hashBlocksTwin(words, new Uint32Array([0, size, elementClass, 0, words.length / size, 7, 9, 0]), 1, sums)
  return hashHex(sums[0], sums[1])
}

function oddWords(words: Uint32Array, seedLow = 7, seedHigh = 9): string {
  const out = new Uint32Array(2)
  hashWords(words, 0, words.length, seedLow, seedHigh, out)
  return hashHex(out[0], out[1])
}

/** Flips every bit of random words; expects half of the hash to change each time, within what chance allows. */
function expectAvalanche(size: number, hash: (words: Uint32Array) => string): void {
  const tries = counts(20, 200)
  const words = new Uint32Array(size)
  const flipsByBit = new Float64Array(64)
  for (let round = 0; round < tries; round++) {
    for (let at = 0; at < size; at++) words[at] = Math.imul(round * size + at + 1, 0x9e3779b1) ^ (round << 7)
    const before = BigInt(`0x${hash(words)}`)
    for (let bit = 0; bit < size * 32; bit++) {
      words[bit >> 5] ^= 1 << (bit & 31)
      let changed = before ^ BigInt(`0x${hash(words)}`)
      words[bit >> 5] ^= 1 << (bit & 31)
      let flips = 0
      for (let out = 0; changed !== 0n; out++, changed >>= 1n) {
        if ((changed & 1n) === 0n) continue
        flipsByBit[out]++
        flips++
      }
      expect(flips).toBeGreaterThan(8)
    }
  }
  const trials = tries * size * 32
  for (const flips of flipsByBit) expect(Math.abs(flips / trials - 0.5)).toBeLessThan(4.5 * Math.sqrt(0.25 / trials) + 0.005)
}

describe('hashBlocks', () => {
  it('gives its known answers', () => {
    const counting = Uint32Array.from({ length: 64 }, (_, at) => at)
    expect(blocks(new Uint32Array(16), 16)).toBe('52ae99df099208c9')
    expect(blocks(counting, 16)).toBe('455c25953708a00c')
    expect(blocks(counting, 64)).toBe('d736191d2b932bd3')
    expect(blocks(new Uint32Array(new Float32Array([1, NaN, -0, Infinity, 0, 0, 0, 5e-324]).buffer), 8, 1)).toBe('11e8ad15804bccde')
    expect(blocks(new Uint32Array(new Float64Array([1, NaN, -0, Infinity]).buffer), 8, 2)).toBe('e2d682bebd9936f4')
  })

  it('changes half of its bits when one bit of a block changes', () => {
    expectAvalanche(16, (words) => blocks(words, 16))
  })

  it('adds up over any dealing of the blocks', () => {
    const words = Uint32Array.from({ length: 16 * 40 }, (_, at) => Math.imul(at, 0x85ebca6b))
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 5 }), fc.nat(2), (cuts, elementClass) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), 40]
        const jobs = edges.slice(1).flatMap((end, part) => [0, 16, elementClass, edges[part], end, 7, 9, 0])
        const sums = new Uint32Array(jobs.length / 4)
        hashBlocksTwin(words, new Uint32Array(jobs), jobs.length / 8, sums)
        const total = new Uint32Array(2)
        sums.forEach((sum, at) => (total[at % 2] += sum))
        expect(hashHex(total[0], total[1])).toBe(blocks(words, 16, elementClass))
      }),
      { seed, numRuns: counts(100, 2_000) },
    )
  })

  it('depends on seed, block size, block order and where blocks begin to count', () => {
    const words = Uint32Array.from({ length: 64 }, (_, at) => Math.imul(at + 1, 0x85ebca6b))
    const swapped = new Uint32Array([...words.subarray(32), ...words.subarray(0, 32)])
    const sums = new Uint32Array(8)
    const jobs = new Uint32Array([0, 32, 0, 0, 1, 7, 9, 0, 0, 32, 0, 0, 1, 8, 9, 0, 0, 32, 0, 0, 1, 7, 8, 0, 0, 32, 0, 1, 2, 7, 9, 0])
    hashBlocksTwin(words, jobs, 4, sums)
    const parts = [0, 2, 4, 6].map((at) => hashHex(sums[at], sums[at + 1]))
    expect(new Set([...parts, blocks(words, 32), blocks(swapped, 32), blocks(words, 64), blocks(words, 8)]).size).toBe(8)
  })

  it('takes every NaN for the same one, and nothing else', () => {
    const f32 = (bits: number): string => blocks(new Uint32Array([0, bits, 0, 0, 0, 0, 0, 0]), 8, 1)
    for (const bits of [0x7fc00001, 0xffc00000, 0x7f800001, 0xffffffff, 0x7fffffff]) expect(f32(bits)).toBe(f32(0x7fc00000))
    const f64 = (low: number, high: number): string => blocks(new Uint32Array([0, 0, low, high, 0, 0, 0, 0]), 8, 2)
    for (const [low, high] of [[1, 0x7ff80000], [0, 0xfff80000], [1, 0x7ff00000], [0x80000000, 0xfff00000], [0xffffffff, 0xffffffff]]) {
      expect(f64(low, high)).toBe(f64(0, 0x7ff80000))
    }
    const numbers = [f32(0x7fc00000), f32(0x7f800000), f32(0xff800000), f32(0), f32(0x80000000), f32(0x7f7fffff), f64(0, 0x7ff80000), f64(0, 0x7ff00000)]
    numbers.push(f64(0, 0xfff00000), f64(1, 0x7fefffff), f64(0, 0x80000000), f64(0, 0x7fefffff))
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(blocks(new Uint32Array([0x7fc00001, 0, 0, 0, 0, 0, 0, 0]), 8)).not.toBe(blocks(new Uint32Array([0x7fc00000, 0, 0, 0, 0, 0, 0, 0]), 8))
  })

  it('keeps small changes in two, three and four words of a block apart', () => {
    const values = [0, 1, 2, 3, 0.5, 0.1, -1, 1024, 1e-3, 1e30]
    const words = new Uint32Array(16)
    const floats = new Float32Array(words.buffer)
    for (const [a, b, c, d] of [[0, 8, 1, 9], [0, 1, 2, 3], [5, 13, 4, 12], [7, 15, 14, 6], [0, 9, 3, 10]]) {
      const seen = new Set<string>()
      for (let choice = 0; choice < values.length ** 4; choice++) {
        const digits = choice.toString().padStart(4, '0')
        for (const [digit, at] of [a, b, c, d].entries()) floats[at] = values[Number(digits[digit])]
        seen.add(blocks(words, 16, 1))
      }
      words.fill(0)
      expect(seen.size).toBe(values.length ** 4)
    }
    // Steps of a float's exponent and mantissa line up with the rotation: unless a word reaches the lane beside it in another form, some collide.
    for (const away of [8, 9, 1]) {
      const seen = new Set<string>()
      const count = counts(150, 700)
      for (let pair = 0; pair < count * count; pair++) {
        floats[0] = pair % count
        floats[away] = Math.floor(pair / count)
        seen.add(blocks(words, 16, 1))
      }
      words.fill(0)
      expect(seen.size).toBe(count * count)
    }
  })

  it('refuses jobs that leave memory or have no rows of eight words', () => {
    const words = new Uint32Array(64)
    const run = (...job: number[]) => () => {
      hashBlocksTwin(words, new Uint32Array(job), 1, new Uint32Array(2))
    }
    expect(run(0, 16, 0, 0, 4, 0, 0, 0)).not.toThrow()
    expect(run(0, 16, 0, 0, 5, 0, 0, 0)).toThrow(/lie in memory/)
    expect(run(1, 16, 0, 0, 4, 0, 0, 0)).toThrow(/lie in memory/)
    expect(run(0, 16, 0, 3, 2, 0, 0, 0)).toThrow(/lie in memory/)
    expect(run(0, 0xfffffff8, 0, 0, 0xffffffff, 0, 0, 0)).toThrow(/lie in memory/)
    expect(run(0, 12, 0, 0, 1, 0, 0, 0)).toThrow(/rows of eight/)
    expect(run(0, 16, 3, 0, 1, 0, 0, 0)).toThrow(/rows of eight/)
    expect(run(0, 16, 0)).toThrow(/every hash job/)
  })
})

describe('hashWords', () => {
  it('gives its known answers', () => {
    expect(oddWords(new Uint32Array(0))).toBe('2ea9fd5b06fe7032')
    expect(oddWords(new Uint32Array([1]))).toBe('dba58618e87b88fe')
    expect(oddWords(new Uint32Array([1, 2, 3]))).toBe('0809ff8867c997d4')
  })

  it('changes half of its bits when one bit changes, for any number of words', () => {
    for (const size of [1, 2, 7]) expectAvalanche(size, (words) => oddWords(words))
  })

  it('depends on length, order and both seeds', () => {
    const all = [[], [0], [0, 0], [0, 0, 0], [1, 2], [2, 1]].map((words) => oddWords(new Uint32Array(words)))
    all.push(oddWords(new Uint32Array([1, 2]), 8, 9), oddWords(new Uint32Array([1, 2]), 7, 8))
    expect(new Set(all).size).toBe(all.length)
  })

  it('reads only its range', () => {
    const out = new Uint32Array(2)
    hashWords(new Uint32Array([9, 1, 2, 3, 9]), 1, 4, 7, 9, out)
    expect(hashHex(out[0], out[1])).toBe(oddWords(new Uint32Array([1, 2, 3])))
  })
})

describe('hashText', () => {
  it('gives its known answers', () => {
    expect(['', 'a', 'wolf', 'Wölfe 🐺'].map(hashText)).toEqual([0, 530429928, 3871385826, 1765456556])
  })

  it('has few collisions', () => {
    const seen = new Set<number>()
    for (let i = 0; i < 20_000; i++) seen.add(hashText(`name${String(i)}`))
    expect(seen.size).toBeGreaterThanOrEqual(19_998)
  })
})

describe('hashHex', () => {
  it('writes the high half first', () => {
    expect(hashHex(0xab, 1)).toBe('00000001000000ab')
  })
})
