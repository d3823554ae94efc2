import { MetabonkError } from '../errors.ts'
import type { GridShape } from '../kernels.ts'
import type { WorldSpace } from '../schema/spaces.ts'

/** Cells a grid may have: their row ranges are indexed by i32. */
const cellsMax = 1 << 26

/**
 * The uniform grid over a space whose cells tile it exactly and are at least `cell` wide and high (unless the space is smaller).
 *
 * @throws MetabonkError `config` for sizes that are not positive and finite, and `limit` above 2^26 cells.
 */
export function createGridShape(space: WorldSpace, cell: number): GridShape {
  const { width, height, wraps } = space
  for (const size of [width, height, cell]) {
    if (!(size > 0 && size < Infinity)) {
      throw new MetabonkError({ code: 'config', what: `${String(size)} is no size of a space or a grid cell`, todo: 'give a positive number' })
    }
  }
  const columns = Math.max(1, Math.floor(width / cell))
  const lines = Math.max(1, Math.floor(height / cell))
  if (columns * lines > cellsMax) {
    throw new MetabonkError({
      code: 'limit',
      what: `a grid of ${String(columns)} x ${String(lines)} cells is too large`,
      where: `cells of ${String(cell)} in a space of ${String(width)} x ${String(height)}`,
      todo: `choose cells large enough for at most ${String(cellsMax)} of them`,
    })
  }
  return { columns, lines, cellWidth: width / columns, cellHeight: height / lines, width, height, wraps }
}

/** The cell, `line * columns + column`, of a position. One outside the space is wrapped or goes to the nearest border cell; NaN to 0. */
export function cellOf(shape: GridShape, x: number, y: number): number {
  const column = indexOf(wrap(x, shape.width, shape.wraps) / shape.cellWidth, shape.columns)
  return indexOf(wrap(y, shape.height, shape.wraps) / shape.cellHeight, shape.lines) * shape.columns + column
}

/** A coordinate in [0, size] when it wraps; as it is when it does not. */
export function wrap(at: number, size: number, wraps: boolean): number {
  if (!wraps || (at >= 0 && at < size)) return at
  const rest = at % size
  return rest < 0 ? rest + size : rest
}

/** The whole part of `at` within [0, count). */
function indexOf(at: number, count: number): number {
  if (!(at >= 1)) return 0
  return at >= count ? count - 1 : Math.floor(at)
}
