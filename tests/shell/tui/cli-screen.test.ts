import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { recordingInfo } from '../../../actors/index.ts'
import { built, commandLine, json, main } from '../command.ts'
import { ownFolder } from './real-run.ts'
import { feed, leftovers, screenOf, screenText } from './screen-text.ts'

const inPty = fileURLToPath(new URL('./in-pty.py', import.meta.url))
const hasPty = spawnSync('python3', ['-c', 'import pty, termios']).status === 0
const sockets = join(ownFolder(), 'metabonk')

type Act = readonly [after: string | number, act: string]

interface Ended {
  readonly written: string
  readonly left: readonly Act[]
  readonly wasRaw: boolean
  readonly isRestored: boolean
  readonly signal: number | null
  readonly code: number | null
}

const { folder, metabonk, start } = commandLine()

/** Runs a command in a terminal and does things to it; the terminal is as it was afterwards. Gives how it ended, and what it wrote after its screen. */
async function inTerminal(acts: readonly Act[], ...args: string[]): Promise<Pick<Ended, 'signal' | 'code' | 'left'> & { readonly after: string }> {
  const env = { ...process.env, TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '' }
  const child = spawn('python3', [inPty, JSON.stringify(acts), process.execPath, main, ...args], { cwd: folder, env })
  let [out, err] = ['', '']
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()))
  await new Promise((resolve) => child.on('close', resolve))
  expect(err).toBe('')
  const { written, wasRaw, isRestored, signal, code, left } = JSON.parse(out) as Ended
  const end = written.lastIndexOf('\u001b[?1049l') + 8
  const [before, screen] = [screenOf(100, 30), screenOf(100, 30)]
  await feed(screen, written.slice(0, end))
  expect([wasRaw, isRestored, leftovers(screen), screenText(screen)]).toEqual([true, true, leftovers(before), screenText(before)])
  return { signal, code, left, after: written.slice(end) }
}

function socketsLeft(): readonly string[] {
  return existsSync(sockets) ? readdirSync(sockets) : []
}

describe.skipIf(!hasPty || !built)('metabonk in a real terminal (needs the build, and python3 with pty)', () => {
  it('runs a world on the screen, takes keys, and ends with q and the summary', async () => {
    const ended = await inTerminal([['steps/s', ' '], ['paused', ','], ['past', 'G'], [0.5, 'q']], 'run', 'arena', 'agents=8', '--steps', '100000', '--seed', '3', '--record', 'a.mcap', '--tui')
    expect(ended).toMatchObject({ signal: null, code: 0, left: [], after: expect.stringMatching(/^world +arena, seed 3\r\nstopped at +step \d+[^]*recording +a\.mcap/) as string })
    expect(recordingInfo(join(folder, 'a.mcap'))).toMatchObject({ complete: true, reason: 'stopped' })
    expect(metabonk('verify', 'a.mcap').code).toBe(0)
    expect(socketsLeft()).toEqual([])
  })

  it('is ended by kill -TERM with a whole recording', async () => {
    const ended = await inTerminal([['steps/s', 'SIGTERM']], 'run', 'arena', 'agents=8', '--steps', '100000', '--seed', '3', '--record', 'b.mcap', '--tui')
    expect(ended).toMatchObject({ signal: null, code: 130, left: [], after: expect.stringContaining('stopped at') as string })
    expect(metabonk('verify', 'b.mcap').code).toBe(0)
    expect(socketsLeft()).toEqual([])
  })

  it('is left while a recording is being opened, and ends all the same', async () => {
    const ended = await inTerminal([['steps/s', ' '], ['paused', ',q']], 'run', 'arena', 'agents=8', '--steps', '100000', '--record', 'e.mcap', '--tui')
    expect(ended).toMatchObject({ signal: null, code: 0, left: [], after: expect.stringContaining('stopped at') as string })
  })

  it.each([['q', 0], ['SIGTERM', 130]])('shows a recording until %s', async (act, code) => {
    expect(metabonk('run', 'arena', 'agents=8', '--steps', '60', '--record', 'c.mcap').code).toBe(0)
    const ended = await inTerminal([['recorded', 'G'], ['60', '<'], [0.3, act]], 'replay', 'c.mcap', '--tui')
    expect(ended).toEqual({ signal: null, code, left: [], after: '' })
  })

  it('attaches to a run in another terminal, and leaves it running', async () => {
    const run = start('run', 'arena', 'agents=8', '--workers', '1', '--record', 'd.mcap', '--log', 'info')
    await run.said(/metabonk top can attach/)
    const before = json(metabonk('top', '--once', '--json'))
    const ended = await inTerminal([['steps/s', ' '], ['paused', ' '], [0.5, 'q']], 'top')
    expect(ended).toEqual({ signal: null, code: 0, left: [], after: '' })
    const after = json(metabonk('top', '--once', '--json'))
    expect(after).toMatchObject({ paused: false, ended: null })
    expect(after['step']).toBeGreaterThan(before['step'] as number)
    run.child.kill('SIGINT')
    expect((await run.ended).code).toBe(0)
    expect(socketsLeft()).toEqual([])
  })
})
