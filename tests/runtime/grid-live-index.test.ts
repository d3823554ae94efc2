import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LiveIndex } from '../../runtime/grid/live-index.ts'
import { cellOf, createGridShape } from '../../runtime/grid/shape.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('grid-live-index', 20_260_104)
const shape = createGridShape({ width: 4, height: 3, wraps: true }, 1)
const rowsMax = 12

/** Everything the index says, by cell. */
function cells(index: LiveIndex): number[][] {
  return Array.from({ length: shape.columns * shape.lines }, (_, cell) => {
    const x = (cell % shape.columns) + 0.5
    const y = Math.floor(cell / shape.columns) + 0.5
    const rows: number[] = []
    for (let row = index.first(x, y); row !== -1; row = index.next(row)) rows.push(row)
    expect(index.count(x, y)).toBe(rows.length)
    return rows
  })
}

/** The same from a plain map. */
function cellsOf(rows: Map<number, readonly [number, number]>): number[][] {
  const all: number[][] = Array.from({ length: shape.columns * shape.lines }, () => [])
  for (const row of [...rows.keys()].sort((a, b) => a - b)) {
    const [x, y] = rows.get(row) ?? [0, 0]
    all[cellOf(shape, x, y)].push(row)
  }
  return all
}

const spot = fc.double({ min: -1, max: 5, noNaN: true })

describe('LiveIndex', () => {
  it('follows any moves, births, deaths and fresh starts as a plain map does', () => {
    const deed = fc.record({ deed: fc.constantFrom('put', 'put', 'put', 'remove', 'build'), row: fc.nat(rowsMax - 1), x: spot, y: spot })
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        const index = new LiveIndex(shape, rowsMax)
        const plain = new Map<number, readonly [number, number]>()
        for (const { deed, row, x, y } of deeds) {
          if (deed === 'build') {
            const at = new Float32Array(rowsMax * 2)
            plain.forEach(([px, py], each) => { at.set([px, py], each * 2) })
            const alive = Uint8Array.from({ length: rowsMax }, (_, each) => (plain.has(each) ? 1 : 0))
            plain.forEach((_, each) => plain.set(each, [at[each * 2], at[each * 2 + 1]]))
            index.build(at, alive, rowsMax)
          } else if (deed === 'remove') {
            if (plain.delete(row)) index.remove(row)
          } else {
            if (plain.has(row)) index.move(row, x, y)
            else index.insert(row, x, y)
            plain.set(row, [x, y])
          }
          expect(cells(index)).toEqual(cellsOf(plain))
        }
      }),
      { seed, numRuns: counts(200, 5_000) },
    )
  })

  it('lets a row be removed while its cell is walked', () => {
    const index = new LiveIndex(shape, rowsMax)
    for (const row of [5, 1, 9]) index.insert(row, 0, 0)
    const eaten: number[] = []
    for (let row = index.first(0, 0); row !== -1; row = index.next(row)) {
      index.remove(row)
      eaten.push(row)
    }
    expect(eaten).toEqual([1, 5, 9])
    expect(index.count(0, 0)).toBe(0)
  })

  it('refuses a row that is there already, moves without being there, or is out of range, and lets one go twice', () => {
    const index = new LiveIndex(shape, rowsMax)
    index.insert(1, 0, 0)
    expect(() => { index.insert(1, 2, 2) }).toThrow(/enters a live index once/)
    expect(() => { index.insert(rowsMax, 2, 2) }).toThrow(/enters a live index once/)
    expect(() => { index.move(2, 0, 0) }).toThrow(/a row that moves is in the live index/)
    index.remove(2)
    expect([index.count(0, 0), index.first(0, 0)]).toEqual([1, 1])
  })
})
