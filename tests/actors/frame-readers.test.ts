import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { beforeAll, describe, expect, it } from 'vitest'
import { createSimulation, openFrameReader, prepareWorld, runWorld, type PreparedWorld, type RunOptions } from '../../actors/index.ts'
import { startServiceActors } from '../../actors/service/index.ts'
import { built } from '../shell/command.ts'

const lanterns = fileURLToPath(new URL('../determinism/worlds/lanterns.ts', import.meta.url))
const library = pathToFileURL(fileURLToPath(new URL('../../dist/actors/index.js', import.meta.url))).href
const steps = 30

let world: PreparedWorld

beforeAll(async () => {
  world = await prepareWorld(lanterns)
})

describe('pictures', () => {
  it('change no state where nobody acts from them', () => {
    const { definition } = world
    const hashes = [definition, { ...definition, scene: undefined }].map((each) => {
      const simulation = createSimulation({ world: each, seed: 4, threads: 0 })
      simulation.step(steps)
      return simulation.hash
    })
    expect(hashes[0]).toBe(hashes[1])
  })
})

/** A thread that reads the frames of seer 8 until the run ends, and tells which steps it saw. */
function readerThread(memory: SharedArrayBuffer, mode: string): Promise<{ readonly steps: number[]; readonly lit: number }> {
  const code = `import { parentPort, workerData } from 'node:worker_threads'
    const { openFrameReader } = await import(workerData.library)
    const reader = openFrameReader(workerData.memory, 'seer', { mode: workerData.mode, name: 'viewer' })
    const steps = []
    let lit = 0
    for (let shown = reader.next(); shown !== undefined; shown = reader.next()) {
      steps.push(shown.step)
      if (workerData.mode === 'lockstep') lit += reader.frames.frame(0, shown.step).rgb.some((byte) => byte > 0) ? 1 : 0
    }
    reader.close()
    parentPort.postMessage({ steps, lit })`
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: { memory, mode, library } })
  return new Promise((resolve, reject) => {
    thread.on('message', resolve)
    thread.on('error', reject)
  })
}

function run(options: Partial<RunOptions>): ReturnType<typeof runWorld> {
  return runWorld({ world, seed: 4, steps, workers: 2, ...options })
}

describe.skipIf(!built)('frames of a run (needs the build)', () => {
  it('are seen step by step by a reader in lock-step, which changes no state', async () => {
    let seen: ReturnType<typeof readerThread> | undefined
    const { finalHash } = await run({
      onFrames: (memory) => {
        openFrameReader(memory, 'seer', { mode: 'lockstep', name: 'viewer', timeoutMillis: 20_000 })
        seen = readerThread(memory, 'lockstep')
      },
    })
    expect((await seen)?.steps).toEqual(Array.from({ length: steps + 1 }, (_, step) => step))
    expect((await seen)?.lit).toBeGreaterThan(0)
    expect((await run({})).finalHash).toBe(finalHash)
  })

  it('hold the run no longer than a reader said', async () => {
    const held = run({
      onFrames: (memory) => {
        openFrameReader(memory, 'seer', { mode: 'lockstep', name: 'sleeper', timeoutMillis: 100 })
      },
    })
    await expect(held).rejects.toThrow(/the reader sleeper did not finish with the frames of step 0 in 100 ms/)
    await expect(held).rejects.toMatchObject({ code: 'reader-late' })
  })
})

describe('the compositor as a service', () => {
  const state = (services: ReturnType<typeof startServiceActors>): string => services.states()['compositor']

  it('goes from idle to rendering to published, stalls, fails and recovers', () => {
    const services = startServiceActors({ recorded: false, stages: ['render', 'think'] })
    const { events, frames } = services
    expect(state(services)).toBe('idle')
    events.started?.(0)
    expect(state(services)).toBe('rendering')
    frames.shown(0)
    expect(state(services)).toBe('published')
    frames.stalled(5, 'viewer')
    expect(state(services)).toBe('stalled')
    frames.resumed(5)
    expect(state(services)).toBe('published')
    events.faulted?.(9, new Error('a fault'))
    expect(state(services)).toBe('faulted')
    events.recovered?.(0)
    expect(state(services)).toBe('recovering')
    frames.shown(9)
    expect(state(services)).toBe('published')
    services.stopped(9)
    expect(state(services)).toBe('stopped')
  })

  it('stays idle in a world without cameras', () => {
    const services = startServiceActors({ recorded: false, stages: ['think'] })
    services.events.started?.(0)
    expect(state(services)).toBe('idle')
  })
})
