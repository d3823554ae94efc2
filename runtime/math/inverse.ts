/** asin, acos, atan, atan2 (coefficients: Sun fdlibm). */
import { clearLow, isNegative } from './bits.ts'

const halfPiHigh = 1.57079632679489655800
const halfPiLow = 6.12323399573676603587e-17
const quarterPiHigh = 7.85398163397448278999e-1
const piHigh = 3.1415926535897931160
const piLow = 1.2246467991473531772e-16

/** (asin(x) - x) / x as a rational function of z = x^2, for |x| <= 1/2. */
function asinRatio(z: number): number {
  const p = z * (1.66666666666666657415e-1 + z * (-3.25565818622400915405e-1 + z * (2.01212532134862925881e-1 + z * (-4.00555345006794114027e-2 + z * (7.91534994289814532176e-4 + z * 3.47933107596021167570e-5)))))
  const q = 1 + z * (-2.40339491173441421878 + z * (2.02094576023350569471 + z * (-6.88283971605453293030e-1 + z * 7.70381505559019352791e-2)))
  return p / q
}

/** The angle in [-pi/2, pi/2] with that sine. */
export function asin(x: number): number {
  const size = x < 0 ? -x : x
  if (!(size <= 1)) return NaN
  if (size === 1) return x * halfPiHigh + x * halfPiLow
  if (size < 0.5) return size < 1.4901161193847656e-8 ? x : x + x * asinRatio(x * x)
  const z = (1 - size) * 0.5
  const s = Math.sqrt(z)
  const ratio = asinRatio(z)
  if (size >= 0.975) {
    const steep = halfPiHigh - (2 * (s + s * ratio) - halfPiLow)
    return x < 0 ? -steep : steep
  }
  const head = clearLow(s)
  const correction = (z - head * head) / (s + head)
  const p = 2 * s * ratio - (halfPiLow - 2 * correction)
  const angle = quarterPiHigh - (p - (quarterPiHigh - 2 * head))
  return x < 0 ? -angle : angle
}

/** The angle in [0, pi] with that cosine. */
export function acos(x: number): number {
  const size = x < 0 ? -x : x
  if (!(size <= 1)) return NaN
  if (size === 1) return x > 0 ? 0 : 2 * halfPiHigh + 2 * halfPiLow
  if (size < 0.5) return size < 6.938893903907228e-18 ? halfPiHigh + halfPiLow : halfPiHigh - (x - (halfPiLow - x * asinRatio(x * x)))
  const z = (1 - size) * 0.5
  const s = Math.sqrt(z)
  const ratio = asinRatio(z)
  if (x < 0) return 2 * (halfPiHigh - (s + (ratio * s - halfPiLow)))
  const head = clearLow(s)
  const correction = (z - head * head) / (s + head)
  return 2 * (head + (ratio * s + correction))
}

/** atan of an angle's tangent below 7/16 in size: x - x * series. */
function atanSeries(x: number): number {
  const z = x * x
  const w = z * z
  const odd = z * (3.33333333333329318027e-1 + w * (1.42857142725034663711e-1 + w * (9.09088713343650656196e-2 + w * (6.66107313738753120669e-2 + w * (4.97687799461593236017e-2 + w * 1.62858201153657823623e-2)))))
  const even = w * (-1.99999999998764832476e-1 + w * (-1.11111104054623557880e-1 + w * (-7.69187620504482999495e-2 + w * (-5.83357013379057348645e-2 + w * -3.65315727442169155270e-2))))
  return x * (odd + even)
}

function shifted(x: number, high: number, low: number): number {
  return high - (atanSeries(x) - low - x)
}

/** The angle in [-pi/2, pi/2] with that tangent. */
export function atan(x: number): number {
  if (x !== x) return x
  const size = x < 0 ? -x : x
  if (size < 7.450580596923828e-9) return x
  if (size < 0.4375) return x - atanSeries(x)
  const angle = atanOfLarge(size)
  return x < 0 ? -angle : angle
}

function atanOfLarge(size: number): number {
  if (size >= 7.378697629483821e19) return halfPiHigh + halfPiLow
  if (size < 0.6875) return shifted((2 * size - 1) / (2 + size), 4.63647609000806093515e-1, 2.26987774529616870924e-17)
  if (size < 1.1875) return shifted((size - 1) / (size + 1), 7.85398163397448278999e-1, 3.06161699786838301793e-17)
  if (size < 2.4375) return shifted((size - 1.5) / (1 + 1.5 * size), 9.82793723247329054082e-1, 1.39033110312309984516e-17)
  return shifted(-1 / size, halfPiHigh, halfPiLow)
}

/** The angle of the point (x, y), in [-pi, pi]. */
export function atan2(y: number, x: number): number {
  if (x !== x || y !== y) return NaN
  const up = isNegative(y) ? -1 : 1
  if (y === 0) return isNegative(x) ? up * piHigh : y
  if (x === 0) return up * halfPiHigh
  if (x - x !== 0 || y - y !== 0) return up * angleAtInfinity(y, x)
  const steep = atan((y < 0 ? -y : y) / (x < 0 ? -x : x))
  return up * (x > 0 ? steep : piHigh - (steep - piLow))
}

/** Size of the angle of a point of which a coordinate is infinite. */
function angleAtInfinity(y: number, x: number): number {
  if (x - x === 0) return halfPiHigh
  if (y - y === 0) return x > 0 ? 0 : piHigh
  return x > 0 ? quarterPiHigh : 3 * quarterPiHigh
}
