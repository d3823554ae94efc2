import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildGridTwin } from '../../runtime/grid/build.ts'
import { Grid } from '../../runtime/grid/grid.ts'
import { Nearest } from '../../runtime/grid/nearest.ts'
import { cellOf, createGridShape, wrap } from '../../runtime/grid/shape.ts'
import type { GridShape } from '../../runtime/kernels.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('grid', 20_260_103)

interface Swarm {
  readonly shape: GridShape
  readonly at: Float32Array
  readonly alive: Uint8Array
}

function gridOf({ shape, at, alive }: Swarm): Grid {
  const start = new Uint32Array(new SharedArrayBuffer((shape.columns * shape.lines + 1) * 4)).fill(99)
  const sorted = new Uint32Array(new SharedArrayBuffer(alive.length * 4))
  buildGridTwin(shape, at, alive, alive.length, start, sorted)
  return new Grid(shape, start, sorted, at)
}

function livingRows({ alive }: Swarm): number[] {
  return [...alive.keys()].filter((row) => alive[row] !== 0)
}

/** Rows within a radius by looking at all of them, in the order of `near`. */
function nearByForce(swarm: Swarm, x: number, y: number, radius: number): number[] {
  const { shape, at } = swarm
  const apart = (stored: number, centre: number, size: number): number => {
    const straight = Math.abs(wrap(stored, size, shape.wraps) - wrap(centre, size, shape.wraps))
    return shape.wraps ? Math.min(straight, size - straight) : straight
  }
  const cell = (row: number): number => cellOf(shape, at[row * 2], at[row * 2 + 1])
  return livingRows(swarm)
    .filter((row) => apart(at[row * 2], x, shape.width) ** 2 + apart(at[row * 2 + 1], y, shape.height) ** 2 <= radius ** 2)
    .sort((a, b) => cell(a) - cell(b) || a - b)
}

const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0.3, max: 60, noNaN: true }))
const space = fc.record({ width: side, height: side, wraps: fc.boolean(), cell: fc.oneof(side, fc.constantFrom(1, 0.1, 0.25, 3)) })
/** As parts of the space's size: mostly inside and on cell edges, some outside. */
const place = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 0.25, 0.5, 0.75, 1, 1 - 2 ** -24),
  fc.integer({ min: 0, max: 20 }).map((part) => part / 20),
  fc.double({ min: -3, max: 4, noNaN: true }),
)
const hostile = fc.constantFrom(NaN, Infinity, -Infinity, 1e30, -1e30, -0, -1e-30)

const swarm = fc
  .record({ space, places: fc.array(fc.tuple(place, place, fc.integer({ min: 0, max: 4 }))), odd: fc.array(fc.tuple(hostile, hostile), { maxLength: 2 }) })
  .map(({ space: { cell, ...plane }, places, odd }): Swarm => {
    const rows = [...places.map(([x, y]) => [x * plane.width, y * plane.height]), ...odd]
    return {
      shape: createGridShape(plane, cell),
      at: new Float32Array(rows.flat()),
      alive: new Uint8Array(rows.map((_, row) => Math.min(places[row]?.[2] ?? 1, 1))),
    }
  })

describe('createGridShape', () => {
  it('tiles the space with cells no smaller than asked, or one', () => {
    expect(createGridShape({ width: 100, height: 10, wraps: true }, 30)).toEqual({
      columns: 3, lines: 1, cellWidth: 100 / 3, cellHeight: 10, width: 100, height: 10, wraps: true,
    })
  })

  it('refuses sizes that are none, and too many cells', () => {
    for (const bad of [0, -1, NaN, Infinity]) {
      expect(() => createGridShape({ width: bad, height: 1, wraps: true }, 1)).toThrow(expect.objectContaining({ code: 'config' }))
      expect(() => createGridShape({ width: 1, height: 1, wraps: true }, bad)).toThrow(expect.objectContaining({ code: 'config' }))
    }
    expect(() => createGridShape({ width: 1e6, height: 1e6, wraps: true }, 1)).toThrow(expect.objectContaining({ code: 'limit' }))
  })
})

describe('cellOf', () => {
  const torus = createGridShape({ width: 10, height: 4, wraps: true }, 1)
  const walls = createGridShape({ width: 10, height: 4, wraps: false }, 1)

  it('goes line by line, wraps on a torus and stops at walls', () => {
    expect(cellOf(torus, 3.5, 2)).toBe(23)
    expect(cellOf(torus, -0.5, 5.5)).toBe(19)
    expect(cellOf(walls, -0.5, 5.5)).toBe(30)
    expect(cellOf(walls, 1e30, -Infinity)).toBe(9)
    for (const shape of [torus, walls]) expect(cellOf(shape, NaN, NaN)).toBe(0)
  })
})

