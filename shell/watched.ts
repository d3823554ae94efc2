import { ProgressLine } from './progress.ts'
import { stopSignal } from './signals.ts'

/** What work that is watched takes to be stopped and to tell how far it is. */
export interface Watch {
  readonly signal: AbortSignal
  readonly onProgress: ProgressLine['draw']
}

/** Runs something long with a progress line; Ctrl-C stops it. Work that has no result without its end throws `stopped` then. */
export async function watched<T>(label: string, work: (watch: Watch) => Promise<T>): Promise<{ readonly result: T; readonly stopped: boolean }> {
  const progress = new ProgressLine(label)
  const stop = stopSignal()
  try {
    const result = await work({ signal: stop.signal, onProgress: progress.draw })
    return { result, stopped: stop.signal.aborted }
  } finally {
    progress.end()
    stop.release()
  }
}
