// Terrain and its levels of detail, after Lindstrom and Pascucci, "Terrain simplification simplified" (2002): longest-edge bisection.
//
// A terrain is cut into square tiles, a tile along its diagonal from (0, 0) to (tile, tile) into two right triangles, and a triangle from
// its right angle to the middle of its hypotenuse into two again, as often as there are corners of cells in it. A corner is in the picture
// when the two triangles that share the hypotenuse it is the middle of are cut. So every corner but those of tiles has one place in the order:
//
//   s, the largest power of two that divides both coordinates, tells how deep. Where x / s and y / s are both odd, the corner is a centre: the
//   middle of a diagonal of the square of edge 2s around it. Where only one is odd it is the middle of an edge of length 2s, and the right
//   angles that face it are the centres s away on both sides. Below a centre come the four edges of its square (middles s away along an
//   axis), below an edge come the four centres s / 2 away along both axes. Coordinates count from any tile's corner: tiles are even.
//
//   Which diagonal: cutting a square joins its centre to the middles of its edges, so each of its quarters is cut from the square's centre
//   to the square's corner. In units of the quarter's edge the centre's coordinates are both odd, the corner's both even: the quarter
//   (column, line) has the diagonal from its least corner to its greatest if column + line is even, else the other one. Cells are such quarters.

import { assert, MetabonkError, type WorldSpace } from '../runtime/index.ts'
import { detailAt, detailWords } from './draw/layout.ts'
import { dot, lengthOf, type Vec3 } from './face.ts'

/**
 * A height field under the world, from the origin of its space: cells, and corners between them that have heights.
 * Made from seed and configuration alone, so that every thread makes the same.
 */
export interface Terrain {
  /** Cells along x, a multiple of 8. */
  readonly columns: number
  /** Cells along y, a multiple of 8. */
  readonly lines: number
  /** Edge of a cell in metres. */
  readonly cell: number
  /** Metres of each corner, line by line: (columns + 1) x (lines + 1). On a torus the last of a line equals its first, the last line the first. */
  readonly heights: Float32Array
  /** Red, green, blue of each cell. */
  readonly colours: Uint8Array
  /** What each cell is, as a world numbers its things; 0 is nothing. */
  readonly segmentation: Uint16Array
}

/** What terrain looks lit by. */
export interface Sunlight {
  /** Direction to the sun, of any length but 0. */
  readonly towards: Vec3
  /** What the sun adds to a face that looks at it. */
  readonly strength: number
  /** What every face has. */
  readonly ambient: number
}

/** Terrain as it is drawn. */
export interface CompiledTerrain {
  /** Cells along the edge of a tile, a power of two from 8 to 64. */
  readonly tile: number
  /**
   * `detailWords` of each corner, in metres; all but the height 0 for corners of tiles, which are always there. The error is at least how far the
   * corner is from the middle of its hypotenuse, and at least the errors below it. The sphere of the radius around the corner holds the triangles
   * that share its hypotenuse, however they are cut; that of the reach holds their corners and the spheres of the reaches of all corners below it,
   * with room for f64 arithmetic: whatever grows with the error and falls with the distance to it keeps no corner without those above it. On a
   * torus, the same on both sides of a seam.
   */
  readonly details: Float32Array
  /** 0xRRGGBB of each cell, as lit. */
  readonly texels: Uint32Array
  /** What each cell is. */
  readonly texelKinds: Uint16Array
}

const tileMin = 8
const tileMax = 64
const cellsMax = 1 << 24
const heightMax = 1e6
/** How far terrain and space may differ, as a part of the space: rounding of cell x columns. */
const coverSlack = 1e-9

function invalid(what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'world-invalid', what, where: 'terrain', todo })
}

function isExtent(count: number): boolean {
  return Number.isInteger(count) && count > 0 && count % tileMin === 0
}

function checkExtent({ columns, lines, cell }: Terrain, { width, height }: WorldSpace): void {
  if (!isExtent(columns) || !isExtent(lines) || columns * lines > cellsMax) {
    throw invalid(`a terrain can't have ${columns} x ${lines} cells`, `give multiples of ${tileMin}, at most ${cellsMax} cells in all`)
  }
  const covers = cell > 0 && Math.abs(columns * cell - width) <= coverSlack * width && Math.abs(lines * cell - height) <= coverSlack * height
  if (!covers) throw invalid(`${columns} x ${lines} cells of ${cell} do not fit a space of ${width} x ${height}`, 'make columns x cell its width and lines x cell its height')
}

