import {
  Abandoned,
  BlockChecker,
  Coordinator,
  FeedProducer,
  hashHex,
  MetabonkError,
  type Journal,
  type RunEvents,
  type SharedState,
} from '../../runtime/index.ts'
import type { FaultBoard } from '../../runtime/host/index.ts'
import { FrameGate, type GateEvents } from '../../compositor/index.ts'
import { ServiceBoard, startServiceActors, type ServiceActors } from '../service/index.ts'
import { Streams } from '../streams/index.ts'
import { summarise } from '../world/summary.ts'
import type { WorldDefinition } from '../world/define.ts'
import { LiveDesk } from './live-desk.ts'
import { locateInWorld, type LoadedWorld } from './load-world.ts'
import type { SimulationOutcome, SimulationTask } from './task.ts'

/** What goes along with a coordinator. */
interface Companions {
  readonly journal: Journal | undefined
  readonly services: ServiceActors
  readonly gate: FrameGate | undefined
  readonly desk: LiveDesk | undefined
}

interface CoordinationParts {
  readonly task: SimulationTask
  readonly world: WorldDefinition
  readonly state: SharedState
  readonly faults: FaultBoard
}

/** Stops a verification at the first hash that differs. */
class Mismatch extends Error {
  override readonly name = 'Mismatch'
  readonly step: number

  constructor(step: number) {
    super(`the hash of step ${step} differs`)
    this.step = step
  }
}

/** Compares instead of recording. */
class Comparison implements Journal {
  private readonly first: number
  private readonly roots: Uint32Array

  constructor({ first, roots }: NonNullable<SimulationTask['expected']>) {
    this.first = first
    this.roots = new Uint32Array(roots)
  }

  hash(step: number, low: number, high: number): void {
    const at = 2 * (step - this.first)
    if (at + 1 >= this.roots.length) return
    if (this.roots[at] !== low || this.roots[at + 1] !== high) throw new Mismatch(step)
  }

  input(): void {
    // Inputs were taken from the recording: there is nothing to compare.
  }
}

/** Records a run, and its streams before each hash. */
export class Recorder implements Journal {
  readonly streams: Streams | undefined
  private readonly feed: FeedProducer

  constructor(feed: FeedProducer, streams: Streams | undefined) {
    this.feed = feed
    this.streams = streams
  }

  sealed(step: number): void {
    this.streams?.write(step)
  }

  // eslint-disable-next-line max-params -- the form of a journal, which is called every step
  hash(step: number, low: number, high: number, changed: Uint32Array, count: number): void {
    this.feed.hash(step, low, high, changed, count)
  }

  plan(step: number, sequence: number, bytes: Uint8Array): void {
    this.feed.input(step, sequence, bytes)
  }

  input(step: number, sequence: number, bytes: Uint8Array): void {
    this.streams?.input(step, sequence, bytes)
  }

  keyframe(step: number, bytes: Uint8Array): void {
    this.feed.keyframe(step, bytes)
  }
}

function journalOf({ task, world, state }: CoordinationParts, feed: FeedProducer | undefined): Journal | undefined {
  const { expected, channels } = task
  if (feed === undefined) return expected === undefined ? undefined : new Comparison(expected)
  return new Recorder(feed, channels.length === 0 ? undefined : new Streams(channels, world, state))
}

/** What an error of a step means to its reader: our own errors as they are, a world's with the place in its file. */
export function asMetabonkError(error: unknown, world: LoadedWorld, step: number): MetabonkError {
  const place = locateInWorld(error, world)
  const where = place === undefined ? `step ${step}` : `step ${step}, ${place}`
  if (error instanceof MetabonkError) {
    if (error.where?.includes('step ') === true || error.code === 'worker-stuck') return error
    return new MetabonkError({ ...error.toParts(), where: error.where === undefined ? where : `${where}, ${error.where}`, cause: error })
  }
  const text = error instanceof Error ? error.message : String(error)
  return new MetabonkError({ code: 'world-threw', what: `the world threw: ${text}`, where, todo: 'mend the world file, or look at the state before with metabonk seek', cause: error })
}

/** Shows the frames of every step to those who look at them; undefined in a world without cameras. */
function gateOf({ state }: CoordinationParts, { frames }: ServiceActors): FrameGate | undefined {
  const { control, program, stages } = state
  if (!program.stages.some(({ name }) => name === 'render')) return undefined
  const events: GateEvents = {
    shown: (step) => {
      frames.shown(step)
    },
    stalled: (step, reader) => {
      control.held = true
      frames.stalled(step, reader)
    },
    resumed: (step) => {
      control.held = false
      frames.resumed(step)
    },
  }
  return new FrameGate(stages, events, () => control.stopRequested)
}

