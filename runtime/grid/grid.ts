import { MetabonkError } from '../errors.ts'
import type { GridShape } from '../kernels.ts'
import { cellOf } from './shape.ts'
import { Axis, Span, spanWord } from './span.ts'

/**
 * Searches over the rows that `Kernels.buildGrid` sorted into cells. Holds views, never copies: it answers from what `start`, `sorted`
 * and `at` hold when it is asked. The few nearest rows are found by {@link Nearest}.
 */
export class Grid {
  readonly shape: GridShape
  /** First place of each cell in `sorted`; one more entry holds the end. Cells side by side are one run of places. */
  readonly start: Uint32Array
  /** Live rows, cell by cell. */
  readonly sorted: Uint32Array
  /** x, y pairs by row. */
  readonly at: Float32Array
  readonly columns: Axis
  readonly lines: Axis
  /** Whatever is this far away, squared, may be nearer around a border. */
  readonly alias: number
  private readonly across = new Span()
  private readonly along = new Span()

  constructor(shape: GridShape, start: Uint32Array, sorted: Uint32Array, at: Float32Array) {
    const { width, height, cellWidth, cellHeight, wraps } = shape
    const half = Math.min(width, height) / 2
    this.shape = shape
    this.start = start
    this.sorted = sorted
    this.at = at
    this.columns = new Axis(width, cellWidth, shape.columns, wraps)
    this.lines = new Axis(height, cellHeight, shape.lines, wraps)
    this.alias = wraps ? half * half : Infinity
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
    this.across.words[spanWord.centre] = x
    this.along.words[spanWord.centre] = y
    this.across.words[spanWord.reach] = radius
    return this.collect(out)
  }

  /** The search of `near`, which is small enough to be inlined: so the numbers it is given become no objects. */
  private collect(out: Uint32Array): number {
    const { across, along, columns, lines, start } = this
    const x = across.words[spanWord.centre]
    const y = along.words[spanWord.centre]
    const radius = across.words[spanWord.reach]
    if (!(radius >= 0 && Number.isFinite(x) && Number.isFinite(y))) throw noPlace(x, y, radius)
    along.words[spanWord.reach] = radius
    across.locate(columns)
    along.locate(lines)
    across.cover(columns)
    along.cover(lines)
    let count = 0
    const { first, end, tail } = along
    for (let line = tail > 0 ? 0 : first; line < end; line = line + 1 === tail ? first : line + 1) {
      const cells = line * columns.count
      if (across.tail > 0) count = this.take(start[cells], start[cells + across.tail], count, out)
      count = this.take(start[cells + across.first], start[cells + across.end], count, out)
    }
    return count
  }

  /** Appends those of a run of places that are near to the `count` rows found so far; returns how many there are now. */
  private take(begin: number, end: number, count: number, out: Uint32Array): number {
    const { across, along, columns, lines, sorted, at, alias } = this
    const isCalm = across.isCalm && along.isCalm
    const x = across.words[spanWord.centre]
    const y = along.words[spanWord.centre]
    const radius = across.words[spanWord.reach]
    for (let place = begin; place < end; place++) {
      const row = sorted[place]
      let awayX = at[2 * row] - x
      let awayY = at[2 * row + 1] - y
      if (!isCalm || awayX * awayX + awayY * awayY >= alias) {
        across.measure(columns, at, 2 * row)
        along.measure(lines, at, 2 * row + 1)
        awayX = across.words[spanWord.away]
        awayY = along.words[spanWord.away]
      }
      if (!(awayX * awayX + awayY * awayY <= radius * radius)) continue
      if (count === out.length) throw tooMany(x, y, radius, count)
      out[count++] = row
    }
    return count
  }
}

/** The error of a search that has no answer. */
export function noPlace(x: number, y: number, radius: number): MetabonkError {
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
