import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashBlocksTwin } from '../../runtime/hash/blocks.ts'
import { counts, testSeed } from '../counts.ts'
import { isaProgram, isWithoutCompiler } from './isa-program.ts'
import { anyBlocks } from './kernels-words.ts'

const seed = testSeed('kernels-isa', 20_260_106)

describe.skipIf(isWithoutCompiler)('hashJob, compiled here', () => {
  const run = isaProgram('tests/native/kernels-isa.cc', 'native/src/hash.cc')

  it('gives the bits of the twin with every instruction set of this processor', () => {
    fc.assert(
      fc.property(anyBlocks, ({ size, blocks, elementClass, words }) => {
        const memory = new Uint32Array(words)
        const sums = new Uint32Array(2)
        hashBlocksTwin(memory, new Uint32Array([0, size, elementClass, 0, blocks, 7, 9, 0]), 1, sums)
        const { status, lines } = run(new Uint8Array(memory.buffer), String(size), String(elementClass), String(blocks))
        expect(lines).toEqual(lines.map((_, isa) => `${String(isa)} ${String(sums[0])} ${String(sums[1])}`))
        expect(status).toBe(0)
      }),
      { seed, numRuns: counts(60, 600) },
    )
  })
})