function checkLengths({ columns, lines, heights, colours, segmentation }: Terrain): void {
  const cells = columns * lines
  const corners = (columns + 1) * (lines + 1)
  if (![heights, colours, segmentation].every((list: unknown) => ArrayBuffer.isView(list))) throw invalid('its heights, colours or segmentation are no typed arrays', 'give a Float32Array, a Uint8Array and a Uint16Array')
  if (heights.length === corners && colours.length === 3 * cells && segmentation.length === cells) return
  throw invalid(
    `${columns} x ${lines} cells have ${heights.length} heights, ${colours.length} colour bytes and ${segmentation.length} segmentations`,
    `give ${corners} heights, ${3 * cells} colour bytes and ${cells} segmentations`,
  )
}

function checkSeams({ columns, lines, heights }: Terrain): void {
  const row = columns + 1
  const todo = 'on a torus, make the last height of every line its first, and the last line the first'
  for (let line = 0; line <= lines; line++) {
    if (heights[line * row] !== heights[line * row + columns]) throw invalid(`line ${line} ends at another height than it begins`, todo)
  }
  for (let column = 0; column <= columns; column++) {
    if (heights[column] !== heights[lines * row + column]) throw invalid(`column ${column} ends at another height than it begins`, todo)
  }
}

/** Checks a terrain and whether it covers the space. Throws `world-invalid`. */
export function checkTerrain(terrain: Terrain, space: WorldSpace): void {
  checkExtent(terrain, space)
  checkLengths(terrain)
  const wrong = terrain.heights.findIndex((height) => !(Math.abs(height) <= heightMax))
  if (wrong >= 0) throw invalid(`the height of corner ${wrong} is ${terrain.heights[wrong]}`, `keep to numbers from -${heightMax} to ${heightMax}`)
  if (space.wraps) checkSeams(terrain)
}

function tileOf({ columns, lines }: Terrain): number {
  let tile = tileMax
  while (columns % tile !== 0 || lines % tile !== 0) tile /= 2
  return tile
}

/** The least f32 that is not below a positive f64, and a little more. */
function roundedUp(value: number): number {
  const near = Math.fround(value)
  return near >= value ? near : Math.fround(value * (1 + 1.2e-7))
}

/** Sides of the spheres: a part of the radius that makes up for rounding wherever distances are computed. */
const radiusSlack = 1 + 1e-5

/** Column and line steps to the four next corners along both axes, and along both diagonals. */
const alongAxes = [[1, 0], [-1, 0], [0, 1], [0, -1]] as const
const alongDiagonals = [[1, 1], [-1, 1], [1, -1], [-1, -1]] as const

/** Where a corner is in the order of bisection: the steps to the ends of its hypotenuse, to the right angles that face it, to what is below it. */
interface Split {
  readonly ends: readonly (readonly [number, number])[]
  readonly facing: readonly (readonly [number, number])[]
  readonly below: readonly (readonly [number, number])[]
}

/** Whether the square with its least corner at so many times its own edge is cut from that corner to its greatest, rather than from side to side. */
function isMainDiagonal(column: number, line: number): boolean {
  return (column + line) % 2 === 0
}

const centreMain: Split = { ends: [alongDiagonals[0], alongDiagonals[3]], facing: [alongDiagonals[1], alongDiagonals[2]], below: alongAxes }
const centreAnti: Split = { ends: centreMain.facing, facing: centreMain.ends, below: alongAxes }
const halves = alongDiagonals.map(([column, line]) => [column / 2, line / 2] as const)
const edgeAcross: Split = { ends: [alongAxes[0], alongAxes[1]], facing: [alongAxes[2], alongAxes[3]], below: halves }
const edgeAlong: Split = { ends: edgeAcross.facing, facing: edgeAcross.ends, below: halves }

/** What is around a corner at a step: corners beside it and below it in the arrays, -1 for none. */
interface Surroundings {
  readonly step: number
  readonly split: Split
  readonly beside: readonly number[]
  readonly below: readonly number[]
}

