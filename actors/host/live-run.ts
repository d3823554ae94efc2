import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { setTimeout as delay } from 'node:timers/promises'
import { newestFrameOf } from '../../compositor/index.ts'
import { hostKernels } from '../../runtime/host/index.ts'
import {
  attachShared,
  createSharedMemory,
  hashHex,
  isFeedTaken,
  MetabonkError,
  Mirror,
  phaseNames,
  writeKeyframe,
  type Control,
  type Input,
  type Program,
  type SharedMemory,
  type SharedState,
  type WorldSpace,
} from '../../runtime/index.ts'
import { ServiceBoard, type ServiceActorState } from '../service/index.ts'
import { Moments, type RecordedState } from '../travel/moment.ts'
import { recordedKinds, type RecordedKind } from '../travel/recorded-tables.ts'
import { checkWorldInput } from './check-input.ts'
import type { LiveAnswer, LiveRequest, LiveStops } from './live-desk.ts'
import { LivePace } from './live-pace.ts'
import { LiveWatch, type LiveStop, type LiveVitals } from './live-vitals.ts'
import type { PreparedWorld } from './prepare.ts'

/** What stays the same while a run goes on. */
export interface LiveProgram {
  readonly kinds: readonly RecordedKind[]
  readonly space: WorldSpace
  /** Names of what a thread can be doing; the first is waiting. */
  readonly phases: readonly string[]
  readonly stepMillis: number
  /** Names of the numbers of its report. */
  readonly reports: readonly string[]
}

/** A run while it goes on, as its host sees it. Nothing of it changes a result but `send`. */
export interface LiveRun {
  readonly world: PreparedWorld
  readonly seed: number
  readonly workers: number
  /** The path it was asked to record to. */
  readonly recording: string | undefined
  /** The run ends before this step. */
  readonly until: number | undefined
  readonly program: LiveProgram
  /**
   * The newest whole state, copied at a step boundary: valid until the next one is asked for. One at a time: who asks meanwhile gets the same. After the run has
   * ended its last state; when it has failed the last one copied, and `usage` where there is none. Its pictures are the newest there are, perhaps of a later step; it
   * has no observations.
   */
  sample(): Promise<RecordedState>
  /** How it is doing. Costs the run nothing. */
  vitals(): LiveVitals
  /** Holds the run at its next step boundary for somebody, who calls himself by a number; or lets it go on, whoever held it, also from a breakpoint. */
  setPaused(paused: boolean, by?: number): void
  /** Takes back a pause of somebody. Pauses of others and breakpoints hold the run still. */
  release(by: number): void
  /** Lets a paused run go on for so many steps, or up to a breakpoint before; one that stood at a breakpoint is paused by him from then on. Throws `usage` when it is not paused. */
  step(steps: number, by?: number): void
  /** Holds it to so many steps a second; undefined for as fast as it can. Throws `usage` for what is no pace. */
  setPace(stepsPerSecond: number | undefined): void
  /**
   * Has the run stop at each step boundary at which a condition holds, from the one on where this is set: it is paused there and `vitals` tells its step.
   * Everybody has one breakpoint, and calls himself by a number; undefined takes it away, and a run that stands there stays. It is evaluated by the run
   * itself after every step, from the state as it lies; it is not recorded. A condition that can't be told, since a report throws, stops the run too. Rejects
   * with `usage` for an expression that the world can't be asked or that is no condition, which changes nothing, and when the run has ended.
   */
  setBreakpoint(by: number, expression: string | undefined): Promise<void>
  /** Takes away the breakpoint of one who looks no more: a run that stands for that alone goes on. */
  leave(by: number): void
  /**
   * Changes the state at the next step boundary, as a recorded input. Gives the step whose boundary took it; rejects when the world can't take it, which changes
   * nothing, and when the run has ended.
   */
  send(input: Input): Promise<number>
  /** Brings what was recorded to the file: a recording that is opened afterwards has the steps until then. At once where nothing is recorded. */
  flush(): Promise<void>
}

/** The run that a {@link WatchedRun} is a handle on. */
export interface LiveParts {
  readonly world: PreparedWorld
  readonly program: Program
  readonly memory: SharedMemory
  readonly control: Control
  readonly feed: SharedArrayBuffer | undefined
  readonly recording: string | undefined
  readonly until: number | undefined
}

