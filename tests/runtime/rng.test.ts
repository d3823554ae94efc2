import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashText } from '../../runtime/hash/text.ts'
import { seedKey } from '../../runtime/rng/key.ts'
import { mulHigh, philox4x32 } from '../../runtime/rng/philox.ts'
import { cos, sin } from '../../runtime/math/index.ts'
import { createRng, type Rng } from '../../runtime/rng/rng.ts'
import { createRolls } from '../../runtime/rng/rolls.ts'
import { streamId, StreamNames } from '../../runtime/rng/streams.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('rng', 20_260_101)
const turn = streamId('sheep', 'wander', 'turn')

function philox(counterAndKey: readonly number[]): number[] {
  const work = new Int32Array(10)
  work.set(counterAndKey)
  philox4x32(work)
  return [...new Uint32Array(work.buffer, 24)]
}

/** How unlikely a tally of equally likely outcomes is, in standard deviations: chi-square made normal after Wilson and Hilferty. */
function surprise(tally: ArrayLike<number>): number {
  const each = Array.from(tally)
  const expected = each.reduce((sum, count) => sum + count, 0) / each.length
  const chiSquare = each.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const spread = 2 / (9 * (each.length - 1))
  return (Math.cbrt(chiSquare / (each.length - 1)) - (1 - spread)) / Math.sqrt(spread)
}

function tallyOf(outcomes: number, draws: number, draw: () => number): Uint32Array {
  const tally = new Uint32Array(outcomes)
  for (let i = 0; i < draws; i++) tally[draw()]++
  return tally
}

describe('philox4x32', () => {
  it('gives the known answers of Random123', () => {
    expect(philox([0, 0, 0, 0, 0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
    expect(philox([-1, -1, -1, -1, -1, -1])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
    const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0]
    expect(philox(pi)).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1])
  })

  it('multiplies 32 by 32 bits exactly', () => {
    const u32 = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 1, 0xffff, 0x10000, 0xffff_ffff))
    fc.assert(
      fc.property(u32, u32, (a, b) => {
        expect(mulHigh(a, b) >>> 0).toBe(Number((BigInt(a) * BigInt(b)) >> 32n))
      }),
      { seed, numRuns: counts(2_000, 100_000) },
    )
  })
})

describe('seedKey', () => {
  it('takes the same number in either form', () => {
    expect(seedKey(0x1234_5678_9abc)).toEqual({ low: 0x5678_9abc, high: 0x1234 })
    expect(seedKey(0x1234_5678_9abcn)).toEqual(seedKey(0x1234_5678_9abc))
    expect(seedKey(2n ** 64n - 1n)).toEqual({ low: 0xffff_ffff, high: 0xffff_ffff })
  })

  it('refuses what is no seed', () => {
    for (const bad of [-1, 1.5, NaN, 2 ** 53, -1n, 2n ** 64n]) expect(() => seedKey(bad), String(bad)).toThrow(/is no seed/)
  })
})

describe('streamId', () => {
  it('keeps apart where kind, system and name end', () => {
    expect(turn).toBe(0xd76d9475)
    const ids = [streamId('ab', 'c', ''), streamId('a', 'bc', ''), streamId('a', 'b', 'c'), streamId('', 'ab', 'c'), streamId('abc', '', '')]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is refused by StreamNames when another stream has it, and only then', () => {
    const names = new StreamNames()
    const byId = new Map<number, string>()
    let pair: [string, string] | undefined
    for (let i = 0; pair === undefined; i++) {
      const name = `stream${String(i)}`
      const other = byId.get(streamId('', '', name))
      if (other !== undefined) pair = [other, name]
      byId.set(streamId('', '', name), name)
    }
    expect(names.register('', '', pair[0])).toBe(streamId('', '', pair[0]))
    expect(names.register('', '', pair[0])).toBe(streamId('', '', pair[0]))
    expect(() => names.register('', '', pair[1])).toThrow(expect.objectContaining({ code: 'world-invalid' }))
  })
})

