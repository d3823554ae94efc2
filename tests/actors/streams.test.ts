import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulation, openRecording, prepareWorld, resumeRun, runWorld, verifyRecording, type MetabonkError, type PreparedWorld, type RecordedRun, type RunEvent, type RunOptions, type StreamChannel } from '../../actors/index.ts'
import { openRun } from '../../actors/host/recorded.ts'
import { BytesHash } from '../../actors/streams/frame-hashes.ts'
import { mailOf } from '../../actors/travel/mail.ts'
import { Replica } from '../../actors/travel/replica.ts'
import { frameOf } from '../../compositor/index.ts'
import { hostKernels, openFileSource } from '../../runtime/host/index.ts'
import { openRecording as openFile, twinKernels, type TimedInput } from '../../runtime/index.ts'
import { built } from '../shell/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const steps = 150
const all: readonly StreamChannel[] = ['observations', 'actions', 'rewards', 'messages', 'states', 'metrics', 'logs', 'frames', 'frameHashes']
const topics = ['observations/seer', 'actions/seer', 'rewards/seer', 'messages', 'states/seer', 'metrics', 'logs', 'frames/seer', 'frameHashes/seer']
const inputs: TimedInput[] = [
  { step: 0, source: 0, sequence: 0, input: { form: 'set', kind: 'lantern', row: 3, column: 'at', value: [1, 2] } },
  { step: 70, source: 0, sequence: 0, input: { form: 'kill', kind: 'lantern', row: 2 } },
  { step: 70, source: 0, sequence: 1, input: { form: 'spawn', kind: 'lantern', values: { at: [5, 5] } } },
]

let world: PreparedWorld
let run: RecordedRun

function pathOf(name: string): string {
  return join(folder, `${name}.mcap`)
}

function record(name: string, options: Partial<RunOptions> = {}): ReturnType<typeof runWorld> {
  return runWorld({ world, seed: 4, steps, workers: 2, inputs, record: pathOf(name), ...options })
}

/** Step, sequence and bytes of everything in the streams of a recording, by topic; without frames, which may be dropped, unless they are asked for. */
function streamsIn(name: string): Record<string, string> {
  const recording = openFile(openFileSource(pathOf(name)))
  const text = (topic: string): string => [...recording.messages(topic)].map(({ step, sequence, bytes }) => `${String(step)} ${String(sequence)} ${Buffer.from(bytes).toString('base64')}`).join('\n')
  return Object.fromEntries(recording.topics.slice(3).map(({ topic, dropped }) => [topic, dropped === 0 ? text(topic) : 'dropped']))
}

