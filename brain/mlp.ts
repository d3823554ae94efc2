/**
 * A multilayer perceptron in f32, the same bits on every machine. Its layers are those of dense.ts, the hidden ones rectified.
 *
 * Weights: uniform in [-r, r) with r = sqrt(6 / (inputs + outputs)) of their layer (Glorot and Bengio, "Understanding the difficulty of
 * training deep feedforward neural networks", 2010), computed in f64 and rounded to f32. Biases start at 0.
 */
import { denseLayer, DenseTwin, type Weights } from './dense.ts'
import { createRng, hashHex, hashText, limits, MetabonkError, streamId, twinKernels, type DenseBatch, type DenseLayer, type Rng, type RunDense } from '../runtime/index.ts'

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
  readonly outputs: number
  /** Identity of the policy: hash of architecture and weights, 16 hexadecimal digits. */
  readonly weightsHash: string
  /** Makes what computes it for up to `rowsMax` inputs at once, which lie in one array; with the addon's kernel, or its twin. */
  open(input: Inputs, rowsMax: number, runDense?: RunDense): Forward
}

/** Where inputs lie: as numbers, or as bytes, which stand for 255th parts of 1. */
export type Inputs = DenseBatch['input']

/** A network at work in one thread. */
export interface Forward {
  /** u32 [rowsMax]: first element of each input, to be given before `run`. */
  readonly starts: Uint32Array
  /** f32 [rowsMax, outputs]: what `run` leaves. */
  readonly output: Float32Array
  /** Computes the outputs of the first `count` inputs. Allocates nothing. */
  run(count: number): void
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

/** The batch of a layer: its inputs are what the layer before left. */
interface Batch extends DenseBatch {
  readonly layer: DenseLayer
  count: number
}

class Pass implements Forward {
  readonly starts: Uint32Array
  readonly output: Float32Array
  private readonly runDense: RunDense
  private readonly batches: readonly Batch[]

  constructor(layers: readonly DenseLayer[], { input, rowsMax, runDense }: { readonly input: Inputs; readonly rowsMax: number; readonly runDense: RunDense }) {
    this.starts = new Uint32Array(rowsMax)
    this.runDense = runDense
    let [from, starts] = [input, this.starts]
    this.batches = layers.map((layer) => {
      const batch = { layer, input: from, starts, count: 0, output: new Float32Array(rowsMax * layer.outputs) }
      from = batch.output
      starts = Uint32Array.from({ length: rowsMax }, (_, row) => row * layer.outputs)
      return batch
    })
    this.output = this.batches[this.batches.length - 1].output
  }

  run(count: number): void {
    const { batches } = this
    for (let i = 0; i < batches.length; i++) {
      batches[i].count = count
      this.runDense(batches[i].layer, batches[i])
    }
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
  const drawn = widths.slice(1).map((width, layer) => drawWeights(rng, layer, widths[layer], width))
  const layers = drawn.map((weights, layer) => denseLayer(weights, layer < hidden.length))
  return { outputs, weightsHash: hashLayers(drawn), open: (input, rowsMax, runDense = new DenseTwin().run) => new Pass(layers, { input, rowsMax, runDense }) }
}
