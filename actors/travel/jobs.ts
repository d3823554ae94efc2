import { readCell, type Cell, type CellNow } from './cell.ts'
import { openQuery } from './query.ts'
import { ReplayMismatch, type Replica } from './replica.ts'
import type { Span } from './spans.ts'

/** Something to be done at every state of a span; plain data. */
export type SpanJob =
  /** Compares every hash. With `first`, spans after one that differs are left out. */
  | { readonly form: 'verify'; readonly first: boolean }
  /** Looks for the steps from `first` on at which a condition holds. */
  | { readonly form: 'find'; readonly query: string; readonly first: number; readonly hitsMax: number; readonly backwards: boolean }
  /** Looks for the steps that changed a value. */
  | { readonly form: 'trace'; readonly cell: Cell }

/** Steps in a row at which a condition held; `row` is -1 for a condition on the state as a whole. */
export interface Hit {
  readonly row: number
  readonly from: number
  readonly to: number
}

/** A value that is another one than in the state before. */
export interface Change extends CellNow {
  readonly step: number
}

/** What came of a span. */
export interface SpanResult {
  /** First step whose hash differs. */
  readonly mismatch?: number
  readonly hits?: readonly Hit[]
  /** Whether there were more hits than asked for. */
  readonly more?: boolean
  /** Changes, ascending; the first is how the value was in the state the span starts from. */
  readonly changes?: readonly Change[]
}

/** What a job does at each state, and what came of it. */
interface Visitor {
  /** Looks at the state the span starts from, which belongs to the span before. */
  start(): void
  visit(step: number): void
  result(): SpanResult
}

/** Runs a job over a span. `goesOn` is asked before every step; false ends the span early. */
export function runJob(replica: Replica, job: SpanJob, span: Span, goesOn: () => boolean): SpanResult {
  try {
    const visitor = visitorOf(replica, job)
    replica.startAt(span.from)
    // The first state of all belongs to no span before.
    if (replica.step === replica.run.recording.first) visitor.visit(replica.step)
    else visitor.start()
    while (replica.step < span.to && goesOn()) {
      replica.runTo(replica.step + 1)
      visitor.visit(replica.step)
    }
    return visitor.result()
  } catch (error) {
    if (job.form === 'verify' && error instanceof ReplayMismatch) return { mismatch: error.step }
    throw error
  }
}

/** True when nothing after this span matters any more. */
export function isFinal(job: SpanJob, { mismatch, hits = [], changes = [] }: SpanResult): boolean {
  return (job.form === 'verify' && mismatch !== undefined && job.first) || (job.form === 'find' && hits.length >= job.hitsMax) || (job.form === 'trace' && changes.length > 1)
}

function visitorOf(replica: Replica, job: SpanJob): Visitor {
  switch (job.form) {
    case 'verify':
      return { start: () => undefined, visit: () => undefined, result: () => ({}) }
    case 'find':
      return finder(replica, job)
    case 'trace':
      return tracer(replica, job)
  }
}

function finder(replica: Replica, { query: text, first, hitsMax, backwards }: SpanJob & { readonly form: 'find' }): Visitor {
  const asked = openQuery(replica, text)
  const hits: Hit[] = []
  /** Since when the condition holds, by row. */
  let open = new Map<number, number>()
  let last = -1
  const rows: number[] = []
  const close = (still: ReadonlySet<number>): void => {
    for (const [row, from] of open) if (!still.has(row)) hits.push({ row, from, to: last })
  }
  return {
    start: () => undefined,
    visit: (step) => {
      if (step < first) return
      rows.length = 0
      if (asked.query.subject !== undefined) asked.bound().rows(rows)
      else if (asked.bound().test()) rows.push(-1)
      close(new Set(rows))
      open = new Map(rows.map((row) => [row, open.get(row) ?? step]))
      last = step
    },
    result: () => {
      close(new Set())
      hits.sort(backwards ? (a, b) => b.to - a.to || a.row - b.row : (a, b) => a.from - b.from || a.row - b.row)
      return { hits: hits.slice(0, hitsMax), more: hits.length > hitsMax }
    },
  }
}

function tracer(replica: Replica, { cell }: SpanJob & { readonly form: 'trace' }): Visitor {
  const changes: Change[] = []
  const look = (): void => {
    const now = readCell(replica.state, cell)
    const before = changes.at(-1)
    if (before?.life !== now.life || before.value !== now.value) changes.push({ step: replica.step, ...now })
  }
  return { start: look, visit: look, result: () => ({ changes }) }
}
