/** log, log1p, log2, log10. Reduction to [sqrt(1/2), sqrt(2)), then log m = 2 atanh((m - 1) / (m + 1)) (coefficients: Sun fdlibm). */
import { second, splitNear1 } from './bits.ts'
import { add, divide, fastTwoSum, multiply, twoSum } from './dd.ts'

const ln2High = 6.93147180369123816490e-1
const ln2Low = 1.90821492927058770002e-10

/** The tail of the series: R of log(1 + f) = f - f^2/2 + s (f^2/2 + R), with s = f / (2 + f). */
function seriesTail(s: number): number {
  const z = s * s
  const w = z * z
  const odd = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1))
  const even = z * (6.666666666666735130e-1 + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)))
  return odd + even
}

/** The natural logarithm. */
export function log(x: number): number {
  if (x !== x || x === Infinity) return x
  if (x < 0) return NaN
  if (x === 0) return -Infinity
  const f = splitNear1(x) - 1
  const k = second[0]
  const half = 0.5 * f * f
  const s = f / (2 + f)
  return k * ln2High - (half - (s * (half + seriesTail(s)) + k * ln2Low) - f)
}

/** The natural logarithm of 1 + x, accurate near 0. */
export function log1p(x: number): number {
  if (x !== x || x === Infinity) return x
  if (x < -1) return NaN
  if (x === -1) return -Infinity
  const magnitude = x < 0 ? -x : x
  if (magnitude < 1.1102230246251565e-16) return x
  if (x > -0.29289321881345254 && x < 0.41421356237309515) return log1pOf(x, 0, 0)
  const u = 1 + x
  const lost = u >= 2 ? 1 - (u - x) : x - (u - 1)
  const f = splitNear1(u) - 1
  const k = second[0]
  return log1pOf(f, k < 54 ? lost / u : 0, k)
}

/** k ln 2 + log(1 + f) + c. */
function log1pOf(f: number, c: number, k: number): number {
  const half = 0.5 * f * f
  const s = f / (2 + f)
  return k * ln2High - (half - (s * (half + seriesTail(s)) + (k * ln2Low + c)) - f)
}

/**
 * The natural logarithm of m + low, for m in [sqrt(1/2), sqrt(2)) and a small low, to about 2^-68: the series of atanh, its
 * first two terms in double-double.
 */
export function logNear1(m: number, low: number): number {
  const top = twoSum(m, -1)
  const topLow = second[0] + low
  const bottom = twoSum(m, 1)
  const bottomLow = second[0] + low
  const s = divide(top, topLow, bottom, bottomLow)
  const sLow = second[0]
  const z = multiply(s, sLow, s, sLow)
  const zLow = second[0]
  const tail = z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21 + z * (1 / 23 + z * (1 / 25 + z * (1 / 27)))))))))))
  const fifth = fastTwoSum(0.2, -1.1102230246251566e-17 + tail)
  const fifthLow = second[0]
  const inner = multiply(fifth, fifthLow, z, zLow)
  const third = add(0.3333333333333333, 1.850371707708594e-17, inner, second[0])
  const thirdLow = second[0]
  const factor = multiply(third, thirdLow, z, zLow)
  const curve = multiply(factor, second[0], s, sLow)
  const sum = add(s, sLow, curve, second[0])
  second[0] = 2 * second[0]
  return 2 * sum
}

/** k times a constant plus log(m) times another, both in double-double, rounded once. */
function scaledLog(x: number, perPower: readonly [number, number], perLog: readonly [number, number]): number {
  const m = splitNear1(x)
  const k = second[0]
  const high = logNear1(m, 0)
  const scaled = multiply(high, second[0], perLog[0], perLog[1])
  const scaledLow = second[0]
  const whole = multiply(k, 0, perPower[0], perPower[1])
  const sum = add(whole, second[0], scaled, scaledLow)
  return sum + second[0]
}

const one = [1, 0] as const
const inverseLn2 = [1.4426950408889634, 2.0355273740931033e-17] as const
const log10Of2 = [0.3010299956639812, -2.8037281277851704e-18] as const
const inverseLn10 = [0.4342944819032518, 1.098319650216765e-17] as const

/** The logarithm to base 2; exact for powers of two. */
export function log2(x: number): number {
  if (x !== x || x === Infinity) return x
  if (x < 0) return NaN
  return x === 0 ? -Infinity : scaledLog(x, one, inverseLn2)
}

/** The logarithm to base 10; exact for powers of ten that are exact. */
export function log10(x: number): number {
  if (x !== x || x === Infinity) return x
  if (x < 0) return NaN
  return x === 0 ? -Infinity : scaledLog(x, log10Of2, inverseLn10)
}
