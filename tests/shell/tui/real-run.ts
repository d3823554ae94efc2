/** Real runs on a screen: threads, recordings and sockets as they are, only the terminal and the clock are a test's. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { runWorld, type RunOptions, type RunResult } from '../../../actors/index.ts'
import type { Ports } from '../../../shell/tui/app/desk.ts'
import { OwnRuns } from '../../../shell/tui/app/own-runs.ts'
import { screenPorts } from '../../../shell/tui/app/ports.ts'
import type { LiveSessions } from '../../../shell/tui/model/live-session.ts'
import type { LiveSession, RecordedSession } from '../../../shell/tui/model/model.ts'
import { screenOn, type TestScreen } from './open-screen.ts'

/** A folder of its own for recordings and sockets, for the tests of a file. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mb-'))
  const before = process.env['XDG_RUNTIME_DIR']
  beforeAll(() => {
    process.env['XDG_RUNTIME_DIR'] = folder
  })
  afterAll(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR']
    else process.env['XDG_RUNTIME_DIR'] = before
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** Steps and hashes of everything that was shown. */
export type Seen = (readonly [step: number, hash: string])[]

/** A session, and a note of all that it shows. */
function noted<S extends LiveSession | RecordedSession>(session: S, seen: Seen): S {
  const look: S['look'] = async (query) => {
    const view = await session.look(query)
    seen.push([view.step, view.hash])
    return view
  }
  return Object.create(session, { look: { value: look } }) as S
}

/** A screen on real sessions. */
export interface RealScreen extends TestScreen {
  readonly seen: Seen
  /** Types, and waits until what was typed is done. */
  readonly press: (bytes: string) => Promise<void>
  /** Lets frames pass until this holds. */
  readonly until: (holds: () => boolean) => Promise<void>
  readonly shows: (text: string) => boolean
  readonly files: Map<string, Uint8Array>
  /** What was said that is no event of a run, as lines. */
  readonly said: () => string
}

/** Opens a screen on real sessions; pictures go to memory. */
export async function realScreen(sessions: readonly (LiveSession | RecordedSession)[], own: OwnRuns, replaced: Partial<Ports> = {}): Promise<RealScreen> {
  const seen: Seen = []
  const files = new Map<string, Uint8Array>()
  const ports = screenPorts(own)
  const opened = await screenOn(sessions.map((each) => noted(each, seen)), {
    ...ports,
    openRecording: async (...given) => noted(await ports.openRecording(...given), seen),
    write: (path, bytes) => void files.set(path, bytes),
    ...replaced,
  })
  const { desk } = opened.app
  const until = async (holds: () => boolean): Promise<void> => {
    const begin = performance.now()
    while (!holds() && performance.now() - begin < 30_000) await opened.frames(1)
    expect([holds(), holds() ? '' : opened.lines().join('\n')]).toEqual([true, ''])
  }
  return {
    ...opened, seen, files, until,
    press: async (bytes) => {
      await opened.type(bytes)
      await until(() => desk.working === 0)
      await opened.frames(3)
    },
    shows: (text) => opened.lines().some((line) => line.includes(text)),
    said: () => desk.log.filter(({ level }) => level !== 'event').map(({ level, text }) => `${level}: ${text}`).join('\n'),
  }
}

export interface RealRun {
  readonly own: OwnRuns
  readonly sessions: LiveSessions
  readonly result: Promise<RunResult>
}

/** Starts a run, paused before its first step. */
export async function startRun(options: Pick<RunOptions, 'world' | 'seed'> & Partial<RunOptions>): Promise<RealRun> {
  const own = new OwnRuns()
  const begun: { result?: Promise<RunResult> } = {}
  const sessions = await own.start(({ signal, onLive }) => {
    begun.result = runWorld({
      ...options, signal,
      onLive: (live) => {
        live.setPaused(true)
        onLive(live)
      },
    })
    return begun.result
  })
  return { own, sessions, result: begun.result as Promise<RunResult> }
}
