import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { createSimulation, type Simulation } from '../../actors/index.ts'
import { denseFlocking } from './flocking.ts'

/** Bytes of one bird's declared columns: position and velocity, two f32 each. */
export const birdColumnBytes = 16

async function startFlock(agents: number): Promise<Simulation> {
  const { definition, config } = await denseFlocking(agents)
  return createSimulation({ world: definition, config, threads: 0 })
}

/** Bytes of the process after some steps of a flock. Wants a process of its own and `--expose-gc`. */
export async function residentBytes(agents: number): Promise<number> {
  const simulation = await startFlock(agents)
  simulation.step(5)
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

/** What many steps leave for the garbage collector. */
export interface Garbage {
  /** Growth of the heap per step, one number for each chunk of steps in which no collection ran. */
  readonly bytesPerStep: readonly number[]
  /** Collections while the steps ran. */
  readonly collections: number
}

const chunkSteps = 5
/** Until here the compiler has seen every path. */
const warmSteps = 2_000

function heapGrowth(work: () => void): number {
  const before = process.memoryUsage().heapUsed
  work()
  return process.memoryUsage().heapUsed - before
}

/** Steps 1,000 birds and looks at the heap. Wants a process of its own. */
export async function garbageOfSteps(steps: number): Promise<Garbage> {
  const simulation = await startFlock(1_000)
  simulation.step(warmSteps)
  const collections = await collectionsIn(() => {
    simulation.step(steps)
  })
  return { bytesPerStep: await sampleGarbage(simulation, steps), collections }
}

/** Garbage collections while something runs. Looking at the heap makes garbage itself, so nobody does meanwhile. */
async function collectionsIn(work: () => void): Promise<number> {
  let collections = 0
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length))
  observer.observe({ entryTypes: ['gc'] })
  work()
  // Collections are reported between turns of the event loop.
  await setImmediate()
  await setImmediate()
  observer.disconnect()
  return collections
}

/** Heap that a step leaves, chunk by chunk; those in which something was collected are left out. */
async function sampleGarbage(simulation: Simulation, steps: number): Promise<number[]> {
  const bytesPerStep: number[] = []
  for (let step = 0; step < steps; step += chunkSteps) {
    let grown = 0
    const collections = await collectionsIn(() => {
      const looking = heapGrowth(() => undefined)
      grown = heapGrowth(() => {
        simulation.step(chunkSteps)
      }) - looking
    })
    if (collections === 0) bytesPerStep.push(grown / chunkSteps)
  }
  return bytesPerStep
}
