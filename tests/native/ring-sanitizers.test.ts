import { execFileSync, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cppCompiler, ringSource } from '../../bench/harness/native-peer.ts'
import { counts } from '../counts.ts'

const compiler = cppCompiler()
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function compile(source: string, name: string, flags: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(compiler ?? 'c++', ['-std=c++20', '-O1', '-g', '-pthread', ...flags, source, '-o', join(folder, name)], { encoding: 'utf8' })
}

/** The first line of what went wrong when a program of nothing is built and run with a sanitizer; undefined when it works. */
function missing(sanitizer: string): string | undefined {
  if (compiler === undefined) return 'there is no C++ compiler'
  const source = join(folder, `${sanitizer}.cc`)
  writeFileSync(source, 'int main() { return 0; }\n')
  const built = compile(source, sanitizer, [`-fsanitize=${sanitizer}`])
  const failed = built.status === 0 ? spawnSync(join(folder, sanitizer), { encoding: 'utf8' }) : built
  return failed.status === 0 ? undefined : failed.stderr.trim().split('\n').at(0) ?? `status ${String(failed.status)}`
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` (skipped: ${reason})`
}

/** Builds the ring's measurements under a sanitizer and gives what runs them. */
function ringUnder(sanitizer: string, ...flags: string[]): (...args: readonly (string | number)[]) => SpawnSyncReturns<string> {
  const name = ['ring', sanitizer, ...flags].join('')
  const built = compile(ringSource, name, ['-Wall', '-Wextra', '-Werror', `-fsanitize=${sanitizer}`, '-fno-sanitize-recover=undefined', ...flags])
  expect(built.stderr).toBe('')
  const env = { ...process.env, TSAN_OPTIONS: 'halt_on_error=1:exitcode=66', ASAN_OPTIONS: 'exitcode=67' }
  return (...args) => spawnSync(join(folder, name), args.map(String), { encoding: 'utf8', env, timeout: 100_000 })
}

const messages = counts(1_000_000, 10_000_000)
/** Loads of every kind: batches, single records, a ring so small that it is always full or empty, batches that do not divide it. */
const loads = [
  ['64 bytes, batches of 256', ['stream', 64, 1024, 256, messages]],
  ['16 bytes, batches of 256', ['stream', 16, 1024, 256, messages]],
  ['one message a publish', ['stream', 64, 1024, 1, counts(100_000, messages)]],
  ['batches that do not divide the ring', ['stream', 16, 64, 100, counts(100_000, messages)]],
  ['a ring of one record', ['stream', 64, 1, 1, counts(10_000, 100_000)]],
  ['round trips', ['round-trip', 64, 8, counts(10_000, 100_000)]],
] as const

const badArguments = [
  ['no arguments', []],
  ['a mode that is not there', ['flood', 64, 8, 1, 1]],
  ['a capacity that is no power of two', ['stream', 64, 6, 1, 1]],
  ['a record of another size', ['stream', 24, 8, 1, 1]],
] as const

describe.skipIf(compiler === undefined)('ring_bench (needs a C++ compiler)', () => {
  const program = join(folder, 'plain')
  beforeAll(() => {
    execFileSync(compiler ?? 'c++', ['-std=c++20', '-O0', '-pthread', ringSource, '-o', program])
  })

  it.each(badArguments)('refuses %s with status 2', (_what, args) => {
    expect(spawnSync(program, args.map(String)).status).toBe(2)
  })
})

describe.each([['thread'], ['address,undefined']])('C++ ring with -fsanitize=%s', (sanitizer) => {
  const reason = missing(sanitizer)
  let run: ReturnType<typeof ringUnder>
  beforeAll(() => {
    if (reason === undefined) run = ringUnder(sanitizer)
  })

  it.skipIf(reason !== undefined).each(loads)(`runs clean: %s${because(reason)}`, (_what, load) => {
    const { status, stdout, stderr } = run(...load)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const number of Object.values(JSON.parse(stdout) as Record<string, number>)) expect(number).toBeGreaterThan(0)
  })
})

describe('mutant of the C++ ring', () => {
  const reason = missing('thread')
  it.skipIf(reason !== undefined)(`ThreadSanitizer reports a tail that is no atomic${because(reason)}`, () => {
    const { status, stderr } = ringUnder('thread', '-DMUTANT')('stream', 64, 1024, 256, 1_000_000)
    expect(status).toBe(66)
    expect(stderr).toContain('data race')
    expect(stderr).toContain('Tail::store')
  })
})