interface Waiting {
  resolve(step: number): void
  reject(error: MetabonkError): void
}

/** Who pauses and steps without saying who he is. */
const somebody = -1

/** Between two looks whether the recorder has done what it was asked to. */
const flushLookMillis = 2

/** The host's end of a live run. */
export class WatchedRun implements LiveRun {
  readonly world: PreparedWorld
  readonly seed: number
  readonly workers: number
  readonly recording: string | undefined
  readonly until: number | undefined
  /** For the coordinator's thread. */
  readonly task: { readonly port: MessagePort; readonly board: SharedArrayBuffer }
  private readonly parts: LiveParts
  private readonly state: SharedState
  private readonly port: MessagePort
  private readonly board: ServiceBoard
  private readonly pace: LivePace
  private readonly watch: LiveWatch
  private readonly waiting = new Map<number, Waiting>()
  private requests = 0
  private copies: { readonly state: SharedState; readonly moments: Moments } | undefined
  private sampling: Promise<RecordedState> | undefined
  /** Counts the states that the copy has held. */
  private epoch = 0
  private actors: readonly ServiceActorState[] = []
  private stops: readonly LiveStop[] = []
  private ending: { readonly reason: string; readonly isWhole: boolean } | undefined

  constructor(parts: LiveParts) {
    const { program, memory, control, feed } = parts
    this.parts = parts
    this.world = parts.world
    this.seed = program.seed
    this.workers = memory.workers
    this.recording = parts.recording
    this.until = parts.until
    const board = ServiceBoard.createMemory()
    const { port1, port2 } = new MessageChannel()
    this.task = { port: port2, board }
    this.port = port1
    this.board = new ServiceBoard(board)
    this.state = attachShared(program, memory, hostKernels())
    this.pace = new LivePace(control)
    this.watch = new LiveWatch(this.state, feed, phaseNames(program).length)
    port1.on('message', (message: LiveAnswer | LiveStops) => {
      this.take(message)
    })
    port1.unref()
  }

  get program(): LiveProgram {
    const { program, world } = this.parts
    return { kinds: recordedKinds(this.state), space: program.space, phases: phaseNames(program), stepMillis: program.stepMillis, reports: Object.keys(world.definition.report) }
  }

  sample(): Promise<RecordedState> {
    this.sampling ??= this.copy().finally(() => {
      this.sampling = undefined
    })
    return this.sampling
  }

  vitals(): LiveVitals {
    const { pace, watch } = this
    this.actors = this.board.read() ?? this.actors
    return {
      step: this.parts.control.sealedStep,
      paused: pace.paused,
      stops: this.standsAt(),
      pace: pace.pace,
      ended: this.ending?.reason,
      phases: watch.phases(),
      rings: watch.rings(),
      slabs: watch.slabs(),
      actors: this.actors,
    }
  }

  setPaused(paused: boolean, by = somebody): void {
    if (this.ending === undefined) this.pace.setPaused(paused, by)
  }

  release(by: number): void {
    if (this.ending === undefined) this.pace.release(by)
  }

  step(steps: number, by = somebody): void {
    if (this.ending === undefined) this.pace.step(steps, by)
  }

  setPace(stepsPerSecond: number | undefined): void {
    if (this.ending === undefined) this.pace.setPace(stepsPerSecond)
  }

  async setBreakpoint(by: number, expression: string | undefined): Promise<void> {
    await this.ask((id) => ({ form: 'break', id, by, expression }))
  }

  leave(by: number): void {
    if (this.ending === undefined) this.post({ form: 'leave', by })
  }

  async send(input: Input): Promise<number> {
    const { world, program, control } = this.parts
    checkWorldInput(world.definition, program, { step: control.sealedStep, source: 0, sequence: 0, input })
    return this.ask((id) => ({ form: 'input', id, input }))
  }

  async flush(): Promise<void> {
    const { feed } = this.parts
    if (feed === undefined || this.hasEnded()) return
    // A run that ends meanwhile has closed its file, which is more.
    const position = await this.ask((id) => ({ form: 'flush', id })).catch((error: unknown) => {
      if (!this.hasEnded()) throw error
      return undefined
    })
    while (position !== undefined && !this.hasEnded() && !isFeedTaken(feed, position)) await delay(flushLookMillis)
  }

