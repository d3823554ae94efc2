import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { math } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'

const compiler = ['g++', 'c++', 'clang++'].find((name) => spawnSync(name, ['--version']).status === 0)
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const driver = fileURLToPath(new URL('./math-twin.cc', import.meta.url))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

type Function2 = (x: number, y: number) => number

/** In the order of the driver's numbers. */
const functions = Object.entries(math.deterministicMath).sort(([a], [b]) => (a < b ? -1 : 1)) as [string, Function2][]

const specials = [0, -0, 1, -1, 0.5, -0.5, 2, 3, 1e-300, -1e-310, 5e-324, 1e300, 1.7976931348623157e308, Infinity, -Infinity, NaN, Math.PI, 1e22, 710, -745.1, 0.9999999999999999, 4503599627370497.5]

/** Random pairs: bits, exponents of every size, and special values against each other. */
function pairs(seed: number, count: number): Float64Array {
  const rng = testRng(seed).at(0, 0)
  const values = new Float64Array(2 * (count + specials.length * specials.length))
  const bits = new Uint32Array(values.buffer)
  for (let i = 0; i < 2 * count; i++) {
    if (rng.chance(0.3)) {
      bits[2 * i] = rng.u32()
      bits[2 * i + 1] = rng.u32()
    } else {
      values[i] = (rng.unit() - 0.5) * 2 ** rng.between(-40, 12)
    }
  }
  specials.forEach((x, i) => {
    specials.forEach((y, j) => {
      values.set([x, y], 2 * (count + i * specials.length + j))
    })
  })
  return values
}

function sameBits(a: Float64Array, b: Float64Array, i: number): boolean {
  return Object.is(a[i], b[i])
}

describe.skipIf(compiler === undefined)('native math (needs a C++ compiler)', () => {
  it.each([['-O3', '-march=native'], ['-O0', '-g0']])('compiled with %s gives the bits of runtime/math', (...flags) => {
    const program = join(folder, `twin${flags[0]}`)
    execFileSync(compiler ?? '', ['-std=c++20', '-ffp-contract=off', '-Wall', '-Wextra', '-Werror', ...flags, driver, '-o', program])
    const values = pairs(testSeed('math twin', 5), counts(20_000, 1_000_000))
    const count = values.length / 2
    functions.forEach(([name, ours], number) => {
      const input = Buffer.concat([Buffer.from(new Uint32Array([number, count]).buffer), Buffer.from(values.buffer)])
      const output = execFileSync(program, { input, maxBuffer: 8 * count + 64 })
      const theirs = new Float64Array(output.buffer.slice(output.byteOffset, output.byteOffset + output.length))
      const mine = Float64Array.from({ length: count }, (_, i) => ours(values[2 * i], values[2 * i + 1]))
      const differing = mine.findIndex((_, i) => !sameBits(mine, theirs, i))
      expect(differing < 0 ? '' : `${name}(${String(values[2 * differing])}, ${String(values[2 * differing + 1])}): ${String(mine[differing])} here, ${String(theirs[differing])} in C++`).toBe('')
    })
  })
})
