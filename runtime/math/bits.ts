/** Bits of f64 values, and the few exact operations on them that the algorithms need. Little-endian words. */
const cell = new Float64Array(1)
const words = new Uint32Array(cell.buffer)

/** Second results: the low part of a double-double, or a power of two that was split off. */
export const second = new Float64Array(1)

const signBit = 0x80000000

/** Whether the sign bit is set, also of a zero. */
export function isNegative(x: number): boolean {
  cell[0] = x
  return (words[1] & signBit) !== 0
}

/** `x` with the sign of `sign`. */
export function withSign(x: number, sign: number): number {
  return isNegative(x) === isNegative(sign) ? x : -x
}

/** `x` with the low 32 bits of its significand cleared. */
export function clearLow(x: number): number {
  cell[0] = x
  words[0] = 0
  return cell[0]
}

/** 2 to the power of an integer from -1022 to 1023. */
export function twoTo(power: number): number {
  words[1] = (power + 1023) << 20
  words[0] = 0
  return cell[0]
}

/** The exponent of a normal number: x is 1.f times 2 to that power. */
export function exponentOf(x: number): number {
  cell[0] = x
  return ((words[1] >>> 20) & 0x7ff) - 1023
}

/** Splits a finite positive number into m * 2^k with m in [sqrt(1/2), sqrt(2)); returns m and leaves k in `second`. */
export function splitNear1(x: number): number {
  let power = 0
  cell[0] = x
  if (words[1] < 0x00100000) {
    cell[0] = x * 18014398509481984
    power = -54
  }
  const high = words[1] + (0x3ff00000 - 0x3fe6a09e)
  power = power + (high >>> 20) - 1023
  words[1] = (high & 0xfffff) + 0x3fe6a09e
  second[0] = power
  return cell[0]
}

/** y * 2^k for any integer k, rounded once when the result is denormal. */
export function scale(y: number, k: number): number {
  let result = y
  let power = k
  if (power > 1023) {
    result = result * 8.98846567431158e307
    power = power - 1023
    if (power > 1023) {
      result = result * 8.98846567431158e307
      power = power > 2046 ? 1023 : power - 1023
    }
  } else if (power < -1022) {
    // 2^-969: the result stays normal until the last product, which rounds.
    result = result * 2.004168360008973e-292
    power = power + 969
    if (power < -1022) {
      result = result * 2.004168360008973e-292
      power = power < -1991 ? -1022 : power + 969
    }
  }
  return result * twoTo(power)
}

/** The 53-bit significand of a finite non-zero number as an integer, in two u32: upper 21 bits, lower 32. */
export function significandHigh(x: number): number {
  cell[0] = x
  return (words[1] & 0xfffff) | 0x100000
}

export function significandLow(x: number): number {
  cell[0] = x
  return words[0]
}

/** A first guess of the cube root of a positive normal number, within 6 %: a third of its exponent. */
export function cubeRootGuess(x: number): number {
  cell[0] = x
  words[1] = Math.floor(words[1] / 3) + 715094163
  words[0] = 0
  return cell[0]
}
