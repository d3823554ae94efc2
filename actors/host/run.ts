import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  compiledModule,
  coreCount,
  createPool,
  FaultBoard,
  packageRoot,
  type RecorderReport,
  type RecorderTask,
  type ThreadPool,
} from '../../runtime/host/index.ts'
import {
  Control,
  controlShape,
  createFeed,
  createSharedMemory,
  contractVersion,
  hashHex,
  layoutHash,
  limits,
  MetabonkError,
  phaseNames,
  stopFeed,
  worldColumns,
  type ErrorParts,
  type FsyncPolicy,
  type Program,
  type RecordingManifest,
  type SharedMemory,
  type TimedInput,
} from '../../runtime/index.ts'
import { executorOf, type Executor } from '../statechart/index.ts'
import { checkedChannels, type StreamChannel } from '../streams/index.ts'
import { buildProgram } from '../world/program.ts'
import { checkWorldInput } from './check-input.ts'
import type { SimulationOutcome, SimulationTask } from './task.ts'
import { WatchedRun, type LiveRun } from './live-run.ts'
import type { LoadedWorld } from './load-world.ts'
import { KeyframePace } from './keyframe-pace.ts'
import { checkRecordingOptions, type RecordingOptions } from './recording-options.ts'
import type { PreparedWorld } from './prepare.ts'

/** Options of {@link runWorld}. */
export interface RunOptions extends RecordingOptions {
  readonly world: PreparedWorld
  readonly seed: number
  /** Simulation threads. Default: the cores. Never changes a result. */
  readonly workers?: number
  /** The run ends before this step; without it, when `signal` aborts. */
  readonly steps?: number
  /** Looks for foreign writes and order dependence; runs on one thread. */
  readonly check?: boolean
  /** How machines run: `interpreted` is XState itself, slow and with the same bits. Default `compiled`, and with `check` `watched`. */
  readonly machines?: Executor
  readonly inputs?: readonly TimedInput[]
  /** Aborting stops at the next step boundary and leaves a complete recording. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: RunProgress) => void
  /** Seconds a thread may take over its part of a step before it is named as stuck. Default 30. */
  readonly stallSeconds?: number
  /** Goes on with the recording `record`, whose last state, of this step, is `from`; it holds the inputs already. */
  readonly goOn?: number
  /** When what is recorded reaches the disk. Default `never`: when the system likes. */
  readonly fsync?: FsyncPolicy
  /** What is recorded beside hashes, inputs and keyframes, by topic. Never changes a hash. */
  readonly channels?: readonly StreamChannel[]
  /** Ed25519 private key, PEM, to sign the recording with. */
  readonly signKey?: string
  /** Keyframe to start from. */
  readonly from?: Uint8Array
  /** Hashes to compare with: two u32 a step from step `first`. */
  readonly expected?: { readonly first: number; readonly roots: Uint32Array } | undefined
  readonly wantState?: boolean
  /** Called before the first step of a world with cameras, with the memory that its frames lie in: for readers in other threads. */
  readonly onFrames?: (memory: SharedArrayBuffer) => void
  /** Called once before the first step, with a handle on the run: to look at it, to hold it, to change it. */
  readonly onLive?: (run: LiveRun) => void
}

/** How far a run is. */
export interface RunProgress {
  readonly step: number
  readonly steps: number | undefined
  readonly seconds: number
}

/** How a run went. */
export interface RunResult {
  readonly outcome: SimulationOutcome
  readonly seconds: number
  /** Simulation threads it ran on. */
  readonly workers: number
  /** Hash of the last state, 16 hex digits. */
  readonly finalHash: string
  /** The file it is recorded in; in parts, that of the last one. */
  readonly recording: string | undefined
  /** The files of the parts that are there, in their order; one where it was not recorded in parts. */
  readonly parts: readonly string[]
}

