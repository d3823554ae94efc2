import { frameOf, type Frame } from '../../compositor/index.ts'
import { hostKernels } from '../../runtime/host/index.ts'
import { closest, loadRow, MetabonkError, type KindTable, type RecordedTopic, type RecordingManifest, type SharedState, type TimedInput, type WorldSpace } from '../../runtime/index.ts'
import { stateCounts, type KindStates } from '../statechart/index.ts'
import { readerOf, readEvent, type MessageOf, type RunEvent } from '../streams/index.ts'
import { goThrough } from '../travel/events.ts'
import { keyframeStepBefore, recordedHash, stepWithin } from '../travel/opened-run.ts'
import { mailOf, type Letter } from '../travel/mail.ts'
import { recordedKinds, recordedObservations, recordedTable, type RecordedKind, type RecordedTable } from '../travel/recorded-tables.ts'
import { Replica, type ReplicaOptions } from '../travel/replica.ts'
import { summarise } from '../world/summary.ts'
import { travelTo } from './travel-to.ts'
import { openRun, streamTopics, type LoadedRun, type ReplayOptions } from './recorded.ts'

/** Options of {@link openRecording}. */
export type OpenOptions = Pick<ReplicaOptions, 'cacheBytes'> & Pick<ReplayOptions, 'world'>

/** A moment of a recorded run: valid until its run is asked for another one. */
export interface RecordedState {
  readonly step: number
  readonly hash: string
  /** Step of the keyframe before it; 0 for `init`. */
  readonly keyframeStep: number
  readonly report: Readonly<Record<string, number>>
  /** Live agents by kind. */
  readonly agents: Readonly<Record<string, number>>
  /** All columns of a live row, as people write their values. Throws `usage` when there is no such agent. */
  agent(kind: string, row: number): Record<string, unknown>
  /** How many agents are in each state of their machine, for every kind that has one. */
  states(): KindStates[]
  /** The whole state as bytes. */
  keyframe(): Uint8Array
  /** All agents of a kind where they lie: nothing is copied. Throws `usage` when there is no such kind. */
  table(kind: string): RecordedTable
  /** The messages that this state holds, in canonical order: the next step delivers them. */
  mail(): Letter[]
  /** What the policy of a kind took in at this step: f32 [rowsMax, ...shape]. Only of a state that was asked for `drawn`; throws `usage`. */
  observations(kind: string): Float32Array
  /** What the camera of an agent saw at this step. Only of a state that was asked for `drawn`; throws `usage`. */
  picture(kind: string, row: number): Frame
}

/** Which states of a run to go through, and how. */
export interface WalkOptions extends Pick<ReplayOptions, 'signal' | 'onProgress'> {
  /** The first one. Default: the first of the recording. */
  readonly from?: number | undefined
  /** None after this one. Default: the last. */
  readonly to?: number | undefined
  /** How many steps lie from one to the next. Default 1. */
  readonly every?: number | undefined
  /** Observations and pictures shall be there too. */
  readonly drawn?: boolean
}

/** A recorded run, at any of its steps again. */
export class RecordedRun {
  readonly path: string
  readonly manifest: RecordingManifest
  /** The first step: 0, unless it is a part of a run that follows another one. */
  readonly first: number
  /** The last step. */
  readonly steps: number
  /** False for a torn file: it holds its steps up to the last complete chunk. */
  readonly complete: boolean
  /** Everything that came from outside, in canonical order. */
  readonly inputs: readonly TimedInput[]
  private readonly run: LoadedRun
  private readonly replica: Replica
  private tables: { readonly state: SharedState | undefined; readonly of: Map<KindTable, RecordedTable> } = { state: undefined, of: new Map() }

  constructor(run: LoadedRun, options: OpenOptions) {
    const { recording } = run
    this.run = run
    this.path = run.path
    this.manifest = recording.manifest
    this.first = recording.first
    this.steps = recording.steps
    this.complete = recording.complete
    this.inputs = run.inputs
    this.replica = new Replica(run, hostKernels(), options)
  }

