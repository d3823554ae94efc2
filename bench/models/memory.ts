import { createSimulation, type Simulation } from '../../actors/index.ts'
import { garbageOf, type Garbage } from '../harness/garbage.ts'
import { residentWith } from '../harness/resident.ts'
import { denseFlocking } from './flocking.ts'

/** Bytes of one bird's declared columns: position and velocity, two f32 each. */
export const birdColumnBytes = 16

async function startFlock(agents: number): Promise<Simulation> {
  const { definition, config } = await denseFlocking(agents)
  return createSimulation({ world: definition, config, threads: 0 })
}

/** Bytes of the process after some steps of a flock. Wants a process of its own. */
export async function residentBytes(agents: number): Promise<number> {
  const simulation = await startFlock(agents)
  simulation.step(5)
  return residentWith(simulation)
}

/** Until here the compiler has seen every path. */
const warmSteps = 2_000

/** Steps 1,000 birds and looks at the heap. Wants a process of its own. */
export async function garbageOfSteps(steps: number): Promise<Garbage> {
  const simulation = await startFlock(1_000)
  simulation.step(warmSteps)
  return await garbageOf((count) => {
    simulation.step(count)
  }, steps)
}
