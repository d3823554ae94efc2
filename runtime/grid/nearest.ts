import { MetabonkError } from '../errors.ts'
import type { GridShape } from '../kernels.ts'
import { noPlace, type Grid } from './grid.ts'
import { cellOf } from './shape.ts'
import { Span, spanWord } from './span.ts'

/** Widens squares by more than their rounding errors, where they only say which cells to look into. */
const wider = 1 + 1 / 0x100_0000_0000

/** Numbers of a search, kept in an array for the reason that {@link Span} gives. */
const word = {
  x: 0,
  y: 1,
  radius: 2,
  /** Square of how far away the next one may be. */
  limit: 3,
  /** Its value when columns and lines were found to be within reach. */
  covered: 4,
  /** The way to the next one along both axes, and its length squared. */
  awayX: 5,
  awayY: 6,
  square: 7,
  words: 8,
} as const

/**
 * The few agents nearest to a place, among those of one grid or of several: nearest first; of equally near ones the grid that was searched
 * first, then the order of its cells, then that of rows. On a torus the shortest way counts. Distances are of the stored f32 positions,
 * computed in f64.
 *
 * Made once and used for every search: it allocates nothing then. It looks from the middle outwards, and no farther than the
 * farthest of those it keeps.
 *
 * @example
 * const prey = new Nearest(3)
 * prey.from(x, y, 20).among(world.grid(Sheep), (row) => fear[row] === 0)
 * for (let i = 0; i < prey.count; i++) world.send(row, Alarm, world.others(Sheep).id(prey.rows[i]), { near: Math.sqrt(prey.squares[i]) })
 */
export class Nearest {
  /** How many were found; entries of the arrays from here on mean nothing. */
  count = 0
  /** Their rows, nearest first. */
  readonly rows: Uint32Array
  /** In which of the grids each was found: 0 for the one that was searched first. */
  readonly grids: Uint32Array
  /** The way to each along both axes, and its length squared. */
  readonly awayX: Float64Array
  readonly awayY: Float64Array
  readonly squares: Float64Array
  private readonly capacity: number
  private readonly words = new Float64Array(word.words)
  /** Columns and lines within reach, in grids of a shape. */
  private readonly columns = new Span()
  private readonly lines = new Span()
  private shape: GridShape | undefined = undefined
  private searched = 0
  private accept: ((row: number) => boolean) | undefined = undefined
  private except = -1

  /**
   * Room for so many.
   *
   * @throws MetabonkError `world-invalid` unless that is a whole number from 1.
   */
  constructor(capacity: number) {
    if (!(Number.isInteger(capacity) && capacity > 0)) throw new MetabonkError({ code: 'world-invalid', what: `a search can't have room for ${String(capacity)}`, todo: 'give a whole number from 1' })
    this.capacity = capacity
    this.rows = new Uint32Array(capacity)
    this.grids = new Uint32Array(capacity)
    this.awayX = new Float64Array(capacity)
    this.awayY = new Float64Array(capacity)
    this.squares = new Float64Array(capacity)
  }

  /** Begins a search: nobody is found yet within `radius` (inclusive) of a place. */
  from(x: number, y: number, radius: number): this {
    this.words[word.x] = x
    this.words[word.y] = y
    return this.begin(radius)
  }

  /**
   * Begins a search around the place of a row: `at` holds x, y pairs by row. The same as {@link from}, whose numbers become objects on the heap where V8
   * does not inline the call.
   */
  around(at: ArrayLike<number>, row: number, radius: number): this {
    this.words[word.x] = at[2 * row]
    this.words[word.y] = at[2 * row + 1]
    return this.begin(radius)
  }

  private begin(radius: number): this {
    this.words[word.radius] = radius
    this.shape = undefined
    this.count = 0
    this.searched = 0
    return this
  }

  /**
   * Adds those of a grid that are near enough and that `accept` takes, without the row `except`.
   *
   * @throws MetabonkError `world-invalid` for a position or radius that is no number.
   */
  among(grid: Grid, accept?: (row: number) => boolean, except = -1): this {
    if (grid.shape !== this.shape) this.open(grid)
    this.accept = accept
    this.except = except
    this.spread(grid)
    this.searched++
    return this
  }

  /** Goes on to grids of another shape. */
  private open(grid: Grid): void {
    const { words, columns, lines } = this
    const radius = words[word.radius]
    if (!(radius >= 0 && Number.isFinite(words[word.x]) && Number.isFinite(words[word.y]))) throw noPlace(words[word.x], words[word.y], radius)
    if (this.count < this.capacity) words[word.limit] = radius * radius
    columns.words[spanWord.centre] = words[word.x]
    columns.locate(grid.columns)
    lines.words[spanWord.centre] = words[word.y]
    lines.locate(grid.lines)
    this.shape = grid.shape
    this.narrow(grid)
  }

