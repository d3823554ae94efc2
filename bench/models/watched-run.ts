import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { prepareWorld, runWorld } from '../../actors/index.ts'
import { packageRoot } from '../../runtime/host/index.ts'
import type { App } from '../../shell/tui/app/app.ts'
import { OwnRuns } from '../../shell/tui/app/own-runs.ts'
import { screenPorts } from '../../shell/tui/app/ports.ts'
import { RunScreen } from '../../shell/tui/app/show.ts'
import type { LiveSession } from '../../shell/tui/model/model.ts'
import { OpeningScreen } from '../../shell/tui/screen/opening.ts'
import { inFolder } from '../harness/folder.ts'
import { seed } from '../harness/runs.ts'

export const frameMillis = 33
/** Of the terminal: all panes are on it. */
const screenSize = { columns: 120, rows: 40 } as const

/** A keyboard that nobody touches. */
class Keyboard extends PassThrough {
  readonly isTTY: boolean = true

  setRawMode(): this {
    return this
  }
}

/** A terminal that takes everything at once. */
class Glass extends Writable {
  readonly isTTY: boolean = true
  readonly columns = screenSize.columns
  readonly rows = screenSize.rows
  bytes = 0

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes += chunk.length
    done()
  }
}

/** A run that is looked at in this thread, while others step it. */
export interface WatchedRun {
  readonly screen: RunScreen
  readonly app: App
  readonly session: LiveSession
  /** Bytes the terminal was sent so far. */
  readonly sent: () => number
}

/** Runs a world with its settings, recorded, and shows it on a screen, for as long as `look` takes. */
export async function withScreen<T>({ world: name, overrides, workers }: { readonly world: string; readonly overrides: readonly string[]; readonly workers: number }, look: (run: WatchedRun) => Promise<T>): Promise<T> {
  const world = await prepareWorld(name, { overrides })
  return await inFolder(async (folder) => {
    const own = new OwnRuns()
    const sessions = await own.start((watch) => runWorld({ world, seed, workers, record: join(folder, 'run.mcap'), ...watch }))
    const session = sessions.open()
    const glass = new Glass()
    const opening = new OpeningScreen(name, { input: new Keyboard(), output: glass, colours: '24-bit', term: 'xterm-256color' })
    await opening.terminal.ready
    const screen = new RunScreen(opening, [session], screenPorts(own))
    try {
      return await look({ screen, app: screen.app, session, sent: () => glass.bytes })
    } finally {
      await screen.close()
      await own.end()
    }
  })
}

/** Draws at 30 frames a second for a while; `drawn` gets the milliseconds each frame held the thread. */
export async function drawFor(screen: RunScreen, millis: number, drawn: (millis: number) => void): Promise<void> {
  const end = performance.now() + millis
  let due = performance.now()
  while (performance.now() < end) {
    const begin = performance.now()
    const asked = screen.frame(begin)
    drawn(performance.now() - begin)
    await asked
    due = Math.max(due + frameMillis, performance.now())
    await delay(due - performance.now())
  }
}

const ticksPerSecond = 100

/** Seconds of processor time that the main thread of this process has used, to a hundredth; undefined where the system does not tell. */
export function mainThreadSeconds(): number | undefined {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return undefined
  }
}

/** Milliseconds from the start of a process of the command line in a terminal of its own until it has drawn anything, and until it shows the run. */
export interface Paint {
  readonly first: number
  readonly run: number
}

/** Measures a start; undefined where there is no `script` to make a terminal with. */
export function paintMillis(args: readonly string[]): Promise<Paint | undefined> {
  const command = `stty cols ${screenSize.columns} rows ${screenSize.rows}; exec ${[process.execPath, join(packageRoot, 'dist', 'shell', 'main.js'), ...args].join(' ')}`
  return new Promise((resolve) => {
    const begin = performance.now()
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, TERM: 'xterm-256color' }, stdio: ['pipe', 'pipe', 'ignore'] })
    let text = ''
    let first: number | undefined
    let run: number | undefined
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (text.includes('opening')) first ??= performance.now() - begin
      if (run !== undefined || !text.includes('overview')) return
      run = performance.now() - begin
      child.stdin.write('q')
    })
    child.on('error', () => {
      resolve(undefined)
    })
    child.on('close', () => {
      resolve(run === undefined ? undefined : { first: first ?? run, run })
    })
  })
}
