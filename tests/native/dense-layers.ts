import fc from 'fast-check'
import type { DenseBatch, DenseLayer } from '../../runtime/index.ts'
import { denseLayer } from '../../brain/dense.ts'
import { anyWord } from './kernels-words.ts'

export interface DenseCase {
  readonly layer: DenseLayer
  readonly batch: DenseBatch
}

/** Numbers of every kind, most of them usual ones. */
const anyFloat = fc.oneof({ weight: 6, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) }, { weight: 1, arbitrary: anyWord.map((bits) => new Float32Array(new Uint32Array([bits]).buffer)[0]) })

function cycled(values: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, i) => values[(i * 7) % values.length])
}

/** A layer, and a batch of inputs that may overlap. */
export const anyDense: fc.Arbitrary<DenseCase> = fc
  .record({
    inputs: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(511, 512, 513, 1100)),
    outputs: fc.integer({ min: 1, max: 35 }),
    count: fc.integer({ min: 0, max: 21 }),
    rectified: fc.boolean(),
    isBytes: fc.boolean(),
    values: fc.array(anyFloat, { minLength: 3, maxLength: 200 }),
    gap: fc.nat(30),
  })
  .map(({ inputs, outputs, count, rectified, isBytes, values, gap }) => {
    const layer = denseLayer({ inputs, outputs, weights: Float32Array.from(cycled(values, inputs * outputs)), biases: Float32Array.from(cycled(values.slice(1), outputs)) }, rectified)
    const length = inputs + gap * count
    const input = isBytes ? Uint8Array.from({ length }, (_, i) => i * 11) : Float32Array.from(cycled(values.slice(2), length))
    const starts = Uint32Array.from({ length: count }, (_, row) => (row * 5 * gap) % (gap * count + 1))
    return { layer, batch: { input, starts, count, output: new Float32Array(count * outputs + 3).fill(-7) } }
  })

/** Outputs as bits; every NaN is the same. */
export function bitsOf(output: Float32Array): number[] {
  const bits = new Uint32Array(output.buffer, output.byteOffset, output.length)
  return Array.from(output, (value, i) => (Number.isNaN(value) ? 0x7fc0_0000 : bits[i]))
}

/** The same batch with other memory for its outputs. */
export function again({ layer, batch }: DenseCase): DenseCase {
  return { layer, batch: { ...batch, output: batch.output.slice() } }
}
