import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bisectRecordings, findInRecording, MetabonkError, openRecording, prepareWorld, recordingInfo, resumeRun, runWorld, verifyRecording, whyRecording, type PreparedWorld } from '../../../actors/index.ts'
import { divergenceRows, whyRows } from '../../../shell/answers.ts'
import { serveRun } from '../../../shell/tui/model/attach-server.ts'
import { openRecordedSession } from '../../../shell/tui/model/recorded-session.ts'
import { openRemoteSession } from '../../../shell/tui/model/remote-session.ts'
import { counts, testSeed } from '../../counts.ts'
import { built } from '../command.ts'
import { ownFolder, realScreen, startRun, type RealScreen, type Seen } from './real-run.ts'
import { stormOf } from './storm.ts'
import { OwnRuns } from '../../../shell/tui/app/own-runs.ts'

const folder = ownFolder()
const seed = 3
let recordings = 0
let world: PreparedWorld

function freshPath(): string {
  return join(folder, `run${String(recordings++)}.mcap`)
}

/** No run is begun by chance. */
const noForks = { fork: () => Promise.reject(new MetabonkError({ code: 'usage', what: 'not here' })) }

/** Types, clicks and pulls at screens without any sense, all at once. */
async function stormOver(screens: readonly RealScreen[], events: number, from: number): Promise<void> {
  await Promise.all(screens.map(async ({ app, xterm, type, resize }, i) => {
    const storm = stormOf(from + i)
    for (let k = 0; k < events; k++) {
      const next = storm.next(xterm.cols, xterm.rows)
      if ('bytes' in next) await type(next.bytes)
      else await resize(next.columns, next.rows)
      app.desk.hasQuit = false
      while (app.desk.tabs.length > 3) await app.perform('close')
    }
  }))
}

/** Every state that was shown is the recorded one of its step. */
async function expectRecorded(path: string, seen: Seen): Promise<void> {
  const run = await openRecording(path)
  for (const [step, hash] of seen) expect([step, hash]).toEqual([step, run.hashAt(step)])
  run.close()
  expect(new Set(seen.map(([step]) => step)).size).toBeGreaterThan(5)
}

beforeAll(async () => {
  if (built) world = await prepareWorld('arena', { overrides: ['agents=8'] })
})

describe.skipIf(!built)('a storm over a live run (needs the build)', () => {
  it.each([[1, 'one screen'], [2, 'one screen'], [2, 'one screen more, in another terminal']])('changes no state (%i workers, %s)', async (workers, screens) => {
    const steps = counts(1500, 30_000)
    const record = freshPath()
    const plainPath = freshPath()
    const plain = await runWorld({ world, seed, steps, workers, record: plainPath })
    const { own, sessions, result } = await startRun({ world, seed, steps, workers, record })
    const served = await serveRun(sessions.world, () => sessions.open())
    const opened = [await realScreen([sessions.open()], own, noForks)]
    if (screens !== 'one screen') opened.push(await realScreen([await openRemoteSession(served.path)], new OwnRuns(), noForks))
    await sessions.open().setPace(150)
    await sessions.open().setPaused(false)
    await stormOver(opened, counts(80, 5000), testSeed('storm over a run', 5))
    const last = sessions.open()
    await last.setPace(undefined)
    await last.setPaused(false)
    const { finalHash } = await result
    for (const { screen, frames } of opened) {
      await frames(5)
      await screen.close()
    }
    await served.close()
    await own.end()
    expect(finalHash).toBe(plain.finalHash)
    expect(bisectRecordings(plainPath, record)).toMatchObject({ step: undefined, columns: [] })
    expect(recordingInfo(record).inputs).toBe(0)
    for (const { seen } of opened) await expectRecorded(record, seen)
    expect(readdirSync(join(folder, 'metabonk'))).toEqual([])
  }, counts(120_000, 3_600_000))
})

