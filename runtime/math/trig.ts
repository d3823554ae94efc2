/** sin, cos, tan. Minimax polynomials on [-pi/4, pi/4] with the low part of the reduced angle (coefficients: Sun fdlibm). */
import { clearLow, second } from './bits.ts'
import { quadrant, reduceAngle } from './reduce.ts'

function sinKernel(x: number, low: number): number {
  const z = x * x
  const v = z * x
  const r = 8.33333333332248946124e-3 + z * (-1.98412698298579493134e-4 + z * (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)))
  return x - (z * (0.5 * low - v * r) - low + v * 1.66666666666666324348e-1)
}

function cosKernel(x: number, low: number): number {
  const z = x * x
  const r = z * (4.16666666666666019037e-2 + z * (-1.38888888888741095749e-3 + z * (2.48015872894767294178e-5 + z * (-2.75573143513906633035e-7 + z * (2.08757232129817482790e-9 + z * -1.13596475577881948265e-11)))))
  const half = 0.5 * z
  const w = 1 - half
  return w + (1 - w - half + (z * r - x * low))
}

/** The odd polynomial of tan beyond its first two terms. */
function tanTail(z: number): number {
  const w = z * z
  const even = 1.33333333333201242699e-1 + w * (2.18694882948595424599e-2 + w * (3.59207910759131235356e-3 + w * (5.88041240820264096874e-4 + w * (7.81794442939557092300e-5 + w * -1.85586374855275456654e-5))))
  const odd = z * (5.39682539762260521377e-2 + w * (8.86323982359930005737e-3 + w * (1.45620945432529025516e-3 + w * (2.46463134818469906812e-4 + w * (7.14072491382608190305e-5 + w * 2.59073051863633712884e-5)))))
  return even + odd
}

/** tan of x + low, or its negative reciprocal. */
function tanKernel(x: number, low: number, reciprocal: boolean): number {
  const sign = x < 0 ? -1 : 1
  const big = sign * x >= 0.6744
  const angle = big ? 7.85398163397448278999e-1 - sign * x + (3.06161699786838301793e-17 - sign * low) : x
  const rest = big ? 0 : low
  const z = angle * angle
  const s = z * angle
  const r = rest + z * (s * tanTail(z) + rest) + s * 3.33333333333334091986e-1
  const w = angle + r
  if (big) {
    const unit = reciprocal ? -1 : 1
    return sign * (unit - 2 * (angle + (r - (w * w) / (w + unit))))
  }
  if (!reciprocal) return w
  const head = clearLow(w)
  const v = r - (head - angle)
  const inverse = -1 / w
  const inverseHead = clearLow(inverse)
  return inverseHead + inverse * (1 + inverseHead * head + inverseHead * v)
}

/** The sine of an angle in radians. */
export function sin(x: number): number {
  if (x - x !== 0) return NaN
  if (x < 1.4901161193847656e-8 && x > -1.4901161193847656e-8) return x
  const y = reduceAngle(x)
  const low = second[0]
  switch (quadrant[0]) {
    case 0:
      return sinKernel(y, low)
    case 1:
      return cosKernel(y, low)
    case 2:
      return -sinKernel(y, low)
    default:
      return -cosKernel(y, low)
  }
}

/** The cosine of an angle in radians. */
export function cos(x: number): number {
  if (x - x !== 0) return NaN
  const y = reduceAngle(x)
  const low = second[0]
  switch (quadrant[0]) {
    case 0:
      return cosKernel(y, low)
    case 1:
      return -sinKernel(y, low)
    case 2:
      return -cosKernel(y, low)
    default:
      return sinKernel(y, low)
  }
}

/** The cosine and the sine of a finite angle in radians, the bits of {@link cos} and {@link sin}, as `into[at]` and `into[at + 1]`. */
export function cosSin(x: number, into: Record<number, number>, at: number): void {
  const y = reduceAngle(x)
  const low = second[0]
  const c = cosKernel(y, low)
  const s = sinKernel(y, low)
  const turned = (quadrant[0] & 1) === 1
  const along = turned ? s : c
  const across = turned ? c : s
  into[at] = quadrant[0] === 1 || quadrant[0] === 2 ? -along : along
  into[at + 1] = quadrant[0] >= 2 ? -across : across
}

/** The tangent of an angle in radians. */
export function tan(x: number): number {
  if (x - x !== 0) return NaN
  if (x < 1.4901161193847656e-8 && x > -1.4901161193847656e-8) return x
  const y = reduceAngle(x)
  const low = second[0]
  return tanKernel(y, low, quadrant[0] === 1 || quadrant[0] === 3)
}
