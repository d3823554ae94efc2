import { subpixels } from './eye.ts'
import type { Plane } from './polygon.ts'

/** A convex polygon in 1/256 pixel, counter-clockwise to the eye. */
export interface Outline {
  readonly count: number
  readonly columns: Float64Array
  readonly lines: Float64Array
}

const edgesMax = 9
const half = subpixels / 2

/** Beyond this a plane is so much on edge that 1/depth over the picture means nothing: the face is as near as its nearest corner. */
const steepest = 1e20

/** Depth and what is seen of every pixel of the picture being drawn. */
export class Canvas {
  width = 0
  height = 0
  /** 1/depth of what is seen, f32; that of the far plane where nothing is. */
  nearness = new Float32Array(0)
  /** What is seen: the slot of a face; 0 where nothing is. */
  slots = new Uint32Array(0)
  private readonly perColumn = new Float64Array(edgesMax)
  private readonly perLine = new Float64Array(edgesMax)
  private readonly start = new Float64Array(edgesMax)

  /** Begins an empty picture. */
  begin(width: number, height: number, far: number): void {
    if (width !== this.width || height !== this.height) {
      this.width = width
      this.height = height
      this.nearness = new Float32Array(width * height)
      this.slots = new Uint32Array(width * height)
    }
    this.nearness.fill(1 / far)
    this.slots.fill(0)
  }

  /** Fills a polygon where it is nearer than what is there; 1/depth stays between that of its corners. */
  fill(outline: Outline, plane: Plane, least: number, greatest: number): void {
    const first = Math.max(Math.ceil((lowest(outline.columns, outline.count) - half) / subpixels), 0)
    const last = Math.min(Math.floor((highest(outline.columns, outline.count) - half) / subpixels), this.width - 1)
    const top = Math.max(Math.ceil((lowest(outline.lines, outline.count) - half) / subpixels), 0)
    const bottom = Math.min(Math.floor((highest(outline.lines, outline.count) - half) / subpixels), this.height - 1)
    if (first > last || top > bottom) return
    this.openEdges(outline)
    const steep = !(Math.abs(plane.middle) <= steepest && Math.abs(plane.perColumn) <= steepest && Math.abs(plane.perLine) <= steepest)
    const nearest = Math.fround(greatest)
    const farthest = Math.fround(least)
    const perColumn = steep ? 0 : Math.fround(plane.perColumn)
    const perLine = steep ? 0 : Math.fround(plane.perLine)
    const middle = steep ? nearest : Math.fround(plane.middle)
    for (let line = top; line <= bottom; line++) {
      const here = Math.fround(middle + Math.fround(perLine * (line + 0.5 - this.height / 2)))
      for (let column = first; column <= last; column++) {
        if (!this.covers(outline.count, column, line)) continue
        const flat = Math.fround(here + Math.fround(perColumn * (column + 0.5 - this.width / 2)))
        const nearness = flat < farthest ? farthest : flat > nearest ? nearest : flat
        const pixel = line * this.width + column
        if (!(nearness > this.nearness[pixel])) continue
        this.nearness[pixel] = nearness
        this.slots[pixel] = plane.slot
      }
    }
  }

  /** For each edge, a function of column and line that is not negative where the centre of that pixel is inside. */
  private openEdges({ count, columns, lines }: Outline): void {
    for (let i = 0; i < count; i++) {
      const next = i + 1 === count ? 0 : i + 1
      const perColumn = lines[next] - lines[i]
      const perLine = columns[i] - columns[next]
      const mine = perColumn > 0 || (perColumn === 0 && perLine > 0)
      this.perColumn[i] = perColumn
      this.perLine[i] = perLine
      this.start[i] = Math.floor((perColumn * (half - columns[i]) + perLine * (half - lines[i]) - (mine ? 0 : 1)) / subpixels)
    }
  }

  private covers(edges: number, column: number, line: number): boolean {
    for (let i = 0; i < edges; i++) if (this.perColumn[i] * column + this.perLine[i] * line + this.start[i] < 0) return false
    return true
  }
}

function lowest(values: Float64Array, count: number): number {
  let least = values[0]
  for (let i = 1; i < count; i++) if (values[i] < least) least = values[i]
  return least
}

function highest(values: Float64Array, count: number): number {
  let most = values[0]
  for (let i = 1; i < count; i++) if (values[i] > most) most = values[i]
  return most
}
