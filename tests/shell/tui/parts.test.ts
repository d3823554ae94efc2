import { existsSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { findInRecording, prepareWorld, recordingInfo, runWorld, whyRecording, type RunResult } from '../../../actors/index.ts'
import { whyRows } from '../../../shell/answers.ts'
import { OwnRuns } from '../../../shell/tui/app/own-runs.ts'
import { screenPorts } from '../../../shell/tui/app/ports.ts'
import { openRecordedSession } from '../../../shell/tui/model/recorded-session.ts'
import { built } from '../command.ts'
import { ownFolder, realScreen } from './real-run.ts'

const folder = ownFolder()
// So many that a fast machine, which needs few keyframes, writes several parts.
const steps = 1_000
const whole = join(folder, 'whole.mcap')
const condition = 'fighter.health < 30'
let run: RunResult

beforeAll(async () => {
  if (!built) return
  const world = await prepareWorld(fileURLToPath(new URL('../../determinism/worlds/duel.ts', import.meta.url)))
  const options = { world, seed: 5, steps, workers: 1, seekBudgetMillis: 2, channels: ['logs', 'messages', 'states'] } as const
  await runWorld({ ...options, record: whole })
  run = await runWorld({ ...options, record: join(folder, 'run.mcap'), rotate: { bytes: 65_536 } })
}, 60_000)

/** Stretches of the whole run, whoever the condition holds for. */
async function stretchesOf(expression: string): Promise<{ readonly from: number; readonly to: number }[]> {
  const { hits } = await findInRecording(whole, expression, { most: 100_000 })
  const holds = new Set(hits.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)))
  const all = Array.from({ length: steps + 1 }, (_, step) => step)
  const ends = all.filter((step) => holds.has(step) && !holds.has(step + 1))
  return all.filter((step) => holds.has(step) && !holds.has(step - 1)).map((from, i) => ({ from, to: ends[i] }))
}

describe.skipIf(!built)('questions about a run in parts (need the build)', () => {
  it('are answered from all of them', async () => {
    const ports = screenPorts(new OwnRuns())
    const [first] = run.parts
    const all = await stretchesOf(condition)
    const most = 100_000
    expect(all.length).toBeGreaterThan(3)
    expect(await ports.find(first, condition, { from: 0, to: Infinity, backwards: false, most })).toEqual(all)
    expect(await ports.find(run.parts[2], condition, { from: 0, to: steps, backwards: true, most })).toEqual([...all].reverse())
    const { first: edge } = recordingInfo(run.parts[2])
    for (const from of [0, edge - 1, edge, edge + 1]) {
      const next = await ports.find(first, 'step % 97 == 0', { from, to: Infinity, backwards: false, most: 1 })
      expect(next).toEqual([{ from: Math.ceil(from / 97) * 97, to: Math.ceil(from / 97) * 97 }])
    }
    // One stretch over all parts.
    expect(await ports.find(first, 'step > 5', { from: 0, to: steps - 1, backwards: true, most: 1 })).toEqual([{ from: 6, to: steps - 1 }])
    expect(await ports.find(first, 'step > 5', { from: 0, to: Infinity, backwards: false, most: 1 })).toEqual([{ from: 6, to: steps }])
    expect(await ports.find(first, 'true', { from: steps + 1, to: Infinity, backwards: false, most: 1 })).toEqual([])
    const why = await whyRecording(whole, edge, 'fighter[0].health')
    expect(await ports.why(run.parts[2], edge, 'fighter[0].health')).toEqual({ rows: whyRows(why), step: why.step })
    await ports.close()
  })

  it('can be ended: by another search, by hand, and by leaving', async () => {
    const ports = screenPorts(new OwnRuns())
    const search = (): Promise<string> => ports.find(whole, 'fighter.health < -1', { from: 0, to: Infinity, backwards: false, most: 5 }).then(() => 'found', (error: unknown) => (error as { readonly code: string }).code)
    const [older, newer] = [search(), search()]
    expect([await older, await newer]).toEqual(['stopped', 'found'])
    const ended = search()
    ports.endSearch()
    expect(await ended).toBe('stopped')
    const left = [search(), ports.why(whole, steps, 'fighter[0].health').then(() => 'told', () => 'stopped')]
    await ports.close()
    expect((await Promise.all(left))[0]).toBe('stopped')
    // It can be asked again.
    expect(await search()).toBe('found')
    await ports.close()
  })

  it('leave no half of a fork behind', async () => {
    const own = new OwnRuns()
    const ports = screenPorts(own)
    const forked = ports.fork(whole, 300, ['force=3']).then((session) => session.close().then(() => session.about.recording), () => undefined)
    await ports.close()
    await own.end()
    const path = await forked
    if (path === undefined) return
    expect(existsSync(path)).toBe(true)
    rmSync(path)
  })
})

