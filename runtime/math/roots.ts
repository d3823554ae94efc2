/** cbrt and hypot. */
import { cubeRootGuess, exponentOf, second, twoTo } from './bits.ts'
import { add, twoProduct } from './dd.ts'

/** The cube root: Newton's method from a guess by exponent, the last step with an exact cube. */
export function cbrt(x: number): number {
  if (x - x !== 0 || x === 0) return x
  const size = x < 0 ? -x : x
  if (size < 2.2250738585072014e-308) return cbrt(x * 18014398509481984) * 3.814697265625e-6
  // The cube of its rounded root may be out of range.
  if (size > 1e308) return cbrt(x * 5.551115123125783e-17) * 262144
  let root = cubeRootGuess(size)
  for (let round = 0; round < 4; round++) root = root - (root - size / (root * root)) * 0.3333333333333333
  const square = twoProduct(root, root)
  const squareLow = second[0]
  const cube = twoProduct(square, root)
  const rest = size - cube - second[0] - squareLow * root
  root = root + rest / (3 * square)
  return x < 0 ? -root : root
}

/** The square root of the sum of squares, without overflow on the way: scaled by a power of two, summed in double-double. */
export function hypot(...values: number[]): number {
  let largest = 0
  let nan = false
  for (const value of values) {
    const size = value < 0 ? -value : value
    if (size === Infinity) return Infinity
    if (size !== size) nan = true
    if (size > largest) largest = size
  }
  if (nan) return NaN
  if (largest === 0) return 0
  const power = largest < 2.2250738585072014e-308 ? -1022 : exponentOf(largest)
  // Two factors: one power of two alone could leave the range of f64.
  const half = Math.floor(power / 2)
  const down = twoTo(-half)
  const rest = twoTo(half - power)
  let sum = 0
  let low = 0
  for (const value of values) {
    const scaled = value * down * rest
    const square = twoProduct(scaled, scaled)
    sum = add(sum, low, square, second[0])
    low = second[0]
  }
  const root = Math.sqrt(sum)
  const product = twoProduct(root, root)
  const corrected = root + (sum - product - second[0] + low) / (2 * root)
  return corrected * twoTo(half) * twoTo(power - half)
}
