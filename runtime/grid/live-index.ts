import { assert } from '../errors.ts'
import type { GridShape } from '../kernels.ts'
import { cellOf } from './shape.ts'

/**
 * Which rows are in which cell while a sequential system moves them: kept up to date move by move, rows ascending inside a cell.
 *
 * @example
 * for (let row = index.first(x, y); row !== -1; row = index.next(row)) eat(row)
 */
export class LiveIndex {
  private readonly shape: GridShape
  private readonly rowsMax: number
  // Links hold row + 1 and cells hold cell + 1, so that untouched zeros mean none and reserved rows cost no memory.
  private readonly head: Uint32Array
  private readonly occupants: Uint32Array
  private readonly cell: Uint32Array
  private readonly following: Uint32Array
  private readonly preceding: Uint32Array
  /** Above every row in the index. */
  private rowsEnd = 0

  /** Empty, for rows below `rowsMax`. */
  constructor(shape: GridShape, rowsMax: number) {
    this.shape = shape
    this.rowsMax = rowsMax
    this.head = new Uint32Array(shape.columns * shape.lines)
    this.occupants = new Uint32Array(shape.columns * shape.lines)
    this.cell = new Uint32Array(rowsMax)
    this.following = new Uint32Array(rowsMax)
    this.preceding = new Uint32Array(rowsMax)
  }

  /** Starts over with the live rows below `rows`; `at` holds x, y pairs by row. */
  build(at: Float32Array, alive: Uint8Array, rows: number): void {
    this.head.fill(0)
    this.occupants.fill(0)
    this.cell.fill(0, 0, this.rowsEnd)
    this.rowsEnd = 0
    // From the last row down, every row goes to the front of its cell.
    for (let row = rows - 1; row >= 0; row--) {
      if (alive[row] !== 0) this.insert(row, at[row * 2], at[row * 2 + 1])
    }
  }

  /** How many rows share the cell of a position. */
  count(x: number, y: number): number {
    return this.occupants[cellOf(this.shape, x, y)]
  }

  /** The lowest row in the cell of a position, or -1. */
  first(x: number, y: number): number {
    return this.head[cellOf(this.shape, x, y)] - 1
  }

  /** The next higher row in the cell of a row, or -1; of a row that was removed, the one that followed it then. */
  next(row: number): number {
    return this.following[row] - 1
  }

  /** Puts a row that is not in the index at a position. */
  insert(row: number, x: number, y: number): void {
    assert(row >>> 0 === row && row < this.rowsMax && this.cell[row] === 0, 'a row enters a live index once')
    const cell = cellOf(this.shape, x, y)
    const link = row + 1
    let before = 0
    let after = this.head[cell]
    while (after !== 0 && after < link) {
      before = after
      after = this.following[after - 1]
    }
    this.preceding[row] = before
    this.following[row] = after
    if (before === 0) this.head[cell] = link
    else this.following[before - 1] = link
    if (after !== 0) this.preceding[after - 1] = link
    this.cell[row] = cell + 1
    this.occupants[cell]++
    this.rowsEnd = Math.max(this.rowsEnd, link)
  }

  /** Takes a row out of the index; one that is not in it may be taken out again. */
  remove(row: number): void {
    if (this.cell[row] === 0) return
    const cell = this.cell[row] - 1
    const before = this.preceding[row]
    const after = this.following[row]
    if (before === 0) this.head[cell] = after
    else this.following[before - 1] = after
    if (after !== 0) this.preceding[after - 1] = before
    this.cell[row] = 0
    this.occupants[cell]--
  }

  /** Notes that a row of the index is at another position now. */
  move(row: number, x: number, y: number): void {
    assert(this.cell[row] > 0, 'a row that moves is in the live index')
    if (this.cell[row] === cellOf(this.shape, x, y) + 1) return
    this.remove(row)
    this.insert(row, x, y)
  }
}