interface Launch {
  readonly options: RunOptions
  readonly program: Program
  readonly memory: SharedMemory
  readonly control: Control
  readonly workers: number
  readonly faults: SharedArrayBuffer
  readonly feed: SharedArrayBuffer | undefined
  readonly channels: readonly StreamChannel[]
  readonly live: WatchedRun | undefined
}

const progressMillis = 100

/** Versions a recording names. */
export function packageVersions(): RecordingManifest['versions'] {
  const require = createRequire(import.meta.url)
  const read = (path: string): string => (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
  return { metabonk: read(join(packageRoot, 'package.json')), xstate: read(require.resolve('xstate/package.json')), node: process.versions.node }
}

/** Where a recording finds its world: a built-in name, or the way from the recording's folder. */
export function sourceFrom(loaded: LoadedWorld, record: string | undefined): string {
  if (loaded.kind === 'builtin' || record === undefined) return loaded.source
  return relative(dirname(resolve(record)), loaded.path).replaceAll('\\', '/')
}

/** What a recording says of the run it holds. */
function manifestOf({ options, program, workers }: Launch): RecordingManifest {
  const { loaded } = options.world
  return {
    contract: contractVersion,
    world: program.name,
    worldSource: sourceFrom(loaded, options.record),
    codeHash: loaded.codeHash,
    config: program.config,
    seed: program.seed,
    stepMillis: program.stepMillis === 0 ? 1 : program.stepMillis,
    layout: layoutHash(program),
    columns: worldColumns(program).map(({ kind, column }) => ({ kind, column })),
    versions: packageVersions(),
    workers,
    ...(options.steps === undefined ? {} : { until: options.steps }),
  }
}

function workersOf(options: RunOptions): number {
  const workers = options.workers ?? (options.check === true ? 1 : coreCount())
  if (options.check === true && workers !== 1) throw new MetabonkError({ code: 'usage', what: `a check can't run on ${workers} workers`, todo: 'leave the number out: a check runs on one, block by block' })
  if (Number.isInteger(workers) && workers >= 1 && workers <= limits.workersMax) return workers
  throw new MetabonkError({ code: 'usage', what: `${workers} workers can't run a world`, todo: `give 1 to ${limits.workersMax}` })
}

function recordedChannels({ channels = [], record }: RunOptions, program: Program): StreamChannel[] {
  const checked = checkedChannels(channels, program)
  if (checked.length === 0 || record !== undefined) return checked
  throw new MetabonkError({ code: 'usage', what: 'channels are part of a recording, and this run is not recorded', where: 'channels', todo: 'record it, or leave them out' })
}

function launch(options: RunOptions): Launch {
  checkRecordingOptions(options)
  const workers = workersOf(options)
  const program = buildProgram(options.world.definition, { seed: options.seed, config: options.world.config, machines: executorOf({ machines: options.machines, check: options.check }) })
  for (const input of options.inputs ?? []) checkWorldInput(options.world.definition, program, input)
  const memory = createSharedMemory(program, workers)
  if (program.stages.some(({ name }) => name === 'render')) options.onFrames?.(memory.stages)
  const control = new Control(memory.control, controlShape(program, workers))
  const feed = options.record === undefined ? undefined : createFeed(undefined, options.fsync)
  const { world, onLive, record: recording, steps: until } = options
  return {
    options,
    program,
    memory,
    workers,
    control,
    faults: FaultBoard.createMemory(workers),
    feed,
    channels: recordedChannels(options, program),
    live: onLive === undefined ? undefined : new WatchedRun({ world, program, memory, control, feed, recording, until }),
  }
}

function taskOf(started: Launch, index: number): SimulationTask {
  const { options, workers } = started
  const expected = options.expected === undefined ? undefined : { first: options.expected.first, roots: new SharedArrayBuffer(options.expected.roots.byteLength) }
  if (expected !== undefined && options.expected !== undefined) new Uint32Array(expected.roots).set(options.expected.roots)
  return {
    index,
    world: options.world.loaded,
    seed: options.seed,
    config: options.world.config,
    memory: started.memory,
    faults: started.faults,
    wait: { spins: workers <= coreCount() ? limits.barrierSpins : 0, stallSlices: stallSlicesOf(options) },
    feed: started.feed,
    until: options.steps ?? Number.MAX_SAFE_INTEGER,
    inputs: options.inputs ?? [],
    from: options.from,
    expected,
    check: options.check ?? false,
    machines: executorOf({ machines: options.machines, check: options.check }),
    wantState: options.wantState ?? false,
    goesOn: options.goOn !== undefined,
    channels: started.channels,
    live: index === 0 ? started.live?.task : undefined,
  }
}

function stallSlicesOf(options: RunOptions): number {
  return Math.ceil(((options.stallSeconds ?? (limits.stallSlices * limits.waitSliceMillis) / 1000) * 1000) / limits.waitSliceMillis)
}

/** Starts the recorder's thread. */
function startRecorder(started: Launch, pool: ThreadPool): Promise<RecorderReport> | undefined {
  const { feed, options } = started
  if (feed === undefined || options.record === undefined) return undefined
  const task: RecorderTask = { feed, path: options.record, manifest: manifestOf(started), resumeAfter: options.goOn, signKey: options.signKey, rotate: options.rotate }
  return pool.run<RecorderReport>(compiledModule('runtime/host/recorder.worker'), task)
}

/** A thread that ended although the run had not: the others must not wait for it. */
function watchThread(started: Launch, index: number, task: Promise<unknown>): Promise<ErrorParts | undefined> {
  return task.then(
    () => undefined,
    (error: unknown): ErrorParts => {
      started.control.abandon()
      if (error instanceof MetabonkError) return error.toParts()
      const own = error as { code?: unknown; message?: unknown; toParts?: unknown; what?: unknown; where?: string; todo?: string }
      if (typeof own.what === 'string' && typeof own.code === 'string') return { code: own.code as ErrorParts['code'], what: own.what, where: own.where, todo: own.todo }
      return { code: 'worker-dead', what: `worker ${index} ended: ${String(own.message ?? error)}`, where: `step ${started.control.step}`, todo: 'the recording is complete up to the last step' }
    },
  )
}

/** Reports progress and passes a stop on; the one place of a run that looks at the wall clock. */
function watchRun(started: Launch, begin: number): () => void {
  const { options, control } = started
  const stop = (): void => {
    control.requestStop()
  }
  options.signal?.addEventListener('abort', stop)
  if (options.signal?.aborted === true) stop()
  const pace = new KeyframePace(control, started.workers, options.seekBudgetMillis)
  const timer = setInterval(() => {
    pace.measure(performance.now())
    options.onProgress?.({ step: control.sealedStep, steps: options.steps, seconds: (performance.now() - begin) / 1000 })
  }, progressMillis)
  return () => {
    clearInterval(timer)
    options.signal?.removeEventListener('abort', stop)
    options.onProgress?.({ step: control.sealedStep, steps: options.steps, seconds: (performance.now() - begin) / 1000 })
  }
}

/** Time for the other threads to end after a fault. */
const threadGraceMillis = 500
/** Grace for a stuck coordinator before the host gives the run up. */
const coordinatorGraceMillis = 2_000

/** The host's own watch over the coordinator, which watches the others: resolves when it makes no progress for too long. */
function watchCoordinator(started: Launch): { readonly stuck: Promise<ErrorParts>; stop(): void } {
  const { control, options } = started
  const patience = stallSlicesOf(options) * limits.waitSliceMillis + coordinatorGraceMillis
  let last = -1
  let since = performance.now()
  let timer: NodeJS.Timeout | undefined
  const stuck = new Promise<ErrorParts>((resolve) => {
    timer = setInterval(() => {
      const now = control.progress
      if (now !== last || control.held) {
        last = now
        since = performance.now()
      } else if (performance.now() - since > patience) {
        resolve({ code: 'worker-stuck', what: 'the coordinator does not finish its part of the step', where: `step ${control.step}, ${phaseOf(started)}`, todo: 'look for an endless loop there, or raise the stall limit' })
      }
    }, limits.waitSliceMillis)
  })
  return {
    stuck,
    stop: () => {
      clearInterval(timer)
    },
  }
}

function phaseOf({ control, program }: Launch): string {
  return phaseNames(program)[control.phaseOf(0)]
}

/** The threads of a run at work. */
interface Crew {
  readonly begin: number
  readonly recorder: Promise<RecorderReport> | undefined
  readonly coordinator: Promise<SimulationOutcome>
  readonly others: readonly Promise<unknown>[]
}

function startThreads(started: Launch, pool: ThreadPool): Crew {
  const begin = performance.now()
  const recorder = startRecorder(started, pool)
  const entry = compiledModule('actors/host/simulation.worker')
  const coordinator = pool.run<SimulationOutcome>(entry, taskOf(started, 0), started.live === undefined ? [] : [started.live.task.port])
  const others = Array.from({ length: started.workers - 1 }, (_, i) => pool.run(entry, taskOf(started, i + 1)))
  return { begin, recorder, coordinator, others }
}

/** Waits until all threads are done. Throws the error that ended the run. */
async function awaitEnd(started: Launch, { begin, recorder, coordinator, others }: Crew, stuck: Promise<ErrorParts>): Promise<RunResult> {
  const deaths = others.map((task, i) => watchThread(started, i + 1, task))
  const ended = await Promise.race([settleOutcome(coordinator, started), stuck])
  const seconds = (performance.now() - begin) / 1000
  if (started.feed !== undefined) stopFeed(started.feed)
  const recorded = await recorder
  if ('code' in ended) throw new MetabonkError(ended)
  // After a fault a stuck thread never ends by itself.
  const all = Promise.all(deaths)
  const dead = (ended.error === undefined ? await all : await Promise.race([all, delay(threadGraceMillis, [], { ref: false })])).find((each) => each !== undefined)
  const error = firstError(ended, dead, recorded)
  if (error !== undefined) throw new MetabonkError(error)
  return { outcome: ended, seconds, workers: started.workers, finalHash: hashHex(ended.hash.low, ended.hash.high), recording: recorded?.paths.at(-1), parts: recorded?.paths ?? [] }
}

/**
 * Runs a world on simulation threads, recorded or not, and returns when it has ended. The calling thread only watches:
 * it stays free for signals and screens. Throws the error that ended the run; what was recorded until then is complete.
 */
export async function runWorld(options: RunOptions): Promise<RunResult> {
  const started = launch(options)
  const { live, control } = started
  if (live !== undefined) options.onLive?.(live)
  const pool = await createPool(started.workers + (started.feed === undefined ? 0 : 1))
  const crew = startThreads(started, pool)
  const unwatch = watchRun(started, crew.begin)
  const watch = watchCoordinator(started)
  try {
    const result = await awaitEnd(started, crew, watch.stuck)
    live?.end(control.stopRequested ? 'stopped' : 'finished', true)
    return result
  } catch (error) {
    live?.end(error instanceof Error ? error.message : String(error), false)
    throw error
  } finally {
    watch.stop()
    unwatch()
    await pool.destroy()
  }
}

async function settleOutcome(coordinator: Promise<SimulationOutcome>, started: Launch): Promise<SimulationOutcome | ErrorParts> {
  let outcome: SimulationOutcome | undefined
  const failed = await watchThread(
    started,
    0,
    coordinator.then((value) => {
      outcome = value
    }),
  )
  return failed ?? (outcome as SimulationOutcome)
}

function firstError(outcome: SimulationOutcome, dead: ErrorParts | undefined, recorded: RecorderReport | undefined): ErrorParts | undefined {
  if (recorded?.error !== undefined) return recorded.error
  if (dead !== undefined && (outcome.error === undefined || outcome.error.code === 'worker-dead')) return dead
  return outcome.error
}
