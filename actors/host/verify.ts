import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { hostKernels } from '../../runtime/host/index.ts'
import { attachShared, createSharedMemory, MetabonkError, readKeyframe, type KindTable, type PartBefore } from '../../runtime/index.ts'
import { differencesOf } from '../travel/differences.ts'
import { keyframeStepBefore, originOf, programOf, recordedHash } from '../travel/opened-run.ts'
import { spansBetween } from '../travel/spans.ts'
import { openFile } from './open-file.ts'
import { openRun, rerun, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { replaySpans } from './span-pool.ts'

/** Options of {@link verifyRecording}. */
export interface VerifyOptions extends ReplayOptions {
  /** The public key (SPKI, base64) whose private one must have signed the recording. */
  readonly publicKey?: string
}

/** What a verification proved. */
export interface VerifyResult {
  /** Steps whose hashes were all compared. */
  readonly steps: number
  readonly finalHash: string
  /** Threads it ran on. */
  readonly workers: number
  readonly seconds: number
  /** False when the file was torn: what it holds was verified. */
  readonly complete: boolean
  /** The key that the recording was signed with, where it was. */
  readonly signedBy: string | undefined
  /** The recording it goes on from, where it is a part of a run: by name and digest, and whether it was there to be compared. */
  readonly follows: (PartBefore & { readonly compared: boolean }) | undefined
}

/**
 * Proves a recording: checks every checksum, runs it again and compares every hash. Each part between two keyframes runs by itself,
 * from the recorded keyframe, on as many threads as are asked for, the last part first: so the keyframes are proved as well, and
 * state kept outside columns shows. A difference is a `recording-mismatch` error that names step, kind, row, column and both values where the
 * recorded run can be reproduced.
 */
export async function verifyRecording(path: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const run = await openRun(path, options)
  const { recording } = run
  recording.check()
  const signedBy = recording.checkSeal(options.publicKey)?.publicKey
  const follows = checkBefore(run)
  const { steps } = recording
  // Backwards: what a world keeps outside its columns is never what it was when the same thread goes on to the next part.
  const spans = spansBetween(recording, recording.first, steps).reverse()
  if (recording.keyframes.at(0)?.step === 0) spans.push({ from: 0, to: 0 })
  const { results, seconds, workers } = await replaySpans(run, { form: 'verify', first: false }, spans, options)
  const mismatches = results.flatMap((each) => each.mismatch ?? [])
  const mismatch = mismatches.length === 0 ? undefined : Math.min(...mismatches)
  if (mismatch !== undefined) throw await explain(run, mismatch, options)
  return { steps, finalHash: recordedHash(recording, steps), workers, seconds, complete: recording.complete, signedBy, follows }
}

/** Holds the beginning of a part against the end of the part before it, where that is there. */
function checkBefore({ path, recording }: LoadedRun): VerifyResult['follows'] {
  const { first, manifest } = recording
  const { follows } = manifest
  if (follows === undefined) return undefined
  const where = join(dirname(path), basename(follows.recording))
  if (!existsSync(where)) return { ...follows, compared: false }
  const before = openFile(where)
  try {
    const seal = before.checkSeal()
    const told = [['seal', seal?.sha256, follows.sha256], ['last step', before.steps, first], ['seed', before.manifest.seed, manifest.seed], ['code', before.manifest.codeHash, manifest.codeHash]]
    const other = told.find(([, is, should]) => is !== should) ?? (recordedHash(before, first) === recordedHash(recording, first) ? undefined : ['last hash', recordedHash(before, first), recordedHash(recording, first)])
    if (other === undefined) return { ...follows, compared: true }
    const [name, is, should] = other
    throw new MetabonkError({ code: 'recording-mismatch', what: `it is not what ${path} follows: its ${name} is ${is ?? 'missing'}, not ${should}`, where, todo: 'bring back the part that was there, or verify this one in a folder of its own' })
  } finally {
    before.source.close?.()
  }
}

/** What is known of a mismatch: both states side by side when the recorded worker count reproduces the recording. */
async function explain(run: LoadedRun, step: number, { signal }: ReplayOptions): Promise<MetabonkError> {
  const { recording } = run
  const { manifest } = recording
  const origin = originOf(recording)
  const before = Math.max(origin, keyframeStepBefore(recording, step - 1))
  const starts = [...new Set([before, origin])]
  const stateAt = (start: number): Uint8Array | undefined => (start < 0 ? undefined : recording.loadKeyframe(start))
  const asked = await rerun(run, { from: stateAt(before), to: step, workers: 1, compare: false, wantState: true }, { signal })
  for (const start of starts) {
    const recorded = await rerun(run, { from: stateAt(start), to: step, workers: manifest.workers, compare: false, wantState: true }, { signal })
    if (recorded.finalHash !== recordedHash(recording, step)) continue
    if (start === origin && before !== origin && asked.finalHash !== recorded.finalHash) return falseKeyframe(run, before, step)
    const where = differenceOf(run, recorded.outcome.state, asked.outcome.state)
    return mismatch(run, `step ${step}: ${where ?? 'the states differ outside their columns'} (recorded with ${manifest.workers} workers, run again with 1)`)
  }
  const changed = recording.changedAt(step).map(({ column }) => `${manifest.columns[column].kind}.${manifest.columns[column].column}`)
  return mismatch(run, `not reproducible, or changed since it was recorded: step ${step} comes out otherwise each time; columns that changed in it: ${changed.join(', ') || 'none'}`)
}

function falseKeyframe(run: LoadedRun, keyframe: number, step: number): MetabonkError {
  return new MetabonkError({
    code: 'recording-mismatch', what: `the run from its start comes to the recorded state of step ${step}, the run from the keyframe at step ${keyframe} does not`, where: run.path,
    todo: 'the keyframe was changed, or the world keeps state outside its columns: run it with --check',
  })
}

function mismatch(run: LoadedRun, what: string): MetabonkError {
  return new MetabonkError({ code: 'recording-mismatch', what, where: run.path, todo: 'run the world with --check, and keep all its state in columns' })
}

/** First column value that two states differ in: kind, row, column, both values. */
function differenceOf(run: LoadedRun, recorded: Uint8Array | undefined, asked: Uint8Array | undefined): string | undefined {
  if (recorded === undefined || asked === undefined) return undefined
  const found = differencesOf(tablesOf(run, recorded), tablesOf(run, asked), 1).at(0)
  return found === undefined ? undefined : `${found.kind} ${found.row}, column ${found.column}: recorded ${found.a}, now ${found.b}`
}

/** The tables of a world holding a state. */
function tablesOf(run: LoadedRun, bytes: Uint8Array): readonly KindTable[] {
  const program = programOf(run)
  const { tables } = attachShared(program, createSharedMemory(program, 1), hostKernels())
  readKeyframe(tables, bytes)
  return tables
}