  /** The run has ended for this reason; `isWhole` when nobody writes any more and its memory holds its last state. */
  end(reason: string, isWhole: boolean): void {
    this.hear()
    this.ending = { reason, isWhole }
    this.pace.end()
    this.watch.end()
    this.port.close()
    for (const waiting of this.waiting.values()) waiting.reject(this.over(reason))
    this.waiting.clear()
  }

  private over(reason: string): MetabonkError {
    return new MetabonkError({ code: 'stopped', what: `the run has ended: ${reason}`, where: `step ${this.parts.control.sealedStep}` })
  }

  private hasEnded(): boolean {
    return this.ending !== undefined
  }

  /** What was told before the run was halted may not be heard yet. */
  private standsAt(): readonly LiveStop[] {
    if (!this.parts.control.halted) return []
    this.hear()
    return this.stops
  }

  /** Takes what has been told until now. */
  private hear(): void {
    for (let received = this.receive(); received !== undefined; received = this.receive()) this.take(received)
  }

  private receive(): LiveAnswer | LiveStops | undefined {
    const received: { readonly message: LiveAnswer | LiveStops } | undefined = receiveMessageOnPort(this.port)
    return received?.message
  }

  private take(message: LiveAnswer | LiveStops): void {
    if ('stops' in message) {
      this.stops = message.stops
      return
    }
    const { id, value, error } = message
    const waiting = this.waiting.get(id)
    this.waiting.delete(id)
    if (error === undefined) waiting?.resolve(value)
    else waiting?.reject(new MetabonkError(error))
  }

  private ask(request: (id: number) => LiveRequest): Promise<number> {
    if (this.ending !== undefined) return Promise.reject(this.over(this.ending.reason))
    const id = this.requests++
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.post(request(id))
    })
  }

  private post(request: LiveRequest): void {
    this.port.postMessage(request)
    this.parts.control.ring()
  }

  /** The memory for copies, made when the first is wanted. */
  private mirror(): { readonly state: SharedState; readonly moments: Moments } {
    if (this.copies !== undefined) return this.copies
    const { program, memory, world } = this.parts
    const state = attachShared(program, createSharedMemory(program, 1, memory.stages), hostKernels())
    // Nothing is copied to it yet.
    state.control.sealedStep = -1
    this.copies = { state, moments: new Moments({ definition: world.definition, state }) }
    if (this.ending === undefined) this.post({ form: 'mirror', memory: state.memory })
    return this.copies
  }

  private async copy(): Promise<RecordedState> {
    const { state, moments } = this.mirror()
    if (!this.hasEnded()) {
      this.epoch++
      try {
        await this.ask((id) => ({ form: 'sample', id }))
      } catch (error) {
        // The run may have ended on the way.
        if (!this.hasEnded()) throw error
      }
    }
    if (this.hasEnded()) this.takeLast(state)
    return this.momentOf(state, moments)
  }

  /** After the end: the last state as it lies there, unless it is copied, or half a step was done to it. */
  private takeLast(state: SharedState): void {
    const { control } = state
    if (this.ending?.isWhole === true && control.sealedStep !== this.state.control.sealedStep) {
      this.epoch++
      new Mirror(this.state, state).take()
    }
    if (control.sealedStep < 0) throw new MetabonkError({ code: 'usage', what: `there is no state to be seen: ${this.ending?.reason ?? 'the run has ended'}`, where: `step ${this.parts.control.sealedStep}`, todo: 'open its recording' })
  }

  private momentOf(state: SharedState, moments: Moments): RecordedState {
    const { epoch } = this
    const { step, seal } = state.control
    return moments.at({
      step,
      hash: hashHex(seal.low, seal.high),
      keyframeStep: step,
      keyframe: () => writeKeyframe(state.tables, { step, dropped: seal.dropped, config: state.config.text, mail: new Uint32Array(state.memory.inboxes[0]).slice(0, state.control.mailWords(0)) }),
      check: () => {
        if (this.epoch !== epoch) throw new MetabonkError({ code: 'usage', what: `the copy of step ${step} is gone: another was asked for`, where: 'live run', todo: 'use what the last sample gave' })
      },
      checkDrawn: () => {
        throw new MetabonkError({ code: 'usage', what: 'what agents observe is not copied from a live run', where: 'live run', todo: 'look at its recording' })
      },
      picture: ({ kind }, row) => newestFrameOf(state.stages, kind, row, step),
    })
  }
}
