/**
 * One convex polygon on its way from the eye's space to pixels.
 *
 * Corners are clipped against the near plane, projected, and put on a grid of 1/256 pixel (round to nearest, ties to even); from there on
 * coverage is exact integer arithmetic: a pixel belongs to a polygon when its centre is inside, and of two polygons that share an edge it
 * belongs to exactly one (the rule of top and left edges). Corners far outside the picture are clipped as well, so that numbers stay small.
 * Clipping starts from the inner end of an edge, so that both polygons at an edge cut it in the same point.
 */
import type { Canvas, Plane } from './canvas.ts'
import { guard, subpixels, type Eye } from './eye.ts'

/** Corners a clipped polygon may have: four, and one for each of five planes. */
const cornersMax = 9

/** Adding and subtracting this rounds a number below 2^51 to an integer, ties to even. */
const rounder = 6755399441055744

export class Polygon {
  /** Corners in the eye's space: to the right, down, forward. Set the first `count` before {@link draw}. */
  x = new Float64Array(cornersMax)
  y = new Float64Array(cornersMax)
  z = new Float64Array(cornersMax)
  count = 0
  private clippedX = new Float64Array(cornersMax)
  private clippedY = new Float64Array(cornersMax)
  private clippedZ = new Float64Array(cornersMax)
  /** Corners in the picture, in 1/256 pixel. */
  private readonly column = new Float64Array(cornersMax)
  private readonly line = new Float64Array(cornersMax)
  /** Least and greatest 1/depth of a corner. */
  private least = 0
  private greatest = 0
  private readonly eye: Eye
  private readonly canvas: Canvas
  private readonly triangleColumns = new Float64Array(3)
  private readonly triangleLines = new Float64Array(3)

  constructor(eye: Eye, canvas: Canvas) {
    this.eye = eye
    this.canvas = canvas
  }

  /** Draws the polygon where it is nearer than what is there. What faces away, or is hair-thin, covers nothing. */
  draw(plane: Plane): void {
    const { near, focal, middleX, middleY } = this.eye
    if (this.isNearer(near)) this.clip([0, 0, 1, -near], near)
    if (this.count < 3) return
    if (!this.project()) {
      this.clip([focal * subpixels, 0, middleX * subpixels + guard, 0])
      this.clip([-focal * subpixels, 0, guard - middleX * subpixels, 0])
      this.clip([0, focal * subpixels, middleY * subpixels + guard, 0])
      this.clip([0, -focal * subpixels, guard - middleY * subpixels, 0])
      if (this.count < 3) return
      this.project()
      this.clamp()
    }
    this.mergeCorners()
    if (this.count >= 3) this.fill(plane)
  }

  private isNearer(near: number): boolean {
    for (let i = 0; i < this.count; i++) if (this.z[i] < near) return true
    return false
  }

  /** Keeps what is on the positive side of a plane; what it cuts lies at depth `depth`, where that is given. */
  private clip([a, b, c, d]: readonly [number, number, number, number], depth?: number): void {
    const { x, y, z, count } = this
    let kept = 0
    for (let i = 0; i < count; i++) {
      const next = i + 1 === count ? 0 : i + 1
      const here = a * x[i] + b * y[i] + c * z[i] + d
      const there = a * x[next] + b * y[next] + c * z[next] + d
      if (here >= 0) this.keep(kept++, x[i], y[i], z[i])
      if (here >= 0 === there >= 0) continue
      const [from, to, share] = here >= 0 ? [i, next, here / (here - there)] : [next, i, there / (there - here)]
      this.keep(kept++, x[from] + (x[to] - x[from]) * share, y[from] + (y[to] - y[from]) * share, depth ?? z[from] + (z[to] - z[from]) * share)
    }
    this.x = this.clippedX
    this.y = this.clippedY
    this.z = this.clippedZ
    this.clippedX = x
    this.clippedY = y
    this.clippedZ = z
    this.count = kept
  }

  private keep(at: number, x: number, y: number, z: number): void {
    this.clippedX[at] = x
    this.clippedY[at] = y
    this.clippedZ[at] = z
  }

  /** Finds where corners are in the picture. False when one is too far outside. */
  private project(): boolean {
    const { focal, middleX, middleY } = this.eye
    let inside = true
    this.least = Infinity
    this.greatest = 0
    for (let i = 0; i < this.count; i++) {
      const inverse = 1 / this.z[i]
      const column = middleX * subpixels + focal * subpixels * this.x[i] * inverse + rounder - rounder
      const line = middleY * subpixels + focal * subpixels * this.y[i] * inverse + rounder - rounder
      if (!(Math.abs(column) <= guard && Math.abs(line) <= guard)) inside = false
      this.column[i] = column
      this.line[i] = line
      if (inverse < this.least) this.least = inverse
      if (inverse > this.greatest) this.greatest = inverse
    }
    return inside
  }

  private clamp(): void {
    for (let i = 0; i < this.count; i++) {
      this.column[i] = held(this.column[i])
      this.line[i] = held(this.line[i])
    }
  }

  /** Leaves one of corners that fell on the same point. */
  private mergeCorners(): void {
    const { column, line } = this
    let kept = 0
    for (let i = 0; i < this.count; i++) {
      if (kept > 0 && column[kept - 1] === column[i] && line[kept - 1] === line[i]) continue
      column[kept] = column[i]
      line[kept++] = line[i]
    }
    if (kept > 1 && column[kept - 1] === column[0] && line[kept - 1] === line[0]) kept--
    this.count = kept
  }

  /** Fills the polygon whole, or, where rounding has bent it inwards, as a fan of triangles from the first such corner. */
  private fill(plane: Plane): void {
    const { count, column, line } = this
    const bent = this.firstBent()
    if (bent === -1) {
      this.canvas.fill({ count, columns: column, lines: line }, plane, this.least, this.greatest)
      return
    }
    if (count === 3) return
    for (let i = 1; i < count - 1; i++) this.fillTriangle(bent, (bent + i) % count, (bent + i + 1) % count, plane)
  }

  private fillTriangle(a: number, b: number, c: number, plane: Plane): void {
    const { column, line, triangleColumns, triangleLines } = this
    if (!(this.turn(a, b, c) > 0)) return
    triangleColumns[0] = column[a]
    triangleColumns[1] = column[b]
    triangleColumns[2] = column[c]
    triangleLines[0] = line[a]
    triangleLines[1] = line[b]
    triangleLines[2] = line[c]
    this.canvas.fill({ count: 3, columns: triangleColumns, lines: triangleLines }, plane, this.least, this.greatest)
  }

  /** The first corner that does not turn outwards; of a triangle, any when it faces away or is flat. -1: there is none. */
  private firstBent(): number {
    const { count } = this
    let turned = false
    for (let i = 0; i < count; i++) {
      const turn = this.turn(i === 0 ? count - 1 : i - 1, i, i + 1 === count ? 0 : i + 1)
      if (turn < 0) return i
      if (turn > 0) turned = true
    }
    return turned ? -1 : 0
  }

  /** Twice the area of a triangle of corners: positive when it is counter-clockwise to the eye. Exact. */
  private turn(a: number, b: number, c: number): number {
    const { column, line } = this
    return (line[b] - line[a]) * (column[c] - column[a]) - (column[b] - column[a]) * (line[c] - line[a])
  }
}

/** A place no farther outside than is reckoned with; one of a corner that rounding has put into the eye, and is no number, at the least. */
function held(at: number): number {
  return at > -guard ? (at < guard ? at : guard) : -guard
}