  /** Looks at no more cells than those within reach now. */
  private narrow(grid: Grid): void {
    const { words, columns, lines } = this
    const reach = Math.sqrt(words[word.limit] * wider)
    columns.words[spanWord.reach] = reach
    columns.cover(grid.columns)
    lines.words[spanWord.reach] = reach
    lines.cover(grid.lines)
    words[word.covered] = words[word.limit]
  }

  /** Looks through the lines of cells from the middle one outwards, one ahead and one behind in turn. */
  private spread(grid: Grid): void {
    const { words, lines } = this
    const { middle } = lines
    for (let out = 0; middle + out <= lines.high || middle - out >= lines.low; out++) {
      if (words[word.limit] < words[word.covered] / 2) this.narrow(grid)
      for (let side = out === 0 ? 1 : -1; side <= 1; side += 2) {
        const line = middle + side * out
        if (line >= lines.low && line <= lines.high) this.look(grid, line)
      }
    }
  }

  /** Looks through the cells within reach of a line. */
  private look(grid: Grid, line: number): void {
    const { first, end, tail } = this.columns
    const { start, columns, lines } = grid
    const cells = (line < 0 ? line + lines.count : line < lines.count ? line : line - lines.count) * columns.count
    if (tail > 0) this.take(grid, start[cells], start[cells + tail])
    const begin = start[cells + first]
    const last = start[cells + end]
    // Nobody is there in most of them.
    if (begin < last) this.take(grid, begin, last)
  }

  /** Keeps those of a run of places that are near enough. */
  private take(grid: Grid, begin: number, end: number): void {
    const { words, columns, lines } = this
    const { sorted, at, alias } = grid
    const isCalm = columns.isCalm && lines.isCalm
    const x = columns.words[spanWord.centre]
    const y = lines.words[spanWord.centre]
    let limit = words[word.limit]
    for (let place = begin; place < end; place++) {
      const row = sorted[place]
      let awayX = at[2 * row] - x
      let awayY = at[2 * row + 1] - y
      if (!isCalm || awayX * awayX + awayY * awayY >= alias) {
        columns.measure(grid.columns, at, 2 * row)
        lines.measure(grid.lines, at, 2 * row + 1)
        awayX = columns.words[spanWord.away]
        awayY = lines.words[spanWord.away]
      }
      const square = awayX * awayX + awayY * awayY
      if (!(square <= limit)) continue
      words[word.awayX] = awayX
      words[word.awayY] = awayY
      words[word.square] = square
      this.keep(grid, row)
      limit = words[word.limit]
    }
  }

  /** Puts the next one where it belongs, if it is to be taken; of too many the farthest is dropped. */
  private keep(grid: Grid, row: number): void {
    const { words, squares, capacity, accept } = this
    if (row === this.except || (accept !== undefined && !accept(row))) return
    const square = words[word.square]
    let to = this.count
    if (to < capacity) this.count++
    else if (square === squares[--to] && !this.isBefore(grid, row, to)) return
    for (; to > 0 && (squares[to - 1] > square || (squares[to - 1] === square && this.isBefore(grid, row, to - 1))); to--) this.shift(to - 1)
    this.rows[to] = row
    this.grids[to] = this.searched
    this.awayX[to] = words[word.awayX]
    this.awayY[to] = words[word.awayY]
    squares[to] = square
    if (this.count === capacity) words[word.limit] = squares[capacity - 1]
  }

  /** Whether a row comes before one that is kept and as near: those of earlier grids come first. */
  private isBefore({ at, shape }: Grid, row: number, kept: number): boolean {
    if (this.grids[kept] !== this.searched) return false
    const other = this.rows[kept]
    const cell = cellOf(shape, at[2 * row], at[2 * row + 1])
    const otherCell = cellOf(shape, at[2 * other], at[2 * other + 1])
    return cell < otherCell || (cell === otherCell && row < other)
  }

  /** Moves one that is kept a place back. */
  private shift(from: number): void {
    const to = from + 1
    this.rows[to] = this.rows[from]
    this.grids[to] = this.grids[from]
    this.awayX[to] = this.awayX[from]
    this.awayY[to] = this.awayY[from]
    this.squares[to] = this.squares[from]
  }
}
