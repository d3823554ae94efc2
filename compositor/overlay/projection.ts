/** Where in a picture a place of the world is: in f64, with + - * / alone, as the pinhole that the raster draws through. */
import type { DrawJob } from '../../runtime/index.ts'
import { along, Eye } from '../draw/eye.ts'
import type { Vec3 } from '../face.ts'
import type { Box } from '../picture/picture.ts'
import { between, partInside, type Point } from './lines.ts'

/** Boxes end so many pixels from the picture's corner, which is outside of all pictures: so their edges stay whole numbers. */
const farthest = 1 << 20

/** Places relative to the eye: metres to the right, down and forward. */
export class Projection {
  readonly eye = new Eye()
  readonly width: number
  readonly height: number
  private readonly samples: number

  /** For the first view of a job, whose pixels are samples of a picture: so many along either edge of each of the picture's. */
  constructor(job: DrawJob, { width, height, samples }: { readonly width: number; readonly height: number; readonly samples: number }) {
    this.eye.open(job, 0)
    this.width = width
    this.height = height
    this.samples = samples
  }

  /** From the eye to the nearest image of a place, in the world. */
  away(x: number, y: number, z: number): Vec3 {
    return [this.eye.awayX(x), this.eye.awayY(y), z - this.eye.z]
  }

  /** A direction of the world as the eye sees it. */
  turned([x, y, z]: Vec3): Vec3 {
    const { right, down, forward } = this.eye
    return [along(right, x, y, z), along(down, x, y, z), along(forward, x, y, z)]
  }

  /** Where in the picture a place before the eye is. */
  pointOf([right, down, forward]: Vec3): Point {
    const { focal, middleX, middleY } = this.eye
    return [(middleX + (focal * right) / forward) / this.samples, (middleY + (focal * down) / forward) / this.samples]
  }

  /** Where in the picture the ends of what can be seen of a straight line are: from the near to the far end of sight. */
  lineOf(from: Vec3, to: Vec3): readonly [Point, Point] | undefined {
    const { near, far } = this.eye
    const part = partInside([[from[2] - near, to[2] - near], [far - from[2], far - to[2]]])
    if (part === undefined) return undefined
    const [first, last] = part.map((share) => this.pointOf([between(from[0], to[0], share), between(from[1], to[1], share), between(from[2], to[2], share)]))
    return [first, last]
  }

  /**
   * The box of pixels that a block in space touches, cut off at the near end of sight: from the pixel that holds its leftmost place to the one before
   * the first that lies wholly beyond its rightmost, likewise down. Corners whose numbers differ in one bit are joined by an edge. Undefined where all of it is behind.
   */
  boxOf(corners: readonly Vec3[]): Box | undefined {
    const points = corners.flatMap((from, i) => [1, 2, 4].flatMap((bit) => ((i & bit) === 0 ? this.edgeOf(from, corners[i | bit]) : [])))
    if (points.length === 0) return undefined
    const inner = (place: number): number => Math.max(-farthest, Math.min(farthest, place))
    const left = inner(Math.floor(points.reduce((least, [column]) => Math.min(least, column), Infinity)))
    const top = inner(Math.floor(points.reduce((least, [, line]) => Math.min(least, line), Infinity)))
    const right = inner(Math.ceil(points.reduce((most, [column]) => Math.max(most, column), -Infinity)))
    const bottom = inner(Math.ceil(points.reduce((most, [, line]) => Math.max(most, line), -Infinity)))
    return { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) }
  }

  /** The ends of what is before the eye of an edge. */
  private edgeOf(from: Vec3, to: Vec3): readonly Point[] {
    const { near } = this.eye
    const part = partInside([[from[2] - near, to[2] - near]])
    return part === undefined ? [] : part.map((share) => this.pointOf([between(from[0], to[0], share), between(from[1], to[1], share), Math.max(near, between(from[2], to[2], share))]))
  }
}
