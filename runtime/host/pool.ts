import { availableParallelism } from 'node:os'
import type { MessagePort } from 'node:worker_threads'

/** A set of threads, each of which runs one long task. */
export interface ThreadPool {
  /** Runs `task` by the default export of the module at `url`; the ports among it that are named go over to its thread. */
  run<T>(url: string, task: object, ports?: readonly MessagePort[]): Promise<T>
  /** Ends all threads, finished or not. */
  destroy(): Promise<void>
}

/** Cores a simulation may use. */
export function coreCount(): number {
  return availableParallelism()
}

/** Makes a pool of exactly `threads` threads: every task gets one at once. piscina is loaded here: simulation threads do without. */
export async function createPool(threads: number): Promise<ThreadPool> {
  const { Piscina } = await import('piscina')
  const pool = new Piscina({ minThreads: threads, maxThreads: threads, idleTimeout: Infinity, concurrentTasksPerWorker: 1, recordTiming: false })
  return {
    run: async <T>(url: string, task: object, ports: readonly MessagePort[] = []) => (await pool.run(task, { filename: url, transferList: [...ports] })) as T,
    destroy: async () => {
      await pool.destroy()
    },
  }
}
