/**
 * Elementary functions to more than 200 correct bits, from BigInt arithmetic and textbook series alone: the oracle for
 * `runtime/math`, and independent of it. A fixed-point number is a bigint of units of 2^-precision.
 */

/** Bits after the point of fixed-point numbers. */
const precision = 460n
const one = 1n << precision

/** The exact value m * 2^e. */
export interface Real {
  readonly m: bigint
  readonly e: number
}

const cell = new Float64Array(1)
const bits = new BigUint64Array(cell.buffer)

/** A finite f64, exactly. */
function realOf(x: number): Real {
  cell[0] = x
  const field = Number((bits[0] >> 52n) & 0x7ffn)
  const fraction = bits[0] & 0xfffffffffffffn
  const size = field === 0 ? fraction : fraction | 0x10000000000000n
  return { m: x < 0 ? -size : size, e: Math.max(field, 1) - 1075 }
}

function shift(value: bigint, by: number): bigint {
  return by >= 0 ? value << BigInt(by) : value >> BigInt(-by)
}

function fixedOf(x: number): bigint {
  const { m, e } = realOf(x)
  return shift(m, e + Number(precision))
}

function multiply(a: bigint, b: bigint): bigint {
  return (a * b) >> precision
}

function divide(a: bigint, b: bigint): bigint {
  return (a << precision) / b
}

/** The integer square root. */
function root(value: bigint): bigint {
  if (value < 2n) return value
  let guess = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (guess + value / guess) >> 1n
    if (next >= guess) return guess
    guess = next
  }
}

function squareRoot(value: bigint): bigint {
  return root(value << precision)
}

/** Sum of x^n / d(n) with alternating or equal signs, for odd n. */
function oddSeries(x: bigint, sign: bigint): bigint {
  const square = multiply(x, x) * sign
  let power = x
  let sum = 0n
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n
    power = (power * square) >> precision
    if (power === -1n) break
  }
  return sum
}

function inverseTangentOfFraction(denominator: bigint, digits: bigint): bigint {
  let power = (1n << digits) / denominator
  let sum = power
  for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
    power /= denominator * denominator
    sum += (sign * power) / n
  }
  return sum
}

/** Pi to many bits, by Machin's formula. */
function piTo(digits: bigint): bigint {
  return (4n * (4n * inverseTangentOfFraction(5n, digits + 32n) - inverseTangentOfFraction(239n, digits + 32n))) >> 32n
}

const longDigits = 1700n
const longPi = piTo(longDigits)
const pi = piTo(precision)
const ln2 = 2n * oddSeries(one / 3n, 1n)

/** e^x for a fixed-point number of any size, as m * 2^e. */
function expReal(x: bigint): Real {
  const k = (x + ln2 / 2n) / ln2 - (x < -ln2 / 2n ? 1n : 0n)
  const small = (x - k * ln2) >> 20n
  let term = one
  let sum = one
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = multiply(term, small) / n
    sum += term
  }
  for (let i = 0; i < 20; i++) sum = multiply(sum, sum)
  return { m: sum, e: Number(k - precision) }
}

function expFixed(x: bigint): bigint {
  const { m, e } = expReal(x)
  return shift(m, e + Number(precision))
}

/** Natural logarithm of m * 2^e, fixed-point. */
function logOf({ m, e }: Real): bigint {
  const length = m.toString(2).length
  const mantissa = shift(m, Number(precision) - length)
  const z = divide(mantissa - one, mantissa + one)
  return 2n * oddSeries(z, 1n) + BigInt(e + length) * ln2
}

/** Sine and cosine of the rest of an angle, and its quadrant. */
function circular(x: number): { sin: bigint; cos: bigint } {
  const { m, e } = realOf(x)
  const angle = shift(m, e + Number(longDigits))
  const half = longPi >> 1n
  const n = (angle + (half >> 1n)) / half - (angle + (half >> 1n) < 0n ? 1n : 0n)
  const rest = (angle - n * half) >> (longDigits - precision)
  const square = multiply(rest, rest)
  let [sin, cos] = [rest, one]
  let [odd, even] = [rest, one]
  for (let i = 1n; i < 400n; i += 2n) {
    even = -multiply(even, square) / (i * (i + 1n))
    odd = -multiply(odd, square) / ((i + 1n) * (i + 2n))
    cos += even
    sin += odd
  }
  const quadrant = ((n % 4n) + 4n) % 4n
  if (quadrant === 1n) return { sin: cos, cos: -sin }
  if (quadrant === 2n) return { sin: -sin, cos: -cos }
  return quadrant === 3n ? { sin: -cos, cos: sin } : { sin, cos }
}

