import { hostKernels } from '../../runtime/host/index.ts'
import { MetabonkError, type ConfigValues, type TimedInput } from '../../runtime/index.ts'
import { firstDifferentColumns, firstDifferentStep, manifestDifferences, statesApart, type ManifestDifference, type StatesApart } from '../travel/compare.ts'
import { mailOf, type Letter } from '../travel/mail.ts'
import { keyframeStepBefore } from '../travel/opened-run.ts'
import { ReplayMismatch, Replica, type ReplicaOptions } from '../travel/replica.ts'
import { spansBetween } from '../travel/spans.ts'
import { openFile } from './open-file.ts'
import { prepareWorld } from './prepare.ts'
import { loadedRun, openRun, worldOf, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { replaySpans } from './span-pool.ts'

/** Where two recordings come apart, by their hashes. */
export interface Divergence {
  /** What they were told differently from the start. */
  readonly manifest: readonly ManifestDifference[]
  /** Steps that both have. */
  readonly steps: number
  /** The first step whose states differ; undefined when all are the same. */
  readonly step: number | undefined
  /** The first step at which columns differ: later than `step` where at first only settings or mail do. */
  readonly columnsStep: number | undefined
  /** `kind.column` of the columns that differ then. */
  readonly columns: readonly string[]
}

/** Where two recordings come apart, with both states in hand. */
export interface Comparison extends Divergence {
  /** The states of the first step at which columns differ, or at all. */
  readonly apart: StatesApart | undefined
  /** The last messages both runs have in common: those the first agent that differs took in the last common state. */
  readonly lastMessages: readonly Letter[]
  /** Inputs before that step that only one of them has. */
  readonly inputs: { readonly a: readonly TimedInput[]; readonly b: readonly TimedInput[] }
}

/** Options of {@link diffRecordings}. */
export interface DiffOptions {
  /** Paths of the worlds' files, when they are no longer where the recordings say. */
  readonly worldA?: string
  readonly worldB?: string
  /** Most values to be told. Default 20. */
  readonly most?: number
}

const mostDefault = 20

/** The first step two recordings differ in, and the columns, by their recorded hashes alone: nothing is replayed. */
export function bisectRecordings(a: string, b: string): Divergence {
  const [left, right] = [openFile(a), openFile(b)]
  const step = firstDifferentStep(left, right)
  const apart = step === undefined ? undefined : firstDifferentColumns(left, right, step)
  return {
    manifest: manifestDifferences(left.manifest, right.manifest),
    steps: Math.min(left.steps, right.steps),
    step,
    columnsStep: apart?.step,
    columns: apart?.columns ?? [],
  }
}

/**
 * Compares two recorded runs: the first step they differ in, then both states side by side. Throws what opening and replaying them
 * throws.
 */
export async function diffRecordings(a: string, b: string, options: DiffOptions = {}): Promise<Comparison> {
  const divergence = bisectRecordings(a, b)
  const step = divergence.columnsStep ?? divergence.step
  if (step === undefined) return { ...divergence, apart: undefined, lastMessages: [], inputs: { a: [], b: [] } }
  const runs = [await openRun(a, { world: options.worldA }), await openRun(b, { world: options.worldB })] as const
  const [left, right] = runs.map((run) => new Replica(run, hostKernels())) as [Replica, Replica]
  left.moveTo(step)
  right.moveTo(step)
  return { ...divergence, ...sideBySide(left, right, options.most ?? mostDefault), inputs: inputsApart(runs[0], runs[1], step) }
}

/** Two states of one step; moves the first replica to the step before, whose mail both runs have in common. */
function sideBySide(left: Replica, right: Replica, most: number): Pick<Comparison, 'apart' | 'lastMessages'> {
  const apart = statesApart(left.state, right.state, most)
  const first = apart.values.at(0)
  if (left.step === 0 || first === undefined) return { apart, lastMessages: [] }
  left.moveTo(left.step - 1)
  return { apart, lastMessages: mailOf(left.state, first) }
}

function inputsApart(a: LoadedRun, b: LoadedRun, step: number): Comparison['inputs'] {
  const only = (own: LoadedRun, other: LoadedRun): TimedInput[] => {
    const known = new Set(other.inputs.map((each) => JSON.stringify(each)))
    return own.inputs.filter((each) => each.step < step && !known.has(JSON.stringify(each)))
  }
  return { a: only(a, b), b: only(b, a) }
}

/** Options of {@link bisectWorld}: what the recorded run is held against. */
export interface BisectOptions extends ReplayOptions {
  /** `key=value` texts to change settings by. */
  readonly overrides?: readonly string[]
  /** Most values to be told. Default 20. */
  readonly most?: number
}

/** Where a recorded run comes apart from a run of another build of its world, or of other settings. */
export interface WorldDivergence {
  /** The first step whose state is another one; undefined when all are the same. */
  readonly step: number | undefined
  readonly steps: number
  /** Both states, where the world as it was recorded is at hand too. `a` is the recording. */
  readonly apart: StatesApart | undefined
  readonly lastMessages: readonly Letter[]
  readonly seconds: number
}

/**
 * Holds a recording against another build of its world (`world`) or other settings (`overrides`), and names the first step that comes out
 * otherwise. Another build runs every part between two keyframes by itself, in parallel. Other settings are a part of the state, and
 * run from `init` on; what is compared with the recording then are columns.
 */
export async function bisectWorld(path: string, options: BisectOptions): Promise<WorldDivergence> {
  const recording = openFile(path)
  const config = { ...recording.manifest.config } as ConfigValues
  const other = await prepareWorld(options.world ?? worldOf(path, recording.manifest), { config, overrides: options.overrides })
  const run = loadedRun(path, recording, other)
  const sameSettings = Object.keys(config).every((key) => Object.is(config[key], other.config[key]))
  const compare = sameSettings ? 'states' : 'columns'
  const spans = sameSettings ? spansBetween(recording, 0, recording.steps) : [{ from: -1, to: recording.steps }]
  const { results, seconds } = await replaySpans(run, { form: 'verify' }, spans, { ...options, compare })
  const step = results.find((each) => each.mismatch !== undefined)?.mismatch
  const none = { apart: undefined, lastMessages: [] }
  if (step === undefined) return { step, steps: recording.steps, ...none, seconds }
  const recorded = await recordedReplica(path, step)
  const sides = recorded === undefined ? none : sideBySide(recorded, divergedReplica(run, step, compare), options.most ?? mostDefault)
  return { step, steps: recording.steps, ...sides, seconds }
}

/** The recorded world at a step; undefined when it is not at hand any more. */
async function recordedReplica(path: string, step: number): Promise<Replica | undefined> {
  try {
    const replica = new Replica(await openRun(path), hostKernels())
    replica.moveTo(step)
    return replica
  } catch (error) {
    if (error instanceof MetabonkError && ['recording-mismatch', 'world-not-found'].includes(error.code)) return undefined
    throw error
  }
}

/** The other world in the state that was not the recorded one any more. */
function divergedReplica(run: LoadedRun, step: number, compare: ReplicaOptions['compare']): Replica {
  const replica = new Replica(run, hostKernels(), { cacheBytes: 0, compare })
  try {
    // Recorded keyframes hold the recorded settings.
    replica.startAt(compare === 'columns' ? -1 : keyframeStepBefore(run.recording, step - 1))
    replica.runTo(step)
  } catch (error) {
    if (!(error instanceof ReplayMismatch)) throw error
  }
  return replica
}
