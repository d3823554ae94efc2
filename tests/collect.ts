import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** V8's function that collects all garbage of the calling thread; the process needs no flag for it. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