  /** Channels it has beside hashes, inputs and keyframes, with the schema of their messages. */
  get topics(): readonly RecordedTopic[] {
    return streamTopics(this.run.recording)
  }

  /**
   * Messages of a topic from step `from` to `to`, both included, in the order of recording: those of our own topics and of JSON as what
   * they mean, others as bytes. Throws `usage` for a topic that is not there, `recording-invalid` for a message that is not of its schema.
   */
  messages<T extends string>(topic: T, from = this.first, to = this.steps): Iterable<MessageOf<T>> {
    const { topics } = this
    const found = topics.find((each) => each.topic === topic)
    if (found === undefined) throw noTopic(this.path, topic, topics)
    const read = readerOf(found, this.replica.state.program)
    return mapped(this.run.recording.messages(topic, from, to), (message) => read(message) as MessageOf<T>)
  }

  /**
   * What happened from step `from` to `to`, both included: inputs, births and deaths, rewards, ends of episodes. Read from the channel `logs` where that was
   * recorded; else from a replay of its own in this thread, with the same lines. Throws `usage` for steps that were not recorded.
   */
  events(from = this.first, to = this.steps): Iterable<RunEvent> {
    const { run } = this
    for (const step of [from, to]) stepWithin(run, step)
    if (this.topics.some((each) => each.topic === 'logs')) return mapped(run.recording.messages('logs', from, to), readEvent)
    return replayed(run, from, to)
  }

  /** The recorded hash of the state at a step: 16 hex digits. Nothing is replayed for it. */
  hashAt(step: number): string {
    return recordedHash(this.run.recording, stepWithin(this.run, step))
  }

  /**
   * The state at a step: from the nearest keyframe or state that was kept on an earlier way, replayed in this thread with every hash
   * compared. Throws `usage` for a step that was not recorded and `recording-mismatch` when the replay comes to another state.
   */
  stateAt(step: number): RecordedState {
    this.replica.moveTo(step)
    return this.here()
  }

  /** As {@link stateAt}; the calling thread gets to do other things on the way. Throws `stopped` when the signal ends it. */
  async seek(step: number, watch: Pick<ReplayOptions, 'signal' | 'onProgress'> = {}): Promise<RecordedState> {
    await travelTo(this.replica, step, watch)
    return this.here()
  }

  /**
   * The states of a stretch of the run, one after the other: each is valid until the next is asked for. The calling thread gets to do other
   * things on the way, and memory holds one state, however many there are. Throws as {@link seek} does, and `usage` for an empty stretch.
   */
  async *states(options: WalkOptions = {}): AsyncGenerator<RecordedState, void, void> {
    const { drawn = false, signal, onProgress } = options
    const { from, to, every } = stretchOf(this.run, options)
    const begin = performance.now()
    for (let step = from; step <= to; step += every) {
      await travelTo(this.replica, step, { drawn, signal, onProgress: ({ step: reached }) => onProgress?.({ step: reached, steps: to, seconds: (performance.now() - begin) / 1000 }) })
      yield this.here(drawn)
    }
  }

  /** Closes its file: nothing can be asked any more. A run that nobody refers to any more closes by itself, some time. */
  close(): void {
    this.run.recording.source.close?.()
  }

  /** The kinds of its world, in their order. */
  get kinds(): readonly RecordedKind[] {
    return recordedKinds(this.replica.state)
  }

  /** Where its agents live. */
  get space(): WorldSpace {
    return this.replica.state.program.space
  }

  /** Names of the numbers of its report. */
  get reports(): readonly string[] {
    return Object.keys(this.run.definition.report)
  }

  /** The table of a kind; made once for as long as the memory of the state stays. */
  private tableOf(state: SharedState, table: KindTable): RecordedTable {
    if (this.tables.state !== state) this.tables = { state, of: new Map() }
    const { of } = this.tables
    const made = of.get(table) ?? recordedTable(state, table)
    of.set(table, made)
    return made
  }