describe.skipIf(!built)('a run in parts on the screen (needs the build)', () => {
  it('is not told what happened in a step of the part before while it turns to another one', async () => {
    const session = await openRecordedSession(run.parts[1])
    const { first, last } = session
    await session.goTo(last)
    const asked = [session.turnTo(run.parts[0]), session.events(last)] as const
    const meanwhile = asked[1].then(() => 'told', (error: unknown) => (error as { readonly code: string }).code)
    await asked[0]
    expect(['told', 'stopped']).toContain(await meanwhile)
    for (const step of [first + 1, last]) await expect(session.events(step)).rejects.toMatchObject({ code: 'stopped' })
    expect(await session.events(0)).not.toEqual([])
    await session.close()
  })

  it('is gone through from part to part, and says which steps are gone', async () => {
    const own = new OwnRuns()
    const opened = await realScreen([await openRecordedSession(run.parts[1])], own)
    const { press, until, app, said, seen } = opened
    const { playhead } = app.desk
    const rhythm = 'step % 61 < 3'
    const all = await stretchesOf(rhythm)
    await press(`b${rhythm}\r`)
    const { first } = recordingInfo(run.parts[1])
    const later = all.filter(({ from }) => from > recordingInfo(run.parts[1]).steps)
    expect(later.length).toBeGreaterThan(0)
    for (let i = 0; i < all.length && playhead.at !== later[0].from; i++) await press('n')
    await until(() => playhead.at === later[0].from)
    expect(playhead.file).not.toBe(run.parts[1])
    for (let i = 0; i < 2 * all.length && playhead.at !== all[0].from; i++) await press('N')
    await until(() => playhead.at === all[0].from)
    await press('G')
    await until(() => playhead.at === steps)
    await press(`g${String(first + 1)}\r`)
    await until(() => playhead.at === first + 1)
    // What happened in a step that two parts share is in the first of them.
    await press(`g${String(first)}\r`)
    await until(() => playhead.at === first && app.desk.log.some(({ step, level }) => step === first && level === 'event'))
    expect(playhead.file).toBe(run.parts[0])
    await press(`g${String(first + 1)}\r`)
    await until(() => playhead.at === first + 1)
    expect(said()).not.toContain('error')
    unlinkSync(run.parts[0])
    await press(`g${String(first)}\r`)
    await until(() => playhead.at === first)
    await press(`g${String(first + 1)}\r`)
    await until(() => playhead.at === first + 1)
    await press('g3\r')
    expect(said()).toContain(`error: step 3 is in a part of the run that is gone (${run.parts[1]}); step ${String(first)} is the first there is`)
    expect(playhead.at).toBe(first + 1)
    await press('bstep == 3\r')
    await press('N')
    expect(said()).toContain(`warn: it does not hold at any earlier step that is there: those before step ${String(first)} are gone`)
    await app.close()
    await own.end()
    expect(new Set(seen.map(([step, hash]) => `${String(step)} ${hash}`)).size).toBe(new Set(seen.map(([step]) => step)).size)
  })
})
