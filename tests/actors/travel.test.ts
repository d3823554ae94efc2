import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bisectRecordings, bisectWorld, createSimulation, diffRecordings, findInRecording, openRecording, prepareWorld, recordingInfo, runWorld, verifyRecording, whyRecording, type PreparedWorld, type RecordedRun } from '../../actors/index.ts'
import type { TimedInput } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { built } from '../shell/command.ts'

const duel = fileURLToPath(new URL('../determinism/worlds/duel.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const path = join(folder, 'duel.mcap')
const steps = 400
const seed = 5

const inputs: TimedInput[] = [
  { step: 120, source: 0, sequence: 0, input: { form: 'set', kind: 'fighter', row: 4, column: 'health', value: 777 } },
  { step: 120, source: 0, sequence: 1, input: { form: 'config', key: 'force', value: 2 } },
  { step: 250, source: 0, sequence: 0, input: { form: 'spawn', kind: 'fighter', values: { at: [1, 2], health: 55 } } },
  { step: 300, source: 0, sequence: 0, input: { form: 'kill', kind: 'fighter', row: 2 } },
]

let world: PreparedWorld
let run: RecordedRun
/** Every state from a straight run: bytes and hash. */
const truth: { readonly bytes: Uint8Array; readonly hash: string; readonly health: readonly (number | undefined)[]; readonly rats: number }[] = []

function record(name: string, options: { readonly inputs?: readonly TimedInput[]; readonly seed?: number } = {}): Promise<unknown> {
  return runWorld({ world, seed: options.seed ?? seed, steps, workers: 2, inputs: options.inputs ?? inputs, record: join(folder, name) })
}

function rowsOf(bytes: number): readonly number[] {
  return Array.from({ length: bytes }, (_, i) => i)
}

/** A generator of whole numbers for where to go next. */
function wanderer(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}

beforeAll(async () => {
  if (!built) return
  world = await prepareWorld(duel)
  await record('duel.mcap')
  run = await openRecording(path)
  const [fighter] = world.definition.kinds
  const kind = 'kind' in fighter ? fighter.kind : fighter
  const simulation = createSimulation({ world: world.definition, seed, threads: 0, inputs })
  for (let step = 0; step <= steps; step++) {
    const health = rowsOf(simulation.rows(kind)).map((row) => (simulation.isAlive(kind, row) ? (simulation.get(kind, row, 'health') as number) : undefined))
    truth.push({ bytes: simulation.keyframe(), hash: simulation.hash, health, rats: simulation.report()['rats'] })
    simulation.step()
  }
}, 60_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!built)('a recorded run (needs the build)', () => {
  it.each([undefined, 0, 20_000])('is at any step what it was, in any order (states kept: %s bytes)', async (cacheBytes) => {
    const travelled = await openRecording(path, cacheBytes === undefined ? {} : { cacheBytes })
    const next = wanderer(testSeed('recorded run', 1))
    for (let i = 0; i < counts(60, 1000); i++) {
      const step = i % 3 === 0 ? next(steps + 1) : Math.max(0, Math.min(steps, next(9) - 5 + (i * 7) % steps))
      const state = travelled.stateAt(step)
      expect([step, state.step, state.hash]).toEqual([step, step, truth[step].hash])
      expect(Buffer.compare(state.keyframe(), truth[step].bytes)).toBe(0)
    }
    expect(travelled.hashAt(17)).toBe(truth[17].hash)
  })

  it('tells who asks for a state that is gone, and for steps that were never there', async () => {
    const first = run.stateAt(10)
    expect(first.agent('fighter', 0)).toHaveProperty('health')
    const sought = await run.seek(30)
    expect(() => first.agent('fighter', 0)).toThrow(/the state of step 10 is gone/)
    expect(() => sought.agent('fighter', 99)).toThrow(/fighter 99 is not alive/)
    expect(() => sought.agent('dragon', 0)).toThrow(/there is no kind 'dragon'/)
    for (const step of [-1, 0.5, NaN, steps + 1]) expect(() => run.stateAt(step)).toThrow(/is not in the recording/)
    await expect(run.seek(steps, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'stopped' })
  })

  it('is proved span by span on any number of threads', async () => {
    for (const workers of [1, 2, 3]) expect(await verifyRecording(path, { workers })).toMatchObject({ steps, complete: true, finalHash: truth[steps].hash })
  })
})

describe.skipIf(!built)('find (needs the build)', () => {
  /** Runs of steps at which the health of each row is below a limit. */
  function expected(below: number): { row: number; from: number; to: number }[] {
    const hits: { row: number; from: number; to: number }[] = []
    for (let row = 0; row < 64; row++) {
      for (let step = 0; step <= steps; step++) {
        if (!((truth[step].health[row] ?? Infinity) < below)) continue
        const last = hits.at(-1)
        if (last?.row === row && last.to === step - 1) last.to = step
        else hits.push({ row, from: step, to: step })
      }
    }
    return hits.sort((a, b) => a.from - b.from || a.row - b.row)
  }

  it('gives the steps that a look at every state gives, on any number of threads', async () => {
    const hits = expected(20)
    expect(hits.length).toBeGreaterThan(10)
    for (const workers of [1, 2, 3]) {
      expect(await findInRecording(path, 'fighter.health < 20', { workers, most: 10_000 })).toMatchObject({ kind: 'fighter', hits, more: false })
    }
    expect(await findInRecording(path, 'fighter.health < 20', { most: 3 })).toMatchObject({ hits: hits.slice(0, 3), more: true })
  })

  it('looks backwards, within bounds, and at the state as a whole', async () => {
    const hits = expected(20)
    const latest = [...hits].sort((a, b) => b.to - a.to || a.row - b.row)
    expect((await findInRecording(path, 'fighter.health < 20', { backwards: true, most: 4 })).hits).toEqual(latest.slice(0, 4))
    const within = (await findInRecording(path, 'fighter.health < 20', { from: 100, to: 200, most: 10_000 })).hits
    expect(within).toEqual(hits.filter((hit) => hit.to >= 100 && hit.from <= 200).map((hit) => ({ ...hit, from: Math.max(100, hit.from), to: Math.min(200, hit.to) })).sort((a, b) => a.from - b.from || a.row - b.row))
    const rats = (await findInRecording(path, 'count(rat) >= 8 and config.force == 2', { most: 10_000 })).hits
    const steps8 = truth.flatMap(({ rats: count }, step) => (count >= 8 && step > 120 ? [step] : []))
    expect(rats.flatMap(({ row, from, to }) => (row === -1 ? rowsOf(to - from + 1).map((i) => from + i) : []))).toEqual(steps8)
  })

  it('looks at the very first step it is asked for, and tells a hit to its end however few are wanted', async () => {
    const { keyframes } = recordingInfo(path)
    for (const step of [...keyframes.slice(0, 3), keyframes[1] + 1].filter((each) => each <= steps)) {
      for (const backwards of [false, true]) {
        const found = await findInRecording(path, `step == ${step}`, { from: step, to: Math.min(steps, step + 3), backwards, workers: 1 })
        expect([step, found.hits]).toEqual([step, [{ row: -1, from: step, to: step }]])
      }
    }
    const restless = '(fighter.blows % 3 == 1 or fighter.at.x < 50) and health > 0'
    const all = (await findInRecording(path, restless, { most: 100_000, workers: 1 })).hits
    for (const most of [1, 5]) expect((await findInRecording(path, restless, { most, workers: 2 })).hits).toEqual(all.slice(0, most))
    await expect(findInRecording(path, restless, { from: 9, to: 3 })).rejects.toThrow(/there is no step from 9 to 3/)
  })

  it('refuses what the world can not be asked', async () => {
    await expect(findInRecording(path, 'fighter.helth < 3')).rejects.toThrow(/no column 'helth'/)
    await expect(findInRecording(path, 'fighter[0].health')).rejects.toThrow(/is a number and no condition/)
  })
})

describe.skipIf(!built)('why (needs the build)', () => {
  /** The last step up to `step` whose state has another health of a row than the one before. */
  function changedAt(row: number, step: number): number {
    for (let at = step; at > 0; at--) if (!Object.is(truth[at].health[row], truth[at - 1].health[row])) return at
    return 0
  }

  it('names the step that changed a value, whatever step is asked', async () => {
    const next = wanderer(testSeed('recorded run', 1))
    for (let i = 0; i < counts(12, 100); i++) {
      const [row, step] = [next(12), next(steps + 1)]
      if (truth[step].health[row] === undefined) continue
      const why = await whyRecording(path, step, `fighter[${row}].health`, { workers: 1 })
      expect([row, step, why.step]).toEqual([row, step, changedAt(row, step) - 1])
    }
  })

  it('names the machine and the message, and the system that sent it', async () => {
    const blow = truth.findIndex(({ health }, step) => step > 0 && step < 100 && (health[0] ?? 0) < (truth[step - 1].health[0] ?? 0))
    const why = await whyRecording(path, blow, 'fighter[0].health')
    expect(why.step).toBe(blow - 1)
    expect(why.causes).toHaveLength(1)
    const [{ part, letters, byClock }] = why.causes
    expect([part, byClock, letters.length]).toEqual(['the machine of fighter', false, letters.length])
    expect(letters[0]).toMatchObject({ type: 'Blow', to: { kind: 'fighter', row: 0 }, sentIn: blow - 2, sentBy: 'system strike' })
    const lost = letters.reduce((sum, { payload }) => sum + (payload['damage'] as number), 0)
    expect(lost).toBe(Number(why.before) - Number(why.value))
  })

  it('names an input, a clock, a sequential system, a birth, a death, and init', async () => {
    expect((await whyRecording(path, 121, 'fighter[4].health')).causes[0]).toMatchObject({ part: 'inputs', after: '777' })
    const risen = truth.findIndex(({ health }, step) => step > 0 && health[0] === 100 && (truth[step - 1].health[0] ?? 100) < 20)
    expect((await whyRecording(path, risen, 'fighter[0].health')).causes[0]).toMatchObject({ part: 'the machine of fighter', byClock: true, after: '100' })
    expect((await whyRecording(path, risen, 'fighter[0].state')).causes[0]).toMatchObject({ before: '"down"', after: '"up"', byClock: true })
    expect((await whyRecording(path, 399, 'fighter[7].seen')).causes[0].part).toBe('system gather')
    expect((await whyRecording(path, 255, 'fighter[12].at')).causes[0]).toMatchObject({ part: 'inputs', before: 'dead' })
    expect((await whyRecording(path, 300, 'fighter[2].at'))).toMatchObject({ step: -1, causes: [] })
    expect((await whyRecording(path, 310, 'fighter[2].at'))).toMatchObject({ step: 300, causes: [{ part: 'inputs', after: 'dead' }] })
    const rat = await findInRecording(path, 'alive(rat[3])', { most: 1 })
    expect((await whyRecording(path, rat.hits[0].from, 'rat[3].age')).causes).toMatchObject([{ part: 'births and deaths', askedBy: ['system gather'] }])
    expect((await whyRecording(path, rat.hits[0].to + 1, 'rat[3].age')).causes.at(-1)).toMatchObject({ part: 'births and deaths', after: 'dead', askedBy: ['system grow'] })
  })

  it('names the inputs, and what changed one number of a vector', async () => {
    expect((await whyRecording(path, 121, 'fighter[4].health')).causes[0].inputs).toMatchObject([{ step: 120, input: { form: 'set', value: 777 } }])
    expect(await whyRecording(path, 300, 'fighter[4].at[0]')).toMatchObject({ step: -1, column: 'at', element: 0 })
  })

  it('refuses what the world does not have', async () => {
    await expect(whyRecording(path, 10, 'fighter[0].helth')).rejects.toThrow(/no column 'helth'/)
    await expect(whyRecording(path, 10, 'fighter[0]')).rejects.toThrow(/names an agent and no column/)
    await expect(whyRecording(path, steps + 1, 'fighter[0].health')).rejects.toThrow(/is not in the recording/)
    await expect(whyRecording(path, 10, 'fighter[60].health')).rejects.toThrow(/was never alive/)
  })
})

describe.skipIf(!built)('diff and bisect (needs the build)', () => {
  it('find nothing between a run and itself', async () => {
    await record('again.mcap')
    expect(bisectRecordings(path, join(folder, 'again.mcap'))).toMatchObject({ step: undefined, manifest: [], stepsA: steps, stepsB: steps })
    expect(await diffRecordings(path, join(folder, 'again.mcap'))).toMatchObject({ step: undefined, apart: undefined })
  })

  it('name the step, the agent, the column and both values after another input', async () => {
    const other = join(folder, 'other.mcap')
    await record('other.mcap', { inputs: inputs.map((each) => (each.input.form === 'set' ? { ...each, input: { ...each.input, value: 778 } } : each)) })
    const diff = await diffRecordings(path, other)
    expect(diff).toMatchObject({ step: 121, columnsStep: 121, columns: ['fighter.health'], inputs: { a: [{ step: 120 }], b: [{ step: 120 }] } })
    expect(diff.apart?.values).toEqual([{ kind: 'fighter', row: 4, column: 'health', a: '777', b: '778' }])
    expect(diff.apart?.mail).toBe(undefined)
  })

  it('tell settings from columns', async () => {
    const other = join(folder, 'force.mcap')
    await record('force.mcap', { inputs: inputs.map((each) => (each.input.form === 'config' ? { ...each, input: { ...each.input, value: 3 } } : each)) })
    const diff = await diffRecordings(path, other)
    expect(diff.step).toBe(121)
    expect(diff.columnsStep).toBeGreaterThan(121)
    expect(diff.columns).toContain('fighter.health')
    // Blows are twice as hard in one of them: those are not what both have.
    expect([diff.messages?.onlyA.length, diff.messages?.onlyB.length].every((count) => Number(count) > 0)).toBe(true)
    expect(diff.messages?.both.every((letter) => !diff.messages?.onlyA.includes(letter))).toBe(true)
    expect(diff.apart?.settings).toEqual([{ field: 'config.force', a: '2', b: '3' }])
    await record('seed.mcap', { seed: 6 })
    expect(bisectRecordings(path, join(folder, 'seed.mcap'))).toMatchObject({ step: 0, manifest: [{ field: 'seed', a: '5', b: '6' }] })
  })

  it('hold a recording against other settings', async () => {
    const same = await bisectWorld(path, { overrides: ['rats=0.3'] })
    expect(same).toMatchObject({ step: undefined, steps })
    for (const workers of [1, 2]) {
      const other = await bisectWorld(path, { overrides: ['rats=0.31'], workers })
      const changed = createSimulation({ world: world.definition, seed, config: { rats: 0.31 }, threads: 0, inputs })
      let first = 0
      while (changed.report()['rats'] === truth[first].rats) {
        changed.step()
        first++
      }
      expect(other.step).toBe(first)
      expect(other.apart?.settings).toEqual([{ field: 'config.rats', a: '0.3', b: '0.31' }])
      expect(other.apart?.values[0].kind).toBe('rat')
    }
  })
})