function eventsOf(services: ServiceActors, gate: FrameGate | undefined): RunEvents {
  return {
    ...services.events,
    recovered: (step) => {
      services.events.recovered?.(step)
      gate?.recovered()
    },
  }
}

function coordinatorOf({ task, state, faults }: CoordinationParts, { journal, services, gate, desk }: Companions): Coordinator {
  const coordinator: Coordinator = new Coordinator(state, {
    wait: task.wait,
    journal,
    events: eventsOf(services, gate),
    shown: gate === undefined ? undefined : (step) => {
      gate.show(step)
    },
    inputs: task.inputs,
    checker: task.check ? (lane) => new BlockChecker(lane) : undefined,
    faultOf: (lane) => faults.read(lane),
    asked: desk === undefined ? undefined : (isRung): boolean => desk.serve(coordinator, isRung),
  })
  return coordinator
}

/** What those who watch the run are served by; nothing where nobody does. */
function watchersOf({ task: { live }, world, state }: CoordinationParts, feed: FeedProducer | undefined): { readonly board: ServiceBoard | undefined; readonly desk: LiveDesk | undefined } {
  if (live === undefined) return { board: undefined, desk: undefined }
  return { board: new ServiceBoard(live.board), desk: new LiveDesk(live.port, { state, definition: world }, feed) }
}

/** Sources of a world's file travel with its recording. */
function attachSources(feed: FeedProducer, world: LoadedWorld): void {
  if (world.kind !== 'bundle') return
  for (const source of world.sources) feed.attach(source.path, source.mediaType, source.bytes)
}

/** The coordinator's thread: runs the director until the end, a stop, or an error; always reports. */
export function coordinate(parts: CoordinationParts): SimulationOutcome {
  const { task, world, state } = parts
  const feed = task.feed === undefined ? undefined : new FeedProducer(task.feed)
  const journal = journalOf(parts, feed)
  const streams = journal instanceof Recorder ? journal.streams : undefined
  const { board, desk } = watchersOf(parts, feed)
  const services = startServiceActors({ recorded: task.feed !== undefined, stages: state.program.stages.map((stage) => stage.name), board })
  const gate = gateOf(parts, services)
  const coordinator = coordinatorOf(parts, { journal, services, gate, desk })
  const ended = attempt(() => {
    if (feed !== undefined && !task.goesOn) attachSources(feed, task.world)
    if (feed !== undefined) streams?.declare(feed)
    if (task.from === undefined) {
      coordinator.start()
      // What is wrong with a report is told before the run, not after it.
      if (task.expected === undefined) summarise(world, state)
    } else {
      coordinator.restore(task.from)
      services.events.started?.(coordinator.step)
      streams?.pass(coordinator.step)
    }
    coordinator.runTo(task.until)
  })
  coordinator.quit()
  gate?.end()
  const error = ended === undefined || ended instanceof Mismatch ? undefined : asMetabonkError(ended, task.world, state.control.step)
  services.stopped(state.control.sealedStep, error)
  closeFeed(feed, coordinator, error)
  return {
    step: state.control.sealedStep,
    hash: { ...coordinator.hash },
    mismatch: ended instanceof Mismatch ? ended.step : undefined,
    state: task.wantState && error === undefined ? coordinator.keyframe() : undefined,
    error: error?.toParts(),
    ...(error === undefined ? summaryOf(parts) : noSummary),
  }
}

const noSummary = { report: {}, agents: {}, reportError: undefined }

/** The summary of the last state. A report that throws takes nothing away from the run. */
function summaryOf({ task, world, state }: CoordinationParts): Pick<SimulationOutcome, 'report' | 'agents' | 'reportError'> {
  try {
    return { ...summarise(world, state), reportError: undefined }
  } catch (error) {
    return { ...noSummary, reportError: asMetabonkError(error, task.world, state.control.step).toParts() }
  }
}

/** What comes of a run whose world could not even be set up in the coordinator's thread. */
export function failedOutcome(task: SimulationTask, error: unknown): SimulationOutcome {
  return { step: 0, hash: { low: 0, high: 0 }, mismatch: undefined, state: undefined, error: asMetabonkError(error, task.world, 0).toParts(), ...noSummary }
}

function closeFeed(feed: FeedProducer | undefined, { state, hash }: Coordinator, error: MetabonkError | undefined): void {
  if (feed === undefined || error?.code === 'disk') return
  feed.close({ steps: state.control.sealedStep, finalHash: hashHex(hash.low, hash.high), reason: error?.message ?? (state.control.stopRequested ? 'stopped' : 'finished') })
}

function attempt(run: () => void): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof Abandoned) return new MetabonkError({ code: 'worker-dead', what: 'the run was given up because a thread ended', todo: 'see the error of that thread' })
    return error ?? new Error('undefined was thrown')
  }
}
