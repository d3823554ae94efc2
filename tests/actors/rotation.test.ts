import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bisectRecordings, bisectWorld, compressRecording, diffRecordings, findInRecording, forkRun, mayHaveParts, openRecording, partsOfRun, prepareWorld, recordedInputs, recordingInfo, recoverRecording, replayRecording, resumeRun, runWorld, verifyRecording, whyRecording, type PreparedWorld, type RunResult } from '../../actors/index.ts'
import type { TimedInput } from '../../runtime/index.ts'
import { built } from '../shell/command.ts'

const duel = fileURLToPath(new URL('../determinism/worlds/duel.ts', import.meta.url))
const folders = mkdtempSync(join(tmpdir(), 'metabonk-'))
const folder = join(folders, 'made')
mkdirSync(folder)
/** Four parts even where steps are so quick that the run is over before keyframes are paced by them: every 100 steps there is one, and a part is full before the third. */
const steps = 1_350
const seed = 5
const rotate = { bytes: 64 * 1024 }
const at = (name: string): string => join(folder, name)
/** As deep as the recordings themselves, which find their world by the way there. */
const beside = (...names: string[]): string => join(folders, ...names)
const inputs: TimedInput[] = [
  { step: 20, source: 0, sequence: 0, input: { form: 'set', kind: 'fighter', row: 4, column: 'health', value: 777 } },
  { step: steps - 5, source: 0, sequence: 0, input: { form: 'spawn', kind: 'fighter', values: { at: [1, 2], health: 55 } } },
]

let world: PreparedWorld
let whole: RunResult
let run: RunResult

/** With enough beside the hashes that there are several parts, however far keyframes are apart on this machine. */
function record(name: string, options: Partial<Parameters<typeof runWorld>[0]> = {}): Promise<RunResult> {
  return runWorld({ world, seed, steps, workers: 1, inputs, record: at(name), seekBudgetMillis: 2, channels: ['logs', 'messages', 'states'], ...options })
}

/** Copies of all parts in a folder of their own; gives their paths. */
function copied(name: string): string[] {
  mkdirSync(beside(name))
  return run.parts.map((path, i) => {
    const copy = beside(name, i === 0 ? 'run.mcap' : `run.${i}.mcap`)
    copyFileSync(path, copy)
    return copy
  })
}

beforeAll(async () => {
  if (!built) return
  world = await prepareWorld(duel)
  whole = await record('whole.mcap')
  run = await record('run.mcap', { rotate })
}, 60_000)

afterAll(() => {
  rmSync(folders, { recursive: true, force: true })
})

