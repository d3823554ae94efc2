import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createSimulation, prepareWorld, runWorld, verifyRecording, type Input, type Simulation } from '../../actors/index.ts'

const built = existsSync(fileURLToPath(new URL('../../dist/actors/index.js', import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const world = await prepareWorld('flocking')

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Boundaries with what comes in at them. */
const script: readonly (readonly [step: number, inputs: readonly Input[]])[] = [
  [3, [{ form: 'config', key: 'speed', value: 0.5 }]],
  [5, [{ form: 'spawn', kind: 'bird', values: { at: [1, 2], velocity: [-0, 1] } }, { form: 'set', kind: 'bird', row: 200, column: 'velocity', value: [1, -0] }]],
  [9, [{ form: 'kill', kind: 'bird', row: 7 }, { form: 'spawn', kind: 'bird', values: {} }, { form: 'config', key: 'vision', value: 2 }]],
]

function start(): Simulation {
  return createSimulation({ world: world.definition, config: world.config, seed: 5, threads: 0 })
}

describe('an input', () => {
  it.skipIf(!built)('comes to the same state on threads, step by step and from the recording (needs the build)', async () => {
    const simulation = start()
    for (const [step, inputs] of script) {
      simulation.step(step - simulation.stepCount)
      for (const input of inputs) simulation.input(input)
    }
    simulation.step(20 - simulation.stepCount)
    const timed = script.flatMap(([step, inputs]) => inputs.map((input, sequence) => ({ step, source: 0, sequence, input })))
    const record = join(folder, 'inputs.mcap')
    const run = { world, seed: 5, steps: 20, inputs: timed.reverse() }
    expect((await runWorld({ ...run, workers: 2, record })).finalHash).toBe(simulation.hash)
    expect((await runWorld({ ...run, workers: 1 })).finalHash).toBe(simulation.hash)
    expect((await verifyRecording(record, { workers: 3 })).finalHash).toBe(simulation.hash)
  })

  it.each([
    [{ form: 'config', key: 'agents', value: 3 }, "the setting 'agents' can't change during a run"],
    [{ form: 'config', key: 'speed', value: -1 }, "setting 'speed' can't be -1 (input config); give a number from 0 to 1000"],
    [{ form: 'config', key: 'sped', value: 1 }, "there is no setting 'sped'; did you mean speed?"],
    [{ form: 'set', kind: 'bird', row: 1e9, column: 'at', value: [1, 1] }, 'bird has no row 1000000000'],
    [{ form: 'set', kind: 'bird', row: 900, column: 'at', value: [1, 1] }, 'bird 900 is not alive (step 2); name a live row'],
    [{ form: 'set', kind: 'bird', row: 0, column: 'at', value: [1] }, 'bird.at: expected 2 numbers, got a list of 1 (input set)'],
    [{ form: 'set', kind: 'bird', row: 0, column: '$alive', value: 1 }, "kind bird has no column '$alive' (input set); choose from at, velocity"],
    [{ form: 'kill', kind: 'bird', row: 0.5 }, 'bird has no row 0.5'],
    [{ form: 'kill', kind: 'brid', row: 0 }, "there is no kind 'brid' (input kill); choose from bird"],
    [{ form: 'spawn', kind: 'bird', values: { at: [1, 'x'] } }, 'bird.at'],
    [{ form: 'jump' }, 'an object is no input; give an object with a form: set, spawn, kill, config'],
    [null, 'null is no input'],
  ])('%j is refused and changes nothing', (input, message) => {
    const [simulation, twin] = [start(), start()]
    simulation.step(2)
    expect(() => {
      simulation.input(input as Input)
    }).toThrow(message)
    simulation.step(2)
    twin.step(4)
    expect(simulation.hash).toBe(twin.hash)
  })

  it('in a list that no state could take ends the run before it begins', async () => {
    const inputs = [{ step: 1, source: 0, sequence: 0, input: { form: 'kill', kind: 'wolf', row: 0 } as const }]
    await expect(runWorld({ world, seed: 1, steps: 2, inputs })).rejects.toThrow("there is no kind 'wolf'")
  })
})