describe('Rng', () => {
  it('gives its golden outputs', () => {
    const rng = createRng(42, turn)
    expect(rng.u32()).toBe(1511950354)
    expect(rng.at(0, 0).u32()).toBe(1511950354)
    expect(rng.at(7, 3).unit()).toBe(0.3568167086668429)
    expect(rng.at(7, 3).below(6)).toBe(2)
    expect(rng.at(7, 3).normal()).toBe(-0.32532536027528847)
    expect(createRolls(42, streamId('sheep', '', 'machine')).rollOf(7, 3, hashText('startle'))).toBe(0.8237616875323306)
  })

  it('depends on seed, stream, step, agent, arena and episode, and on nothing drawn before', () => {
    const place = fc.record({
      seed: fc.maxSafeNat(),
      stream: fc.integer({ min: 0, max: 0xffff_ffff }),
      step: fc.maxSafeNat(),
      agent: fc.integer({ min: 0, max: 0xffff_ffff }),
    })
    const first = (rng: Rng): string => [rng.u32(), rng.u32(), rng.u32(), rng.u32(), rng.u32()].join()
    fc.assert(
      fc.property(place, fc.nat(20), ({ seed, stream, step, agent }, drawnBefore) => {
        const rng = createRng(seed, stream)
        const here = first(rng.at(step, agent))
        for (let i = 0; i < drawnBefore; i++) rng.at(i, i).unit()
        expect(first(rng.at(step, agent))).toBe(here)
        const others = [
          first(createRng(BigInt(seed) + 2n ** 60n, stream).at(step, agent)),
          first(createRng(seed, (stream ^ 1) >>> 0).at(step, agent)),
          first(rng.at(step < 2 ** 52 ? step + 2 ** 52 : step - 2 ** 52, agent)),
          first(rng.at(step, (agent ^ 1) >>> 0)),
          first(rng.scope(0, 0).at(step, agent)),
          first(rng.scope(0, 1).at(step, agent)),
          first(rng.scope(1, 0).at(step, agent)),
          first(rng.scope(0, 2 ** 40).at(step, agent)),
        ]
        expect(new Set([here, ...others]).size).toBe(others.length + 1)
      }),
      { seed, numRuns: counts(200, 5_000) },
    )
  })

  it('refuses ranges, probabilities and picks that have no answer', () => {
    const rng = createRng(1, turn)
    const questions = [
      () => rng.below(0),
      () => rng.below(-1),
      () => rng.below(1.5),
      () => rng.below(2 ** 32 + 1),
      () => rng.below(NaN),
      () => rng.between(2, 1),
      () => rng.between(0.5, 2),
      () => rng.between(0, 2 ** 32),
      () => rng.chance(NaN),
      () => rng.pick([]),
    ]
    for (const ask of questions) expect(ask, String(ask)).toThrow(expect.objectContaining({ code: 'world-invalid' }))
    expect(() => rng.at(-1, 0)).toThrow(/a step is/)
    expect(() => rng.at(0, 2 ** 32)).toThrow(/a random stream has no agent 4294967296/)
  })

  it('stays in range and reaches the ends', () => {
    const rng = createRng(2, turn)
    for (let i = 0; i < 1_000; i++) {
      expect(rng.below(1)).toBe(0)
      expect([-3, -2, -1]).toContain(rng.between(-3, -1))
      expect(rng.chance(0)).toBe(false)
      expect(rng.chance(1)).toBe(true)
      expect(Math.fround(rng.unitF32())).toBeLessThan(1)
    }
    expect(rng.at(0, 0).below(2 ** 32)).toBe(rng.at(0, 0).u32())
    const top = Number.MAX_SAFE_INTEGER
    expect(rng.between(top, top)).toBe(top)
  })
})