beforeAll(async () => {
  if (!built) return
  world = await prepareWorld(fileURLToPath(new URL('../determinism/worlds/lanterns.ts', import.meta.url)))
  await record('two', { channels: all })
  run = await openRecording(pathOf('two'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!built)('streams (needs the build)', () => {
  it('change no hash, and are the same bytes for any number of workers', async () => {
    const { finalHash } = await record('none', { record: undefined })
    const streams = streamsIn('two')
    expect(Object.keys(streams)).toEqual(topics)
    for (const workers of [1, 3]) {
      const result = await record(`of ${String(workers)}`, { workers, channels: [...all].reverse() })
      const others = streamsIn(`of ${String(workers)}`)
      expect([workers, result.finalHash]).toEqual([workers, finalHash])
      for (const topic of topics) if (![others[topic], streams[topic]].includes('dropped')) expect(others[topic] === streams[topic], `${topic} on ${String(workers)}`).toBe(true)
    }
    expect(await verifyRecording(pathOf('two'), { workers: 1 })).toMatchObject({ finalHash, complete: true })
  })

  it('hold the rows that are alive, as they are in the columns', () => {
    const [seer] = world.definition.kinds.map((each) => ('kind' in each ? each.kind : each))
    const simulation = createSimulation({ world: world.definition, seed: 4, threads: 0, inputs })
    const [observations, actions, rewards] = [[...run.messages('observations/seer')], [...run.messages('actions/seer')], [...run.messages('rewards/seer')]]
    expect([observations.length, actions.length, rewards.length]).toEqual([steps + 1, steps + 1, steps + 1])
    for (let step = 0; step <= steps; step++) {
      const living = Array.from({ length: simulation.rows(seer) }, (_, row) => row).filter((row) => simulation.isAlive(seer, row))
      const values = (column: string): number[] => living.flatMap((row) => simulation.get(seer, row, column)).map(Number)
      for (const each of [observations[step], actions[step], rewards[step]]) expect([each.step, [...each.rows]]).toEqual([step, living])
      expect([...observations[step].columns['observation']]).toEqual(living.flatMap((row, i) => [row, step, values('flashes')[i]]))
      for (const column of ['action', 'actionMask']) expect([...actions[step].columns[column]]).toEqual(values(column))
      for (const column of ['reward', 'terminated', 'truncated']) expect([...rewards[step].columns[column]]).toEqual(values(column))
      simulation.step()
    }
    const schema = JSON.parse(run.topics[1].schema) as { columns: unknown }
    expect(schema.columns).toEqual([{ name: 'action', dtype: 'u16', form: 'number', shape: [] }, { name: 'actionMask', dtype: 'u8', form: 'vec', shape: [5] }])
  })

  it('hold the mail, the pictures, the states and the report of each state', async () => {
    const replica = new Replica(await openRun(pathOf('two')), hostKernels())
    const [seer] = replica.state.program.kinds.filter((each) => each.name === 'seer')
    const counts = [...run.messages('states/seer')]
    for (const step of [0, 1, 7, 71, steps]) {
      replica.moveTo(step, { drawn: true })
      const [{ letters }] = run.messages('messages', step, step)
      expect(letters).toEqual(mailOf(replica.state))
      expect(letters.length > 0).toBe(step > 0)
      const frames = [...run.messages('frames/seer', step, step)]
      for (const { row, width, height, rgb } of frames) {
        expect([width, height]).toEqual([16, 16])
        expect(Buffer.compare(rgb, frameOf(replica.state.stages, seer, row, step).rgb)).toBe(0)
      }
      const state = run.stateAt(step)
      const { report, agents } = state
      if (run.topics[7].dropped === 0) expect(frames.length).toBe(agents['seer'])
      expect([...run.messages('metrics', step, step)]).toEqual([{ step, report: { ...report, nothing: null }, agents }])
      const last = counts.filter((each) => each.step <= step).at(-1)
      expect({ ...(last?.['states'] as object) }).toEqual(Object.fromEntries(state.states()[0].states.map((each) => [each.state, each.agents])))
    }
    expect(counts.every((each, i) => i === 0 || JSON.stringify(each['states']) !== JSON.stringify(counts[i - 1]['states']))).toBe(true)
  })
})

describe.skipIf(!built)('hashes of frames (need the build)', () => {
  it('are those of the bytes that the cameras wrote, and no two pictures share one', async () => {
    const replica = new Replica(await openRun(pathOf('two')), hostKernels())
    const [seer] = replica.state.program.kinds.filter((each) => each.name === 'seer')
    const hash = new BytesHash(twinKernels)
    const pictures = new Map<string, string>()
    for (const step of [0, 71, steps]) {
      replica.moveTo(step, { drawn: true })
      const [{ rows, columns }] = run.messages('frameHashes/seer', step, step)
      expect(rows.length).toBe(run.stateAt(step).agents['seer'])
      rows.forEach((row, i) => {
        const { rgb, depth, segmentation } = frameOf(replica.state.stages, seer, row, step)
        for (const [name, seen] of Object.entries({ rgb, depth, segmentation })) {
          const bytes = Buffer.from(seen.buffer, seen.byteOffset, seen.byteLength)
          const words = [...columns[name].subarray(2 * i, 2 * i + 2)]
          expect(words, `${name} of ${String(row)} at ${String(step)}`).toEqual([...hash.of(bytes)])
          const text = `${name} ${words.join(' ')}`
          expect(pictures.get(text) ?? bytes.toString('base64')).toBe(bytes.toString('base64'))
          pictures.set(text, bytes.toString('base64'))
        }
      })
    }
    expect(new Set(pictures.values()).size).toBe(pictures.size)
    expect(pictures.size).toBeGreaterThan(4)
  })

  it('depend on every byte and on their number', () => {
    const hash = new BytesHash(twinKernels)
    const texts = [[], [0], [0, 0], [1], [0, 1], Array<number>(32).fill(0), Array<number>(33).fill(0)].map((bytes) => [...hash.of(Uint8Array.from(bytes))].join(' '))
    expect(new Set(texts).size).toBe(texts.length)
  })
})

describe.skipIf(!built)('events (need the build)', () => {
  it('are in the channel what a replay says when there is none', async () => {
    await record('bare')
    const bare = await openRecording(pathOf('bare'))
    const events = [...run.events()]
    expect(bare.topics).toEqual([])
    expect([...bare.events()]).toEqual(events)
    expect([...bare.events(69, 72)]).toEqual(events.filter(({ step }) => step >= 69 && step <= 72))
    const lines = (step: number): string[] => events.filter((each) => each.step === step).map((each) => each.message)
    expect(lines(0)).toEqual(['[BIRTH] lantern 20', '[BIRTH] seer 140'])
    expect(lines(1)[0]).toBe('[INPUT] set lantern[3].at = [1,2]')
    expect(lines(71).slice(0, 2)).toEqual(['[INPUT] kill lantern[2]', '[INPUT] spawn lantern {"at":[5,5]}'])
    expect(events.filter((each: RunEvent) => /^\[REWARD\] seer\[\d+\] \+1\.5$/.test(each.message)).length).toBeGreaterThan(100)
    expect(events.some((each) => / (terminated|truncated)$/.test(each.message))).toBe(true)
    expect(() => bare.messages('logs')).toThrow(/has no topic 'logs' .*metabonk run --channels/)
    expect(() => run.messages('reward/seer')).toThrow(/did you mean rewards\/seer/)
    expect(() => run.events(0, steps + 1)).toThrow(/is not in the recording/)
  })
})

describe.skipIf(!built)('streams of runs that did not go straight on (need the build)', () => {
  // An input that was cut off is gone: the other run must not have had it either.
  it.each([[0.4, []], [0.8, inputs]])('are whole again in a recording that was cut at %s of its bytes and gone on with', async (part, taken) => {
    const name = `cut ${String(part)}`
    await record('straight', { channels: ['rewards', 'states', 'logs', 'messages'], inputs: taken })
    const bytes = readFileSync(pathOf('straight'))
    writeFileSync(pathOf(name), bytes.subarray(0, Math.floor(part * bytes.length)))
    expect((await openRecording(pathOf(name))).steps).toBeLessThan(steps)
    await resumeRun(pathOf(name), { steps, workers: 3 })
    expect(streamsIn(name)).toEqual(streamsIn('straight'))
  })

  it('are written once where a fault made steps run again', async () => {
    const text = readFileSync(new URL('../determinism/worlds/lanterns.ts', import.meta.url), 'utf8')
    const once = "const seen = globalThis as { done?: boolean }\n        if (world.step === 57 && seen.done !== true) { seen.done = true; throw new Error('once') }\n        const luck ="
    writeFileSync(join(folder, 'faulty.ts'), text.replace('const luck =', once))
    const faulty = await prepareWorld(join(folder, 'faulty.ts'))
    await record('faulty', { world: faulty, workers: 1, channels: ['rewards', 'logs', 'messages', 'states'] })
    const whole = streamsIn('two')
    for (const [topic, text] of Object.entries(streamsIn('faulty'))) expect(text === whole[topic], topic).toBe(true)
  })

  it.each([
    [['logz'], "there is no channel 'logz' (channels); did you mean logs?"],
    [['frames'], 'the world meadow has no frames to record: it has no scene with a camera'],
    [['rewards'], 'the world meadow has no rewards to record: none of its kinds has a policy'],
  ])('that can not be had are refused: %s', async (channels, message) => {
    const meadow = await prepareWorld('meadow')
    const asked = runWorld({ world: meadow, seed: 1, steps: 2, record: pathOf('never'), channels: channels as StreamChannel[] })
    await expect(asked).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(message) as string } satisfies Partial<MetabonkError>)
    await expect(runWorld({ world: meadow, seed: 1, steps: 2, channels: ['logs'] })).rejects.toMatchObject({ code: 'usage', what: 'channels are part of a recording, and this run is not recorded' })
  })
})
