import { describe, expect, it } from 'vitest'
import { BitDecoder, BitEncoder } from '../../runtime/recording/bit-coder.ts'
import { counts, testSeed } from '../counts.ts'

/** Whole numbers below a limit, from a seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

function coded(encoder: BitEncoder, bits: readonly (readonly [context: number, bit: number])[]): Uint8Array {
  for (const [context, bit] of bits) encoder.put(context, bit)
  const bytes = new Uint8Array(encoder.bytes + 2)
  encoder.finish(bytes, 1)
  return bytes
}

function decoded(bytes: Uint8Array, contexts: number, bits: readonly (readonly [context: number, bit: number])[]): { readonly taken: number[]; readonly isDone: boolean } {
  const decoder = new BitDecoder(contexts, new DataView(bytes.buffer), 1, bytes.length - 1)
  return { taken: bits.map(([context]) => decoder.take(context)), isDone: decoder.isDone }
}

describe('the coder of bits', () => {
  it('gives every bit back, of any likeness, from exactly its bytes, also when it is used again', () => {
    const next = numbers(testSeed('bit coder', 5))
    const encoder = new BitEncoder(6)
    for (let round = 0; round < counts(300, 20_000); round++) {
      const likeness = Array.from({ length: 6 }, () => [0, 1, 2, 50, 99, 100][next(6)])
      const bits = Array.from({ length: next(400) }, (): readonly [number, number] => {
        const context = next(6)
        return [context, next(100) < likeness[context] ? 1 : 0]
      })
      const bytes = coded(encoder, bits)
      const { taken, isDone } = decoded(bytes, 6, bits)
      expect([round, taken, isDone]).toEqual([round, bits.map(([, bit]) => bit), true])
      // What lies beside its bytes was left alone.
      expect([bytes[0], bytes[bytes.length - 1]]).toEqual([0, 0])
    }
  })

  it('takes a carry over many bytes of 255', () => {
    // Ones of a context that expects zeros push the lower bound up to the very edge.
    for (let zeros = 0; zeros < 2_000; zeros += 7) {
      const bits = [...Array.from({ length: zeros }, (): readonly [number, number] => [0, 0]), ...Array.from({ length: 64 }, (_, i): readonly [number, number] => [i % 2, 1])]
      expect(decoded(coded(new BitEncoder(2), bits), 2, bits).taken).toEqual(bits.map(([, bit]) => bit))
    }
  })

  it('needs next to nothing for what is always the same', () => {
    const bits = Array.from({ length: 10_000 }, (): readonly [number, number] => [0, 1])
    expect(coded(new BitEncoder(1), bits).length).toBeLessThan(60)
  })

  it('makes something of any bytes, and never reads beyond them', () => {
    const next = numbers(9)
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from({ length: next(40) + 2 }, () => next(256))
      const bits = Array.from({ length: 500 }, (): readonly [number, number] => [next(3), 0])
      expect(decoded(bytes, 3, bits).taken.every((bit) => bit === 0 || bit === 1)).toBe(true)
    }
  })
})
