import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecording, prepareWorld, runWorld, type LiveRun, type PreparedWorld, type RecordedRun, type RunOptions, type RunResult } from '../../actors/index.ts'
import { built } from '../shell/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const seed = 5
let world: PreparedWorld

beforeAll(async () => {
  world = await prepareWorld(fileURLToPath(new URL('../determinism/worlds/duel.ts', import.meta.url)))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A run that is held, and goes as many steps as it is told. */
function start(record: string, options: Partial<RunOptions> = {}): { readonly to: (step: number) => Promise<void>; readonly live: LiveRun; readonly end: () => Promise<RunResult> } {
  const stop = new AbortController()
  const held: LiveRun[] = []
  const result = runWorld({
    world, seed, record, workers: 2, signal: stop.signal, ...options,
    onLive: (run) => {
      run.setPaused(true)
      held.push(run)
    },
  })
  const [live] = held
  return {
    live,
    to: async (step) => {
      live.step(step - live.vitals().step)
      while (live.vitals().step < step) await breathe()
      await live.flush()
    },
    end: () => {
      stop.abort()
      return result
    },
  }
}

/** That a run which was read on is what it is opened anew, at some steps, in an order that leads back and forth. */
async function expectSame(run: RecordedRun, steps: readonly number[]): Promise<void> {
  const anew = await openRecording(run.path)
  expect([run.first, run.steps, run.complete, run.inputs, run.keyframes]).toEqual([anew.first, anew.steps, anew.complete, anew.inputs, anew.keyframes])
  for (const step of steps) {
    const [a, b] = [run.stateAt(step), anew.stateAt(step)]
    expect([step, a.hash, a.agents, a.keyframe()]).toEqual([step, b.hash, b.agents, b.keyframe()])
  }
  anew.close()
}

describe.skipIf(!built)('a run that is read on while it is recorded (needs the build)', () => {
  it('has the steps and inputs that came, at every step the state that was recorded', async () => {
    const path = join(folder, 'run.mcap')
    const { to, live, end } = start(path)
    await to(40)
    const run = await openRecording(path)
    expect([run.first, run.steps, run.complete, run.inputs.length]).toEqual([0, 40, false, 0])
    expect(run.readOn()).toBe(false)
    await expectSame(run, [40, 39, 12])
    await to(60)
    // It stands behind the last step that it knows, and takes the inputs that came when it goes on.
    run.stateAt(40)
    const sent = live.send({ form: 'set', kind: 'fighter', row: 4, column: 'health', value: 777 })
    await to(90)
    expect(await sent).toBe(60)
    expect([run.readOn(), run.steps, run.inputs.map(({ step }) => step)]).toEqual([true, 90, [60]])
    await expectSame(run, [41, 61, 60, 90, 89, 5])
    await to(130)
    const seen = run.stateAt(89)
    expect([run.readOn(), run.steps]).toEqual([true, 130])
    // What it showed is as it was.
    expect(seen.hash).toBe(run.hashAt(89))
    await expectSame(run, [129, 90, 130])
    await end()
    expect([run.readOn(), run.complete, run.readOn()]).toEqual([true, true, false])
    await expectSame(run, [130, 0])
    run.close()
  })

  it('says where it goes on when its part has ended, and is read there', async () => {
    const path = join(folder, 'parts.mcap')
    const { to, end } = start(path, { rotate: { bytes: 64 * 1024 }, seekBudgetMillis: 2, channels: ['logs', 'messages', 'states'] })
    await to(20)
    const first = await openRecording(path)
    expect([first.complete, first.next]).toEqual([false, undefined])
    for (let step = 100; first.next === undefined; step += 100) {
      await to(step)
      first.readOn()
    }
    const next = await openRecording(join(folder, first.next))
    expect([first.complete, first.next, next.first, next.hashAt(next.first)]).toEqual([true, 'parts.1.mcap', first.steps, first.hashAt(first.steps)])
    await expectSame(first, [first.steps, 3])
    await end()
  })
})