  private here(drawn = false): RecordedState {
    const { replica, run } = this
    const { step, state } = replica
    const here = (): readonly KindTable[] => {
      if (replica.step === step && replica.state === state) return state.tables
      throw new MetabonkError({ code: 'usage', what: `the state of step ${step} is gone: the run has moved to step ${replica.step}`, where: run.path, todo: 'ask for stateAt again, or open the recording twice' })
    }
    const seen = (): readonly KindTable[] => {
      if (drawn) return here()
      throw new MetabonkError({ code: 'usage', what: `what was seen at step ${step} is not there`, where: run.path, todo: 'ask for states({ drawn: true })' })
    }
    return {
      step,
      hash: replica.hash,
      keyframeStep: Math.max(0, keyframeStepBefore(run.recording, step)),
      ...summarise(run.definition, state),
      agent: (kind, row) => agentOf(here(), kind, row),
      states: () => here().flatMap((table) => stateCounts(state.program.behaviours[table.index], table)),
      keyframe: () => (here(), replica.keyframe()),
      table: (kind) => this.tableOf(state, tableNamed(here(), kind)),
      mail: () => (here(), mailOf(state)),
      observations: (kind) => {
        tableNamed(seen(), kind)
        return recordedObservations(state, kind)
      },
      picture: (kind, row) => frameOf(state.stages, tableNamed(seen(), kind).kind, row, step),
    }
  }
}

function* mapped<A, B>(values: Iterable<A>, map: (value: A) => B): Generator<B, void, void> {
  for (const value of values) yield map(value)
}

function* replayed(run: LoadedRun, from: number, to: number): Generator<RunEvent, void, void> {
  for (const { events } of goThrough(new Replica(run, hostKernels(), { cacheBytes: 0 }), { from, to })) yield* events
}

function noTopic(path: string, topic: string, topics: readonly RecordedTopic[]): MetabonkError {
  const names = topics.map((each) => each.topic)
  const near = closest(topic, names)
  const todo = near === undefined ? (names.length === 0 ? 'record some: metabonk run --channels' : `choose from ${names.join(', ')}`) : `did you mean ${near}?`
  return new MetabonkError({ code: 'usage', what: `the recording has no topic '${topic}'`, where: path, todo })
}

/** The steps to go through: from the first to the last, by a stride. Throws `usage` when there is none. */
function stretchOf(run: LoadedRun, { from = run.recording.first, to = run.recording.steps, every = 1 }: WalkOptions): { readonly from: number; readonly to: number; readonly every: number } {
  stepWithin(run, from)
  stepWithin(run, to)
  if (from > to) throw new MetabonkError({ code: 'usage', what: `there is no step from ${from} to ${to}`, where: run.path, todo: 'give a first step that is not after the last' })
  if (!(Number.isSafeInteger(every) && every >= 1)) throw new MetabonkError({ code: 'usage', what: `every ${every} steps is no stride`, todo: 'give a whole number from 1' })
  return { from, to, every }
}

function tableNamed(tables: readonly KindTable[], kind: string): KindTable {
  const table = tables.find((each) => each.kind.name === kind)
  if (table !== undefined) return table
  throw new MetabonkError({ code: 'usage', what: `there is no kind '${kind}'`, todo: `choose from ${tables.map((each) => each.kind.name).join(', ')}` })
}

function agentOf(tables: readonly KindTable[], kind: string, row: number): Record<string, unknown> {
  const table = tableNamed(tables, kind)
  if (!(row >= 0 && row < table.rows) || table.alive[row] !== 1) throw new MetabonkError({ code: 'usage', what: `${kind} ${row} is not alive`, todo: `${table.aliveCount} of ${table.rows} rows are` })
  return loadRow(table, row)
}

/**
 * Opens a recording with its world. Throws `recording-*` errors, and `world-not-found` when the world's file is not where the
 * recording says.
 */
export async function openRecording(path: string, options: OpenOptions = {}): Promise<RecordedRun> {
  return new RecordedRun(await openRun(path, options), options)
}
