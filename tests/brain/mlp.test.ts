import { describe, expect, it } from 'vitest'
import { createMlp, type MlpOptions } from '../../brain/index.ts'
import { createRng, streamId } from '../../runtime/index.ts'
import { hostKernels } from '../../runtime/host/index.ts'
import { counts, testSeed } from '../counts.ts'

/** Rounds to f32 by storing, not by Math.fround. */
function round(value: number): number {
  const cell = new DataView(new ArrayBuffer(4))
  cell.setFloat32(0, value)
  return cell.getFloat32(0)
}

/** The documented network, written again: weights[o][k] by layer, sums in order of the inputs, biases 0. */
function referenceForward({ inputs, hidden, outputs, seed, name }: MlpOptions, input: readonly number[]): number[] {
  const rng = createRng(seed, streamId(name, '$policy', 'weights'))
  const widths = [inputs, ...hidden, outputs]
  let values = [...input]
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const range = Math.sqrt(6 / (widths[layer] + widths[layer + 1]))
    const next: number[] = []
    for (let o = 0; o < widths[layer + 1]; o++) {
      rng.at(layer, o)
      let sum = 0
      for (const x of values) sum = round(sum + round(round((2 * rng.unitF32() - 1) * range) * x))
      next.push(layer + 2 < widths.length && sum < 0 ? 0 : sum)
    }
    values = next
  }
  return values
}

/** What a network puts out for one input. */
function forward(mlp: ReturnType<typeof createMlp>, input: Float32Array): Float32Array {
  const pass = mlp.open(input, 1)
  pass.run(1)
  return pass.output
}

const shapes: Pick<MlpOptions, 'inputs' | 'hidden' | 'outputs'>[] = [
  { inputs: 1, hidden: [], outputs: 1 },
  { inputs: 7, hidden: [], outputs: 3 },
  { inputs: 12, hidden: [32, 32], outputs: 5 },
  { inputs: 33, hidden: [17, 1, 9], outputs: 4 },
]

describe('createMlp', () => {
  it.each(shapes)('computes what the contract of its arithmetic says, for $inputs-$hidden-$outputs', (shape) => {
    const seed = testSeed('createMlp', 11)
    const mlp = createMlp({ ...shape, seed, name: 'scout' })
    const rng = createRng(seed, streamId('', '', 'inputs')).at(0, 0)
    for (let round = 0; round < counts(20, 500); round++) {
      const input = Array.from({ length: shape.inputs }, () => Math.fround(rng.normal() * (round + 1)))
      expect([...forward(mlp, Float32Array.from(input))]).toEqual(referenceForward({ ...shape, seed, name: 'scout' }, input))
    }
  })

  it.each([['by the twin', undefined], ['by the kernel there is', hostKernels().runDense]] as const)('computes a batch like its inputs one by one, wherever they lie, %s', (_, runDense) => {
    const mlp = createMlp({ ...shapes[2], seed: 1, name: 'scout' })
    const input = Float32Array.from({ length: 140 }, (_, i) => (i * 37 % 64) / 8 - 3)
    const starts = [21, 0, 128, 21, 5, 64, 77, 13, 90, 1, 2]
    const pass = mlp.open(input, 16, runDense)
    pass.output.fill(-7)
    pass.starts.set(starts)
    pass.run(starts.length)
    const alone = starts.flatMap((start) => [...forward(mlp, input.slice(start, start + 12))])
    expect([...pass.output]).toEqual([...alone, ...new Array<number>(16 * 5 - alone.length).fill(-7)])
    pass.run(0)
    expect([...pass.output.subarray(0, alone.length)]).toEqual(alone)
  })

  it('takes bytes as parts of 255', () => {
    const mlp = createMlp({ ...shapes[3], seed: 1, name: 'scout' })
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i * 6 + 1)
    const pass = mlp.open(bytes, 1)
    pass.starts[0] = 4
    pass.run(1)
    expect(pass.output).toEqual(forward(mlp, Float32Array.from(bytes.subarray(4, 37), (byte) => byte / 255)))
  })

  it('keeps nothing from one call to the next', () => {
    const mlp = createMlp({ ...shapes[3], seed: 1, name: 'scout' })
    const input = new Float32Array(33).fill(0.5)
    const pass = mlp.open(input, 1)
    pass.run(1)
    const first = pass.output.slice()
    input.fill(NaN)
    pass.run(1)
    expect([...pass.output]).toEqual([NaN, NaN, NaN, NaN])
    input.fill(0.5)
    pass.run(1)
    expect(pass.output).toEqual(first)
  })

  it('is named by a hash of its architecture and weights', () => {
    const options = { ...shapes[2], seed: 7, name: 'scout' }
    expect(createMlp(options).weightsHash).toBe('bbb34d93cbf9f3b5')
    expect(createMlp(options).weightsHash).toBe(createMlp({ ...options }).weightsHash)
    const others = [{ seed: 8 }, { name: 'tank' }, { hidden: [32, 31] }, { hidden: [32] }, { inputs: 13 }, { outputs: 6 }]
    const hashes = others.map((change) => createMlp({ ...options, ...change }).weightsHash)
    expect(new Set([createMlp(options).weightsHash, ...hashes]).size).toBe(1 + others.length)
  })

  it('refuses layers that can not be', () => {
    for (const change of [{ inputs: 0 }, { hidden: [32, 1.5] }, { outputs: -1 }, { inputs: 2 ** 21 }]) {
      expect(() => createMlp({ ...shapes[0], seed: 1, name: 'scout', ...change })).toThrow(expect.objectContaining({ code: 'config' }))
    }
  })
})
