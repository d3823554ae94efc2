import { describe, expect, it } from 'vitest'
import { hashHex, math } from '../../runtime/index.ts'
import { hashWords } from '../../runtime/hash/words.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'
import { oracle, ulpsBetween } from '../oracles/bigfloat.ts'

type Name = keyof typeof math.deterministicMath

const functions = math.deterministicMath as unknown as Readonly<Record<Name, (x: number, y?: number) => number>>

/** Exponents of random arguments, and whether they may be negative. */
const domains: Readonly<Record<Name, { readonly from: number; readonly to: number; readonly positive?: boolean; readonly max?: number; readonly min?: number }>> = {
  acos: { from: -40, to: 0, max: 1 },
  acosh: { from: 0, to: 400, positive: true, min: 1 },
  asin: { from: -40, to: 0, max: 1 },
  asinh: { from: -50, to: 400 },
  atan: { from: -40, to: 200 },
  atan2: { from: -60, to: 60 },
  atanh: { from: -40, to: 0, max: 1 },
  cbrt: { from: -1074, to: 1023 },
  cos: { from: -40, to: 1023 },
  cosh: { from: -40, to: 9.47 },
  exp: { from: -60, to: 9.47 },
  expm1: { from: -60, to: 9.47 },
  hypot: { from: -1000, to: 1000 },
  log: { from: -1074, to: 1023, positive: true },
  log10: { from: -1074, to: 1023, positive: true },
  log1p: { from: -60, to: 300, positive: true },
  log2: { from: -1074, to: 1023, positive: true },
  pow: { from: -30, to: 30, positive: true },
  sin: { from: -40, to: 1023 },
  sinh: { from: -40, to: 9.47 },
  tan: { from: -40, to: 1023 },
  tanh: { from: -40, to: 8 },
}

/** Random arguments of a function's domain, half of them around 1. */
function argumentsOf(name: Name, count: number, seed: number): [number, number][] {
  const { from, to, positive = false, max = Infinity, min = 0 } = domains[name]
  const rng = testRng(seed).at(0, 0)
  const draw = (): number => {
    const spread = rng.chance(0.5)
    const power = spread ? from + rng.unit() * (to - from) : Math.max(from, Math.min(to, 4 * rng.unit() - 2))
    const size = 2 ** Math.floor(power) * (1 + rng.unit())
    return positive || rng.chance(0.5) ? size : -size
  }
  const list: [number, number][] = []
  while (list.length < count) {
    const [x, y] = [draw(), name === 'pow' ? (rng.unit() - 0.5) * 2 ** rng.between(-3, 9) : draw()]
    if (Math.abs(x) < max && Math.abs(x) > min && Math.abs(x) < Infinity) list.push([x, y])
  }
  return list
}

describe('runtime/math', () => {
  const seed = testSeed('math', 2)

  it.each(Object.keys(domains) as Name[])('%s is within 2 ulp of the exact value', (name) => {
    let worst = { ulps: 0, at: '' }
    for (const [x, y] of argumentsOf(name, counts(250, 20_000), seed)) {
      const ours = functions[name](x, y)
      if (!Number.isFinite(ours) || (ours === 0 && name === 'pow')) continue
      const ulps = ulpsBetween(ours, oracle[name](x, y))
      if (ulps > worst.ulps) worst = { ulps, at: `${name}(${String(x)}, ${String(y)})` }
    }
    console.log(`${name}: ${String(worst.ulps)} ulp at ${worst.at}`)
    expect(worst.ulps, worst.at).toBeLessThanOrEqual(2)
  })

  it('overflows and underflows where the exact value leaves the range of f64', () => {
    expect([math.exp(709.78), math.exp(709.79), math.exp(-745.13), math.exp(-745.14)].map((x) => x === 0 || x === Infinity)).toEqual([false, true, false, true])
    expect([math.pow(2, 1023), math.pow(2, 1024), math.pow(2, -1074), math.pow(2, -1076)]).toEqual([2 ** 1023, Infinity, 5e-324, 0])
    expect([math.sinh(710.4), math.sinh(-711), math.cosh(711)].map(Number.isFinite)).toEqual([true, false, false])
  })

  it('is exact where the answer is: powers of two and ten, cubes, triangles', () => {
    for (let k = -1074; k < 1024; k++) expect(math.log2(2 ** k)).toBe(k)
    for (let k = 0; k <= 22; k++) expect(math.log10(Number(`1e${String(k)}`))).toBe(k)
    for (let k = 1; k < 200; k++) expect([math.cbrt(k * k * k), math.cbrt(-k * k * k), math.pow(k, 3)]).toEqual([k, -k, k * k * k])
    expect([math.hypot(3, 4), math.hypot(3e300, 4e300), math.hypot(3e-320, 4e-320), math.hypot(), math.hypot(-5), math.hypot(1, 2, 2)]).toEqual([5, 5e300, 5e-320, 0, 5, 3])
  })

  it('gives the special cases of ECMA-262, signs of zero included', () => {
    const values = [0, -0, 1, -1, 2, -2, 0.5, -0.5, 1e308, -1e308, Infinity, -Infinity, NaN]
    const exactOf = (name: Name, x: number, y: number): number => (Math as unknown as typeof functions)[name](x, y)
    for (const name of Object.keys(domains) as Name[]) {
      for (const x of values) {
        for (const y of values) {
          const expected = exactOf(name, x, y)
          const ours = functions[name](x, y)
          // Engines agree on these to the bit; on other values they differ in the last place.
          if (expected === 0 || !Number.isFinite(expected)) expect(ours, `${name}(${String(x)}, ${String(y)})`).toBe(expected)
          else expect(Math.abs(ours - expected) <= Math.abs(expected) * 1e-15, `${name}(${String(x)}, ${String(y)})`).toBe(true)
        }
      }
    }
  })

  it('has had the same bits since the numerics contract was written', () => {
    const hash = new Uint32Array(2)
    const golden = Object.fromEntries(
      (Object.keys(domains) as Name[]).map((name) => {
        const results = Float64Array.from(argumentsOf(name, 2_000, 1), ([x, y]) => functions[name](x, y))
        for (let i = 0; i < results.length; i++) if (Number.isNaN(results[i])) results[i] = -1
        const words = new Uint32Array(results.buffer)
        hashWords(words, 0, words.length, 0, 0, hash)
        return [name, hashHex(hash[0], hash[1])]
      }),
    )
    expect(golden).toMatchInlineSnapshot(`
      {
        "acos": "e9971fae6f01da03",
        "acosh": "14f57f8a7a64c7b4",
        "asin": "fe7433ed0a8a2c22",
        "asinh": "20ebef0d13f0883a",
        "atan": "29069fd1c5f1db42",
        "atan2": "f8972ec9e4199d69",
        "atanh": "f36481819fd8e6ec",
        "cbrt": "1aba286a05a14180",
        "cos": "46f281bacc196d23",
        "cosh": "bdfc7fa66494c3cc",
        "exp": "7df370e02488211e",
        "expm1": "0a03d2195d64674e",
        "hypot": "150a404ce5fa3689",
        "log": "473e70272d7556fa",
        "log10": "d76530243187fc5b",
        "log1p": "b3fea0fd1820d93c",
        "log2": "72141b2350c056fd",
        "pow": "63a4717fed3c641e",
        "sin": "3816a526f17fff3f",
        "sinh": "baccd668c4e5d8bd",
        "tan": "3270b3f5913e2d5a",
        "tanh": "0f5a3610f5f72c75",
      }
    `)
  })
})