describe.skipIf(!built)('a run that is recorded in parts (needs the build)', () => {
  it('comes to the states it comes to in one file, each part proved by itself', async () => {
    expect(run.finalHash).toBe(whole.finalHash)
    expect(run.parts.length).toBeGreaterThan(3)
    expect([run.parts[0], run.parts[1], run.recording]).toEqual([at('run.mcap'), at('run.1.mcap'), run.parts.at(-1)])
    expect(readdirSync(folder).filter((name) => !name.endsWith('.mcap'))).toEqual([])
    let [first, before] = [0, '']
    for (const path of run.parts) {
      const info = recordingInfo(path)
      expect([path, info.first, info.complete, info.manifest.follows?.sha256 ?? '']).toEqual([path, first, true, before])
      expect(bisectRecordings(at('whole.mcap'), path)).toMatchObject({ first, step: undefined, columns: [] })
      if (info.next !== undefined) expect(statSync(path).size).toBeGreaterThan(rotate.bytes)
      ;[first, before] = [info.steps, info.sha256 ?? '']
    }
    expect(first).toBe(steps)
    for (const path of [run.parts[0], run.parts[1]]) expect(await verifyRecording(path, { workers: 1 })).toMatchObject({ steps: recordingInfo(path).steps, follows: path === run.parts[0] ? undefined : { compared: true } })
  })

  it('lets every part be asked for its own steps, without the others', async () => {
    const [, , path] = copied('alone')
    for (const name of ['run.mcap', 'run.1.mcap', 'run.3.mcap']) unlinkSync(beside('alone', name))
    const reference = await openRecording(at('whole.mcap'))
    const part = await openRecording(path)
    for (const step of [part.first, part.first + 1, part.steps - 1, part.steps, part.first]) {
      const state = part.stateAt(step)
      expect([step, state.hash, state.mail()]).toEqual([step, reference.hashAt(step), reference.stateAt(step).mail()])
    }
    const events = [...part.events()]
    expect(events).toEqual([...reference.events(part.first, part.steps)])
    expect(await verifyRecording(path, { workers: 2 })).toMatchObject({ follows: { recording: 'run.1.mcap', compared: false } })
    expect(await replayRecording(path, { workers: 2 })).toMatchObject({ step: part.steps, finalHash: reference.hashAt(part.steps) })
    expect(await findInRecording(path, 'count(fighter) >= 0', { workers: 2 })).toMatchObject({ hits: [{ from: part.first, to: part.steps }] })
    expect(recordedInputs(path)).toEqual(inputs.filter(({ step }) => step >= part.first))
    const query = 'fighter[0].health < 60'
    const { hits } = await findInRecording(at('whole.mcap'), query, { from: part.first, to: part.steps, most: 1000 })
    expect((await findInRecording(path, query, { most: 1000 })).hits).toEqual(hits)
  })

  it('says which part has a step that one has not', async () => {
    const part = await openRecording(run.parts[1])
    expect(() => part.stateAt(0)).toThrow(expect.objectContaining({ code: 'usage', what: `step 0 is not in this part of the run, which has the steps ${part.first} to ${part.steps}`, todo: 'look in the part before, run.mcap' }))
    expect(() => part.stateAt(steps)).toThrow(expect.objectContaining({ code: 'usage', todo: 'look in the part after, run.2.mcap' }))
    await expect(findInRecording(run.parts[1], 'true', { from: 3 })).rejects.toThrow(/look in the part before/)
    await expect(replayRecording(run.parts[1], { to: steps })).rejects.toThrow(/look in the part after/)
    await expect(bisectWorld(run.parts[1], { overrides: ['force=3'] })).rejects.toThrow(/count from init on, and this part of the run begins at step/)
    expect(await bisectWorld(run.parts[1], { world: duel })).toMatchObject({ step: undefined })
    expect(() => bisectRecordings(run.parts[0], run.parts[3])).toThrow(/no step in common/)
  })

  it('tells why a value is what it is as far as the part goes', async () => {
    const { first, steps: last } = recordingInfo(run.parts[1])
    const asked = 'fighter[0].health'
    const [expected, found] = [await whyRecording(at('whole.mcap'), last, asked), await whyRecording(run.parts[1], last, asked)]
    expect(expected.step).toBeGreaterThan(first)
    expect(found).toEqual(expected)
    await expect(whyRecording(run.parts[1], first, asked)).rejects.toThrow(/has not changed from step \d+, with which this part of the run begins.*ask the part before, run.mcap, at step/)
  })

  it('shows a part that was exchanged', async () => {
    const paths = copied('exchanged')
    await record('other.mcap', { rotate, inputs: [] })
    copyFileSync(at('other.1.mcap'), paths[1])
    await expect(verifyRecording(paths[2], { workers: 1 })).rejects.toMatchObject({ code: 'recording-mismatch', where: paths[1] })
    truncateSync(paths[1], 40_000)
    await expect(verifyRecording(paths[2], { workers: 1 })).rejects.toMatchObject({ code: 'recording-mismatch', what: expect.stringContaining('its seal is missing') as string })
  })
})

describe.skipIf(!built)('the parts of a run together (need the build)', () => {
  it('tell why a value is what it is, as the whole run does, where that is asked for', async () => {
    for (const [part, after, asked] of [[1, 0, 'fighter[0].health'], [2, 0, 'fighter[3].blows'], [run.parts.length - 1, 1, 'fighter[7].mood']] as const) {
      const path = run.parts[part]
      const step = recordingInfo(path).first + after
      expect([path, step, await whyRecording(path, step, asked, { parts: true, workers: 1 })]).toEqual([path, step, await whyRecording(at('whole.mcap'), step, asked, { workers: 1 })])
    }
  })

  it('are found by any of them, as far as they belong together', () => {
    const paths = copied('found')
    const found = (path: string): (string | number)[][] => partsOfRun(path).map((part) => [part.path, part.first])
    const all = paths.map((path) => [path, recordingInfo(path).first])
    for (const path of paths) expect([mayHaveParts(path), found(path)]).toEqual([true, all])
    expect([mayHaveParts(at('whole.mcap')), found(at('whole.mcap'))]).toEqual([false, [[at('whole.mcap'), 0]]])
    unlinkSync(paths[0])
    expect(found(paths[0])).toEqual(all.slice(1))
    copyFileSync(at('whole.mcap'), paths[2])
    expect([found(paths[1]), found(paths[0])]).toEqual([all.slice(1, 2), all.slice(3)])
    expect([found(beside('found', 'none.mcap')), mayHaveParts(beside('nowhere', 'none.mcap'))]).toEqual([[], false])
  })
})

