import type { WorldDefinition } from '../../actors/index.ts'
import { buildProgram } from '../../actors/world/program.ts'
import { attachShared, Coordinator, createSharedMemory, type ConfigValues, type Kernels, type Program, type SharedState } from '../../runtime/index.ts'

/** A world, its settings, and the kernels it is to run on. */
export interface StepperOptions {
  readonly world: WorldDefinition
  readonly config: ConfigValues
  readonly kernels: Kernels
  readonly seed: number
}

/** A world at step 0 in this thread: what `createSimulation` makes, with kernels of the caller's choice and its tables in reach. */
export function startStepper({ world, config, kernels, seed }: StepperOptions): Coordinator {
  return startProgram(buildProgram(world, { seed, config }), kernels).coordinator
}

/** A program at step 0 in this thread, and its memory. */
export function startProgram(program: Program, kernels: Kernels): { readonly coordinator: Coordinator; readonly shared: SharedState } {
  const shared = attachShared(program, createSharedMemory(program, 1), kernels)
  const coordinator = new Coordinator(shared, { wait: { spins: 0, stallSlices: 0 } })
  coordinator.start()
  return { coordinator, shared }
}

/** Kernels that count the seconds spent hashing. */
export interface TimedKernels extends Kernels {
  readonly hashSeconds: number
}

/** The same kernels, with a clock on the hash of the state. */
export function timeHash(kernels: Kernels): TimedKernels {
  let seconds = 0
  return {
    ...kernels,
    get hashSeconds() {
      return seconds
    },
    hashBlocks: (memory, jobs, jobCount, sums) => {
      const begin = performance.now()
      kernels.hashBlocks(memory, jobs, jobCount, sums)
      seconds += (performance.now() - begin) / 1000
    },
  }
}
