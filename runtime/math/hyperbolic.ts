/** sinh, cosh, tanh and their inverses, from expm1, exp and double-double logarithms. */
import { second, splitNear1, withSign } from './bits.ts'
import { add, divide, multiply, squareRoot, twoProduct, twoSum } from './dd.ts'
import { exp, expm1, expOfSum } from './exponential.ts'
import { log1p, logNear1 } from './logarithm.ts'

const overflow = 710.4758600739439

/** Hyperbolic sine. */
export function sinh(x: number): number {
  const size = x < 0 ? -x : x
  if (!(size < overflow)) return size > overflow ? x * Infinity : x
  if (size < 3.725290298461914e-9) return x
  if (size >= 22) return withSign(expOfSum(size, 0, -1), x)
  const t = expm1(size)
  return withSign(size < 1 ? 0.5 * (2 * t - (t * t) / (t + 1)) : 0.5 * (t + t / (t + 1)), x)
}

/** Hyperbolic cosine. */
export function cosh(x: number): number {
  const size = x < 0 ? -x : x
  if (!(size < overflow)) return size > overflow ? Infinity : x
  if (size >= 22) return expOfSum(size, 0, -1)
  if (size < 0.34657359027997264311) {
    const t = expm1(size)
    return 1 + (t * t) / (2 * (1 + t))
  }
  const t = exp(size)
  return 0.5 * t + 0.5 / t
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  if (x !== x) return x
  const size = x < 0 ? -x : x
  if (size < 3.725290298461914e-9) return x
  if (size > 22) return withSign(1, x)
  const t = expm1(2 * size)
  return withSign(size >= 0.5493061443340549 ? 1 - 2 / (t + 2) : t / (t + 2), x)
}

/** log(high + low) for high >= 1, rounded once. */
function logOfSum(high: number, low: number): number {
  const m = splitNear1(high)
  const k = second[0]
  const value = logNear1(m, low === 0 ? 0 : (low / high) * m)
  const valueLow = second[0]
  const whole = multiply(k, 0, 0.6931471805599453, 2.3190468138462996e-17)
  return add(whole, second[0], value, valueLow) + second[0]
}

/** The number with that hyperbolic sine. */
export function asinh(x: number): number {
  const size = x < 0 ? -x : x
  if (!(size < Infinity) || size < 3.725290298461914e-9) return x
  if (size > 268435456) return withSign(logOfSum(size, 0) + 0.6931471805599453, x)
  if (size < 0.125) {
    const square = size * size
    return withSign(log1p(size + square / (1 + Math.sqrt(1 + square))), x)
  }
  const square = twoProduct(size, size)
  const sum = add(square, second[0], 1, 0)
  const root = squareRoot(sum, second[0])
  const total = add(root, second[0], size, 0)
  return withSign(logOfSum(total, second[0]), x)
}

/** The number of at least 0 with that hyperbolic cosine. */
export function acosh(x: number): number {
  if (!(x >= 1)) return NaN
  if (x > 268435456) return x === Infinity ? x : logOfSum(x, 0) + 0.6931471805599453
  const t = x - 1
  if (t < 0.125) return log1p(t + Math.sqrt(2 * t + t * t))
  const square = twoProduct(x, x)
  const less = add(square, second[0], -1, 0)
  const root = squareRoot(less, second[0])
  const total = add(root, second[0], x, 0)
  return logOfSum(total, second[0])
}

/** The number with that hyperbolic tangent. */
export function atanh(x: number): number {
  const size = x < 0 ? -x : x
  if (!(size <= 1)) return NaN
  if (size === 1) return x * Infinity
  if (size < 3.725290298461914e-9) return x
  if (size < 0.25) return withSign(0.5 * log1p(2 * size + (2 * size * size) / (1 - size)), x)
  const above = twoSum(1, size)
  const aboveLow = second[0]
  const below = twoSum(1, -size)
  const ratio = divide(above, aboveLow, below, second[0])
  return withSign(0.5 * logOfSum(ratio, second[0]), x)
}
