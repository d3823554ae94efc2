import { setImmediate as breathe } from 'node:timers/promises'
import type { MoveOptions, Replica } from '../travel/replica.ts'
import { stopped, type ReplayOptions } from './recorded.ts'

/** Takes a replica to a step; the calling thread gets to do other things on the way. Throws `stopped` when the signal ends it. */
export async function travelTo(replica: Replica, step: number, { signal, onProgress, ...options }: Pick<ReplayOptions, 'signal' | 'onProgress'> & MoveOptions = {}): Promise<void> {
  const begin = performance.now()
  const isStopped = (): boolean => signal?.aborted === true
  if (isStopped()) throw stopped(replica.run.path, replica.step)
  for (const reached of replica.approach(step, options)) {
    onProgress?.({ step: reached, steps: step, seconds: (performance.now() - begin) / 1000 })
    await breathe()
    if (isStopped()) throw stopped(replica.run.path, reached)
  }
}
