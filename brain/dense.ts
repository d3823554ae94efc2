/**
 * A fully connected layer in f32, the same bits on every machine: the twin of the addon's kernel, and its specification.
 *
 * - every product and every sum is rounded to f32 before it is used, multiply then add, never fused;
 * - an output starts from its bias and takes the products weight x input in ascending order of the inputs;
 * - a rectified layer ends with the larger of that sum and 0, any other with the sum;
 * - a byte is a 255th part of 1, rounded to f32.
 */
import { assert, type DenseLayer, type RunDense } from '../runtime/index.ts'

/** Outputs whose weights lie side by side. */
const denseGroup = 16

/** Weights as they are drawn: that from input k to output o is at `o * inputs + k`. */
export interface Weights {
  readonly inputs: number
  readonly outputs: number
  readonly weights: Float32Array
  readonly biases: Float32Array
}

/** Lays out weights for the kernel. */
export function denseLayer({ inputs, outputs, weights, biases }: Weights, rectified: boolean): DenseLayer {
  const padded = Math.ceil(outputs / denseGroup) * denseGroup
  const packed = new Float32Array(padded * inputs)
  const starts = new Float32Array(padded)
  starts.set(biases)
  for (let o = 0; o < outputs; o++) {
    const lane = o % denseGroup
    for (let k = 0; k < inputs; k++) packed[(o - lane) * inputs + k * denseGroup + lane] = weights[o * inputs + k]
  }
  return { inputs, outputs, rectified, weights: packed, biases: starts }
}

const bytesOfOne = 255
/** What a byte stands for. */
const valueOfByte = Float32Array.from({ length: bytesOfOne + 1 }, (_, byte) => byte / bytesOfOne)

/** Outputs computed side by side, so that their sums don't wait for each other: 3072 x 32 in 127 µs, one by one in 354 µs. */
const lanes = 4

/** The kernel in plain TypeScript, for one thread. */
export class DenseTwin {
  /** An input as numbers. */
  private taken = new Float32Array(0)

  /** Computes the outputs of a layer for each input of a batch. Allocates nothing once it has had an input so long. */
  readonly run: RunDense = (layer, batch) => {
    const { inputs, outputs, weights, biases } = layer
    const { input, starts, count, output } = batch
    const padded = Math.ceil(outputs / denseGroup) * denseGroup
    assert(padded <= biases.length && padded * inputs <= weights.length && count <= starts.length && count * outputs <= output.length, 'a layer and a batch lie in their arrays')
    for (let row = 0; row < count; row++) {
      const start = starts[row]
      assert(start + inputs <= input.length, 'an input lies in its array')
      const to = row * outputs
      sum(layer, this.take(input, start, inputs), output, to)
      if (layer.rectified) for (let o = to; o < to + outputs; o++) output[o] = Math.max(output[o], 0)
    }
  }

  private take(input: Float32Array | Uint8Array, start: number, count: number): Float32Array {
    if (this.taken.length < count) this.taken = new Float32Array(count)
    const { taken } = this
    if (input instanceof Float32Array) for (let k = 0; k < count; k++) taken[k] = input[start + k]
    else for (let k = 0; k < count; k++) taken[k] = valueOfByte[input[start + k]]
    return taken
  }
}

/** The sums of one input, into `output` from `to`. */
function sum({ inputs, outputs, weights, biases }: DenseLayer, input: Float32Array, output: Float32Array, to: number): void {
  for (let o = 0; o < outputs; o += lanes) {
    const lane = o % denseGroup
    let at = (o - lane) * inputs + lane
    let a = biases[o]
    let b = biases[o + 1]
    let c = biases[o + 2]
    let d = biases[o + 3]
    for (let k = 0; k < inputs; k++, at += denseGroup) {
      const x = input[k]
      a = Math.fround(a + Math.fround(weights[at] * x))
      b = Math.fround(b + Math.fround(weights[at + 1] * x))
      c = Math.fround(c + Math.fround(weights[at + 2] * x))
      d = Math.fround(d + Math.fround(weights[at + 3] * x))
    }
    output[to + o] = a
    if (o + 1 < outputs) output[to + o + 1] = b
    if (o + 2 < outputs) output[to + o + 2] = c
    if (o + 3 < outputs) output[to + o + 3] = d
  }
}