describe('buildGrid', () => {
  it('sorts the live rows into their cells, ascending', () => {
    fc.assert(
      fc.property(swarm, (swarm) => {
        const { start, sorted } = gridOf(swarm)
        const cells = swarm.shape.columns * swarm.shape.lines
        const expected = livingRows(swarm).map((row) => ({ row, cell: cellOf(swarm.shape, swarm.at[row * 2], swarm.at[row * 2 + 1]) }))
        expected.sort((a, b) => a.cell - b.cell || a.row - b.row)
        expect([...sorted.subarray(0, start[cells])]).toEqual(expected.map(({ row }) => row))
        for (const [at, { cell }] of expected.entries()) expect(start[cell] <= at && at < start[cell + 1]).toBe(true)
        expect(start[0]).toBe(0)
      }),
      { seed, numRuns: counts(300, 10_000) },
    )
  })

  it('refuses arrays that are too short', () => {
    const shape = createGridShape({ width: 4, height: 4, wraps: true }, 1)
    const build = (pairs: number, flags: number, cells: number, places: number) => () =>
      buildGridTwin(shape, new Float32Array(pairs * 2), new Uint8Array(flags).fill(1), 3, new Uint32Array(cells), new Uint32Array(places))
    expect(build(3, 3, 17, 3)()).toBe(3)
    for (const short of [build(2, 3, 17, 3), build(3, 2, 17, 3), build(3, 3, 16, 3), build(3, 3, 17, 2)]) expect(short).toThrow(/broken invariant/)
  })
})

describe('Grid', () => {
  it('finds near rows as a look at all of them does', () => {
    const radius = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0, 0.25, 0.5, 1, 100, Infinity))
    fc.assert(
      fc.property(swarm, fc.tuple(place, place), radius, fc.nat(), (swarm, [px, py], part, pick) => {
        const { shape, at, alive } = swarm
        const row = pick % (alive.length + 1)
        const onRow = Number.isFinite(at[row * 2]) && Number.isFinite(at[row * 2 + 1])
        const x = onRow ? at[row * 2] : px * shape.width
        const y = onRow ? at[row * 2 + 1] : py * shape.height
        const out = new Uint32Array(alive.length)
        const found = gridOf(swarm).near(x, y, part * shape.width, out)
        expect([...out.subarray(0, found)]).toEqual(nearByForce(swarm, x, y, part * shape.width))
      }),
      { seed, numRuns: counts(2_000, 50_000) },
    )
  })

  it('finds rows at the very edge of the radius and across the border', () => {
    const shape = createGridShape({ width: 10, height: 10, wraps: true }, 1)
    const grid = gridOf({ shape, at: new Float32Array([0, 0, 9, 0, 0, 9, 1, 1, 5, 5]), alive: new Uint8Array(5).fill(1) })
    const out = new Uint32Array(5)
    expect([...out.subarray(0, grid.near(0, 0, 1, out))]).toEqual([0, 1, 2])
    expect([...out.subarray(0, grid.near(10, -10, 1, out))]).toEqual([0, 1, 2])
    expect([...out.subarray(0, grid.near(9.5, 9.5, 8, out))]).toEqual([0, 1, 3, 4, 2])
    expect(grid.cellOf(9.5, 9.5)).toBe(99)
  })

  it('refuses an answer that does not fit, and a question that makes no sense', () => {
    const shape = createGridShape({ width: 10, height: 10, wraps: false }, 1)
    const grid = gridOf({ shape, at: new Float32Array(6), alive: new Uint8Array(3).fill(1) })
    expect(() => grid.near(0, 0, 1, new Uint32Array(2))).toThrow(expect.objectContaining({ code: 'limit' }))
    for (const [x, y, radius] of [[NaN, 0, 1], [0, Infinity, 1], [0, 0, NaN], [0, 0, -1]]) {
      expect(() => grid.near(x, y, radius, new Uint32Array(3))).toThrow(expect.objectContaining({ code: 'world-invalid' }))
    }
  })
})

interface Question {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly capacity: number
}

/** The nearest rows of several grids by looking at all of them, as grid, row and the way there. */
function nearestByForce(swarms: readonly Swarm[], { x, y, radius, capacity }: Question, accept: (row: number) => boolean): number[][] {
  const way = (stored: number, centre: number, size: number, wraps: boolean): number => {
    const straight = wrap(stored, size, wraps) - wrap(centre, size, wraps)
    return wraps && Math.abs(straight) > size / 2 ? straight - Math.sign(straight) * size : straight
  }
  const all = swarms.flatMap((swarm, grid) => {
    const { shape, at } = swarm
    return nearByForce(swarm, x, y, radius)
      .filter(accept)
      .map((row) => [grid, row, way(at[row * 2], x, shape.width, shape.wraps), way(at[row * 2 + 1], y, shape.height, shape.wraps)])
  })
  // The sort is stable: of equally near ones the first of the grids, then of the cells, then of the rows.
  return all.sort((a, b) => squareOf(a) - squareOf(b) || 0).slice(0, capacity)
}

