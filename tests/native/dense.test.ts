import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DenseTwin, denseLayer } from '../../brain/dense.ts'
import { loadNative } from '../../native/index.ts'
import type { DenseBatch, DenseLayer } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { again, anyDense, bitsOf, type DenseCase } from './dense-layers.ts'
import { isaProgram, isWithoutCompiler } from './isa-program.ts'

const seed = testSeed('dense', 20_261_122)
const loaded = loadNative()
const twin = new DenseTwin().run

function bitsBy(run: typeof twin, { layer, batch }: DenseCase): number[] {
  run(layer, batch)
  return bitsOf(batch.output)
}

describe('a layer', () => {
  it('is what its words say: f32 after every operation, inputs in their order', () => {
    fc.assert(
      fc.property(anyDense, (made) => {
        const { layer: { inputs, outputs, weights, biases, rectified }, batch: { input, starts, count } } = made
        const at = (element: number): number => (input instanceof Uint8Array ? Math.fround(input[element] / 255) : input[element])
        const expected = new Float32Array(count * outputs + 3).fill(-7)
        for (let row = 0; row < count; row++) {
          for (let o = 0; o < outputs; o++) {
            let sum = biases[o]
            for (let k = 0; k < inputs; k++) sum = Math.fround(sum + Math.fround(weights[(o >> 4) * inputs * 16 + k * 16 + (o & 15)] * at(starts[row] + k)))
            expected[row * outputs + o] = rectified ? Math.max(sum, 0) : sum
          }
        }
        expect(bitsBy(twin, again(made))).toEqual(bitsOf(expected))
      }),
      { seed, numRuns: counts(60, 1_000) },
    )
  })
})

const unit: DenseLayer = denseLayer({ inputs: 4, outputs: 3, weights: new Float32Array(12).fill(1), biases: new Float32Array(3) }, false)
const batch: DenseBatch = { input: new Float32Array(8), starts: Uint32Array.of(0, 4), count: 2, output: new Float32Array(6) }

/** Layers and batches that don't lie in their arrays. */
const outside: readonly (readonly [string, Partial<DenseLayer>, Partial<DenseBatch>])[] = [
  ['a start too far', {}, { starts: Uint32Array.of(0, 5) }],
  ['a start at the end of numbers', {}, { starts: Uint32Array.of(0, 0xffff_ffff) }],
  ['an input too short', {}, { input: new Float32Array(7) }],
  ['bytes too short', {}, { input: new Uint8Array(7) }],
  ['more inputs than starts', {}, { count: 3 }],
  ['an output too short', {}, { output: new Float32Array(5) }],
  ['weights too short', { weights: new Float32Array(63) }, {}],
  ['biases too short', { biases: new Float32Array(15) }, {}],
  ['more outputs than weights', { outputs: 17 }, {}],
]

it.each(outside)('the twin refuses %s', (_, layer, change) => {
  expect(() => { twin({ ...unit, ...layer }, { ...batch, ...change }) }).toThrow(/lie in their arrays|lies in its array/)
})

describe.skipIf(loaded === null)('native runDense (skipped where the addon is not built)', () => {
  it('has the bits of the twin', () => {
    fc.assert(
      fc.property(anyDense, (made) => {
        expect(bitsBy(loaded?.runDense ?? twin, again(made))).toEqual(bitsBy(twin, again(made)))
      }),
      { seed, numRuns: counts(400, 20_000) },
    )
  })

  it.each([...outside, ['huge layers', { inputs: 0xffff_ffff, outputs: 0xffff_ffff }, {}] as const])('refuses %s', (_, layer, change) => {
    expect(() => loaded?.runDense({ ...unit, ...layer }, { ...batch, ...change })).toThrow(RangeError)
  })

  it('refuses what is no typed array of the right kind, and numbers that are no counts', () => {
    const bad: unknown[] = [undefined, null, 5, [], new Int32Array(64), new Float64Array(64), new DataView(new ArrayBuffer(8))]
    for (const each of bad) {
      for (const name of ['input', 'starts', 'output'] as const) expect(() => loaded?.runDense(unit, { ...batch, [name]: each })).toThrow(TypeError)
      for (const name of ['weights', 'biases'] as const) expect(() => loaded?.runDense({ ...unit, [name]: each as Float32Array }, batch)).toThrow(TypeError)
    }
    for (const count of [-1, 0.5, NaN, 2 ** 32]) {
      expect(() => loaded?.runDense(unit, { ...batch, count })).toThrow(TypeError)
      expect(() => loaded?.runDense({ ...unit, inputs: count }, batch)).toThrow(TypeError)
    }
  })
})

describe.skipIf(isWithoutCompiler)('runDense, compiled here', () => {
  const run = isaProgram('tests/native/dense-isa.cc', 'native/src/dense.cc', 'native/src/hash.cc')

  it('gives the bits of the twin with every instruction set of this processor', () => {
    fc.assert(
      fc.property(anyDense, (made) => {
        const { layer, batch: { input, starts, count } } = made
        const head = Uint32Array.of(layer.inputs, layer.outputs, Number(layer.rectified), input instanceof Uint8Array ? 0 : 1, count)
        const { status, lines } = run(Buffer.concat([head, starts, layer.weights, layer.biases, input].map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))))
        const expected = bitsBy(twin, again(made)).slice(0, count * layer.outputs).join(' ')
        expect([status, ...new Set(lines.map((line) => line.trim()))]).toEqual([0, expected])
      }),
      { seed, numRuns: counts(60, 600) },
    )
  })
})
