import { describe, expect, it } from 'vitest'
import { checkTerrain, compileTerrain, heightAt, type CompiledTerrain, type Terrain } from '../../compositor/terrain.ts'
import { detailAt, detailWords } from '../../compositor/draw/layout.ts'
import { bounded, createRng, streamId, torus, type Rng } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { openEdges } from './edges.ts'

const seed = testSeed('terrain', 7)
/** The same numbers in every test. */
function random(): Rng {
  return createRng(seed, streamId('terrain', 'test', 'land'))
}

const light = { towards: [0, 0, 2], strength: 0.5, ambient: 0.5 } as const

type Corner = readonly [column: number, line: number]

function randomTerrain(rng: Rng, shape: { columns: number; lines: number; cell: number; wraps: boolean }): Terrain {
  const { columns, lines, cell, wraps } = shape
  const heights = new Float32Array((columns + 1) * (lines + 1))
  for (let line = 0; line <= lines; line++) {
    for (let column = 0; column <= columns; column++) {
      const from = wraps ? (line % lines) * (columns + 1) + (column % columns) : -1
      const own = line * (columns + 1) + column
      // Flat places, small bumps and spikes.
      heights[own] = from >= 0 && from !== own ? heights[from] : rng.unit() < 0.5 ? 0 : rng.unit() < 0.9 ? rng.unit() : 20 * rng.unit()
    }
  }
  return { columns, lines, cell, heights, colours: new Uint8Array(3 * columns * lines).fill(100), segmentation: new Uint16Array(columns * lines) }
}

const shapes = [
  { columns: 8, lines: 8, cell: 1, wraps: true },
  { columns: 16, lines: 24, cell: 0.5, wraps: false },
  { columns: 64, lines: 32, cell: 2, wraps: true },
  { columns: 128, lines: 64, cell: 1, wraps: false },
  { columns: 48, lines: 16, cell: 1, wraps: true },
]

/** One triangle of a bisection, its right angle first, counter-clockwise. */
type Triangle = readonly [Corner, Corner, Corner]

function middle([, l, r]: Triangle): Corner {
  return [(l[0] + r[0]) / 2, (l[1] + r[1]) / 2]
}

/** The two halves of a triangle. */
function halves(triangle: Triangle): readonly Triangle[] {
  const m = middle(triangle)
  const [a, l, r] = triangle
  return [[m, a, l], [m, r, a]]
}

function isWhole([column, line]: Corner): boolean {
  return Number.isInteger(column) && Number.isInteger(line)
}

/** A terrain and its details, looked up by corner: the way a renderer sees them. */
class Land {
  readonly terrain: Terrain
  readonly compiled: CompiledTerrain
  readonly wraps: boolean

  constructor(terrain: Terrain, wraps: boolean) {
    this.terrain = terrain
    this.wraps = wraps
    this.compiled = compileTerrain(terrain, { wraps, light })
  }

  roots(): Triangle[] {
    const { terrain: { columns, lines }, compiled: { tile } } = this
    const tiles = Array.from({ length: (columns / tile) * (lines / tile) }, (_, i): Corner => [tile * (i % (columns / tile)), tile * Math.floor(i / (columns / tile))])
    return tiles.flatMap(([x, y]): Triangle[] => [
      [[x + tile, y], [x + tile, y + tile], [x, y]],
      [[x, y + tile], [x, y], [x + tile, y + tile]],
    ])
  }

  place([column, line]: Corner): number {
    return line * (this.terrain.columns + 1) + column
  }

  at(corner: Corner): readonly [number, number, number] {
    const { cell, heights } = this.terrain
    return [cell * corner[0], cell * corner[1], heights[this.place(corner)]]
  }

  apart(a: Corner, b: Corner): number {
    const [from, to] = [this.at(a), this.at(b)]
    return Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2])
  }

  detail(corner: Corner, word: keyof typeof detailAt): number {
    return this.compiled.details[detailWords * this.place(corner) + detailAt[word]]
  }

  /** Whether a corner is in the picture of an eye: its error would be larger than `slope` times its distance. On a torus of the nearest image of the corner. */
  isActive(corner: Corner, eye: readonly number[], slope: number): boolean {
    const at = this.at(corner)
    const period = [this.terrain.columns * this.terrain.cell, this.terrain.lines * this.terrain.cell]
    const away = [0, 1].map((axis) => this.wraps ? at[axis] - eye[axis] - period[axis] * Math.round((at[axis] - eye[axis]) / period[axis]) : at[axis] - eye[axis])
    const distance = Math.sqrt(away[0] * away[0] + away[1] * away[1] + (at[2] - eye[2]) * (at[2] - eye[2])) - this.detail(corner, 'reach')
    return this.detail(corner, 'error') > slope * Math.max(distance, 0)
  }
}

function randomLand(rng: Rng, shape: (typeof shapes)[number]): Land {
  return new Land(randomTerrain(rng, shape), shape.wraps)
}