class Bisection {
  readonly details: Float32Array
  /** The least and the greatest height of the triangles that share each corner's hypotenuse, however they are cut. */
  private readonly lows: Float32Array
  private readonly highs: Float32Array
  private readonly terrain: Terrain
  private readonly wraps: boolean
  private readonly tile: number

  constructor(terrain: Terrain, wraps: boolean, tile: number) {
    this.terrain = terrain
    this.wraps = wraps
    this.tile = tile
    this.details = new Float32Array(detailWords * terrain.heights.length)
    this.lows = terrain.heights.slice()
    this.highs = terrain.heights.slice()
  }

  /** From the finest corners up, so that what is below a corner is known when it is measured. */
  measure(): void {
    this.terrain.heights.forEach((height, corner) => {
      this.details[detailWords * corner + detailAt.height] = height
    })
    for (let step = 1; step < this.tile; step *= 2) {
      this.measureEdges(step)
      this.measureCentres(step)
    }
  }

  private measureEdges(step: number): void {
    const { columns, lines } = this.terrain
    for (let line = 0; line <= lines; line += 2 * step) {
      for (let column = step; column < columns; column += 2 * step) this.measureCorner(column, line, step, edgeAcross)
    }
    for (let line = step; line < lines; line += 2 * step) {
      for (let column = 0; column <= columns; column += 2 * step) this.measureCorner(column, line, step, edgeAlong)
    }
  }

  private measureCentres(step: number): void {
    const { columns, lines } = this.terrain
    const whole = 2 * step === this.tile
    for (let line = step; line < lines; line += 2 * step) {
      for (let column = step; column < columns; column += 2 * step) {
        const main = whole || isMainDiagonal((column - step) / (2 * step), (line - step) / (2 * step))
        this.measureCorner(column, line, step, main ? centreMain : centreAnti)
      }
    }
  }

  private measureCorner(column: number, line: number, step: number, split: Split): void {
    const { details, terrain } = this
    const own = line * (terrain.columns + 1) + column
    const beside = [...split.ends, ...split.facing].map(([across, along]) => this.cornerAt(column + across * step, line + along * step))
    const below = step > 1 || split.below === alongAxes ? split.below.map(([across, along]) => this.cornerAt(column + across * step, line + along * step)) : []
    const ends = beside.slice(0, split.ends.length).filter((other) => other >= 0)
    let error = Math.abs(terrain.heights[own] - ends.reduce((sum, other) => sum + terrain.heights[other], 0) / 2)
    for (const other of [...beside, ...below]) if (other >= 0) this.contain(own, other)
    for (const other of below) if (other >= 0) error = Math.max(error, details[detailWords * other + detailAt.error])
    const around = { step, split, beside, below }
    const reach = this.ballOf(own, around, detailAt.reach)
    const at = detailWords * own
    details[at + detailAt.error] = roundedUp(error)
    details[at + detailAt.reach] = roundedUp(reach * radiusSlack)
    details[at + detailAt.radius] = roundedUp(Math.min(this.ballOf(own, around, detailAt.radius), this.cylinderOf(own, around)) * radiusSlack)
  }

  /** Widens the heights around a corner to those around another. */
  private contain(own: number, other: number): void {
    this.lows[own] = Math.min(this.lows[own], this.lows[other])
    this.highs[own] = Math.max(this.highs[own], this.highs[other])
  }

  /** Radius of a ball that holds the corners beside, and balls below of the radius that is such a word. */
  private ballOf(own: number, { step, split, beside, below }: Surroundings, word: number): number {
    const { heights } = this.terrain
    const edge = this.edgeOf(step, split)
    let radius = 0
    for (const other of beside) if (other >= 0) radius = Math.max(radius, lengthOf([edge, 0, heights[other] - heights[own]]))
    for (const [i, other] of below.entries()) {
      if (other < 0) continue
      const [across, along] = split.below[i]
      radius = Math.max(radius, this.distance(own, other, across * step, along * step) + this.details[detailWords * other + word])
    }
    return radius
  }

