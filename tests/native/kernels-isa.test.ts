import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashBlocksTwin } from '../../runtime/hash/blocks.ts'
import { counts, testSeed } from '../counts.ts'
import { anyBlocks } from './kernels-words.ts'

const seed = testSeed('kernels-isa', 20_260_106)
const sources = ['tests/native/kernels-isa.cc', 'native/src/hash.cc'].map((file) => fileURLToPath(new URL(`../../${file}`, import.meta.url)))
const compiler = ['c++', 'g++', 'clang++'].find((name) => spawnSync(name, ['--version']).status === 0)

describe.skipIf(compiler === undefined)('hashJob, compiled here', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'metabonk-isa-'))
    const built = spawnSync(compiler ?? '', ['-std=c++20', '-O2', '-ffp-contract=off', '-Wno-psabi', ...sources, '-o', join(folder, 'isa')], { encoding: 'utf8' })
    expect(built.stderr).toBe('')
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('gives the bits of the twin with every instruction set of this processor', () => {
    fc.assert(
      fc.property(anyBlocks, ({ size, blocks, elementClass, words }) => {
        const memory = new Uint32Array(words)
        const sums = new Uint32Array(2)
        hashBlocksTwin(memory, new Uint32Array([0, size, elementClass, 0, blocks, 7, 9, 0]), 1, sums)
        writeFileSync(join(folder, 'words'), memory)
        const run = spawnSync(join(folder, 'isa'), [join(folder, 'words'), String(size), String(elementClass), String(blocks)], { encoding: 'utf8' })
        const lines = run.stdout.trimEnd().split('\n')
        expect(lines).toEqual(lines.map((_, isa) => `${String(isa)} ${String(sums[0])} ${String(sums[1])}`))
        expect(run.status).toBe(0)
      }),
      { seed, numRuns: counts(60, 600) },
    )
  })
})
