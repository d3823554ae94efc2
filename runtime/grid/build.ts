import { assert } from '../errors.ts'
import type { GridShape, Kernels } from '../kernels.ts'
import { cellOf } from './shape.ts'

/** `Kernels.buildGrid` in plain TypeScript: the specification of the native one. */
export const buildGridTwin: Kernels['buildGrid'] = (grid, at, alive, rows, start, sorted) => {
  const cells = grid.columns * grid.lines
  assert(rows * 2 <= at.length && rows <= alive.length, 'every row of a grid has a position')
  assert(cells < start.length, 'every cell of a grid has its start, and the last its end')
  countRows(grid, at, alive, rows, start)
  let placed = 0
  for (let cell = 0; cell < cells; cell++) {
    placed += start[cell]
    start[cell] = placed
  }
  start[cells] = placed
  assert(placed <= sorted.length, 'every live row of a grid has its place')
  // Starts are at the cells' ends now. Going down the rows, each takes the place before, so that they ascend inside a cell.
  for (let row = rows - 1; row >= 0; row--) {
    if (alive[row] === 0) continue
    const cell = cellOf(grid, at[row * 2], at[row * 2 + 1])
    const place = start[cell] - 1
    start[cell] = place
    sorted[place] = row
  }
  return placed
}

function countRows(grid: GridShape, at: Float32Array, alive: Uint8Array, rows: number, start: Uint32Array): void {
  start.fill(0, 0, grid.columns * grid.lines)
  for (let row = 0; row < rows; row++) {
    if (alive[row] !== 0) start[cellOf(grid, at[row * 2], at[row * 2 + 1])]++
  }
}
