/**
 * Double-double arithmetic: a value is the unevaluated sum of two f64. Functions return the high part and leave the low part
 * in `second`. Source: Dekker, "A floating-point technique for extending the available precision", 1971. No fused operations.
 */
import { second } from './bits.ts'

const splitter = 134217729 // 2^27 + 1

/** a + b exactly, for |a| >= |b| or a = 0. */
export function fastTwoSum(a: number, b: number): number {
  const sum = a + b
  second[0] = b - (sum - a)
  return sum
}

/** a + b exactly. */
export function twoSum(a: number, b: number): number {
  const sum = a + b
  const part = sum - a
  second[0] = a - (sum - part) + (b - part)
  return sum
}

/** a * b exactly, for factors below 2^996. */
export function twoProduct(a: number, b: number): number {
  const product = a * b
  const bigA = splitter * a
  const highA = bigA - (bigA - a)
  const lowA = a - highA
  const bigB = splitter * b
  const highB = bigB - (bigB - b)
  const lowB = b - highB
  second[0] = highA * highB - product + highA * lowB + lowA * highB + lowA * lowB
  return product
}

/** (aHigh, aLow) * (bHigh, bLow). */
export function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const product = twoProduct(aHigh, bHigh)
  const low = second[0] + (aHigh * bLow + aLow * bHigh)
  return fastTwoSum(product, low)
}

/** (aHigh, aLow) + (bHigh, bLow). */
export function add(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const sum = twoSum(aHigh, bHigh)
  const low = second[0] + (aLow + bLow)
  return fastTwoSum(sum, low)
}

/** (aHigh, aLow) / (bHigh, bLow). */
export function divide(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const quotient = aHigh / bHigh
  const product = twoProduct(quotient, bHigh)
  const rest = aHigh - product - second[0] + aLow - quotient * bLow
  return fastTwoSum(quotient, rest / bHigh)
}

/** The square root of (high, low), for high > 0. */
export function squareRoot(high: number, low: number): number {
  const root = Math.sqrt(high)
  const square = twoProduct(root, root)
  const rest = high - square - second[0] + low
  return fastTwoSum(root, rest / (root + root))
}
