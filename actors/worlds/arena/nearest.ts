import type { Grid, KindType, Others, ReadColumn, StepWorld } from 'metabonk'
import { fateCode, roles } from './kinds.ts'
import { across } from './torus.ts'

/** Agents of one kind, to be searched. */
export interface Crowd {
  readonly others: Others
  readonly grid: Grid
  readonly at: ReadColumn
  /** Those whose fate is not to stand are passed over; undefined: nobody is. */
  readonly fate: ReadColumn | undefined
}

/** The agents of a kind with a grid. */
export function crowdOf(world: StepWorld<unknown>, kind: KindType): Crowd {
  const others: Others = world.others(kind)
  return { others, grid: world.grid(kind), at: others.columns['at'], fate: others.columns['fate'] }
}

/** The heroes, role by role. */
export function heroesOf(world: StepWorld<unknown>): Crowd[] {
  return roles.map((role) => crowdOf(world, role))
}

const standing = fateCode('standing')

/** The few agents nearest to a place: nearest first; of equals, the crowd that was added first, then the order of its grid. */
export class Nearest {
  count = 0
  readonly crowds: Crowd[] = []
  readonly rows: Uint32Array
  /** The way there, and its length squared. */
  readonly awayX: Float64Array
  readonly awayY: Float64Array
  readonly squares: Float64Array
  private readonly capacity: number
  private readonly found: Uint32Array
  private x = 0
  private y = 0
  private radius = 0

  /** Of up to `capacity` agents, among at most `rowsMax` of a kind. */
  constructor(capacity: number, rowsMax: number) {
    this.capacity = capacity
    this.rows = new Uint32Array(capacity)
    this.awayX = new Float64Array(capacity)
    this.awayY = new Float64Array(capacity)
    this.squares = new Float64Array(capacity)
    this.found = new Uint32Array(rowsMax)
  }

  /** Starts a search within `radius` of a place. */
  open(x: number, y: number, radius: number): this {
    this.count = 0
    this.x = x
    this.y = y
    this.radius = radius
    return this
  }

  /** Adds those of a crowd that are near, without the one at row `except`. */
  add(crowd: Crowd, except = -1): this {
    const { grid, at, fate } = crowd
    const { width, height } = grid.shape
    const found = grid.near(this.x, this.y, this.radius, this.found)
    for (let i = 0; i < found; i++) {
      const row = this.found[i]
      if (row === except || (fate !== undefined && fate[row] !== standing)) continue
      const awayX = across(this.x, at[2 * row], width)
      const awayY = across(this.y, at[2 * row + 1], height)
      const place = this.placeOf(awayX * awayX + awayY * awayY)
      if (place === this.capacity) continue
      this.crowds[place] = crowd
      this.rows[place] = row
      this.awayX[place] = awayX
      this.awayY[place] = awayY
      this.squares[place] = awayX * awayX + awayY * awayY
    }
    return this
  }

  /** Makes room for one at a distance; the capacity when it is farther than all there is room for. */
  private placeOf(square: number): number {
    if (this.count < this.capacity) this.count++
    else if (this.squares[this.count - 1] <= square) return this.capacity
    let place = this.count - 1
    for (; place > 0 && this.squares[place - 1] > square; place--) {
      this.crowds[place] = this.crowds[place - 1]
      this.rows[place] = this.rows[place - 1]
      this.awayX[place] = this.awayX[place - 1]
      this.awayY[place] = this.awayY[place - 1]
      this.squares[place] = this.squares[place - 1]
    }
    return place
  }
}
