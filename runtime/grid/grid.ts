import { MetabonkError } from '../errors.ts'
import type { GridShape } from '../kernels.ts'
import { cellOf, wrap } from './shape.ts'

/**
 * Searches over the rows that `Kernels.buildGrid` sorted into cells. Holds views, never copies: it answers from what `start`, `sorted`
 * and `at` hold when it is asked.
 */
export class Grid {
  readonly shape: GridShape
  /** First place of each cell in `sorted`; one more entry holds the end. */
  readonly start: Uint32Array
  /** Live rows, cell by cell. */
  readonly sorted: Uint32Array
  /** x, y pairs by row. */
  private readonly at: Float32Array
  private readonly columns: Span
  private readonly lines: Span

  constructor(shape: GridShape, start: Uint32Array, sorted: Uint32Array, at: Float32Array) {
    this.shape = shape
    this.start = start
    this.sorted = sorted
    this.at = at
    this.columns = new Span(shape.width, shape.cellWidth, shape.columns, shape.wraps)
    this.lines = new Span(shape.height, shape.cellHeight, shape.lines, shape.wraps)
  }

  /** The cell of a position: an index into `start`. */
  cellOf(x: number, y: number): number {
    return cellOf(this.shape, x, y)
  }

  /**
   * Writes the rows within `radius` (inclusive) of a position into `out`, each once, by ascending cell and by ascending row inside a
   * cell; returns how many. On a torus the shortest way counts. Distances are of the stored f32 positions, computed in f64.
   *
   * @throws MetabonkError `limit` when `out` is too small, `world-invalid` for a position or radius that is no number.
   */
  near(x: number, y: number, radius: number, out: Uint32Array): number {
    if (!(radius >= 0 && Number.isFinite(x) && Number.isFinite(y))) throw noPlace(x, y, radius)
    const { shape, columns, lines, start, sorted } = this
    const centreX = wrap(x, shape.width, shape.wraps)
    const centreY = wrap(y, shape.height, shape.wraps)
    columns.cover(centreX, radius)
    lines.cover(centreY, radius)
    let count = 0
    for (let line = lines.start; line < lines.end; line = lines.after(line)) {
      const cells = line * shape.columns
      for (let column = columns.start; column < columns.end; column = columns.after(column)) {
        const end = start[cells + column + 1]
        for (let place = start[cells + column]; place < end; place++) {
          const row = sorted[place]
          const awayX = columns.distance(this.at[row * 2], centreX)
          const awayY = lines.distance(this.at[row * 2 + 1], centreY)
          if (!(awayX * awayX + awayY * awayY <= radius * radius)) continue
          if (count === out.length) throw tooMany(x, y, radius, count)
          out[count++] = row
        }
      }
    }
    return count
  }
}

/** Widens a search by more than its rounding errors, relative to the lengths in play; the exact distance decides afterwards. */
const slack = 1 / 0x1_0000_0000_0000

/** The cells of one axis that a search touches, in ascending order: [start, tail) and [first, end), one range unless it wraps. */
class Span {
  start = 0
  end = 0
  private tail = 0
  private first = 0
  private readonly size: number
  private readonly half: number
  private readonly cell: number
  private readonly count: number
  private readonly wraps: boolean

  constructor(size: number, cell: number, count: number, wraps: boolean) {
    this.size = size
    this.half = wraps ? size / 2 : Infinity
    this.cell = cell
    this.count = count
    this.wraps = wraps
  }

  cover(at: number, radius: number): void {
    const reach = radius + (Math.abs(at) + radius + this.size) * slack
    const low = Math.floor((at - reach) / this.cell)
    const high = Math.floor((at + reach) / this.cell)
    this.tail = 0
    if (!this.wraps) this.range(Math.min(Math.max(low, 0), this.count - 1), Math.min(Math.max(high, 0), this.count - 1) + 1)
    else if (!(high - low + 1 < this.count)) this.range(0, this.count)
    else this.wrapRange(low - Math.floor(low / this.count) * this.count, high - low + 1)
  }

  after(index: number): number {
    return index + 1 === this.tail ? this.first : index + 1
  }

  /** Between a stored coordinate and the (wrapped) centre of a search. */
  distance(stored: number, centre: number): number {
    const straight = Math.abs(wrap(stored, this.size, this.wraps) - centre)
    return straight > this.half ? this.size - straight : straight
  }

  private range(first: number, end: number): void {
    this.start = first
    this.first = first
    this.end = end
  }

  private wrapRange(first: number, length: number): void {
    this.range(first, Math.min(first + length, this.count))
    if (first + length <= this.count) return
    this.tail = first + length - this.count
    this.start = 0
  }
}

function noPlace(x: number, y: number, radius: number): MetabonkError {
  return new MetabonkError({
    code: 'world-invalid',
    what: `a search within ${String(radius)} of (${String(x)}, ${String(y)}) has no answer`,
    todo: 'check what the position and the radius are computed from',
  })
}

function tooMany(x: number, y: number, radius: number, count: number): MetabonkError {
  return new MetabonkError({
    code: 'limit',
    what: `more than ${String(count)} agents are within ${String(radius)} of (${String(x)}, ${String(y)})`,
    todo: 'search with a longer array or a smaller radius',
  })
}
