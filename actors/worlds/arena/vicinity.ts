import type { StepWorld } from 'metabonk'
import type { Heroes } from './crowds.ts'
import { remembered } from './remembered.ts'

/** Edge of a cell in metres, or a little more, so that cells fill the map. */
const cellMetres = 4
/** More than the rounding errors of places, in metres. */
const slack = 0.01

/** Where on the map heroes that stand are near. It is nearly nowhere: who asks here first seldom has to search. */
class Vicinity {
  private readonly cells: number
  private readonly perMetre: number
  /** By cell: the step in which it was last near a hero, and one more. */
  private readonly marks: Uint32Array
  private mark = 0

  constructor(map: number) {
    this.cells = Math.floor(map / cellMetres)
    this.perMetre = this.cells / map
    this.marks = new Uint32Array(this.cells * this.cells)
  }

  /** Notes who stands where in this step, and that so many metres around them are near. */
  around(heroes: readonly Heroes[], metres: number, step: number): this {
    const reach = metres + slack
    this.mark = step + 1
    for (let i = 0; i < heroes.length; i++) {
      const { others, stands } = heroes[i]
      const { at } = others.columns
      for (let row = 0; row < others.rows; row++) {
        if (others.alive[row] !== 1 || !stands(row)) continue
        const x = at[2 * row]
        const y = at[2 * row + 1]
        const right = this.place(x + reach)
        // Cells rather than metres: numbers that are no integers become objects at calls.
        for (let column = this.place(x - reach); column <= right; column++) this.cover(column, this.place(y - reach), this.place(y + reach))
      }
    }
    return this
  }

  /** False only where no hero is near the place of a row. */
  has(at: ArrayLike<number>, row: number): boolean {
    const { marks, cells, perMetre } = this
    // On the map, but rounding may reach its far border.
    const column = Math.min(at[2 * row] * perMetre, cells - 1) | 0
    const line = Math.min(at[2 * row + 1] * perMetre, cells - 1) | 0
    return marks[line * cells + column] === this.mark
  }

  private cover(column: number, low: number, high: number): void {
    for (let line = low; line <= high; line++) this.marks[this.cellOf(line, column)] = this.mark
  }

  private place(at: number): number {
    return Math.floor(at * this.perMetre)
  }

  /** The borders of the map are glued together. */
  private cellOf(line: number, column: number): number {
    const { cells } = this
    return ((line + cells) % cells) * cells + ((column + cells) % cells)
  }
}

export const vicinityOf = remembered(({ space }: StepWorld<unknown>) => new Vicinity(space.width))
