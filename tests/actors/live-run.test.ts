import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findInRecording, openRecording, prepareWorld, runWorld, verifyRecording, type LiveRun, type LiveStop, type PreparedWorld, type RecordedState, type RunOptions, type RunResult } from '../../actors/index.ts'
import { counts, testSeed } from '../counts.ts'
import { built } from '../shell/command.ts'

const worlds = (name: string): string => fileURLToPath(new URL(`../determinism/worlds/${name}.ts`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const seed = 5
let world: PreparedWorld
let lanterns: PreparedWorld
let recordings = 0

beforeAll(async () => {
  world = await prepareWorld(worlds('duel'))
  lanterns = await prepareWorld(worlds('lanterns'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function freshPath(): string {
  return join(folder, `${recordings++}.mcap`)
}

/** Starts a run, paused before its first step unless told otherwise. */
function start(options: Partial<RunOptions>, paused = true): { readonly live: LiveRun; readonly result: Promise<RunResult> } {
  let live: LiveRun | undefined
  const result = runWorld({
    world,
    seed,
    workers: 2,
    ...options,
    onLive: (run) => {
      run.setPaused(paused)
      live = run
    },
  })
  // It is called at once: the run has not begun.
  if (live === undefined) throw new Error('onLive was not called')
  return { live, result }
}

/** A generator of whole numbers. */
function wanderer(from: number): (below: number) => number {
  let state = from >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

/** All that a moment shows, kept. */
function contentOf(state: RecordedState, kinds: readonly string[]): Record<string, unknown> {
  const tables = kinds.map((kind) => {
    const { rows, alive, generation, columns, stateOf } = state.table(kind)
    const live = Array.from({ length: rows }, (_, row) => row).filter((row) => alive[row] === 1)
    return {
      rows,
      alive: Buffer.from(alive.slice(0, rows)).toString('hex'),
      generation: [...generation.subarray(0, rows)],
      columns: columns.map(({ name, type, values }) => [name, Buffer.from(new Uint8Array(values.buffer, values.byteOffset, rows * type.width * values.BYTES_PER_ELEMENT)).toString('hex')]),
      states: live.map((row) => stateOf?.(row)),
      agents: live.map((row) => state.agent(kind, row)),
    }
  })
  return { step: state.step, hash: state.hash, report: state.report, agents: state.agents, tables, states: state.states(), mail: state.mail(), keyframe: Buffer.from(state.keyframe()).toString('hex') }
}

/** Samples, pauses, steps and paces until the run ends. */
async function watchWildly({ live, result }: ReturnType<typeof start>, next: (below: number) => number): Promise<Record<string, unknown>[]> {
  const seen: Record<string, unknown>[] = []
  const deeds: readonly (() => Promise<void> | void)[] = [
    () => { live.setPaused(true) },
    () => { live.setPaused(false) },
    () => { live.setPaused(true); live.step(1 + next(5)) },
    () => { live.setPace(200 + next(5000)) },
    () => { live.setPace(undefined) },
    () => live.setBreakpoint(next(2), `step % ${1 + next(40)} == 0 or fighter.health < ${next(60)}`).catch(() => undefined),
    () => { live.leave(next(2)) },
    async () => { await delay(next(4)) },
    () => { live.vitals() },
  ]
  live.setPaused(false)
  for (let i = 0; live.vitals().ended === undefined && i < counts(150, 1500); i++) {
    await deeds[next(deeds.length)]()
    const state = await live.sample()
    if (next(3) === 0) seen.push(contentOf(state, ['fighter', 'rat']))
  }
  live.leave(0)
  live.leave(1)
  live.setPace(undefined)
  live.setPaused(false)
  await result
  seen.push(contentOf(await live.sample(), ['fighter', 'rat']))
  return seen
}

describe.skipIf(!built)('a run that is watched (needs the build)', () => {
  it.each([1, 2])('comes to the same hashes, and shows no half step (%i workers)', async (workers) => {
    const [record, steps] = [freshPath(), counts(1500, 20_000)]
    const plain = await runWorld({ world, seed, steps, workers })
    const started = start({ steps, workers, record })
    const seen = await watchWildly(started, wanderer(testSeed('watched run', workers)))
    expect((await started.result).finalHash).toBe(plain.finalHash)
    const recorded = await openRecording(record)
    expect(new Set(seen.map(({ step }) => step)).size).toBeGreaterThan(5)
    for (const content of seen) {
      const step = content['step'] as number
      expect(content['hash']).toBe(recorded.hashAt(step))
      expect(content).toEqual(contentOf(recorded.stateAt(step), ['fighter', 'rat']))
    }
    expect(seen.at(-1)?.['step']).toBe(steps)
  }, 120_000)

  it('stands while it is paused, goes step by step, and can be stopped there', async () => {
    const abort = new AbortController()
    const { live, result } = start({ workers: 1, signal: abort.signal, stallSeconds: 2 })
    expect((await live.sample()).step).toBe(0)
    live.step(3)
    while (live.vitals().step < 3) await delay(1)
    // Longer than the host is patient with a coordinator that is stuck.
    await delay(4300)
    expect(await live.sample()).toMatchObject({ step: 3 })
    expect(live.vitals()).toMatchObject({ step: 3, paused: true, pace: undefined, ended: undefined })
    expect(() => { live.step(0.5) }).toThrow(/can't be stepped by 0.5/)
    abort.abort()
    expect((await result).outcome.step).toBe(3)
    expect(live.vitals().ended).toBe('stopped')
    expect((await live.sample()).step).toBe(3)
  }, 30_000)

  it('is held to a pace', async () => {
    const { live, result } = start({ steps: 60 }, false)
    live.setPace(100)
    await live.sample()
    const begin = performance.now()
    await result
    // Some tenths of a second of steps may be made up for, no more.
    expect(performance.now() - begin).toBeGreaterThan(400)
    expect(() => { live.setPace(5) }).not.toThrow()
    expect(() => { start({ steps: 1 }, false).live.setPace(-1) }).toThrow(/-1 steps a second/)
  })
})

/** The breakpoints at which a run that goes on stands next; none when it ends without. */
async function nextStop(live: LiveRun): Promise<readonly LiveStop[]> {
  for (;;) {
    const { stops, paused, ended, step } = live.vitals()
    if (stops.length > 0) {
      expect([paused, stops.map((stop) => stop.step)]).toEqual([true, stops.map(() => step)])
      return stops
    }
    if (ended !== undefined) return []
    await delay(1)
  }
}

/** Goes on from stop to stop until the run ends. */
async function allStops(live: LiveRun, goOn: () => void = () => { live.setPaused(false) }): Promise<LiveStop[]> {
  const all: LiveStop[] = []
  for (let stops = await nextStop(live); stops.length > 0; stops = await nextStop(live)) {
    all.push(...stops)
    goOn()
  }
  return all
}

async function stepsOf(path: string, condition: string): Promise<number[]> {
  const { hits } = await findInRecording(path, condition, { most: 100_000 })
  return [...new Set(hits.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)))].sort((a, b) => a - b)
}

describe.skipIf(!built)('a breakpoint on a live run (needs the build)', () => {
  it.each([1, 2].flatMap((workers) => ['step % 50 == 0', 'fighter.health < 20', "count(fighter, state == 'down') > 3", 'report.rats > 8 and rat.age == 3'].map((condition) => [condition, workers] as const)))('stops at exactly the steps at which %s (%i workers)', async (condition, workers) => {
    const record = freshPath()
    const plain = await runWorld({ world, seed, steps: 400, workers })
    const { live, result } = start({ steps: 400, workers, record })
    await live.setBreakpoint(0, condition)
    const held = allStops(live)
    live.setPaused(false)
    const stops = await held
    expect((await result).finalHash).toBe(plain.finalHash)
    expect(stops.map(({ step }) => step)).toEqual(await stepsOf(record, condition))
    expect(stops.length).toBeGreaterThan(5)
    expect(new Set(stops.map(({ by, expression, fault }) => JSON.stringify([by, expression, fault ?? null])))).toEqual(new Set([JSON.stringify([0, condition, null])]))
    expect((await openRecording(record)).inputs).toEqual([])
  })

  it('stands there, is looked at there, and goes no step further', async () => {
    const abort = new AbortController()
    const { live, result } = start({ signal: abort.signal, stallSeconds: 1 }, false)
    await live.setBreakpoint(0, 'step >= 100 and step % 100 == 0')
    const [{ step }] = await nextStop(live)
    await delay(3300)
    expect(step % 100).toBe(0)
    expect(live.vitals()).toMatchObject({ step, paused: true, ended: undefined })
    expect((await live.sample()).query(`step == ${step}`).holds).toBe(true)
    // Holds nobody who does not go on from it, and is refused after the end.
    expect(await live.send({ form: 'config', key: 'force', value: 2 })).toBe(step)
    abort.abort()
    expect((await result).outcome.step).toBe(step)
    expect(live.vitals().ended).toBe('stopped')
    live.leave(0)
    live.setPaused(false)
    await expect(live.setBreakpoint(0, 'step > 3')).rejects.toMatchObject({ code: 'stopped' })
  })

  it('that can not be asked is refused, and leaves the one before', async () => {
    const { live, result } = start({ steps: 30 })
    await live.setBreakpoint(0, 'step == 20')
    for (const [expression, what] of [['step ==', /expected/], ['wolf.age > 3', /wolf/], ['step + 1', /is a number and no condition/], ["'up'", /is a text and no condition/], ['', /./]] as const) {
      await expect(live.setBreakpoint(0, expression)).rejects.toMatchObject({ code: 'usage', what: expect.stringMatching(what) as string })
      await expect(live.setBreakpoint(1, expression)).rejects.toMatchObject({ code: 'usage' })
    }
    expect(live.vitals()).toMatchObject({ step: 0, stops: [] })
    live.setPaused(false)
    expect((await allStops(live)).map(({ step, by }) => [step, by])).toEqual([[20, 0]])
    await result
  })

  it('that can not be told stops the run and says why', async () => {
    const path = join(folder, 'mute.ts')
    writeFileSync(path, `import { defineWorld, kind, u32 } from 'metabonk'
const K = kind('k', { columns: { n: u32 } })
export default defineWorld({ name: 'mute', kinds: [K], init: ({ spawn }) => { spawn(K, {}) }, systems: [], report: {
  odd: ({ step }) => { if (step === 7) throw new Error('no comment'); return step % 2 },
} })
`)
    const { live, result } = start({ world: await prepareWorld(path), steps: 12 })
    await live.setBreakpoint(4, 'report.odd == 1 and step > 4')
    live.setPaused(false)
    const stops = await allStops(live)
    expect(stops.map(({ step, by, fault }) => [step, by, fault])).toEqual([[5, 4, undefined], [7, 4, expect.stringMatching(/the report odd threw: no comment/)], [9, 4, undefined], [11, 4, undefined]])
    expect((await result).outcome.step).toBe(12)
  })
})

describe.skipIf(!built)('breakpoints on a run that is held besides (need the build)', () => {
  it('stop it on the way of granted steps, of which none is left', async () => {
    const { live, result } = start({ steps: 60 })
    await live.setBreakpoint(0, 'step % 10 == 5')
    const steps: number[] = []
    live.step(30)
    const stops = await allStops(live, () => {
      // Before it goes on: a fast run has done both steps by the next line.
      steps.push(live.vitals().step)
      live.step(2)
      // The second step leads to no breakpoint: it stands there for its pause alone.
      void (async () => {
        while (live.vitals().step < steps[steps.length - 1] + 2) await delay(1)
        await delay(5)
        expect(live.vitals()).toMatchObject({ step: steps[steps.length - 1] + 2, paused: true, stops: [] })
        live.step(30)
      })()
    })
    expect(stops.map(({ step }) => step)).toEqual([5, 15, 25, 35, 45, 55])
    expect(steps).toHaveLength(6)
    await result
  })

  it('stop it at a pace, which it has again afterwards', async () => {
    const { live, result } = start({ steps: 60 }, false)
    live.setPace(500)
    await live.setBreakpoint(0, 'step % 20 == 0 and step > 0')
    const stood: number[] = []
    const stops = await allStops(live, () => {
      stood.push(live.vitals().step)
      live.setPace(400)
      expect(live.vitals()).toMatchObject({ paused: true, pace: 400 })
      live.setPaused(false)
    })
    // The last state is one of them.
    expect([stops.map(({ step }) => step), stood]).toEqual([[20, 40, 60], [20, 40, 60]])
    await result
  })
})

describe.skipIf(!built)('breakpoints of several, and through a fault (need the build)', () => {
  it('are everybody\'s own, and go with them', async () => {
    const { live, result } = start({ steps: 100 })
    await live.setBreakpoint(1, 'step % 4 == 0')
    await live.setBreakpoint(2, 'step % 6 == 0')
    const told = async (): Promise<(readonly [number, number])[]> => (await nextStop(live)).map(({ step, by }) => [step, by] as const)
    expect(await told()).toEqual([[0, 1], [0, 2]])
    const seen = []
    for (let i = 0; i < 4; i++) {
      live.setPaused(false)
      seen.push(await told())
    }
    expect(seen).toEqual([[[4, 1]], [[6, 2]], [[8, 1]], [[12, 1], [12, 2]]])
    // Who is left holds it still.
    live.leave(1)
    while (live.vitals().stops.length > 1) await delay(1)
    expect(live.vitals()).toMatchObject({ step: 12, paused: true, stops: [{ step: 12, by: 2 }] })
    // A run that is paused besides stays so.
    live.setPaused(true)
    live.leave(2)
    while (live.vitals().stops.length > 0) await delay(1)
    expect(live.vitals()).toMatchObject({ step: 12, paused: true })
    await live.setBreakpoint(1, 'step == 40')
    live.setPaused(false)
    expect(await told()).toEqual([[40, 1]])
    // Taken away where it stands, it stands; left, it goes on.
    await live.setBreakpoint(1, undefined)
    expect(await told()).toEqual([[40, 1]])
    live.leave(1)
    while (live.vitals().stops.length > 0) await delay(1)
    expect(await allStops(live)).toEqual([])
    expect((await result).outcome.step).toBe(100)
  })

  it('outlive a fault that does not come again', async () => {
    const path = join(folder, 'flaky.ts')
    writeFileSync(path, `import { defineWorld, kind, system, u32 } from 'metabonk'
const K = kind('k', { columns: { n: u32 } })
let thrown = 0
export default defineWorld({ name: 'flaky', kinds: [K], init: ({ spawn }) => { spawn(K, {}) }, systems: [
  system({ name: 's', kind: K, run(rows, world) {
    if (world.step === 60 && thrown++ === 0) throw new Error('cosmic ray')
    for (let row = rows.begin; row < rows.end; row++) rows.write.n[row] += world.step
  } }),
] })
`)
    const { live, result } = start({ world: await prepareWorld(path), steps: 100, workers: 1 })
    await live.setBreakpoint(0, 'step % 15 == 0 and step > 0')
    live.setPaused(false)
    const events = new Set<string>()
    const stops = await allStops(live, () => {
      for (const { event } of live.vitals().actors) events.add(event)
      live.setPaused(false)
    })
    expect(stops.map(({ step }) => step)).toEqual([15, 30, 45, 60, 75, 90])
    expect([...events]).toContain('RECOVERED')
    await result
  })
})

describe.skipIf(!built)('inputs to a live run (need the build)', () => {
  it('are taken at the next boundary, recorded, and replayed to the same hashes', async () => {
    const record = freshPath()
    const inputs = [{ step: 5, source: 0, sequence: 0, input: { form: 'set', kind: 'fighter', row: 4, column: 'health', value: 9 } as const }]
    const { live, result } = start({ steps: 40, record, inputs })
    live.step(5)
    while (live.vitals().step < 5) await delay(1)
    const first = live.send({ form: 'set', kind: 'fighter', row: 4, column: 'health', value: 777 })
    const second = live.send({ form: 'config', key: 'force', value: 2 })
    expect(await Promise.all([first, second])).toEqual([5, 5])
    live.step(1)
    while (live.vitals().step < 6) await delay(1)
    expect((await live.sample()).agent('fighter', 4)['health']).toBeGreaterThan(600)
    expect(await live.send({ form: 'spawn', kind: 'fighter', values: { health: 3 } })).toBe(6)
    live.setPaused(false)
    const { finalHash } = await result
    expect((await openRecording(record)).inputs.map(({ step, source, sequence }) => [step, source, sequence])).toEqual([[5, 0, 0], [5, 1, 1], [5, 1, 2], [6, 1, 0]])
    for (const workers of [1, 3]) expect(await verifyRecording(record, { workers })).toMatchObject({ steps: 40, finalHash })
    await expect(live.send({ form: 'kill', kind: 'fighter', row: 0 })).rejects.toMatchObject({ code: 'stopped' })
  })

  it('that the state can\'t take are refused, and the run goes on', async () => {
    const { live, result } = start({ steps: 40 })
    await expect(live.send({ form: 'kill', kind: 'wolf', row: 0 })).rejects.toThrow(/there is no kind 'wolf'/)
    await expect(live.send({ form: 'config', key: 'rats', value: 1 })).rejects.toThrow(/'rats' can't change during a run/)
    await expect(live.send({ form: 'kill', kind: 'fighter', row: 60 })).rejects.toMatchObject({ code: 'usage', what: "an input can't be applied: fighter 60 is not alive" })
    expect(await live.send({ form: 'kill', kind: 'fighter', row: 2 })).toBe(0)
    await expect(live.send({ form: 'kill', kind: 'fighter', row: 2 })).rejects.toThrow(/fighter 2 is not alive/)
    const births = await Promise.allSettled(Array.from({ length: 60 }, () => live.send({ form: 'spawn', kind: 'fighter', values: {} })))
    expect(births.filter(({ status }) => status === 'fulfilled')).toHaveLength(52)
    expect(births.at(-1)).toMatchObject({ reason: { code: 'limit' } })
    live.setPaused(false)
    expect((await result).outcome.step).toBe(40)
  })
})

describe.skipIf(!built)('a live recording (needs the build)', () => {
  it('holds every step once it is flushed, while the run stands', async () => {
    const record = freshPath()
    const { live, result } = start({ steps: 200, record })
    for (const steps of [1, 57]) {
      const before = (await live.sample()).step
      live.step(steps)
      while (live.vitals().step < before + steps) await delay(1)
      await live.flush()
      const recorded = await openRecording(record)
      expect([recorded.steps, recorded.complete]).toEqual([before + steps, false])
      expect(recorded.stateAt(recorded.steps - 1).hash).toBe(recorded.hashAt(recorded.steps - 1))
      expect(recorded.hashAt(recorded.steps)).toBe((await live.sample()).hash)
      recorded.close()
    }
    live.setPaused(false)
    await Promise.all([live.flush(), result])
    await live.flush()
    expect((await verifyRecording(record)).finalHash).toBe((await result).finalHash)
  })

  it('that is none is flushed at once', async () => {
    const { live, result } = start({ steps: 2 })
    await live.flush()
    live.setPaused(false)
    await result
  })
})

describe.skipIf(!built)('the vitals of a live run (need the build)', () => {
  it('tell of threads, queues, memory and service actors', async () => {
    const abort = new AbortController()
    const { live, result } = start({ steps: 100_000, record: freshPath(), signal: abort.signal }, false)
    while (live.vitals().step < 100) await delay(12)
    live.setPaused(true)
    await live.sample()
    const { phases, rings, slabs, actors, step } = live.vitals()
    expect([phases.length, phases[0].length]).toEqual([2, live.program.phases.length])
    expect(phases[0].reduce((sum, count) => sum + count)).toBeGreaterThan(5)
    expect(rings.map(({ name }) => name)).toEqual(['recorder', 'mail of the director', 'mail of worker 0', 'mail of worker 1'])
    expect(rings[0].records).toBeGreaterThan(step)
    expect(rings[2].records + rings[3].records).toBeGreaterThan(0)
    expect(slabs.map(({ name }) => name)).toEqual(['fighter', 'rat', 'stages'])
    for (const { bytesUsed, bytesReserved } of slabs.slice(0, 2)) expect(bytesUsed > 0 && bytesUsed <= bytesReserved).toBe(true)
    expect(actors).toContainEqual({ name: 'director', state: 'stepping', event: 'START', step: 0 })
    expect(actors).toContainEqual({ name: 'recorder', state: 'recording', event: 'START', step: 0 })
    const { until, recording, seed: own, workers, program } = live
    expect({ until, own, workers }).toEqual({ until: 100_000, own: seed, workers: 2 })
    expect(recording).toMatch(/\.mcap$/)
    expect([program.kinds.map(({ type }) => type.name), program.stepMillis, program.reports]).toEqual([['fighter', 'rat'], 1, ['rats', 'health']])
    abort.abort()
    await result
    expect(live.vitals().actors).toContainEqual({ name: 'recorder', state: 'closed', event: 'STOP', step })
  })
})

describe.skipIf(!built)('what is seen of a live run (needs the build)', () => {
  it('is valid until the next sample, and has the newest pictures', async () => {
    const { live, result } = start({ world: lanterns, steps: 60 })
    const before = await live.sample()
    live.step(5)
    while (live.vitals().step < 5) await delay(1)
    const state = await live.sample()
    expect(() => before.table('seer')).toThrow(/the copy of step 0 is gone/)
    expect(state.picture('seer', 0)).toMatchObject({ step: 5 })
    expect(state.picture('seer', 0).rgb.some((byte) => byte > 0)).toBe(true)
    expect(() => state.observations('seer')).toThrow(/not copied from a live run/)
    expect(() => state.picture('seer', 1e6)).toThrow(/is not of step 5/)
    live.setPaused(false)
    while (live.vitals().ended === undefined) {
      const moving = await live.sample()
      expect(moving.picture('seer', 0).step).toBeGreaterThanOrEqual(moving.step)
    }
    await result
  })

  it('is the last state of a run that has ended, copied or not', async () => {
    const { live, result } = start({ steps: 25, workers: 2 }, false)
    const { finalHash } = await result
    expect(live.vitals().ended).toBe('finished')
    const state = await live.sample()
    expect([state.step, state.hash]).toEqual([25, finalHash])
    expect(state.query('step == 25 and fighter.health > 0').holds).toBe(true)
    live.setPaused(true)
    live.step(2)
  })

  it('is the last copy of a run that failed', async () => {
    const inputs = [{ step: 9, source: 0, sequence: 0, input: { form: 'kill', kind: 'fighter', row: 50 } as const }]
    const { live, result } = start({ steps: 25, inputs })
    live.step(4)
    while (live.vitals().step < 4) await delay(1)
    const { hash } = await live.sample()
    live.setPaused(false)
    await expect(result).rejects.toThrow(/fighter 50 is not alive/)
    expect(live.vitals().ended).toMatch(/fighter 50 is not alive/)
    const last = await live.sample()
    expect([last.step, last.hash]).toEqual([4, hash])
    const unseen = start({ steps: 25, inputs }, false)
    await expect(unseen.result).rejects.toThrow(/fighter 50/)
    await expect(unseen.live.sample()).rejects.toMatchObject({ code: 'usage' })
  })
})
