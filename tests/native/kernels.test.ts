import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadNative } from '../../native/index.ts'
import { createGridShape } from '../../runtime/grid/shape.ts'
import { twinKernels } from '../../runtime/kernels-twin.ts'
import type { GridShape, Kernels } from '../../runtime/kernels.ts'
import { counts, testSeed } from '../counts.ts'
import { anyBlocks, anyWord } from './kernels-words.ts'

const seed = testSeed('kernels', 20_260_105)
const loaded = loadNative()

function shared(words: ArrayLike<number>): Uint32Array {
  const view = new Uint32Array(new SharedArrayBuffer(words.length * 4))
  view.set(words)
  return view
}

/** The twin stands in only where every test is skipped. */
const native: Kernels = loaded ?? twinKernels

describe.skipIf(loaded === null)('native hashBlocks (skipped where the addon is not built)', () => {
  it('comes from the addon', () => {
    expect(native.origin).toBe('native')
  })

  it('hashes any blocks to the bits of the twin', () => {
    fc.assert(
      fc.property(anyBlocks, fc.nat(9), anyWord, anyWord, ({ size, blocks, elementClass, words }, offset, seedLow, seedHigh) => {
        const memory = shared([...new Array<number>(offset).fill(5), ...words])
        const half = blocks >> 1
        const jobs = shared([offset, size, elementClass, 0, half, seedLow, seedHigh, 0, offset, size, elementClass, half, blocks, seedLow, seedHigh, 0])
        const sums = { native: shared([1, 2, 3, 4, 5]), twin: shared([1, 2, 3, 4, 5]) }
        native.hashBlocks(memory, jobs, 2, sums.native)
        twinKernels.hashBlocks(memory, jobs, 2, sums.twin)
        expect(sums.native).toEqual(sums.twin)
      }),
      { seed, numRuns: counts(2_000, 50_000) },
    )
  })

  it('refuses jobs that leave their arrays', () => {
    const memory = shared(new Array<number>(64).fill(1))
    const run = (job: number[], count = 1, sums = 2) => () => {
      native.hashBlocks(memory, new Uint32Array(job), count, new Uint32Array(sums))
    }
    expect(run([0, 16, 0, 0, 4, 0, 0, 0])).not.toThrow()
    const bad: number[][] = [
      [0, 16, 0, 0, 5, 0, 0, 0],
      [1, 16, 0, 0, 4, 0, 0, 0],
      [0, 16, 0, 3, 2, 0, 0, 0],
      [0xffffffff, 16, 0, 0, 0, 0, 0, 0],
      [0, 0xfffffff8, 0, 0, 0xffffffff, 0, 0, 0],
      [0xffffffff, 0xfffffff8, 0, 0xfffffffe, 0xffffffff, 0, 0, 0],
      [0, 12, 0, 0, 1, 0, 0, 0],
      [0, 16, 3, 0, 1, 0, 0, 0],
    ]
    for (const job of bad) expect(run(job), job.join()).toThrow(RangeError)
    expect(run([0, 16, 0, 0, 4, 0, 0, 0], 2)).toThrow(RangeError)
    expect(run([0, 16, 0, 0, 4, 0, 0, 0], 1, 1)).toThrow(RangeError)
    for (const count of [-1, 0.5, NaN, 2 ** 32]) expect(run([0, 16, 0, 0, 4, 0, 0, 0], count), String(count)).toThrow(TypeError)
  })

  it('refuses what is no typed array of the right kind', () => {
    const words = new Uint32Array(8)
    const bad: unknown[] = [undefined, null, 5, 'x', [], new ArrayBuffer(8), new DataView(new ArrayBuffer(8)), new Float32Array(8), new Int32Array(8)]
    for (const each of bad) {
      expect(() => { native.hashBlocks(each as Uint32Array, words, 0, words) }).toThrow(TypeError)
      expect(() => { native.hashBlocks(words, each as Uint32Array, 0, words) }).toThrow(TypeError)
      expect(() => { native.hashBlocks(words, words, 0, each as Uint32Array) }).toThrow(TypeError)
    }
  })
})

describe.skipIf(loaded === null)('native buildGrid (skipped where the addon is not built)', () => {
  it('builds the grid of the twin from any positions', () => {
    const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0.3, max: 60, noNaN: true }))
    const space = fc.record({ width: side, height: side, wraps: fc.boolean() })
    const anyFloat = fc.oneof(fc.double({ min: -10, max: 70 }), anyWord.map((bits) => new Float32Array(new Uint32Array([bits]).buffer)[0]))
    fc.assert(
      fc.property(space, side, fc.array(fc.tuple(anyFloat, anyFloat, fc.nat(3))), (plane, cell, rows) => {
        const shape = createGridShape(plane, cell)
        const at = new Float32Array(rows.flatMap(([x, y]) => [x, y]))
        const alive = new Uint8Array(rows.map(([, , flag]) => flag))
        const build = (kernels: Kernels): [number, Uint32Array, Uint32Array] => {
          const start = shared(new Array<number>(shape.columns * shape.lines + 2).fill(7))
          const sorted = shared(new Array<number>(rows.length).fill(7))
          return [kernels.buildGrid(shape, at, alive, rows.length, start, sorted), start, sorted]
        }
        expect(build(native)).toEqual(build(twinKernels))
      }),
      { seed, numRuns: counts(1_000, 20_000) },
    )
  })

  it('refuses arrays that are too short, and shapes that are none', () => {
    const shape = createGridShape({ width: 4, height: 4, wraps: true }, 1)
    const build = ([pairs, flags, cells, places]: readonly number[], rows = 3) => () =>
      native.buildGrid(shape, new Float32Array(pairs * 2), new Uint8Array(flags).fill(1), rows, new Uint32Array(cells), new Uint32Array(places))
    expect(build([3, 3, 17, 3])()).toBe(3)
    for (const short of [[2, 3, 17, 3], [3, 2, 17, 3], [3, 3, 16, 3], [3, 3, 17, 2]]) expect(build(short), short.join()).toThrow(RangeError)
    for (const rows of [-1, 0.5, NaN, 2 ** 33]) expect(build([3, 3, 17, 3], rows), String(rows)).toThrow(TypeError)
    const shapes = [{}, null, { ...shape, columns: 0 }, { ...shape, lines: 1.5 }, { ...shape, width: NaN }, { ...shape, cellWidth: 0 }, { ...shape, wraps: 1 }]
    for (const bad of shapes) {
      const run = () => native.buildGrid(bad as GridShape, new Float32Array(2), new Uint8Array(1), 1, new Uint32Array(17), new Uint32Array(1))
      expect(run, JSON.stringify(bad)).toThrow(TypeError)
    }
    const huge = { ...shape, columns: 0xffffffff, lines: 0xffffffff }
    expect(() => native.buildGrid(huge, new Float32Array(2), new Uint8Array(1), 1, new Uint32Array(17), new Uint32Array(1))).toThrow(RangeError)
  })
})