describe('Rng, drawn often', () => {
  const draws = counts(200_000, 5_000_000)

  it('has uniform words, fractions and integers', () => {
    const rng = createRng(3, turn)
    expect(surprise(tallyOf(256, draws, () => rng.u32() >>> 24))).toBeLessThan(4)
    expect(surprise(tallyOf(256, draws, () => rng.u32() & 255))).toBeLessThan(4)
    expect(surprise(tallyOf(100, draws, () => Math.floor(rng.unit() * 100)))).toBeLessThan(4)
    expect(surprise(tallyOf(100, draws, () => Math.floor(rng.unitF32() * 100)))).toBeLessThan(4)
    for (const count of [2, 3, 6, 7, 10, 1000]) expect(surprise(tallyOf(count, draws, () => rng.below(count))), String(count)).toBeLessThan(4)
    // Without rejection, a third of the results of below(3 * 2^30) would be twice as likely as the others.
    const large = 3 * 2 ** 30
    expect(surprise(tallyOf(3, draws, () => rng.below(large) % 3))).toBeLessThan(4)
    expect(surprise(tallyOf(6, draws, () => Math.floor(rng.below(large) / (large / 6))))).toBeLessThan(4)
  })

  it('is as uniform over agents, steps and streams as within one', () => {
    const rng = createRng(4, turn)
    let at = 0
    expect(surprise(tallyOf(256, draws, () => rng.at(0, at++).u32() >>> 24))).toBeLessThan(4)
    expect(surprise(tallyOf(256, draws, () => rng.at(at++, 0).u32() >>> 24))).toBeLessThan(4)
    expect(surprise(tallyOf(16, draws / 20, () => createRng(at++, turn).u32() >>> 28))).toBeLessThan(4)
    expect(surprise(tallyOf(16, draws / 20, () => createRng(0, at++).u32() >>> 28))).toBeLessThan(4)
    expect(surprise(tallyOf(16, draws / 20, () => rng.scope(0, at++).u32() >>> 28))).toBeLessThan(4)
    const rolls = createRolls(4, turn)
    expect(surprise(tallyOf(100, draws, () => Math.floor(rolls.rollOf(0, at++, 9) * 100)))).toBeLessThan(4)
  })

  it('is normal where it says so', () => {
    const rng = createRng(5, turn)
    const moments = [0, 0, 0, 0]
    for (let i = 0; i < draws; i++) {
      const x = rng.normal()
      for (let power = 0; power < 4; power++) moments[power] += x ** (power + 1) / draws
    }
    const spread = 4 / Math.sqrt(draws)
    expect(Math.abs(moments[0])).toBeLessThan(spread)
    expect(Math.abs(moments[1] - 1)).toBeLessThan(spread * Math.sqrt(2))
    expect(Math.abs(moments[2])).toBeLessThan(spread * Math.sqrt(15))
    expect(Math.abs(moments[3] - 3)).toBeLessThan(spread * Math.sqrt(96))
  })

  it('points in every direction equally often', () => {
    const rng = createRng(8, turn)
    const way = new Float64Array(3)
    const eighths = tallyOf(8, draws, () => {
      rng.direction(way, 1)
      return (way[1] > 0 ? 4 : 0) + (way[2] > 0 ? 2 : 0) + (Math.abs(way[1]) > Math.abs(way[2]) ? 1 : 0)
    })
    expect(surprise(eighths)).toBeLessThan(4)
    expect(Math.abs(way[1] * way[1] + way[2] * way[2] - 1)).toBeLessThan(1e-15)
    for (let agent = 0; agent < 2_000; agent++) {
      const angle = 2 * Math.PI * rng.at(7, agent).unit()
      rng.at(7, agent).direction(way, 0)
      expect([...way.subarray(0, 2)]).toEqual([cos(angle), sin(angle)])
    }
  })

  it('fills a part of a list with what it would give one by one', () => {
    const [rng, other] = [createRng(8, turn), createRng(8, turn)]
    const floats = new Float64Array(7).fill(-1)
    rng.at(3, 1).units(floats, 2, 4)
    other.at(3, 1)
    expect([...floats]).toEqual([-1, -1, ...Array.from({ length: 4 }, () => other.unit()), -1])
    rng.units(floats, 0, 0)
    expect([floats[0], rng.u32()]).toEqual([-1, other.u32()])
  })

  it('shuffles into every order equally often', () => {
    const rng = createRng(6, turn)
    const tally = new Map<string, number>()
    for (let i = 0; i < draws / 4; i++) {
      const items = new Uint8Array([0, 1, 2, 3])
      rng.shuffle(items)
      tally.set(items.join(), (tally.get(items.join()) ?? 0) + 1)
    }
    expect(tally.size).toBe(24)
    expect(surprise([...tally.values()])).toBeLessThan(4)
    expect(surprise(tallyOf(5, draws, () => rng.pick([4, 3, 2, 1, 0])))).toBeLessThan(4)
  })
})

describe('Rolls', () => {
  it('answer the same in any order, and differ by name, agent, step and scope', () => {
    const rolls = createRolls(7, turn)
    const once = rolls.rollOf(1, 2, 3)
    const others = [rolls.rollOf(1, 2, 4), rolls.rollOf(1, 3, 3), rolls.rollOf(2, 2, 3), rolls.scope(0, 0).rollOf(1, 2, 3), createRng(7, turn).at(1, 2).unit()]
    expect(rolls.rollOf(1, 2, 3)).toBe(once)
    expect(new Set([once, ...others]).size).toBe(others.length + 1)
  })
})