/** Calls a function with every triangle that has a middle, and the triangle it is half of. */
function walk(triangle: Triangle, visit: (inner: Triangle, outer: Triangle | undefined) => void, outer?: Triangle): void {
  if (!isWhole(middle(triangle))) return
  visit(triangle, outer)
  for (const half of halves(triangle)) walk(half, visit, triangle)
}

/** The triangles that are left when only corners are cut that `isCut` names. */
function leaves(triangle: Triangle, isCut: (corner: Corner) => boolean): Triangle[] {
  const m = middle(triangle)
  return isWhole(m) && isCut(m) ? halves(triangle).flatMap((half) => leaves(half, isCut)) : [triangle]
}

/** Whether an edge between two corners, each `column/line`, lies on the outside of a terrain. */
function isBorder(edge: string, columns: number, lines: number): boolean {
  const [from, to] = edge.split(' ').map((corner) => corner.split('/').map(Number))
  return [columns, lines].some((extent, axis) => from[axis] === to[axis] && from[axis] % extent === 0)
}

describe('levels of detail', () => {
  it.each(shapes)('the sphere of a triangle holds it however it is cut, its reach those below it, and its error theirs ($columns x $lines, wraps $wraps)', (shape) => {
    const land = randomLand(random(), shape)
    for (const root of land.roots()) {
      walk(root, (inner, outer) => {
        const m = middle(inner)
        const all = leaves(inner, () => true).flat()
        expect(land.detail(m, 'radius')).toBeGreaterThan(Math.max(...all.map((corner) => land.apart(m, corner))))
        expect(land.detail(m, 'reach')).toBeGreaterThan(Math.max(...inner.map((corner) => land.apart(m, corner))))
        const [, l, r] = inner
        expect(land.detail(m, 'error')).toBeGreaterThanOrEqual(Math.abs(land.at(m)[2] - (land.at(l)[2] + land.at(r)[2]) / 2))
        if (outer === undefined) return
        const above = middle(outer)
        expect(land.detail(above, 'reach')).toBeGreaterThan(land.apart(above, m) + land.detail(m, 'reach'))
        expect(land.detail(above, 'error')).toBeGreaterThanOrEqual(land.detail(m, 'error'))
      })
    }
  })
  it('where the ground is almost flat, spheres are hardly larger than what they hold', () => {
    const even = randomTerrain(random(), shapes[2])
    const land = new Land({ ...even, heights: even.heights.map((height) => height / 1_000) }, true)
    // The middle of a tile of 32 cells of 2 metres, and that of its first line.
    expect(land.detail([16, 16], 'radius')).toBeLessThan(32 * Math.SQRT2 * 1.01)
    expect(land.detail([16, 0], 'radius')).toBeLessThan(32 * 1.01)
  })
  it.each(shapes)('no corner is there without those above it, and there are no cracks, seams included ($columns x $lines, wraps $wraps)', (shape) => {
    const rng = random()
    const land = randomLand(rng, shape)
    const { columns, lines, cell } = shape
    for (let round = 0; round < counts(3, 30); round++) {
      const eye = [rng.unit() * columns * cell, rng.unit() * lines * cell, 25 * rng.unit()]
      const slope = 0.01 + rng.unit()
      const isCut = (corner: Corner): boolean => land.isActive(corner, eye, slope)
      for (const root of land.roots()) {
        walk(root, (inner, outer) => {
          if (outer !== undefined && isCut(middle(inner))) expect(isCut(middle(outer))).toBe(true)
        })
      }
      const name = ([column, line]: Corner): string => shape.wraps ? `${column % columns}/${line % lines}` : `${column}/${line}`
      const triangles = land.roots().flatMap((root) => leaves(root, isCut))
      const outside = (edge: string): boolean => !shape.wraps && isBorder(edge, columns, lines)
      expect(openEdges(triangles.map((triangle) => triangle.map(name))).filter((edge) => !outside(edge))).toEqual([])
    }
  })
  it.each(shapes)('both sides of a seam have the same details; corners of tiles have none ($columns x $lines, wraps $wraps)', (shape) => {
    const land = randomLand(random(), shape)
    const { columns, lines, wraps } = shape
    const { tile } = land.compiled
    expect(columns % tile + lines % tile).toBe(0)
    const both = (corner: Corner): number[] => [land.detail(corner, 'error'), land.detail(corner, 'reach'), land.detail(corner, 'radius')]
    for (let line = 0; line <= lines; line++) if (wraps) expect(both([0, line])).toEqual(both([columns, line]))
    for (let column = 0; column <= columns; column++) if (wraps) expect(both([column, 0])).toEqual(both([column, lines]))
    for (let line = 0; line <= lines; line += tile) for (let column = 0; column <= columns; column += tile) expect(both([column, line])).toEqual([0, 0, 0])
  })
  it('tiles are the largest power of two that fits both ways, at most 64', () => {
    const tiles = [[8, 8], [16, 24], [64, 32], [128, 64], [48, 16], [256, 128]].map(([columns, lines]) => randomLand(random(), { columns, lines, cell: 1, wraps: false }).compiled.tile)
    expect(tiles).toEqual([8, 8, 32, 64, 16, 64])
  })
  it('flat ground has no errors', () => {
    const flat = randomTerrain(random(), shapes[2])
    const { details } = compileTerrain({ ...flat, heights: flat.heights.fill(3) }, { wraps: true, light })
    expect(details.filter((detail, i) => i % detailWords === detailAt.error && detail !== 0)).toHaveLength(0)
  })
})

