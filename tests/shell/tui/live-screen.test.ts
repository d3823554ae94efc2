import { readdirSync } from 'node:fs'
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
  await Promise.all(screens.map(async ({ screen: { app }, xterm, type, resize }, i) => {
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
