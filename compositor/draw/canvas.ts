import { subpixels } from './eye.ts'

/** 1/depth of a face as a plane over the picture, and what the face looks like. */
export interface Plane {
  /** Growth of 1/depth per pixel to the right and down, and its value in the middle of the picture. */
  perColumn: number
  perLine: number
  middle: number
  /** What a pixel of the face is noted as. */
  slot: number
}

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

/** 1/depth over the pixels of a face. Every operation rounds to f32. */
class Slope {
  private perColumn = 0
  private perLine = 0
  private middle = 0
  private nearest = 0
  private farthest = 0
  private here = 0

  open(plane: Plane, least: number, greatest: number): void {
    const steep = !(Math.abs(plane.middle) <= steepest && Math.abs(plane.perColumn) <= steepest && Math.abs(plane.perLine) <= steepest)
    this.nearest = Math.fround(greatest)
    this.farthest = Math.fround(least)
    this.perColumn = steep ? 0 : Math.fround(plane.perColumn)
    this.perLine = steep ? 0 : Math.fround(plane.perLine)
    this.middle = steep ? this.nearest : Math.fround(plane.middle)
  }

  onLine(fromMiddle: number): void {
    this.here = Math.fround(this.middle + Math.fround(this.perLine * fromMiddle))
  }

  /** On the line, so far from its middle: never nearer than the nearest corner, never farther than the farthest. */
  at(fromMiddle: number): number {
    const flat = Math.fround(this.here + Math.fround(this.perColumn * fromMiddle))
    return flat < this.farthest ? this.farthest : flat > this.nearest ? this.nearest : flat
  }
}

/** Depth and what is seen of every pixel of the picture being drawn. */
export class Canvas {
  width = 0
  height = 0
  /** 1/depth of what is seen, f32; that of the far plane where nothing is. */
  nearness = new Float32Array(0)
  /** What is seen: the slot of a face; 0 where nothing is. */
  slots = new Uint32Array(0)
  private readonly slope = new Slope()
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
    const first = firstPixel(outline.columns, outline.count)
    const last = lastPixel(outline.columns, outline.count, this.width)
    const bottom = lastPixel(outline.lines, outline.count, this.height)
    this.openEdges(outline)
    this.slope.open(plane, least, greatest)
    for (let line = firstPixel(outline.lines, outline.count); line <= bottom; line++) {
      this.slope.onLine(line + 0.5 - this.height / 2)
      for (let column = first; column <= last; column++) {
        if (!this.covers(outline.count, column, line)) continue
        const nearness = this.slope.at(column + 0.5 - this.width / 2)
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

/** The first pixel, from 0, whose centre is not before the least of some 256ths of a pixel. */
function firstPixel(values: Float64Array, count: number): number {
  let least = values[0]
  for (let i = 1; i < count; i++) if (values[i] < least) least = values[i]
  return Math.max(Math.ceil((least - half) / subpixels), 0)
}

/** The last pixel, of so many, whose centre is not behind the greatest. */
function lastPixel(values: Float64Array, count: number, pixels: number): number {
  let most = values[0]
  for (let i = 1; i < count; i++) if (values[i] > most) most = values[i]
  return Math.min(Math.floor((most - half) / subpixels), pixels - 1)
}
