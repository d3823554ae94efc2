import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadNative, nativeStatus } from '../../native/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = existsSync(join(root, 'dist', 'native', 'build.js'))

describe('loadNative', () => {
  it('agrees with nativeStatus', () => {
    expect(loadNative()?.origin).toBe(nativeStatus().state === 'loaded' ? 'native' : undefined)
    expect(nativeStatus().state).not.toBe('failed')
  })

  it('gives nothing, and says why, under METABONK_NATIVE=0', () => {
    vi.stubEnv('METABONK_NATIVE', '0')
    expect(loadNative()).toBeNull()
    expect(nativeStatus()).toEqual({ state: 'disabled', detail: 'METABONK_NATIVE=0 is set' })
    vi.unstubAllEnvs()
  })
})

/** A copy of what the build needs, in a folder of its own. */
describe.skipIf(!built)('dist/native (skipped before npm run build)', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'metabonk-native-'))
    mkdirSync(join(folder, 'native'))
    cpSync(join(root, 'native', 'src'), join(folder, 'native', 'src'), { recursive: true })
    cpSync(join(root, 'native', 'binding.gyp'), join(folder, 'native', 'binding.gyp'))
    for (const file of ['build.js', 'index.js']) cpSync(join(root, 'dist', 'native', file), join(folder, 'dist', 'native', file))
    cpSync(join(root, 'dist', 'chunks'), join(folder, 'dist', 'chunks'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const node = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, METABONK_NATIVE: '', ...env } })
  // Without optimisation, which takes four fifths of the time: how fast the addon is, nobody asks here.
  const build = (env: NodeJS.ProcessEnv = {}) => node([join('dist', 'native', 'build.js')], { CXXFLAGS: '-O0', ...env })
  const status = (): { state: string; detail: string } => {
    const script = "import { nativeStatus } from './dist/native/index.js'; console.log(JSON.stringify(nativeStatus()))"
    return JSON.parse(node(['--input-type=module', '-e', script]).stdout) as { state: string; detail: string }
  }

  it('builds nothing without a compiler, and says so in one line', () => {
    const run = build({ PATH: join(folder, 'nothing'), CXX: 'no-such-compiler' })
    expect(run.stdout).toMatch(/^native: no C\+\+ compiler here, [^\n]*\n$/)
    expect([run.status, run.stderr]).toEqual([0, ''])
    expect(status().state).toBe('absent')
  })

  it('reports an addon that cannot be loaded', () => {
    writeFileSync(join(folder, 'dist', 'native', 'metabonk.node'), 'not a library')
    expect(status()).toEqual({ state: 'failed', detail: expect.stringContaining('metabonk.node can\'t be loaded') as string })
  })

  it.skipIf(loadNative() === null)('builds the addon once, and fails loudly when it does not compile', () => {
    expect(build()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(status().state).toBe('loaded')
    const begin = performance.now()
    expect(build()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(performance.now() - begin).toBeLessThan(1_000)
    rmSync(join(folder, 'dist', 'native', 'metabonk.node'))
    expect(build().status).toBe(0)
    expect(status().state).toBe('loaded')
    writeFileSync(join(folder, 'native', 'src', 'grid.cc'), 'int broken(')
    const broken = build()
    expect(broken.status).toBe(1)
    expect(broken.stderr).toMatch(/the addon does not compile[^]*grid\.cc/)
  })
})
