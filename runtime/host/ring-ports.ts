import type { Worker } from 'node:worker_threads'
import { markDead, openingOf, type Role } from '../ring/side.ts'
import type { RingMemory } from '../ring/ring.ts'
import type { RingPort } from '../ring/wait.ts'
import { futexParker, watchProcess, type ProcessWatch } from './shared-memory.ts'
import { pidNamespace } from './slab-owners.ts'

/**
 * For the sides of rings in memory that processes share: they sleep on futexes, and see within milliseconds that the other's process has ended,
 * killed or not. Make one for a thread. Throws `native` without the addon.
 */
export function processPort(): RingPort {
  // A handle stands for its process even when the number is used again.
  const watches = new Map<number, ProcessWatch>()
  return {
    parker: futexParker(),
    pid: process.pid,
    namespace: pidNamespace(),
    isAlive: (pid) => {
      // Not a number of any process: the other side writes what it likes.
      if (pid <= 0) return false
      let watch = watches.get(pid)
      if (watch === undefined) {
        watch = watchProcess(pid)
        watches.set(pid, watch)
      }
      if (!watch.hasEnded(0)) return true
      watch.close()
      watches.delete(pid)
      return false
    },
  }
}

/**
 * Names the side of a thread dead when the thread ends without closing it: by an error, by `process.exit`, by `terminate`. The side is the one
 * that is open now, or else the next that is opened; one that another opens later is left alone. To be called when the thread is started, where
 * the event loop runs: a thread that blocks itself hears of no other's end.
 */
export function watchThread(worker: Worker, ring: RingMemory, role: Role): void {
  const opening = openingOf(ring, role)
  worker.once('exit', () => {
    markDead(ring, role, { opening })
  })
}
