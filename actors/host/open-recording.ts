import { hostKernels } from '../../runtime/host/index.ts'
import { closest, MetabonkError, type RecordedTopic, type RecordingManifest, type TimedInput, type WorldSpace } from '../../runtime/index.ts'
import { readerOf, readEvent, type MessageOf, type RunEvent } from '../streams/index.ts'
import { goThrough } from '../travel/events.ts'
import { inputsOf, keyframeStepBefore, recordedHash, stepWithin } from '../travel/opened-run.ts'
import { Moments, type RecordedState } from '../travel/moment.ts'
import { recordedKinds, type RecordedKind } from '../travel/recorded-tables.ts'
import { Replica, type ReplicaOptions } from '../travel/replica.ts'
import { travelTo } from './travel-to.ts'
import { openRun, streamTopics, type LoadedRun, type ReplayOptions } from './recorded.ts'

/** Options of {@link openRecording}. */
export type OpenOptions = Pick<ReplicaOptions, 'cacheBytes'> & Pick<ReplayOptions, 'world'>

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
  private run: LoadedRun
  private readonly replica: Replica
  private readonly moments: Moments

  constructor(run: LoadedRun, options: OpenOptions) {
    const { recording } = run
    this.run = run
    this.path = run.path
    this.manifest = recording.manifest
    this.first = recording.first
    this.replica = new Replica(run, hostKernels(), options)
    this.moments = new Moments(this.replica)
  }

  /** The last step. */
  get steps(): number {
    return this.run.recording.steps
  }

  /** False for a torn file, and one that is being written: it holds its steps up to the last complete chunk. */
  get complete(): boolean {
    return this.run.recording.complete
  }

  /** Everything that came from outside, in canonical order. */
  get inputs(): readonly TimedInput[] {
    return this.run.inputs
  }

  /** Steps of the keyframes. */
  get keyframes(): readonly number[] {
    return this.run.recording.keyframes.map(({ step }) => step)
  }

  /** The file in which the run goes on, where it is recorded in parts and this one is not the last. */
  get next(): string | undefined {
    return this.run.recording.end?.next
  }

  /**
   * Reads what was recorded since it was opened, or read on last: of a run that is being recorded, its steps up to the last complete chunk, and its end when
   * that has come. Only what is new is read; states that are at hand stay so. Gives whether there was anything. Throws `recording-invalid` when
   * the file is not the one that was opened, only longer: then it is to be opened anew.
   */
  readOn(): boolean {
    const { recording, inputs } = this.run
    const isMore = recording.readOn()
    if (recording.inputs.length > inputs.length) {
      this.run = { ...this.run, inputs: inputsOf(recording) }
      this.replica.readOn(this.run)
    }
    return isMore
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
  async seek(step: number, options: Pick<ReplayOptions, 'signal' | 'onProgress'> & Pick<WalkOptions, 'drawn'> = {}): Promise<RecordedState> {
    await travelTo(this.replica, step, options)
    return this.here(options.drawn)
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

  private here(drawn = false): RecordedState {
    const { replica, run } = this
    const { step, hash, state } = replica
    return this.moments.at({
      step,
      hash,
      keyframeStep: Math.max(0, keyframeStepBefore(run.recording, step)),
      keyframe: () => replica.keyframe(),
      check: () => {
        if (replica.step === step && replica.state === state) return
        throw new MetabonkError({ code: 'usage', what: `the state of step ${step} is gone: the run has moved to step ${replica.step}`, where: run.path, todo: 'ask for stateAt again, or open the recording twice' })
      },
      checkDrawn: () => {
        if (!drawn) throw new MetabonkError({ code: 'usage', what: `what was seen at step ${step} is not there`, where: run.path, todo: 'ask for states({ drawn: true })' })
      },
    })
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

/**
 * Opens a recording with its world. Throws `recording-*` errors, and `world-not-found` when the world's file is not where the
 * recording says.
 */
export async function openRecording(path: string, options: OpenOptions = {}): Promise<RecordedRun> {
  return new RecordedRun(await openRun(path, options), options)
}