describe.skipIf(!built)('changes that are typed (need the build)', () => {
  it('are recorded: the run replays to the same hashes, and goes on', async () => {
    const record = freshPath()
    const { own, sessions, result } = await startRun({ world, seed, steps: 300, workers: 2, record })
    const opened = await realScreen([sessions.open()], own)
    const { press, shows, screen, said } = opened
    for (const line of ['set enemy[2].health=3', 'config difficulty=3', 'spawn enemy health=4', 'kill enemy[1]']) {
      await press('.....')
      await press(`:${line}\r`)
      expect([line, said().split('\n').at(-1)]).toEqual([line, expect.stringContaining('taken before step') as string])
    }
    await press(':set enemy[2].health=much\r')
    await press(':kill enemy[1]\r')
    expect([shows('enemy 1 is not alive'), said().split('\n').filter((line) => line.startsWith('error')).length]).toEqual([true, 2])
    await press('*')
    await press(' ')
    const { finalHash } = await result
    await screen.close()
    await own.end()
    expect(recordingInfo(record).inputs).toBe(4)
    expect(await verifyRecording(record, { workers: 1 })).toMatchObject({ steps: 300, finalHash })
    await expectRecorded(record, opened.seen)
    await resumeRun(record, { steps: 340, workers: 1 })
    expect(await verifyRecording(record)).toMatchObject({ steps: 340 })
  })
})

describe.skipIf(!built)('time travel on a live run (needs the build)', () => {
  it('goes back and forth, comes back, and goes on', async () => {
    const record = freshPath()
    const { own, sessions, result } = await startRun({ world, seed, steps: 5000, workers: 2, record })
    const opened = await realScreen([sessions.open()], own)
    const { press, app, until, shows } = opened
    const { playhead } = app.desk
    await press('>>')
    await until(() => playhead.at === 120)
    await press(',')
    await until(() => playhead.at === 119)
    expect([playhead.mode, playhead.timeline.last]).toEqual(['past', 120])
    await press('<')
    await until(() => playhead.at === 59)
    await press(' ')
    expect(shows('going on from it is another run')).toBe(true)
    await press('g7\r')
    await until(() => playhead.at === 7)
    await press('.')
    await until(() => playhead.at === 8)
    await press('G')
    await until(() => playhead.at === 120)
    expect(playhead.mode).toBe('live, paused')
    await press('...')
    await until(() => playhead.at === 123)
    await press(',,,,')
    await until(() => playhead.at === 119)
    await press(':go 122\r')
    await until(() => playhead.at === 122)
    await press('>')
    await until(() => playhead.mode === 'live, paused' && playhead.at === 123)
    await press(' ')
    await until(() => playhead.at > 200)
    await press('g40\r')
    await until(() => playhead.at === 40)
    await press('G')
    await press('*')
    await press(' ')
    const { finalHash } = await result
    await until(() => playhead.mode === 'ended')
    await press('g4990\r')
    await until(() => playhead.at === 4990)
    await press('G')
    await until(() => playhead.at === 5000)
    await app.close()
    await own.end()
    expect(opened.said()).not.toMatch(/error: (?!step 59 has been)/)
    expect(recordingInfo(record)).toMatchObject({ finalHash, inputs: 0 })
    await expectRecorded(record, opened.seen)
  })
})

describe.skipIf(!built)('a breakpoint on a live run (needs the build)', () => {
  it.each(['enemy.health < 100', 'count(enemy) > 0 and step > 47', 'step % 31 == 30'])('stops at the first step at which %s, and at the next', async (condition) => {
    const record = freshPath()
    const { own, sessions } = await startRun({ world, seed, workers: 2, record })
    const opened = await realScreen([sessions.open()], own)
    const { press, app, until } = opened
    const { playhead } = app.desk
    await press('.')
    await until(() => playhead.at === 1)
    await press(`b${condition}\r`)
    // Where it is set is the first step at which it may hold.
    if (playhead.hits.length === 0) await press(' ')
    const isAtHit = (): boolean => playhead.isPaused && playhead.hits.some(({ from, to }) => from <= playhead.at && playhead.at <= to)
    await until(isAtHit)
    const first = playhead.at
    expect([playhead.mode, opened.said()]).toEqual(['live, paused', expect.stringContaining(`the run has stopped where ${condition}`)])
    await press('n')
    await until(() => playhead.at > first && isAtHit())
    const second = playhead.at
    await press('N')
    await until(() => playhead.mode === 'past' && playhead.at < second)
    const before = playhead.at
    await app.close()
    await own.end()
    const { hits } = await findInRecording(record, condition, { most: 1000 })
    const steps = [...new Set(hits.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)))].sort((a, b) => a - b)
    expect([first, second, opened.said()]).toEqual([...steps.filter((step) => step >= 1).slice(0, 2), expect.not.stringContaining('error')])
    // Back to where it began to hold.
    let began = Math.max(...steps.filter((step) => step < second))
    while (steps.includes(began - 1)) began--
    expect(before).toBe(began)
  })
})

