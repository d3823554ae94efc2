import { hostKernels } from '../../runtime/host/index.ts'
import { exactJson, layoutHash, MetabonkError, type ConfigValues, type TimedInput } from '../../runtime/index.ts'
import { firstDifferentColumns, firstDifferentStep, mailApart, manifestDifferences, statesApart, type MailApart, type ManifestDifference, type StatesApart } from '../travel/compare.ts'
import { mailOf } from '../travel/mail.ts'
import { keyframeStepBefore, originOf, programOf } from '../travel/opened-run.ts'
import { ReplayMismatch, Replica, type ReplicaOptions } from '../travel/replica.ts'
import { spansBetween } from '../travel/spans.ts'
import { openFile } from './open-file.ts'
import { prepareWorld } from './prepare.ts'
import { loadedRun, openRun, worldOf, type LoadedRun, type ReplayOptions } from './recorded.ts'
import { replaySpans } from './span-pool.ts'
import { travelTo } from './travel-to.ts'

/** Where two recordings come apart, by their hashes. */
export interface Divergence {
  /** What they were told differently from the start. */
  readonly manifest: readonly ManifestDifference[]
  /** The first step that both have. */
  readonly first: number
  /** The last step of each. */
  readonly stepsA: number
  readonly stepsB: number
  /** The first step whose states differ; undefined when all are the same. */
  readonly step: number | undefined
  /** The first step at which columns differ: later than `step` where at first only settings or mail do. */
  readonly columnsStep: number | undefined
  /** `kind.column` of the columns that differ then. */
  readonly columns: readonly string[]
}

/** Where two recordings come apart, with both states in hand. */
export interface Comparison extends Divergence, SideBySide {
  /** Inputs before that step that only one of them has. */
  readonly inputs: { readonly a: readonly TimedInput[]; readonly b: readonly TimedInput[] }
}

/** Two runs where they come apart. */
export interface SideBySide {
  /** The states of the first step at which columns differ, or at all. */
  readonly apart: StatesApart | undefined
  /** The messages that the first agent which differs took in the step that led there. */
  readonly messages: MailApart | undefined
}

const nothingApart: SideBySide = { apart: undefined, messages: undefined }

