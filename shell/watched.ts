import { MetabonkError } from '../actors/index.ts'
import { StoppedError } from './output.ts'
import { ProgressLine } from './progress.ts'
import { stopSignal } from './signals.ts'

/** What work that is watched takes to be stopped and to tell how far it is. */
export interface Watch {
  readonly signal: AbortSignal
  readonly onProgress: ProgressLine['draw']
}

/** Runs something long with a progress line; Ctrl-C stops it. Throws a StoppedError when being stopped left it without a result. */
export async function watched<T>(label: string, work: (watch: Watch) => Promise<T>): Promise<{ readonly result: T; readonly stopped: boolean }> {
  const progress = new ProgressLine(label)
  const stop = stopSignal()
  try {
    const result = await work({ signal: stop.signal, onProgress: progress.draw })
    return { result, stopped: stop.signal.aborted }
  } catch (error) {
    // The door calls a stop the caller's doing; what else went wrong is told as it is.
    if (stop.signal.aborted && error instanceof MetabonkError && error.code === 'usage') throw new StoppedError(error.message)
    throw error
  } finally {
    progress.end()
    stop.release()
  }
}
