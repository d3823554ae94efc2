import { dirname, relative, resolve } from 'node:path'
import { hostCrc32, hostKernels, openFileSink, partsOfRun } from '../../runtime/host/index.ts'
import { compareInputs, copyHistory, MetabonkError, parseAssignment, RecordingWriter, type Input, type RecordingManifest, type TimedInput } from '../../runtime/index.ts'
import { recordedHash, stepWithin } from '../travel/opened-run.ts'
import { scopeOf } from '../travel/query.ts'
import { Replica } from '../travel/replica.ts'
import { checkWorldInput } from './check-input.ts'
import { matchingWorld, openRun, recordingInfo, type LoadedRun } from './recorded.ts'
import { liveOverride } from './resolve-config.ts'
import { goOn, type Onward, type ResumeOptions } from './resume.ts'
import { sourceFrom, type RunResult } from './run.ts'
import { travelTo } from './travel-to.ts'

/** Options of {@link forkRun}: what is other in the fork, from its first own step on. */
export interface ForkOptions extends ResumeOptions {
  /** The last state that both runs have in common. */
  readonly at: number
  /** File to record the fork to. */
  readonly record: string
  /** `key=value` texts: live settings. */
  readonly overrides?: readonly string[]
  /** `kind[row].column=value` texts. */
  readonly sets?: readonly string[]
  /** Inputs of the run that the fork does without, by place in its list of inputs. */
  readonly dropInputs?: readonly number[]
}

/**
 * Makes a run that shares the states up to a step with a recorded one and goes its own way from there: with other live settings,
 * other values, or without some of the inputs. Its recording is whole by itself. By default it runs as far as the recorded one did.
 * Throws `config` for a setting that is fixed at the start, `usage` for a value or an input that is not there.
 */
export async function forkRun(path: string, options: ForkOptions): Promise<RunResult> {
  const run = await openRun(path, options)
  const fork = await prepared(run, options)
  return goOn({ world: run, seed: fork.manifest.seed }, fork, { ...options, steps: fork.until })
}

/** A fork that is to be run: its recording holds what it shares with its parent. Plain data, so that another thread can have made it. */
export interface PreparedFork extends Onward {
  /** The recording it comes from, and what that says of itself. */
  readonly parent: string
  readonly manifest: RecordingManifest
  /** It ends before this step. */
  readonly until: number | undefined
}

/** Does all of {@link forkRun} that comes before its own steps: replays the parent, and writes what both share. Throws as that does. */
export async function prepareFork(path: string, options: Omit<ForkOptions, 'onLive'>): Promise<PreparedFork> {
  return prepared(await openRun(path, options), options)
}

/** Runs a fork that was prepared, with the options it was prepared with. Throws what running a world throws. */
export async function runFork(fork: PreparedFork, options: Omit<ForkOptions, 'at' | 'record'> = {}): Promise<RunResult> {
  const { parent, manifest, until } = fork
  return goOn({ world: await matchingWorld(parent, manifest, options.world), seed: manifest.seed }, fork, { ...options, steps: until })
}

async function prepared(run: LoadedRun, options: Omit<ForkOptions, 'onLive'>): Promise<PreparedFork> {
  const { path } = run
  const at = stepWithin(run, options.at)
  if (resolve(path) === resolve(options.record)) throw new MetabonkError({ code: 'usage', what: 'a fork can not be recorded over the run it comes from', where: path, todo: 'give it a file of its own: --record FILE' })
  const end = options.steps ?? Math.max(at + 1, endOf(run))
  const steps = end === Infinity ? undefined : end
  if (end <= at) throw new MetabonkError({ code: 'usage', what: `a fork at step ${at} can't end before step ${end}: it would have no step of its own`, todo: 'give --steps beyond it' })
  const replica = new Replica(run, hostKernels(), { cacheBytes: 0 })
  await travelTo(replica, at, options)
  const inputs = [...inputsKept(run, at, options.dropInputs ?? []), ...inputsAdded(run, replica, options)].sort(compareInputs)
  for (const input of inputs) checkWorldInput(run.definition, replica.state.program, input)
  writeHistory(run, inputs, { ...options, steps })
  return { parent: path, manifest: run.recording.manifest, record: options.record, after: at, from: replica.keyframe(), inputs, until: steps }
}

