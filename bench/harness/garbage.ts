import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'

/** What many steps leave for the garbage collector. */
export interface Garbage {
  /** Growth of the heap per step, one number for each chunk of steps in which no collection ran. */
  readonly bytesPerStep: readonly number[]
  /** Collections while the steps ran. */
  readonly collections: number
}

/** Steps between two looks at the heap. */
const chunkSteps = 5

/** Runs steps, first all in one go and then in chunks, and looks at the heap. Wants a process of its own, and code that is warm. */
export async function garbageOf(run: (steps: number) => void, steps: number): Promise<Garbage> {
  const collections = await collectionsIn(() => {
    run(steps)
  })
  return { bytesPerStep: await sampleGarbage(run, steps), collections }
}

function heapGrowth(work: () => void): number {
  const before = process.memoryUsage().heapUsed
  work()
  return process.memoryUsage().heapUsed - before
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
async function sampleGarbage(run: (steps: number) => void, steps: number): Promise<number[]> {
  const bytesPerStep: number[] = []
  for (let step = 0; step < steps; step += chunkSteps) {
    let grown = 0
    const collections = await collectionsIn(() => {
      const looking = heapGrowth(() => undefined)
      grown = heapGrowth(() => {
        run(chunkSteps)
      }) - looking
    })
    if (collections === 0) bytesPerStep.push(grown / chunkSteps)
  }
  return bytesPerStep
}