function inverseTangent(x: bigint): bigint {
  if (x < 0n) return -inverseTangent(-x)
  if (x > one) return pi / 2n - inverseTangent(divide(one, x))
  let small = x
  for (let i = 0; i < 4; i++) small = divide(small, one + squareRoot(one + multiply(small, small)))
  return 16n * oddSeries(small, -1n)
}

const fixed = (m: bigint): Real => ({ m, e: -Number(precision) })
const magnitude = (x: bigint): bigint => (x < 0n ? -x : x)

function tangentOfQuotient(y: number, x: number): bigint {
  const [a, b] = [realOf(y), realOf(x)]
  const numerator = shift(a.m, Math.max(0, a.e - b.e) + Number(precision))
  const angle = inverseTangent(numerator / shift(b.m, Math.max(0, b.e - a.e)))
  return x > 0 ? angle : y > 0 ? angle + pi : angle - pi
}

function areaSine(x: bigint): bigint {
  const size = magnitude(x)
  const value = logOf(fixed(size + squareRoot(one + multiply(size, size))))
  return x < 0n ? -value : value
}

/** The exact value of a function of `Math` at finite arguments in its domain. */
export const oracle: Readonly<Record<string, (x: number, y: number) => Real>> = {
  exp: (x) => expReal(fixedOf(x)),
  expm1: (x) => fixed(expFixed(fixedOf(x)) - one),
  log: (x) => fixed(logOf(realOf(x))),
  log1p: (x) => fixed(logOf(fixed(one + fixedOf(x)))),
  log2: (x) => fixed(divide(logOf(realOf(x)), ln2)),
  log10: (x) => fixed(divide(logOf(realOf(x)), ln2 + logOf({ m: 5n, e: 0 }))),
  pow: (x, y) => expReal((logOf(realOf(x)) * realOf(y).m * (realOf(y).e >= 0 ? 1n << BigInt(realOf(y).e) : 1n)) >> BigInt(Math.max(0, -realOf(y).e))),
  sin: (x) => fixed(circular(x).sin),
  cos: (x) => fixed(circular(x).cos),
  tan: (x) => fixed(divide(circular(x).sin, circular(x).cos)),
  atan: (x) => fixed(inverseTangent(fixedOf(x))),
  atan2: (y, x) => fixed(tangentOfQuotient(y, x)),
  asin: (x) => fixed(inverseTangent(divide(fixedOf(x), squareRoot(one - multiply(fixedOf(x), fixedOf(x)))))),
  acos: (x) => fixed(2n * inverseTangent(squareRoot(divide(one - fixedOf(x), one + fixedOf(x))))),
  sinh: (x) => fixed((expFixed(fixedOf(x)) - expFixed(-fixedOf(x))) / 2n),
  cosh: (x) => fixed((expFixed(fixedOf(x)) + expFixed(-fixedOf(x))) / 2n),
  tanh: (x) => fixed(divide(expFixed(2n * fixedOf(x)) - one, expFixed(2n * fixedOf(x)) + one)),
  asinh: (x) => fixed(areaSine(fixedOf(x))),
  acosh: (x) => fixed(logOf(fixed(fixedOf(x) + squareRoot(multiply(fixedOf(x), fixedOf(x)) - one)))),
  atanh: (x) => fixed(logOf(fixed(divide(one + fixedOf(x), one - fixedOf(x)))) / 2n),
  cbrt: (x) => cubeRoot(realOf(x)),
  hypot: (x, y) => {
    const [a, b] = [realOf(x), realOf(y)]
    const e = Math.min(a.e, b.e)
    const sum = shift(a.m, a.e - e) ** 2n + shift(b.m, b.e - e) ** 2n
    return { m: root(sum << 400n), e: e - 200 }
  },
}

function cubeRoot({ m, e }: Real): Real {
  const spare = ((e % 3) + 3) % 3
  const target = magnitude(m) << BigInt(spare + 600)
  let guess = 1n << BigInt(Math.ceil(target.toString(2).length / 3) + 1)
  for (;;) {
    const next = (2n * guess + target / (guess * guess)) / 3n
    if (next >= guess) break
    guess = next
  }
  return { m: m < 0n ? -guess : guess, e: (e - spare) / 3 - 200 }
}

/** How far an f64 lies from an exact value, in units of the last place of the f64 nearest to it. */
export function ulpsBetween(y: number, exact: Real): number {
  const { m, e } = realOf(y)
  // Both in units of 2^low.
  const low = Math.min(e, exact.e) - 64
  const distance = magnitude(shift(m, e - low) - shift(exact.m, exact.e - low))
  return Number((distance * 1000n) >> BigInt(e - low)) / 1000
}
