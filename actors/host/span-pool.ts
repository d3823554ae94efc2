import { compiledModule, coreCount, createPool } from '../../runtime/host/index.ts'
import { limits, MetabonkError } from '../../runtime/index.ts'
import type { SpanJob, SpanResult } from '../travel/jobs.ts'
import type { ReplicaOptions } from '../travel/replica.ts'
import type { Span } from '../travel/spans.ts'
import { stopped, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { SpanBoard } from './span-board.ts'
import type { SpanReport, SpanTask } from './span-task.ts'

const progressMillis = 100
/** Starting a thread costs about as much as replaying so many steps of a small world. */
const stepsPerThread = 200

/** How to replay spans. */
export interface SpansOptions extends ReplayOptions {
  /** What is compared on the way; see {@link ReplicaOptions}. */
  readonly compare?: ReplicaOptions['compare']
}

/** What came of the spans that were wanted, in their order. */
export interface SpansResult {
  readonly results: readonly SpanResult[]
  readonly seconds: number
  readonly workers: number
}

function workersFor(spans: readonly Span[], asked: number | undefined): number {
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 1 && asked <= limits.workersMax)) {
    throw new MetabonkError({ code: 'usage', what: `${asked} workers can't replay a run`, todo: `give 1 to ${limits.workersMax}` })
  }
  const steps = spans.reduce((sum, { from, to }) => sum + to - from, 0)
  return Math.max(1, Math.min(asked ?? coreCount(), spans.length, Math.ceil(steps / stepsPerThread)))
}

/**
 * Replays spans of a recorded run on threads, each span by itself, in the order given as far as that shows. Ends early when a
 * job says that a span's result is final. Throws the first error, and `stopped` when the signal ends it.
 */
export async function replaySpans(run: LoadedRun, job: SpanJob, spans: readonly Span[], options: SpansOptions): Promise<SpansResult> {
  const workers = workersFor(spans, options.workers)
  const memory = SpanBoard.createMemory()
  const board = new SpanBoard(memory)
  const task: SpanTask = { path: run.path, world: run.loaded, config: run.config, job, compare: options.compare, spans, board: memory }
  const pool = await createPool(workers)
  const begin = performance.now()
  const steps = spans.reduce((sum, { from, to }) => sum + to - from, 0)
  const tell = (): void => options.onProgress?.({ step: board.steps, steps, seconds: (performance.now() - begin) / 1000 })
  const timer = setInterval(tell, progressMillis)
  const stop = (): void => {
    board.stop()
  }
  options.signal?.addEventListener('abort', stop)
  if (options.signal?.aborted === true) stop()
  try {
    const entry = compiledModule('actors/host/span.worker')
    const reports = await Promise.all(Array.from({ length: workers }, () => pool.run<SpanReport>(entry, task)))
    const failed = reports.find((each) => each.error !== undefined)?.error
    if (failed !== undefined) throw new MetabonkError(failed)
    if (options.signal?.aborted === true) throw stopped(run.path, board.steps)
    const results = reports.flatMap((each) => each.results).filter(([place]) => board.wasWanted(place)).sort(([a], [b]) => a - b)
    return { results: results.map(([, result]) => result), seconds: (performance.now() - begin) / 1000, workers }
  } finally {
    clearInterval(timer)
    options.signal?.removeEventListener('abort', stop)
    tell()
    await pool.destroy()
  }
}
