import { exponentOf, isNegative, twoTo } from '../math/bits.ts'

/**
 * IEEE 754 binary16, the half float: a sign bit, 5 bits of exponent, 10 bits of fraction. From 2^-14 on, values of one exponent lie 2^-10 of
 * their power of two apart; below it they lie 2^-24 apart, down to zero.
 */
const signBit = 0x8000
const infinityBits = 0x7c00
const nanBits = 0x7e00
const fractionMask = 0x3ff
const normalPower = -14
/** From here on the nearest half is infinity: halfway from the largest, 65504, to what would come next. */
const overflow = 65520
/** 2^52: f64 values of this size are the whole numbers, so that adding it rounds what is smaller to one, ties to even. */
const wholes = 4503599627370496

/** The value of the half float with these bits, exactly. Every NaN is the one of JavaScript. */
export function halfToNumber(bits: number): number {
  const exponent = (bits & infinityBits) >>> 10
  const fraction = bits & fractionMask
  if (exponent === 31 && fraction !== 0) return NaN
  const steps = exponent === 0 ? fraction : fraction + 1024
  const size = exponent === 31 ? Infinity : steps * twoTo(Math.max(exponent, 1) - 25)
  return (bits & signBit) === 0 ? size : -size
}

/**
 * The bits of the half float nearest to `value`, ties to even, rounded once from the f64: 65520 and more is infinity, 2^-25 and less is zero,
 * and the sign is kept. Every NaN is 0x7e00.
 */
export function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return nanBits
  const sign = isNegative(value) ? signBit : 0
  const size = Math.abs(value)
  if (size >= overflow) return sign + infinityBits
  const power = Math.max(exponentOf(size), normalPower)
  // Both products are exact. Of a normal number the 1024 of the leading bit count as one exponent, and so does a fraction that rounds up to 2048.
  const steps = size * twoTo(10 - power) + wholes - wholes
  return sign + (power - normalPower) * 1024 + steps
}
