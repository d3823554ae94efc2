import { MetabonkError, type KindType, type Others, type ReadColumn, type WorldSpace } from '../runtime/index.ts'
import { heightAt, type Terrain } from './terrain.ts'

/** Metres a thing's place, size or lift may have at most. */
export const metresMax = 1e6
/** What a mesh may be multiplied by, at least: less, and its inverse would be no f32. */
export const sizeMin = 1e-6

/** Whether a mesh can be multiplied by that. */
export function isFactor(value: unknown): boolean {
  return typeof value === 'number' && value >= Math.fround(sizeMin) && value <= metresMax
}

/** The ground of a world: how high it is, and where a coordinate is brought to. */
export class Land {
  private readonly terrain: Terrain | undefined
  private readonly wraps: boolean
  private readonly width: number
  private readonly height: number

  constructor(terrain: Terrain | undefined, { width, height, wraps }: WorldSpace) {
    this.terrain = terrain
    this.wraps = wraps
    this.width = width
    this.height = height
  }

  /** Metres of the ground; 0 where there is none. */
  heightAt(x: number, y: number): number {
    return this.terrain === undefined ? 0 : heightAt(this.terrain, this.wraps, x, y)
  }

  /** A coordinate in [0, width), as f32 holds it, on a torus; as it is where there are borders. NaN for a number that has no place. */
  placeX(x: number): number {
    return this.wraps ? around(x, this.width) : finite(x)
  }

  /** A coordinate in [0, height), likewise. */
  placeY(y: number): number {
    return this.wraps ? around(y, this.height) : finite(y)
  }
}

function finite(at: number): number {
  return at - at === 0 ? at : NaN
}

function around(at: number, size: number): number {
  const inside = at >= 0 && at < size ? at : at - Math.floor(at / size) * size
  if (!(inside >= 0 && inside <= size)) return NaN
  // Rounding may reach the far border, which is the near one.
  return Math.fround(inside) < size ? inside : 0
}

/** Where the agents of a kind are, one asked for after the other. */
export class Places {
  readonly others: Others
  x = 0
  y = 0
  z = 0
  private readonly kind: KindType
  private readonly name: string
  private readonly at: ReadColumn
  private readonly width: number
  private readonly land: Land

  constructor(kind: KindType, name: string, others: Others, land: Land) {
    this.kind = kind
    this.name = name
    this.others = others
    this.at = others.columns[name]
    this.width = kind.plan.find((column) => column.name === name)?.type.width ?? 2
    this.land = land
  }

  /** Reads the place of a row: x and y on the torus, z of its position or of the ground there. Throws `world-invalid` for one that is nowhere. */
  read(row: number): void {
    const { at, width, land } = this
    this.x = land.placeX(at[width * row])
    this.y = land.placeY(at[width * row + 1])
    if (!(Math.abs(this.x) <= metresMax && Math.abs(this.y) <= metresMax)) throw this.nowhere(row)
    this.z = width === 3 ? at[3 * row + 2] : land.heightAt(this.x, this.y)
    if (!(Math.abs(this.z) <= metresMax)) throw this.nowhere(row)
  }

  private nowhere(row: number): MetabonkError {
    const { at, width, kind, name } = this
    const place = Array.from({ length: width }, (_, i) => at[width * row + i]).join(', ')
    return new MetabonkError({ code: 'world-invalid', what: `${kind.name} ${row} can't be seen at (${place})`, where: `column ${name}`, todo: 'check what moves the agent' })
  }
}