describe('heightAt', () => {
  it.each(shapes)('is on the finest triangles of the bisection ($columns x $lines, wraps $wraps)', (shape) => {
    const rng = random()
    const land = randomLand(rng, shape)
    for (const triangle of land.roots().flatMap((root) => leaves(root, () => true))) {
      const [u, v] = [rng.unit(), rng.unit()]
      const [a, b, c] = triangle.map((corner) => land.at(corner))
      const weights = u + v < 1 ? [1 - u - v, u, v] : [u + v - 1, 1 - u, 1 - v]
      const [x, y, z] = [0, 1, 2].map((axis) => weights[0] * a[axis] + weights[1] * b[axis] + weights[2] * c[axis])
      expect(heightAt(land.terrain, shape.wraps, x, y)).toBeCloseTo(z, 9)
    }
  })
  it('is that of the corners at the corners, goes around a torus and ends at other edges', () => {
    for (const shape of shapes) {
      const { terrain, wraps } = randomLand(random(), shape)
      const { columns, lines, cell, heights } = terrain
      const [width, height] = [columns * cell, lines * cell]
      for (let line = 0; line <= lines; line++) for (let column = 0; column <= columns; column++) expect(heightAt(terrain, wraps, column * cell, line * cell)).toBe(heights[line * (columns + 1) + column])
      expect(heightAt(terrain, wraps, -0.25, height + 0.75)).toBe(wraps ? heightAt(terrain, wraps, width - 0.25, 0.75) : heightAt(terrain, wraps, 0, height))
    }
  })
})

describe('terrain', () => {
  const good = randomTerrain(random(), { columns: 8, lines: 16, cell: 0.5, wraps: true })
  it('is lit by its slope: the sun above, a slope of one, and what faces away', () => {
    const slope = { ...good, heights: good.heights.map((_, corner) => 0.5 * (corner % 9)) }
    const texels = (towards: readonly [number, number, number]): number[] => [...new Set(compileTerrain(slope, { wraps: false, light: { towards, strength: 1, ambient: 0.25 } }).texels)]
    const grey = (value: number): number => value * 0x010101
    expect(texels([0, 0, 5])).toEqual([grey(Math.trunc(100 * (0.25 + Math.SQRT1_2) + 0.5))])
    expect(texels([-1, 0, 1])).toEqual([grey(125)])
    expect(texels([1, 0, 0])).toEqual([grey(25)])
  })
  it('is never brighter than white', () => {
    const white = { ...good, colours: good.colours.map((_, i) => (i % 3 === 0 ? 255 : 1)) }
    expect([...compileTerrain(white, { wraps: true, light: { towards: [0, 0, 1], strength: 0, ambient: 2 } }).texels].every((texel) => texel === 0xff0202)).toBe(true)
  })
  it('passes where it covers the space', () => {
    expect(() => checkTerrain(good, torus(4, 8))).not.toThrow()
    expect(() => checkTerrain({ ...good, heights: good.heights.with(0, 9) }, bounded(4, 8))).not.toThrow()
  })
  it.each<readonly [string, Partial<Terrain>, string]>([
    ['columns that are no multiple of 8', { columns: 12 }, "can't have 12 x 16 cells"],
    ['no lines', { lines: 0 }, "can't have 8 x 0 cells"],
    ['too many cells', { columns: 1 << 13, lines: 1 << 13 }, 'at most 16777216 cells'],
    ['cells of another size', { cell: 0.25 }, '8 x 16 cells of 0.25 do not fit a space of 4 x 8'],
    ['cells of no size', { cell: NaN }, 'do not fit'],
    ['one height a cell', { heights: good.heights.subarray(0, 128) }, '8 x 16 cells have 128 heights'],
    ['too few colours', { colours: good.colours.subarray(1) }, '383 colour bytes'],
    ['too few segmentations', { segmentation: good.segmentation.subarray(1) }, '127 segmentations'],
    ['a height that is none', { heights: good.heights.with(20, Infinity) }, 'the height of corner 20 is Infinity'],
    ['a step at the seam of lines', { heights: good.heights.with(9, -1) }, 'line 1 ends at another height'],
    ['a step at the seam of columns', { heights: good.heights.with(3, -1) }, 'column 3 ends at another height'],
  ])('refuses %s', (_what, part, message) => {
    expect(() => checkTerrain({ ...good, ...part }, torus(4, 8))).toThrow(message)
  })
})
