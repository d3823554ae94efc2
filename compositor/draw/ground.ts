/**
 * The ground: a height field on a grid, drawn no finer than the picture can show.
 *
 * Level of detail is that of Lindstrom and Pascucci, "Visualization of Large Terrains Made Easy" (2001): right triangles are halved at the
 * middle of their longest edge, while what that corner adds would show. The corner's error and reach contain those of all it leads to, so that both triangles at an edge decide alike and the ground has no cracks. Tiles are two such triangles; tiles repeat over a torus.
 */
import type { DrawJob } from '../../runtime/index.ts'
import { along, type Eye } from './eye.ts'
import { detailAt, detailWords, numberAt } from './layout.ts'
import type { Plane } from './canvas.ts'
import type { Polygon } from './polygon.ts'

/** What a pixel of the ground is noted as. */
export const groundSlot = 1

/** A corner of the grid, as the eye sees it. Columns and lines go on over the borders of a torus. */
interface Corner {
  readonly column: number
  readonly line: number
  readonly x: number
  readonly y: number
  readonly z: number
}

export class Ground {
  private readonly eye: Eye
  private readonly polygon: Polygon
  private readonly plane: Plane = { perColumn: 0, perLine: 0, middle: 0, slot: groundSlot }
  private job!: DrawJob
  private columns = 0
  private lines = 0
  private cell = 1
  private wraps = false
  /** Pixels of a metre at a metre's depth, over the error that may show. */
  private sharpness = 0

  constructor(eye: Eye, polygon: Polygon) {
    this.eye = eye
    this.polygon = polygon
  }

  draw(job: DrawJob): void {
    const { numbers } = job
    this.job = job
    this.columns = numbers[numberAt.columns]
    this.lines = numbers[numberAt.lines]
    this.cell = numbers[numberAt.cell]
    this.sharpness = this.eye.focal / numbers[numberAt.pixelError]
    const tile = numbers[numberAt.tile]
    this.wraps = numbers[numberAt.wraps] === 1
    const columns = this.tilesOf(this.columns, this.eye.x, tile)
    const lines = this.tilesOf(this.lines, this.eye.y, tile)
    for (let line = lines.first; line < lines.end; line += tile) {
      for (let column = columns.first; column < columns.end; column += tile) this.drawTile(column, line, tile)
    }
  }

  /** Where tiles begin along so many cells: from one to before another; on a torus, those of all images that reach as far as the eye sees. */
  private tilesOf(cells: number, place: number, tile: number): { readonly first: number; readonly end: number } {
    if (!this.wraps) return { first: 0, end: cells }
    const low = (place - this.eye.far) / this.cell - tile
    const high = (place + this.eye.far) / this.cell
    return { first: tile * Math.ceil(low / tile), end: tile * (Math.floor(high / tile) + 1) }
  }

  private drawTile(column: number, line: number, tile: number): void {
    const low = this.corner(column, line)
    const high = this.corner(column + tile, line + tile)
    this.drawTriangle(this.corner(column + tile, line), high, low)
    this.drawTriangle(this.corner(column, line + tile), low, high)
  }

  /** Draws a right triangle, counter-clockwise from above, given its right angle first. */
  private drawTriangle(top: Corner, from: Corner, to: Corner): void {
    const column = (from.column + to.column) / 2
    const line = (from.line + to.line) / 2
    if (Number.isInteger(column) && Number.isInteger(line)) {
      const { details } = this.job
      const at = detailWords * this.cornerAt(column, line)
      const { x, y, z } = this.cornerOf(column, line, details[at + detailAt.height])
      // Within the sphere is all of the triangle.
      if (!this.eye.meets(x, y, z, details[at + detailAt.radius])) return
      const error = details[at + detailAt.error]
      if (error > 0 && this.isNear(column, line, details[at + detailAt.height], error * this.sharpness + details[at + detailAt.reach])) {
        const middle = this.corner(column, line)
        this.drawTriangle(middle, top, from)
        this.drawTriangle(middle, to, top)
        return
      }
    }
    this.drawPolygon(top, from, to)
  }

  private drawPolygon(a: Corner, b: Corner, c: Corner): void {
    const { polygon, plane, eye } = this
    // Where a height is no number, the ground has a hole.
    if (![a, b, c].every(isSomewhere)) return
    const [bx, by, bz] = [b.x - a.x, b.y - a.y, b.z - a.z]
    const [cx, cy, cz] = [c.x - a.x, c.y - a.y, c.z - a.z]
    const [nx, ny, nz] = [by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx]
    const inverse = 1 / (nx * a.x + ny * a.y + nz * a.z)
    plane.perColumn = nx * inverse * eye.inverseFocal
    plane.perLine = ny * inverse * eye.inverseFocal
    plane.middle = nz * inverse
    this.put(0, a)
    this.put(1, b)
    this.put(2, c)
    polygon.count = 3
    polygon.draw(plane)
  }

  private put(at: number, corner: Corner): void {
    this.polygon.x[at] = corner.x
    this.polygon.y[at] = corner.y
    this.polygon.z[at] = corner.z
  }

  /** Where a corner lies in the arrays of the ground. */
  private cornerAt(column: number, line: number): number {
    return wrapped(line, this.lines) * (this.columns + 1) + wrapped(column, this.columns)
  }

  /** Whether a corner of a height is nearer to the eye than some metres. */
  private isNear(column: number, line: number, height: number, reach: number): boolean {
    const x = column * this.cell - this.eye.x
    const y = line * this.cell - this.eye.y
    const z = height - this.eye.z
    return x * x + y * y + z * z < reach * reach
  }

  private corner(column: number, line: number): Corner {
    return this.cornerOf(column, line, this.job.details[detailWords * this.cornerAt(column, line) + detailAt.height])
  }

  private cornerOf(column: number, line: number, height: number): Corner {
    const { eye, cell } = this
    const x = column * cell - eye.x
    const y = line * cell - eye.y
    const z = height - eye.z
    return { column, line, x: along(eye.right, x, y, z), y: along(eye.down, x, y, z), z: along(eye.forward, x, y, z) }
  }
}

function isSomewhere({ x, y, z }: Corner): boolean {
  return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z)
}

/** A column or line of the grid as its arrays count it: those beyond a border come back on the other side. */
function wrapped(at: number, count: number): number {
  return at >= 0 && at <= count ? at : at - count * Math.floor(at / count)
}
