// What rounding cut off. Source: Dekker, "A floating-point technique for extending the available precision", 1971, and Knuth's sum.

const splitter = 134217729

/** a + b - sum, exactly, where sum is a + b as rounded. */
export function sumTail(a: number, b: number, sum: number): number {
  const fromB = sum - a
  return a - (sum - fromB) + (b - fromB)
}

/** a * b - product, exactly, where product is a * b as rounded; for factors below 2^996 whose product does not underflow. */
export function productTail(a: number, b: number, product: number): number {
  const aLong = a * splitter
  const aHigh = aLong - (aLong - a)
  const aLow = a - aHigh
  const bLong = b * splitter
  const bHigh = bLong - (bLong - b)
  const bLow = b - bHigh
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow
}

/** The unrounded sum of two doubles: `high` is the rounded value, `low` what it misses. */
export const high = 0
export const low = 1
