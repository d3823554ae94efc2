/** pow: exp(y log x), the logarithm in double-double so that a large exponent costs no accuracy. */
import { isNegative, second, splitNear1 } from './bits.ts'
import { add, multiply } from './dd.ts'
import { expOfSum } from './exponential.ts'
import { logNear1 } from './logarithm.ts'

/** ln 2 in double-double. */
const ln2High = 0.6931471805599453
const ln2Low = 2.3190468138462996e-17

function isOddInteger(y: number): boolean {
  const magnitude = y < 0 ? -y : y
  return magnitude < 9007199254740992 && magnitude - 2 * Math.floor(magnitude / 2) === 1
}

/** x to the power of y for the cases that need no arithmetic; undefined otherwise. As ECMA-262 `Number::exponentiate`. */
function special(x: number, y: number): number | undefined {
  if (y === 0) return 1
  if (x !== x || y !== y) return NaN
  const magnitude = x < 0 ? -x : x
  if (y - y !== 0) return infinitePower(magnitude, y)
  if (magnitude === 0 || magnitude === Infinity) return powerOfLimit(x, y)
  return x < 0 && Math.floor(y) !== y ? NaN : undefined
}

/** A size to the power of plus or minus infinity. */
function infinitePower(magnitude: number, y: number): number {
  if (magnitude === 1) return NaN
  return magnitude > 1 === y > 0 ? Infinity : 0
}

/** A zero or an infinity to a finite power. */
function powerOfLimit(x: number, y: number): number {
  const result = (x === 0) === y > 0 ? 0 : Infinity
  return isNegative(x) && isOddInteger(y) ? -result : result
}

/** x to the power of y. */
export function pow(x: number, y: number): number {
  const simple = special(x, y)
  if (simple !== undefined) return simple
  const sign = x < 0 && isOddInteger(y) ? -1 : 1
  const m = splitNear1(x < 0 ? -x : x)
  const k = second[0]
  if (m === 1 && k === 0) return sign
  // log x = k ln 2 + log m, times y: beyond these bounds the result leaves the range of f64 whatever the rest.
  const rough = (k + (m - 1)) * y
  if (rough > 2200) return sign * Infinity
  if (rough < -2200) return sign * 0
  return sign * powOf(m, k, y)
}

/** (m 2^k)^y, for a result that is not far out of range. */
function powOf(m: number, k: number, y: number): number {
  const logHigh = logNear1(m, 0)
  const logLow = second[0]
  const whole = multiply(k, 0, ln2High, ln2Low)
  const high = add(whole, second[0], logHigh, logLow)
  const exponent = multiply(high, second[0], y, 0)
  if (exponent > 709.8) return Infinity
  if (exponent < -745.2) return 0
  return expOfSum(exponent, second[0], 0)
}
