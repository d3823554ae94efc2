/**
 * Entry of every simulation thread. The realm is locked before world code is evaluated; what this thread needs of Node was
 * loaded by then. The first thread coordinates, the others follow it.
 */
import * as xstate from 'xstate'
import { FaultBoard, hostKernels } from '../../runtime/host/index.ts'
import { attachShared, lockRealm, runWorker } from '../../runtime/index.ts'
import * as metabonk from '../index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { buildProgram } from '../world/program.ts'
import { asMetabonkError, coordinate, failedOutcome } from './coordinate.ts'
import { evaluateLoaded } from './load-world.ts'
import type { SimulationOutcome, SimulationTask } from './task.ts'

/** Runs one thread's part of a run to its end. The coordinator returns the outcome, the others nothing. */
export default async function simulate(task: SimulationTask): Promise<SimulationOutcome | undefined> {
  try {
    return await run(task)
  } catch (error) {
    if (task.index === 0) return failedOutcome(task, error)
    throw error
  }
}

async function run(task: SimulationTask): Promise<SimulationOutcome | undefined> {
  const kernels = hostKernels()
  const evaluate = (): Promise<WorldDefinition> => evaluateLoaded(task.world, { metabonk, xstate })
  // Built-in worlds are modules of ours, and Node's loader reads the environment: they come before the lock, world files after it.
  const builtin = task.world.kind === 'builtin' ? await evaluate() : undefined
  lockRealm(globalThis)
  const world = builtin ?? (await evaluate())
  const program = buildProgram(world, { seed: task.seed, config: task.config, machines: task.machines })
  const state = attachShared(program, task.memory, kernels)
  const faults = new FaultBoard(task.faults)
  if (task.index === 0) return coordinate({ task, world, state, faults })
  runWorker(state, task.index, task.wait, (error) => {
    faults.note(task.index, asMetabonkError(error, task.world, state.control.step))
  })
  return undefined
}