describe.skipIf(!built)('questions from the screen (need the build)', () => {
  it('are answered as the commands answer them', async () => {
    const [a, b] = [freshPath(), freshPath()]
    await runWorld({ world, seed, steps: 200, workers: 1, record: a })
    await runWorld({ world, seed, steps: 200, workers: 1, record: b, inputs: [{ step: 90, source: 0, sequence: 0, input: { form: 'set', kind: 'enemy', row: 2, column: 'health', value: 1 } }] })
    const own = new OwnRuns()
    const opened = await realScreen([await openRecordedSession(a)], own)
    const { press, app, until } = opened
    const { desk } = app
    await press('G')
    await press(':agent enemy[2]\r')
    await press('wat\r')
    const why = await whyRecording(a, 200, 'enemy[2].at')
    expect([desk.popup?.rows, desk.popup?.then?.command]).toEqual([whyRows(why), `go ${String(why.step)}`])
    await press('\r')
    await until(() => desk.playhead.at === why.step)
    await press(`x${b}\r`)
    expect(desk.popup?.rows).toEqual(divergenceRows(bisectRecordings(a, b)))
    expect(desk.popup?.then?.command).toBe('go 91')
    await press('\r')
    await until(() => desk.playhead.at === 91)
    await press(`d${b}\r`)
    const [here, there] = await Promise.all([a, b].map(async (path) => (await openRecording(path)).stateAt(91).agent('enemy', 2)))
    expect(here['health']).not.toBe(there['health'])
    expect(desk.tab.other?.agent?.fields.find(({ name }) => name === 'health')?.value).toBe(String(there['health']))
    await press('bstep % 50 == 0 and enemy.health > 0\r')
    expect(desk.playhead.hits).toEqual([0, 50, 100, 150, 200].map((step) => ({ from: step, to: step })))
    await press('n')
    await until(() => desk.playhead.at === 100)
    await app.close()
    await own.end()
  })

  it('make another run, which is stopped and recorded whole when the screen is left', async () => {
    const record = freshPath()
    const { own, sessions } = await startRun({ world, seed, workers: 1, record })
    const opened = await realScreen([sessions.open()], own)
    const { press, app, until, said } = opened
    const { desk } = app
    await press('>')
    await until(() => desk.playhead.at === 60)
    await press('g41\r')
    await until(() => desk.playhead.at === 41)
    await press('fdifficulty=3 enemy[2].health=5\r')
    expect(said()).toContain('forked at step 41')
    expect(desk.tabs.length).toBe(2)
    await until(() => desk.playhead.at > 100)
    const fork = desk.playhead.about.recording ?? ''
    expect(desk.playhead.mode).toBe('live')
    await press(',')
    await until(() => desk.playhead.mode === 'past')
    await app.close()
    await own.end()
    expect(recordingInfo(record)).toMatchObject({ complete: true, steps: 60 })
    expect(recordingInfo(fork)).toMatchObject({ complete: true, inputs: 2, manifest: { parent: { step: 41 } } })
    await verifyRecording(fork, { workers: 1 })
    expect(bisectRecordings(record, fork).step).toBe(42)
    rmSync(fork)
  })
})