/** Options of {@link diffRecordings}. */
export interface DiffOptions extends Pick<ReplayOptions, 'signal' | 'onProgress'> {
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
  if (left.first > right.steps || right.first > left.steps) {
    throw new MetabonkError({ code: 'usage', what: `the recordings have no step in common: ${left.first} to ${left.steps}, and ${right.first} to ${right.steps}`, where: `${a}, ${b}`, todo: 'compare the parts that have the same steps' })
  }
  const step = firstDifferentStep(left, right)
  const apart = step === undefined ? undefined : firstDifferentColumns(left, right, step)
  return {
    manifest: manifestDifferences(left.manifest, right.manifest),
    first: Math.max(left.first, right.first),
    stepsA: left.steps,
    stepsB: right.steps,
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
  if (step === undefined) return { ...divergence, ...nothingApart, inputs: { a: [], b: [] } }
  const runs = [await openRun(a, { world: options.worldA }), await openRun(b, { world: options.worldB })] as const
  const [left, right] = runs.map((run) => new Replica(run, hostKernels(), { cacheBytes: 0 })) as [Replica, Replica]
  const to = async (replica: Replica, at: number): Promise<void> => travelTo(replica, at, options)
  return { ...divergence, ...await sideBySide({ left, right, step, most: options.most ?? mostDefault, leftTo: (at) => to(left, at), rightTo: (at) => to(right, at) }), inputs: inputsApart(runs[0], runs[1], step) }
}

/** Two replicas, and how each gets to a step. */
interface Sides {
  readonly left: Replica
  readonly right: Replica
  readonly step: number
  readonly most: number
  readonly leftTo: (step: number) => Promise<void>
  readonly rightTo: (step: number) => Promise<void>
}

async function sideBySide({ left, right, step, most, leftTo, rightTo }: Sides): Promise<SideBySide> {
  const hasBefore = [left, right].every(({ run }) => step > run.recording.first)
  if (hasBefore) await Promise.all([leftTo(step - 1), rightTo(step - 1)])
  const [mailA, mailB] = hasBefore ? [mailOf(left.state), mailOf(right.state)] : [[], []]
  await leftTo(step)
  await rightTo(step)
  const apart = statesApart(left.state, right.state, most)
  const first = apart.values.at(0)
  return { apart, messages: first === undefined ? undefined : mailApart(mailA, mailB, first) }
}

function inputsApart(a: LoadedRun, b: LoadedRun, step: number): Comparison['inputs'] {
  const only = (own: LoadedRun, other: LoadedRun): TimedInput[] => {
    const known = new Set(other.inputs.map((each) => exactJson(each)))
    return own.inputs.filter((each) => each.step < step && !known.has(exactJson(each)))
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

/**
 * Where a recorded run comes apart from a run of another build of its world, or of other settings. Both states are there where the world as it
 * was recorded is at hand too; `a` is the recording.
 */
export interface WorldDivergence extends SideBySide {
  /** The first step whose state is another one; undefined when all are the same. */
  readonly step: number | undefined
  readonly steps: number
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
  const layout = layoutHash(programOf(run))
  if (layout !== recording.manifest.layout) {
    throw new MetabonkError({ code: 'recording-mismatch', what: `the state of this world lies otherwise in memory (layout ${layout}, recorded with ${recording.manifest.layout}): no hash of it can be the same`, where: path, todo: 'compare builds with the same kinds, columns and messages' })
  }
  const sameSettings = Object.keys(config).every((key) => Object.is(config[key], other.config[key]))
  if (!sameSettings && recording.first > 0) {
    throw new MetabonkError({ code: 'usage', what: `other settings count from init on, and this part of the run begins at step ${recording.first}`, where: path, todo: 'give its first part' })
  }
  const compare = sameSettings ? 'states' : 'columns'
  const spans = sameSettings ? spansBetween(recording, recording.first, recording.steps) : [{ from: -1, to: recording.steps }]
  const { results, seconds } = await replaySpans(run, { form: 'verify', first: true }, spans, { ...options, compare })
  const step = results.find((each) => each.mismatch !== undefined)?.mismatch
  if (step === undefined) return { step, steps: recording.steps, ...nothingApart, seconds }
  const sides = await sidesOf(run, step, compare, options)
  return { step, steps: recording.steps, ...sides, seconds }
}

async function sidesOf(run: LoadedRun, step: number, compare: ReplicaOptions['compare'], options: BisectOptions): Promise<SideBySide> {
  const left = await recordedReplica(run.path)
  if (left === undefined) return nothingApart
  const right = new Replica(run, hostKernels(), { cacheBytes: 0, compare })
  // Recorded keyframes hold the recorded settings.
  right.startAt(compare === 'columns' ? -1 : Math.max(originOf(run.recording), keyframeStepBefore(run.recording, step - 1)))
  const rightTo = (at: number): Promise<void> => {
    runApart(right, at)
    return Promise.resolve()
  }
  return sideBySide({ left, right, step, most: options.most ?? mostDefault, leftTo: (at) => travelTo(left, at, options), rightTo })
}

/** Runs to a state that is not the recorded one any more. */
function runApart(replica: Replica, step: number): void {
  try {
    replica.runTo(step)
  } catch (error) {
    if (!(error instanceof ReplayMismatch)) throw error
  }
}

/** The recorded world; undefined when it is not at hand any more. */
async function recordedReplica(path: string): Promise<Replica | undefined> {
  try {
    return new Replica(await openRun(path), hostKernels(), { cacheBytes: 0 })
  } catch (error) {
    if (error instanceof MetabonkError && ['recording-mismatch', 'world-not-found', 'config'].includes(error.code)) return undefined
    throw error
  }
}
