import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { feed, leftovers, screenOf, screenText } from './screen-text.ts'

const program = fileURLToPath(new URL('./drawing.child.ts', import.meta.url))
const inPty = fileURLToPath(new URL('./in-pty.py', import.meta.url))
const hasPty = spawnSync('python3', ['-c', 'import pty, termios']).status === 0
const out = fileURLToPath(new URL('../../../out', import.meta.url))

interface Ended {
  readonly written: string
  readonly wasRaw: boolean
  readonly isRestored: boolean
  readonly signal: number | null
  readonly code: number | null
}

describe.skipIf(!hasPty)('a program in a real terminal (needs python3 with pty)', () => {
  let folder: string
  let child: string

  beforeAll(() => {
    mkdirSync(out, { recursive: true })
    folder = mkdtempSync(join(out, 'pty-'))
    child = join(folder, 'child.mjs')
    buildSync({ entryPoints: [program], outfile: child, bundle: true, packages: 'external', platform: 'node', format: 'esm', logLevel: 'warning' })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function run(act: string): Ended {
    const env = { ...process.env, TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '' }
    const { stdout, stderr } = spawnSync('python3', [inPty, JSON.stringify([['drawn', act]]), process.execPath, child], { encoding: 'utf8', timeout: 60_000, env })
    expect(stderr).toBe('')
    return JSON.parse(stdout) as Ended
  }

  it.each([
    ['kill -TERM', 'SIGTERM', { signal: 15, code: null }],
    ['kill -HUP', 'SIGHUP', { signal: 1, code: null }],
    ['an error that nobody catches', 'x', { signal: null, code: 1 }],
    ['the program itself', 'q', { signal: null, code: 0 }],
  ])('%s ends it, and the terminal is as it was', async (_, act, end) => {
    const { written, signal, code, wasRaw, isRestored } = run(act)
    expect({ signal, code, wasRaw, isRestored }).toEqual({ ...end, wasRaw: true, isRestored: true })
    expect(written).toContain('drawn 100x30')
    const [before, screen] = [screenOf(100, 30), screenOf(100, 30)]
    const [ours, after] = [written.slice(0, written.lastIndexOf('\u001b[?1049l') + 8), written.slice(written.lastIndexOf('\u001b[?1049l') + 8)]
    await feed(screen, ours)
    expect([leftovers(screen), screenText(screen)]).toEqual([leftovers(before), screenText(before)])
    expect(ours).toContain('\u001b[?25h')
    // An error is said where it can be read, and nothing else comes.
    expect(after).toMatch(act === 'x' ? /thrown while it was open/ : /^$/)
  })
})
