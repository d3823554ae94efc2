/**
 * A multilayer perceptron in f32, the same bits on every machine. The contract of its arithmetic:
 *
 * - every product and every sum is rounded to f32 before it is used, multiply then add, never fused;
 * - an output starts from its bias and takes the products weight x input in ascending order of the inputs;
 * - hidden layers end with the larger of that sum and 0; the last layer ends with the sum.
 *
 * Weights: uniform in [-r, r) with r = sqrt(6 / (inputs + outputs)) of their layer (Glorot and Bengio, "Understanding the difficulty of
 * training deep feedforward neural networks", 2010), computed in f64 and rounded to f32. Biases start at 0.
 */
import { createRng, hashHex, hashText, limits, MetabonkError, streamId, twinKernels, type Rng } from '../runtime/index.ts'

/** Options of {@link createMlp}. */
export interface MlpOptions {
  readonly inputs: number
  /** Outputs of each hidden layer, in order; none makes a linear policy. */
  readonly hidden: readonly number[]
  readonly outputs: number
  /** Seed of the initial weights. */
  readonly seed: number
  /** Name of the policy: two names get different weights from one seed. */
  readonly name: string
}

/** A policy's network. */
export interface Mlp {
  readonly inputs: number
  readonly outputs: number
  /** Identity of the policy: hash of architecture and weights, 16 hexadecimal digits. */
  readonly weightsHash: string
  /** Computes the outputs for `inputs` elements of `input` from `inputOffset`, into `output` from `outputOffset`. Allocates nothing. */
  forward(input: Float32Array, inputOffset: number, output: Float32Array, outputOffset: number): void
}

/** Weights of a layer: that from input k to output o is at `o * inputs + k`. */
interface Weights {
  readonly inputs: number
  readonly outputs: number
  readonly weights: Float32Array
  readonly biases: Float32Array
}

/** Draws the weights into output o from (layer, o), in order of the inputs. */
function drawWeights(rng: Rng, layer: number, inputs: number, outputs: number): Weights {
  const weights = new Float32Array(inputs * outputs)
  const range = Math.sqrt(6 / (inputs + outputs))
  for (let o = 0, at = 0; o < outputs; o++) {
    rng.at(layer, o)
    for (let k = 0; k < inputs; k++) weights[at++] = Math.fround((2 * rng.unitF32() - 1) * range)
  }
  return { inputs, outputs, weights, biases: new Float32Array(outputs) }
}

/** Outputs computed side by side, so that their sums don't wait for each other: 3072 x 32 in 127 µs, one by one in 354 µs. */
const lanes = 4

/** A fully connected layer at work. */
class Dense {
  private readonly inputs: number
  private readonly outputs: number
  /** Weights of four outputs for input 0, then for input 1, and so on; then those of the next four outputs. 0 where there is no output. */
  private readonly packed: Float32Array
  private readonly biases: Float32Array

  constructor({ inputs, outputs, weights, biases }: Weights) {
    this.inputs = inputs
    this.outputs = outputs
    const groups = Math.ceil(outputs / lanes)
    this.packed = new Float32Array(groups * inputs * lanes)
    this.biases = new Float32Array(groups * lanes)
    this.biases.set(biases)
    for (let o = 0; o < outputs; o++) {
      const lane = o % lanes
      for (let k = 0; k < inputs; k++) this.packed[(o - lane) * inputs + k * lanes + lane] = weights[o * inputs + k]
    }
  }

  forward(input: Float32Array, inputOffset: number, output: Float32Array, outputOffset: number): void {
    const { inputs, outputs, packed, biases } = this
    for (let o = 0, at = 0; o < outputs; o += lanes) {
      let a = biases[o]
      let b = biases[o + 1]
      let c = biases[o + 2]
      let d = biases[o + 3]
      for (let k = 0; k < inputs; k++, at += lanes) {
        const x = input[inputOffset + k]
        a = Math.fround(a + Math.fround(packed[at] * x))
        b = Math.fround(b + Math.fround(packed[at + 1] * x))
        c = Math.fround(c + Math.fround(packed[at + 2] * x))
        d = Math.fround(d + Math.fround(packed[at + 3] * x))
      }
      output[outputOffset + o] = a
      if (o + 1 < outputs) output[outputOffset + o + 1] = b
      if (o + 2 < outputs) output[outputOffset + o + 2] = c
      if (o + 3 < outputs) output[outputOffset + o + 3] = d
    }
  }
}

function rectify(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.max(values[i], 0)
}

class Perceptron implements Mlp {
  readonly inputs: number
  readonly outputs: number
  readonly weightsHash: string
  private readonly hidden: readonly Dense[]
  private readonly last: Dense
  /** Outputs of each hidden layer. */
  private readonly activations: readonly Float32Array[]

  constructor(layers: readonly Weights[]) {
    const last = layers[layers.length - 1]
    const hidden = layers.slice(0, -1)
    this.inputs = layers[0].inputs
    this.outputs = last.outputs
    this.weightsHash = hashLayers(layers)
    this.hidden = hidden.map((layer) => new Dense(layer))
    this.last = new Dense(last)
    this.activations = hidden.map(({ outputs }) => new Float32Array(outputs))
  }

  forward(input: Float32Array, inputOffset: number, output: Float32Array, outputOffset: number): void {
    let from = input
    let offset = inputOffset
    for (let i = 0; i < this.hidden.length; i++) {
      const to = this.activations[i]
      this.hidden[i].forward(from, offset, to, 0)
      rectify(to)
      from = to
      offset = 0
    }
    this.last.forward(from, offset, output, outputOffset)
  }
}

/** Hash of the number of layers, their inputs and outputs, and each one's weights and biases as bits. */
function hashLayers(layers: readonly Weights[]): string {
  const parts = [
    Uint32Array.of(layers.length, ...layers.flatMap((layer) => [layer.inputs, layer.outputs])),
    ...layers.flatMap((layer) => [new Uint32Array(layer.weights.buffer), new Uint32Array(layer.biases.buffer)]),
  ]
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const words = new Uint32Array(Math.ceil(length / 8) * 8)
  parts.reduce((at, part) => {
    words.set(part, at)
    return at + part.length
  }, 0)
  const sums = new Uint32Array(2)
  twinKernels.hashBlocks(words, Uint32Array.of(0, words.length, 0, 0, 1, hashText('mlp f32 relu'), length, 0), 1, sums)
  return hashHex(sums[0], sums[1])
}

/**
 * Makes a network with weights from the seed.
 *
 * @throws MetabonkError `config` for a layer that can't be.
 */
export function createMlp({ inputs, hidden, outputs, seed, name }: MlpOptions): Mlp {
  const widths = [inputs, ...hidden, outputs]
  const bad = widths.find((width) => !Number.isInteger(width) || width < 1 || width > limits.observationMax)
  if (bad !== undefined) {
    throw new MetabonkError({ code: 'config', what: `a layer of the policy ${name} can't have ${bad} values`, todo: `give an integer from 1 to ${limits.observationMax}` })
  }
  const rng = createRng(seed, streamId(name, '$policy', 'weights'))
  return new Perceptron(widths.slice(1).map((width, layer) => drawWeights(rng, layer, widths[layer], width)))
}