/** The last step of a run: where it was recorded in parts, that of the last one. */
function endOf({ path, recording }: LoadedRun): number {
  return recording.end?.next === undefined ? recording.steps : recordingInfo(partsOfRun(path).at(-1)?.path ?? path).steps
}

function inputsKept({ inputs, path }: LoadedRun, at: number, dropped: readonly number[]): TimedInput[] {
  for (const place of dropped) {
    const input = inputs.at(place)
    if (input === undefined || place < 0) throw new MetabonkError({ code: 'usage', what: `there is no input ${place}`, where: path, todo: inputs.length === 0 ? 'the run has none' : `its inputs are 0 to ${inputs.length - 1}; see metabonk info` })
    if (input.step < at) throw new MetabonkError({ code: 'usage', what: `input ${place} was taken before step ${input.step}, and the fork is at step ${at}`, where: path, todo: `fork at step ${input.step} or earlier` })
  }
  return inputs.filter((_, place) => !dropped.includes(place))
}

function inputsAdded(run: LoadedRun, replica: Replica, { at, overrides = [], sets = [] }: ForkOptions): TimedInput[] {
  // After those the run had at this step.
  const source = 1 + Math.max(0, ...run.inputs.filter((each) => each.step === at).map((each) => each.source))
  const settings = overrides.map((text): Input => ({ form: 'config', ...liveOverride(run.definition.config, text) }))
  return [...settings, ...valuesSet(run, replica, sets)].map((input, sequence) => ({ step: at, source, sequence, input }))
}

/** Inputs that set columns; those for elements of one vector go together. */
function valuesSet({ definition }: LoadedRun, { state }: Replica, sets: readonly string[]): Input[] {
  const vectors = new Map<string, number[]>()
  return sets.map((text): Input => {
    const { kind, kindIndex, row, column, element, value } = parseAssignment(text, scopeOf(state.program, definition))
    const table = state.tables[kindIndex]
    if (!table.isAlive(row)) throw new MetabonkError({ code: 'usage', what: `${kind.name} ${row} is not alive`, where: text, todo: 'name a live row' })
    if (element === undefined) return { form: 'set', kind: kind.name, row, column: column.name, value }
    const key = `${kind.name}[${row}].${column.name}`
    const list = vectors.get(key) ?? [...(table.get(table.column(column.name), row) as number[])]
    list[element] = value as number
    vectors.set(key, list)
    return { form: 'set', kind: kind.name, row, column: column.name, value: [...list] }
  })
}

/** Writes what the fork shares with its parent. */
function writeHistory({ path, recording, loaded }: LoadedRun, inputs: readonly TimedInput[], { at, record, steps, workers }: ForkOptions): void {
  const sink = openFileSink(record)
  const manifest = {
    ...recording.manifest,
    // A fork of a part begins where that does, and comes from it.
    follows: undefined,
    worldSource: sourceFrom(loaded, record),
    workers: workers ?? recording.manifest.workers,
    until: steps,
    parent: { recording: relative(dirname(resolve(record)), resolve(path)).replaceAll('\\', '/'), step: at, hash: recordedHash(recording, at) },
  }
  try {
    const writer = new RecordingWriter(sink, manifest, { crc32: hostCrc32 })
    copyHistory(recording, writer, at, inputs)
    for (const { name, mediaType } of recording.attachments) writer.attach(name, mediaType, recording.loadAttachment(name) ?? new Uint8Array())
    writer.closeIncomplete()
  } catch (error) {
    sink.discard()
    throw error
  }
}
