import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createTwin } from '../../compositor/draw/twin.ts'
import { drawJob } from '../compositor/draw-scenes.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'
import { frameHash, jobFile, type CountedJob } from './job-file.ts'

const seed = testSeed('draw-isa', 20_261_125)
const channels = ['rgb', 'grey', 'depth', 'depthMillis', 'segmentation'] as const
const sources = ['tests/native/draw-isa.cc', 'native/src/draw.cc', 'native/src/hash.cc'].map((file) => fileURLToPath(new URL(`../../${file}`, import.meta.url)))

/** A compiler with its flags, and what runs its programs where this processor can not. */
interface Way {
  readonly compiler: string
  readonly flags: readonly string[]
  readonly runner?: string
}

const sanitizers = ['-O0', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined']
const arm = { compiler: 'aarch64-linux-gnu-g++', runner: 'qemu-aarch64' } as const
const isX86 = process.arch === 'x64'
const cpuInfo = '/proc/cpuinfo'
/** The last of the extensions the widest kernel needs. */
const hasAvx512 = isX86 && existsSync(cpuInfo) && /\bavx512_vbmi2\b/.test(readFileSync(cpuInfo, 'utf8'))
/** Portable, SSE 4.2, AVX2, AVX-512. */
const allSets = 4

/** Those of a short run first: no optimisation, all that this processor can do, another processor. */
const ways: readonly Way[] = [
  { compiler: 'g++', flags: ['-O0'] },
  { compiler: 'g++', flags: ['-O1', '-march=native'] },
  { ...arm, flags: ['-static', '-O1'] },
  { compiler: 'g++', flags: ['-O1'] },
  { compiler: 'g++', flags: ['-O3'] },
  { compiler: 'g++', flags: ['-O3', '-march=native'] },
  ...(isX86 ? [{ compiler: 'g++', flags: ['-O3', '-mavx2'] }] : []),
  { compiler: 'g++', flags: sanitizers },
  { ...arm, flags: ['-static', '-O3'] },
  ...[['-O0'], ['-O1'], ['-O3'], ['-O3', '-march=native'], ...(isX86 ? [['-O3', '-mavx2']] : []), sanitizers].map((flags) => ({ compiler: 'clang++', flags })),
].slice(0, counts(3, 99))

/** What a test does not do here, for its name. */
function leftOut(way: Way, lacks: string | undefined): string {
  if (lacks !== undefined) return ` (skipped: ${lacks} is not installed)`
  return hasAvx512 || way.runner !== undefined ? '' : ' (AVX-512 skipped: this processor does not have it)'
}

/** What of a way is not installed here: a program, or the libraries that flags ask for, as sanitizers do. */
function missing({ compiler, flags, runner }: Way): string | undefined {
  const absent = [compiler, runner].find((program) => program !== undefined && spawnSync(program, ['--version']).status !== 0)
  if (absent !== undefined) return absent
  const links = spawnSync(compiler, [...flags, '-x', 'c++', '-', '-o', '/dev/null'], { input: 'int main() {}' }).status === 0
  return links ? undefined : `what ${compiler} needs for ${flags.join(' ')}`
}

function compile({ compiler, flags }: Way, program: string): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    const built = spawn(compiler, ['-std=c++20', '-ffp-contract=off', '-Wall', '-Wextra', '-Wno-psabi', ...flags, ...sources, '-o', program])
    built.stderr.on('data', (text: Buffer) => (said += text.toString()))
    built.on('close', (status) => {
      resolve(status === 0 ? '' : said)
    })
  })
}

/** Ordinary jobs and degenerate ones, drawn by the twin. */
function drawnJobs(): CountedJob[] {
  const twin = createTwin()
  return Array.from({ length: counts(60, 400) }, (_, turn) => {
    const scene = { width: [16, 64, 33, 130][turn % 4], height: [16, 64, 17, 90][turn % 4], views: 1 + (turn % 2), instances: (turn * 7) % 60, hurt: turn % 2 === 0 ? 0 : 0.5, ground: turn % 3 !== 0, channels }
    const job = drawJob(testRng(seed).at(turn, 0), scene)
    twin(job, scene.views)
    return { job, count: scene.views }
  })
}

describe('drawViews, compiled here', () => {
  let folder = ''
  let hashes: string[] = []

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'metabonk-draw-'))
    const jobs = drawnJobs()
    hashes = jobs.map(({ job }) => frameHash(job))
    writeFileSync(join(folder, 'jobs'), jobFile(jobs))
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  describe.concurrent('gives the bytes of the twin with every instruction set', () => {
    for (const [number, way] of ways.entries()) {
      const lacks = missing(way)
      it.skipIf(lacks !== undefined)(`${way.compiler} ${way.flags.join(' ')}${leftOut(way, lacks)}`, async ({ expect }) => {
        const program = join(folder, `draw${number}`)
        expect(await compile(way, program)).toBe('')
        const command = [...(way.runner === undefined ? [] : [way.runner]), program, join(folder, 'jobs')]
        const { stdout, stderr, status } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' })
        expect(stderr).toBe('')
        expect(status).toBe(0)
        const lines = stdout.trimEnd().split('\n')
        const sets = lines.length / hashes.length
        if (hasAvx512 && way.runner === undefined) expect(sets).toBe(allSets)
        expect(lines).toEqual(hashes.flatMap((hash) => Array.from({ length: sets }, (_, isa) => `${isa} ${hash}`)))
      })
    }
  })
})
