import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createSimulation, openRecording, prepareWorld, recordingInfo, replayRecording, runWorld, verifyRecording } from '../../actors/index.ts'
import { counts } from '../counts.ts'

const built = existsSync(fileURLToPath(new URL('../../dist/actors/index.js', import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const village = fileURLToPath(new URL('./worlds/village.ts', import.meta.url))
const steps = counts(120, 2_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!built)('a world on threads (needs the build)', () => {
  it('comes to one hash on 1, 2, 3 and 8 workers, with and without native kernels, recorded or not, and in the caller', async () => {
    const world = await prepareWorld(village)
    const hashes = new Map<string, string>()
    for (const workers of [1, 2, 3, 8]) {
      const record = workers === 3 ? undefined : join(folder, `village-${String(workers)}.mcap`)
      hashes.set(`${String(workers)} workers`, (await runWorld({ world, seed: 7, steps, workers, record })).finalHash)
    }
    process.env['METABONK_NATIVE'] = '0'
    hashes.set('twins', (await runWorld({ world, seed: 7, steps, workers: 2 })).finalHash)
    delete process.env['METABONK_NATIVE']
    const simulation = createSimulation({ world: world.definition, seed: 7, threads: 0 })
    simulation.step(steps)
    hashes.set('in the caller', simulation.hash)
    hashes.set('checked', (await runWorld({ world, seed: 7, steps: 10, check: true })).finalHash)
    const short = createSimulation({ world: world.definition, seed: 7, threads: 0 })
    short.step(10)
    expect(hashes.get('checked')).toBe(short.hash)
    hashes.delete('checked')
    expect([...hashes].filter(([, hash]) => hash !== simulation.hash)).toEqual([])
  })

  it('is proved by verify with another number of workers, replayed and sought', async () => {
    const path = join(folder, 'village-2.mcap')
    const info = recordingInfo(path)
    expect(info).toMatchObject({ steps, complete: true })
    expect((await verifyRecording(path, { workers: 1 })).finalHash).toBe(info.finalHash)
    expect((await replayRecording(path, { workers: 2, to: 60 })).step).toBe(60)
    const world = await prepareWorld(village)
    const simulation = createSimulation({ world: world.definition, seed: 7, threads: 0 })
    simulation.step(110)
    const run = await openRecording(path)
    const sought = run.stateAt(110)
    expect(sought.hash).toBe(simulation.hash)
    expect(info.keyframes.filter((each) => each <= 110).at(-1)).toBe(sought.keyframeStep)
    const [kind] = world.definition.kinds
    expect(sought.agent('villager', 3)).toEqual(simulation.agent('kind' in kind ? kind.kind : kind, 3))
  })

  it('stops at a step boundary with a complete recording', async () => {
    const world = await prepareWorld(village)
    const path = join(folder, 'stopped.mcap')
    const stop = new AbortController()
    const running = runWorld({ world, seed: 1, workers: 2, record: path, signal: stop.signal, onProgress: ({ step }) => {
      if (step > 10) stop.abort()
    } })
    const result = await running
    const info = recordingInfo(path)
    expect(info).toMatchObject({ complete: true, steps: result.outcome.step, finalHash: result.finalHash })
  })
})