  /** Radius of a ball around a cylinder as wide as the triangles and as high as all that is in them. */
  private cylinderOf(own: number, { step, split }: Surroundings): number {
    const height = this.terrain.heights[own]
    return lengthOf([this.edgeOf(step, split), 0, Math.max(this.highs[own] - height, height - this.lows[own])])
  }

  /** Metres to the ends of a hypotenuse, as far as they lie in the plane; to the right angles that face it, too. */
  private edgeOf(step: number, { ends: [[across, along]] }: Split): number {
    return this.terrain.cell * step * lengthOf([across, along, 0])
  }

  /** A corner's place, on a torus also beyond its edges; -1 for none. */
  private cornerAt(column: number, line: number): number {
    const { columns, lines } = this.terrain
    const row = columns + 1
    if (column >= 0 && column <= columns && line >= 0 && line <= lines) return line * row + column
    if (!this.wraps) return -1
    return ((line + lines) % lines) * row + ((column + columns) % columns)
  }

  /** Metres between two corners so many cells apart. */
  private distance(a: number, b: number, across: number, along: number): number {
    const { cell, heights } = this.terrain
    return lengthOf([cell * across, cell * along, heights[b] - heights[a]])
  }
}

/** Colours of cells, each lit as the plane that fits its four corners best. */
function lit({ columns, lines, cell, heights, colours }: Terrain, { towards, strength, ambient }: Sunlight): Uint32Array {
  const texels = new Uint32Array(columns * lines)
  const sun = lengthOf(towards)
  for (let texel = 0; texel < texels.length; texel++) {
    const least = texel + Math.floor(texel / columns)
    const south = heights[least + 1] - heights[least]
    const north = heights[least + columns + 2] - heights[least + columns + 1]
    const west = heights[least + columns + 1] - heights[least]
    const east = heights[least + columns + 2] - heights[least + 1]
    const normal: Vec3 = [-(south + north) / 2, -(west + east) / 2, cell]
    const light = ambient + strength * Math.max(0, dot(normal, towards) / (lengthOf(normal) * sun))
    let packed = 0
    for (let channel = 0; channel < 3; channel++) packed = packed * 256 + Math.min(255, Math.trunc(colours[3 * texel + channel] * light + 0.5))
    texels[texel] = packed
  }
  return texels
}

/** Measures the levels of detail of a terrain that `checkTerrain` has passed, and lights it. */
export function compileTerrain(terrain: Terrain, { wraps, light }: { readonly wraps: boolean; readonly light: Sunlight }): CompiledTerrain {
  assert(lengthOf(light.towards) > 0 && light.strength >= 0 && light.ambient >= 0, 'a light has a direction and adds light')
  const tile = tileOf(terrain)
  const bisection = new Bisection(terrain, wraps, tile)
  bisection.measure()
  return { tile, details: bisection.details, texels: lit(terrain, light), texelKinds: terrain.segmentation }
}

/** The cell of a coordinate in cells, and how far into it: around a torus, else no farther than the edges. */
function cellOf(at: number, count: number, wraps: boolean): readonly [cell: number, into: number] {
  const inside = wraps ? at - Math.floor(at / count) * count : Math.min(Math.max(at, 0), count)
  const cell = Math.min(Math.floor(inside), count - 1)
  return [cell, inside - cell]
}

/**
 * Metres of the ground at a place in metres, as its finest triangles have it: each cell is cut along the diagonal that bisection gives it,
 * from its least corner where column + line is even. A place outside of a terrain that does not wrap has the height of the nearest edge.
 */
export function heightAt({ columns, lines, cell, heights }: Terrain, wraps: boolean, x: number, y: number): number {
  const [column, across] = cellOf(x / cell, columns, wraps)
  const [line, along] = cellOf(y / cell, lines, wraps)
  const least = line * (columns + 1) + column
  const a = heights[least]
  const b = heights[least + 1]
  const c = heights[least + columns + 1]
  const d = heights[least + columns + 2]
  if (isMainDiagonal(column, line)) return across >= along ? a + across * (b - a) + along * (d - b) : a + along * (c - a) + across * (d - c)
  return across + along <= 1 ? a + across * (b - a) + along * (c - a) : d + (1 - across) * (c - d) + (1 - along) * (b - d)
}