describe.skipIf(!built)('parts of a run (need the build)', () => {
  it('are removed when there are more than are to be kept, never the last ones', async () => {
    const kept = await record('kept.mcap', { rotate: { ...rotate, keep: 2 } })
    expect(kept.finalHash).toBe(whole.finalHash)
    expect(readdirSync(folder).filter((name) => name.startsWith('kept')).length).toBe(2)
    expect(kept.parts.map((path) => existsSync(path))).toEqual([true, true])
    expect(existsSync(at('kept.mcap'))).toBe(false)
    expect(await verifyRecording(kept.parts[0], { workers: 1 })).toMatchObject({ follows: { compared: false } })
    expect(await verifyRecording(kept.parts[1], { workers: 1 })).toMatchObject({ steps, follows: { compared: true } })
    expect(partsOfRun(at('kept.mcap')).map(({ path }) => path)).toEqual(kept.parts)
    await expect(whyRecording(kept.parts[0], recordingInfo(kept.parts[0]).first, 'fighter[0].health', { parts: true })).rejects.toThrow(/the part before, kept(\.\d+)?\.mcap, is gone: step \d+ is the first there is/)
    await expect(record('kept.mcap', { rotate })).rejects.toMatchObject({ code: 'disk', what: expect.stringMatching(/a part of an earlier run is there: kept\.\d+\.mcap/) as string })
  })

  it('are gone on with in the last one: torn, or ended; in parts again where that is asked for', async () => {
    const paths = copied('onward')
    const last = paths[paths.length - 1]
    await expect(resumeRun(paths[0], { steps: steps + 700 })).rejects.toThrow(/the run has gone on in .*run\.1\.mcap.*resume its last part/)
    truncateSync(last, Math.floor(statSync(last).size * 0.6))
    const resumed = await resumeRun(last, { workers: 2, rotate: { ...rotate, keep: 3 }, steps: steps + 500 })
    const straight = await record('straight.mcap', { steps: steps + 500 })
    expect([resumed.finalHash, resumed.parts.length]).toEqual([straight.finalHash, 3])
    expect(existsSync(paths[0])).toBe(false)
    for (const path of resumed.parts) {
      expect(await verifyRecording(path, { workers: 1 })).toMatchObject({ complete: true })
      expect(bisectRecordings(at('straight.mcap'), path)).toMatchObject({ step: undefined })
      // Parts that were whole before are as they were.
      expect(recordingInfo(path).until).toBe(path !== last && paths.includes(path) ? steps : steps + 500)
    }
  })

  it('are forked, compressed and recovered like every recording', async () => {
    const [path] = [run.parts[2]]
    const { first, steps: last, finalHash } = recordingInfo(path)
    const forked = await forkRun(path, { at: first + 5, record: at('fork.mcap'), overrides: ['force=4'], workers: 1 })
    const info = recordingInfo(at('fork.mcap'))
    // It goes on for as long as the run did.
    expect(info).toMatchObject({ first, steps, finalHash: forked.finalHash, manifest: { parent: { recording: 'run.2.mcap', step: first + 5 } } })
    expect(info.manifest.follows).toBe(undefined)
    expect(await verifyRecording(at('fork.mcap'), { workers: 2 })).toMatchObject({ steps, follows: undefined })
    expect(await diffRecordings(path, at('fork.mcap'))).toMatchObject({ step: first + 6 })
    await resumeRun(at('fork.mcap'), { steps: steps + 20, workers: 1 })
    await compressRecording(path, at('packed.mcap'))
    expect(await verifyRecording(at('packed.mcap'), { workers: 1 })).toMatchObject({ steps: last, finalHash, follows: { compared: true } })
    copyFileSync(path, at('torn.mcap'))
    truncateSync(at('torn.mcap'), Math.floor(statSync(path).size * 0.7))
    expect((await recoverRecording(at('torn.mcap'), at('recovered.mcap'))).steps).toBeGreaterThan(first)
    expect(await verifyRecording(at('recovered.mcap'), { workers: 1 })).toMatchObject({ complete: true })
  })

  it.each([
    ['a size below a keyframe', { rotate: { bytes: 1000 } }, /1000 bytes are no size of a part/],
    ['no size', { rotate: { bytes: NaN } }, /NaN bytes are no size/],
    ['no part kept', { rotate: { ...rotate, keep: 0 } }, /0 parts can't be kept/],
    ['nothing recorded', { rotate, record: undefined }, /this run is not recorded/],
    ['no budget', { seekBudgetMillis: 0 }, /0 ms are no budget for a seek/],
    ['a budget beyond all patience', { seekBudgetMillis: 1e6 }, /1000000 ms are no budget/],
  ])('are not made with %s', async (_, options, message) => {
    await expect(record('never.mcap', options as Partial<Parameters<typeof runWorld>[0]>)).rejects.toThrow(message)
    expect(existsSync(at('never.mcap'))).toBe(false)
  })
})

describe.skipIf(!built)('the budget of a seek (needs the build)', () => {
  it('spaces the keyframes, and changes no state', async () => {
    // Long enough that the pace is measured on a quick machine too.
    const long = { steps: 8_000, inputs: [], channels: [] }
    const results = [await record('near.mcap', { ...long, seekBudgetMillis: 2 }), await record('far.mcap', { ...long, seekBudgetMillis: 1000 })]
    const [near, far] = ['near.mcap', 'far.mcap'].map((name) => recordingInfo(at(name)))
    expect(near.keyframes.length).toBeGreaterThan(far.keyframes.length)
    expect(results[0].finalHash).toBe(results[1].finalHash)
    expect(bisectRecordings(at('near.mcap'), at('far.mcap')).step).toBe(undefined)
  })
})
