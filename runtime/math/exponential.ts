/** exp and expm1. Reduction by ln 2 in two parts, then a rational approximation on [-ln2/2, ln2/2] (coefficients: Sun fdlibm). */
import { scale, twoTo } from './bits.ts'

const ln2High = 6.93147180369123816490e-1
const ln2Low = 1.90821492927058770002e-10
const inverseLn2 = 1.44269504088896338700
const expLargest = 709.782712893383973096
const expSmallest = -745.133219101941108420

/** exp(high + low) * 2^shift, for a sum within the range of exp. */
export function expOfSum(high: number, low: number, shift: number): number {
  const k = Math.floor(high * inverseLn2 + 0.5)
  const reduced = high - k * ln2High
  const rest = k * ln2Low - low
  const x = reduced - rest
  const t = x * x
  const c = x - t * (1.66666666666666019037e-1 + t * (-2.77777777770155933842e-3 + t * (6.61375632143793436117e-5 + t * (-1.65339022054652515390e-6 + t * 4.13813679705723846039e-8))))
  return scale(1 - (rest - (x * c) / (2 - c) - reduced), k + shift)
}

/** e to the power of x. */
export function exp(x: number): number {
  if (x !== x) return x
  if (x > expLargest) return Infinity
  if (x < expSmallest) return 0
  return expOfSum(x, 0, 0)
}

/** e to the power of x, less one, accurate near 0. */
export function expm1(x: number): number {
  if (x !== x) return x
  if (x > expLargest) return Infinity
  if (x < -38.8162421113569373274) return -1
  const magnitude = x < 0 ? -x : x
  if (magnitude < 5.551115123125783e-17) return x
  if (magnitude <= 0.34657359027997264311) return expm1Near0(x)
  const k = Math.floor(x * inverseLn2 + 0.5)
  const high = x - k * ln2High
  const low = k * ln2Low
  const reduced = high - low
  return expm1Shifted(reduced, high - reduced - low, k)
}

/** The correction e of expm1 for a reduced argument: expm1(x) = x - (x e - x^2 / 2). */
function expm1Correction(x: number): number {
  const half = 0.5 * x
  const square = x * half
  const r = 1 + square * (-3.33333333333331316428e-2 + square * (1.58730158725481460165e-3 + square * (-7.93650757867487942473e-5 + square * (4.00821782732936239552e-6 + square * -2.01099218183624371326e-7))))
  const t = 3 - r * half
  return square * ((r - t) / (6 - x * t))
}

function expm1Near0(x: number): number {
  return x - (x * expm1Correction(x) - x * (0.5 * x))
}

/** expm1 of k ln 2 + x + c, for k not 0. */
function expm1Shifted(x: number, c: number, k: number): number {
  const e = x * (expm1Correction(x) - c) - c - x * (0.5 * x)
  if (k === -1) return 0.5 * (x - e) - 0.5
  if (k === 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e)
  if (k <= -2 || k > 56) return scale(1 - (e - x), k) - 1
  if (k < 20) return scale(1 - twoTo(-k) - (e - x), k)
  return scale(x - (e + twoTo(-k)) + 1, k)
}
