/** Programs that run a kernel with every instruction set of this processor. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'

const compiler = ['c++', 'g++', 'clang++'].find((name) => spawnSync(name, ['--version']).status === 0)

/** There is nothing here to compile them with. */
export const isWithoutCompiler = compiler === undefined

/** Compiles one of them for the tests of a block; gives what runs it on a file with these bytes. */
export function isaProgram(...sources: readonly string[]): (bytes: Uint8Array, ...args: readonly string[]) => { readonly status: number | null; readonly lines: string[] } {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'metabonk-isa-'))
    const files = sources.map((file) => fileURLToPath(new URL(`../../${file}`, import.meta.url)))
    const built = spawnSync(compiler ?? '', ['-std=c++20', '-O2', '-ffp-contract=off', '-Wno-psabi', ...files, '-o', join(folder, 'isa')], { encoding: 'utf8' })
    expect(built.stderr).toBe('')
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  return (bytes, ...args) => {
    writeFileSync(join(folder, 'bytes'), bytes)
    const { status, stdout } = spawnSync(join(folder, 'isa'), [join(folder, 'bytes'), ...args], { encoding: 'utf8' })
    return { status, lines: stdout.trimEnd().split('\n') }
  }
}
