import type { DrawJob } from '../../runtime/index.ts'
import { numberAt, viewAt, viewWords } from './layout.ts'

/** Picture coordinates count 256ths of a pixel; no corner lies farther from the picture's corner than this: 8192 pixels. */
export const subpixels = 256
export const guard = 8192 * subpixels

/** What a view looks like from inside: where its eye is, its axes, and the sides of what it sees. All f64. */
export class Eye {
  /** Place of the eye. */
  x = 0
  y = 0
  z = 0
  /** Unit vectors to the right, down and forward: three numbers each. */
  readonly right = new Float64Array(3)
  readonly down = new Float64Array(3)
  readonly forward = new Float64Array(3)
  /** Pixels, and 1 over it. */
  focal = 1
  inverseFocal = 1
  near = 0
  far = 0
  /** Middle of the picture, in pixels. */
  middleX = 0
  middleY = 0
  /** Cosine and sine of half the angle of view, across and down. */
  private cosineX = 0
  private sineX = 0
  private cosineY = 0
  private sineY = 0
  private spaceWidth = 0
  private spaceHeight = 0
  private wraps = false

  /** Takes the place of view `index` of a job. */
  open({ numbers, views }: DrawJob, index: number): void {
    const at = index * viewWords
    this.x = views[at + viewAt.eye]
    this.y = views[at + viewAt.eye + 1]
    this.z = views[at + viewAt.eye + 2]
    for (let i = 0; i < 3; i++) {
      this.right[i] = views[at + viewAt.right + i]
      this.down[i] = views[at + viewAt.down + i]
      this.forward[i] = views[at + viewAt.forward + i]
    }
    this.focal = views[at + viewAt.focal]
    this.inverseFocal = 1 / this.focal
    this.near = views[at + viewAt.near]
    this.far = views[at + viewAt.far]
    this.middleX = numbers[numberAt.width] / 2
    this.middleY = numbers[numberAt.height] / 2
    const slopeX = this.middleX * this.inverseFocal
    const slopeY = this.middleY * this.inverseFocal
    this.cosineX = 1 / Math.sqrt(1 + slopeX * slopeX)
    this.sineX = slopeX * this.cosineX
    this.cosineY = 1 / Math.sqrt(1 + slopeY * slopeY)
    this.sineY = slopeY * this.cosineY
    this.spaceWidth = numbers[numberAt.spaceWidth]
    this.spaceHeight = numbers[numberAt.spaceHeight]
    this.wraps = numbers[numberAt.wraps] === 1
  }

  /** From the eye to the nearest image of a thing at x. */
  awayX(x: number): number {
    const away = x - this.x
    return this.wraps ? away - this.spaceWidth * Math.floor(away / this.spaceWidth + 0.5) : away
  }

  /** From the eye to the nearest image of a thing at y. */
  awayY(y: number): number {
    const away = y - this.y
    return this.wraps ? away - this.spaceHeight * Math.floor(away / this.spaceHeight + 0.5) : away
  }

  /** Whether some of a sphere may be seen; its centre as the eye sees it: to the right, down, forward. */
  meets(x: number, y: number, z: number, radius: number): boolean {
    if (!(z + radius >= this.near && z - radius <= this.far)) return false
    return !(Math.abs(x) * this.cosineX - z * this.sineX > radius || Math.abs(y) * this.cosineY - z * this.sineY > radius)
  }
}

/** Scalar product with the vector at `at` of an array. */
export function along(axis: Float64Array, x: number, y: number, z: number): number {
  return axis[0] * x + axis[1] * y + axis[2] * z
}
