import { elementBytes, exactJson, MetabonkError, type Column, type KindTable } from '../../runtime/index.ts'
import { keyframeAt, keyframeBefore, openRun, recordedHash, runSpan, stopped, tablesOf, type OpenedRun, type ReplayOptions, type Span } from './recorded.ts'

/** What a verification proved. */
export interface VerifyResult {
  /** Steps whose hashes were all compared. */
  readonly steps: number
  readonly finalHash: string
  readonly workers: number | undefined
  readonly seconds: number
  /** False when the file was torn: what it holds was verified. */
  readonly complete: boolean
}

/**
 * Proves a recording: checks every checksum, runs it again and compares every hash. It runs in two spans, the second from the
 * state in the middle with fresh threads, so that state kept outside columns shows. A difference is a `recording-mismatch`
 * error that names step, kind, row, column and both values where the recorded run can be reproduced.
 */
export async function verifyRecording(path: string, options: ReplayOptions = {}): Promise<VerifyResult> {
  const run = await openRun(path, options)
  run.recording.check()
  const { steps } = run.recording
  const middle = Math.floor(steps / 2)
  let from: Span['from']
  let seconds = 0
  for (const to of middle > 0 ? [middle, steps] : [steps]) {
    const result = await runSpan(run, { from, to, workers: options.workers, compare: true, wantState: true }, options)
    seconds += result.seconds
    if (result.outcome.mismatch !== undefined) throw await explain(run, result.outcome.mismatch, { from }, options)
    if (options.signal?.aborted === true) throw stopped(path, result.outcome.step)
    // The recorded keyframe where there is one, so that it is proved too; else the state as it came out.
    from = keyframeAt(run, to) ?? { step: to, bytes: result.outcome.state ?? new Uint8Array() }
  }
  return { steps, finalHash: recordedHash(run.recording, steps), workers: options.workers, seconds, complete: run.recording.complete }
}

/** What is known of a mismatch: both states side by side when the recorded worker count reproduces the recording. */
async function explain(run: OpenedRun, step: number, span: Pick<Span, 'from'>, options: ReplayOptions): Promise<MetabonkError> {
  const { manifest } = run.recording
  const good = keyframeBefore(run, step - 1)
  const quiet = { signal: options.signal }
  const asked = await runSpan(run, { ...span, to: step, workers: options.workers, compare: false, wantState: true }, quiet)
  const candidates: Pick<Span, 'from'>[] = [{ from: good }, { from: undefined }]
  for (const { from } of candidates) {
    const recorded = await runSpan(run, { from, to: step, workers: manifest.workers, compare: false, wantState: true }, quiet)
    if (recorded.finalHash !== recordedHash(run.recording, step)) continue
    const where = differenceOf(run, recorded.outcome.state, asked.outcome.state)
    return mismatch(run, `step ${step}: ${where ?? 'the states differ outside their columns'} (recorded with ${manifest.workers} workers, run again with ${options.workers ?? 'all cores'})`)
  }
  const changed = run.recording.changedAt(step).map(({ column }) => `${manifest.columns[column].kind}.${manifest.columns[column].column}`)
  return mismatch(run, `not reproducible: step ${step} comes out otherwise each time; columns that changed in it: ${changed.join(', ') || 'none'}`)
}

function mismatch(run: OpenedRun, what: string): MetabonkError {
  return new MetabonkError({ code: 'recording-mismatch', what, where: run.path, todo: 'run the world with --check, and keep all its state in columns' })
}

/** First column value that two states differ in: kind, row, column, both values. */
function differenceOf(run: OpenedRun, recorded: Uint8Array | undefined, asked: Uint8Array | undefined): string | undefined {
  if (recorded === undefined || asked === undefined) return undefined
  const a = tablesOf(run, recorded)
  const b = tablesOf(run, asked)
  for (let kind = 0; kind < a.length; kind++) {
    const found = tableDifference(a[kind], b[kind])
    if (found !== undefined) return found
  }
  return undefined
}

function tableDifference(a: KindTable, b: KindTable): string | undefined {
  const rows = Math.max(a.rows, b.rows)
  for (let row = 0; row < rows; row++) {
    for (const column of a.columns) {
      const other = b.columns[column.index]
      if (sameBits(column, other, row)) continue
      return `${a.kind.name} ${row}, column ${column.name}: recorded ${exactJson(a.get(column, row))}, now ${exactJson(b.get(other, row))}`
    }
  }
  return undefined
}

function sameBits(a: Column, b: Column, row: number): boolean {
  const bytes = a.type.width * elementBytes[a.type.dtype]
  const left = new Uint8Array(a.live.buffer, a.live.byteOffset + row * bytes, bytes)
  const right = new Uint8Array(b.live.buffer, b.live.byteOffset + row * bytes, bytes)
  return left.every((byte, i) => byte === right[i])
}