function squareOf([, , awayX, awayY]: readonly number[]): number {
  return awayX * awayX + awayY * awayY
}

function foundBy(nearest: Nearest): number[][] {
  return Array.from({ length: nearest.count }, (_, i) => [nearest.grids[i], nearest.rows[i], nearest.awayX[i], nearest.awayY[i]])
}

describe('Nearest', () => {
  const radius = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0, 0.25, 0.5, 1, 100, Infinity))
  const search = fc.record({ px: place, py: place, part: radius, capacity: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(40)) })

  it('finds the nearest rows as a look at all of them does', () => {
    fc.assert(
      fc.property(fc.array(swarm, { minLength: 1, maxLength: 3 }), search, fc.nat(), (swarms, { px, py, part, capacity }, pick) => {
        const { shape, at, alive } = swarms[0]
        const row = pick % (alive.length + 1)
        const onRow = Number.isFinite(at[row * 2]) && Number.isFinite(at[row * 2 + 1])
        const question = { x: onRow ? at[row * 2] : px * shape.width, y: onRow ? at[row * 2 + 1] : py * shape.height, radius: part * shape.width, capacity }
        const accept = (each: number): boolean => pick % 3 === 0 || each % (pick % 3) === 0
        const nearest = new Nearest(capacity)
        // What an earlier search found must not show.
        nearest.from(0, 0, Infinity).among(gridOf(swarms[0]))
        if (onRow) nearest.around(at, row, question.radius)
        else nearest.from(question.x, question.y, question.radius)
        for (const each of swarms) nearest.among(gridOf(each), accept)
        expect(foundBy(nearest)).toEqual(nearestByForce(swarms, question, accept))
      }),
      { seed, numRuns: counts(3_000, 50_000) },
    )
  })

  it('keeps the order of cells and rows among equally near ones, whichever it meets first', () => {
    // Many rows on few places, all around the middle.
    const places = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(places, fc.boolean(), fc.constantFrom(1, 1.5, 3, 7), fc.integer({ min: 1, max: 6 }), (places, wraps, cell, capacity) => {
        const each = { shape: createGridShape({ width: 7, height: 7, wraps }, cell), at: new Float32Array(places.flat()), alive: new Uint8Array(places.length).fill(1) }
        const question = { x: 3, y: 3, radius: 4, capacity }
        expect(foundBy(new Nearest(capacity).from(3, 3, 4).among(gridOf(each)))).toEqual(nearestByForce([each], question, () => true))
      }),
      { seed, numRuns: counts(1_000, 20_000) },
    )
  })

  it('leaves out who is not accepted and the row that is excepted', () => {
    const shape = createGridShape({ width: 10, height: 10, wraps: true }, 1)
    const grid = gridOf({ shape, at: new Float32Array([1, 1, 2, 1, 9, 1, 5, 5]), alive: new Uint8Array(4).fill(1) })
    const nearest = new Nearest(4)
    expect([...nearest.from(1, 1, 2).among(grid, undefined, 0).rows.subarray(0, nearest.count)]).toEqual([1, 2])
    expect([...nearest.from(1, 1, 2).among(grid, (row) => row !== 1).rows.subarray(0, nearest.count)]).toEqual([0, 2])
    expect(nearest.awayX[1]).toBe(-2)
    expect(nearest.squares[1]).toBe(4)
  })

  it('searches again while it asks who is accepted', () => {
    const shape = createGridShape({ width: 10, height: 10, wraps: false }, 1)
    const grid = gridOf({ shape, at: new Float32Array([1, 1, 1.5, 1, 8, 8, 3, 1]), alive: new Uint8Array(4).fill(1) })
    const company = new Nearest(2)
    const nearest = new Nearest(4).from(1, 1, 20)
    nearest.among(grid, (row) => company.from(grid.at[2 * row], grid.at[2 * row + 1], 1).among(grid).count === 2 && grid.near(9, 9, 2, new Uint32Array(4)) === 1)
    expect([...nearest.rows.subarray(0, nearest.count)]).toEqual([0, 1])
  })

  it('refuses room for nobody and a question that makes no sense', () => {
    const shape = createGridShape({ width: 10, height: 10, wraps: false }, 1)
    const grid = gridOf({ shape, at: new Float32Array(6), alive: new Uint8Array(3).fill(1) })
    for (const bad of [0, -1, 1.5, NaN]) expect(() => new Nearest(bad)).toThrow(expect.objectContaining({ code: 'world-invalid' }))
    for (const [x, y, radius] of [[NaN, 0, 1], [0, Infinity, 1], [0, 0, NaN], [0, 0, -1]]) {
      expect(() => new Nearest(1).from(x, y, radius).among(grid)).toThrow(expect.objectContaining({ code: 'world-invalid' }))
    }
  })
})
