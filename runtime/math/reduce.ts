/** Reduction of an angle to [-pi/4, pi/4]: x = n pi/2 + y, y in double-double. */
import { exponentOf, second, significandHigh, significandLow } from './bits.ts'
import { fastTwoSum, multiply } from './dd.ts'

const inverseHalfPi = 6.36619772367581382433e-1
const halfPi1 = 1.57079632673412561417
const halfPi2 = 6.07710050630396597660e-11
const halfPi3 = 2.02226624871116645580e-21
const halfPi3Rest = 8.47842766036889956997e-32

/** 2/pi, 1280 bits after the point: enough for any f64. */
const twoOverPi = BigInt(
  '0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484' +
    'e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b' +
    '3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0cfbc209af4361d',
)
const fractionBits = 128n

/** Reduced angle: `second` holds its low part. The quadrant, 0 to 3, is in `quadrant`. */
export const quadrant = new Float64Array(1)

/** Writes the quadrant of a finite angle and returns the high part of the rest. */
export function reduceAngle(x: number): number {
  const magnitude = x < 0 ? -x : x
  if (magnitude <= 0.7853981633974483) {
    quadrant[0] = 0
    second[0] = 0
    return x
  }
  return magnitude < 1e5 ? reduceSmall(x) : reduceLarge(x)
}

/** Cody and Waite: pi/2 in three parts of 33 bits and a rest, exact products for quotients below 2^20. */
function reduceSmall(x: number): number {
  const n = Math.floor(x * inverseHalfPi + 0.5)
  const first = x - n * halfPi1
  const product2 = n * halfPi2
  const after2 = first - product2
  const lost2 = first - after2 - product2
  const product3 = n * halfPi3
  const after3 = after2 - product3
  const lost3 = after2 - after3 - product3
  quadrant[0] = n - 4 * Math.floor(n / 4)
  return fastTwoSum(after3, lost2 + lost3 - n * halfPi3Rest)
}

/** Payne and Hanek: the fraction of x 2/pi from an exact integer product. Rare, and the only place that uses BigInt. */
function reduceLarge(x: number): number {
  const magnitude = x < 0 ? -x : x
  const significand = (BigInt(significandHigh(magnitude)) << 32n) | BigInt(significandLow(magnitude))
  const power = BigInt(exponentOf(magnitude) - 52)
  const bits = BigInt.asUintN(130, (significand * twoOverPi) >> (1280n - power - fractionBits))
  const nearest = (bits + (1n << 127n)) >> fractionBits
  const rest = bits - (nearest << fractionBits)
  const size = rest < 0n ? -rest : rest
  const high = fastTwoSum(Number(size >> 85n) * 1.1368683772161603e-13, Number((size >> 42n) & 0x7ffffffffffn) * 1.2924697071141057e-26)
  const low = second[0] + Number(size & 0x3ffffffffffn) * 2.938735877055719e-39
  const turned = multiply(high, low, 1.5707963267948966, 6.123233995736766e-17)
  const negative = x < 0 !== rest < 0n
  const n = Number(nearest & 3n)
  quadrant[0] = x < 0 ? (4 - n) % 4 : n
  second[0] = negative ? -second[0] : second[0]
  return negative ? -turned : turned
}
