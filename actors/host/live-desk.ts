import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { attachShared, MetabonkError, Mirror, type Coordinator, type ErrorParts, type FeedProducer, type Input, type SharedMemory } from '../../runtime/index.ts'
import { checkCondition, openQuery, type OpenQuery, type Queried } from '../travel/query.ts'
import type { LiveStop } from './live-vitals.ts'

/** What the host asks of the coordinator's thread beside its steps. */
export type LiveRequest =
  /** The memory for copies, once and before the first of them. */
  | { readonly form: 'mirror'; readonly memory: SharedMemory }
  | { readonly form: 'sample'; readonly id: number }
  | { readonly form: 'input'; readonly id: number; readonly input: Input }
  | { readonly form: 'flush'; readonly id: number }
  /** Sets the breakpoint of somebody, or takes it away. */
  | { readonly form: 'break'; readonly id: number; readonly by: number; readonly expression: string | undefined }
  /** Somebody looks no more. */
  | { readonly form: 'leave'; readonly by: number }

type Question = Extract<LiveRequest, { readonly id: number }>

/** What comes of a request: for a sample, an input and a breakpoint their step, for a flush how far the feed must be taken. */
export interface LiveAnswer {
  readonly id: number
  readonly value: number
  readonly error?: ErrorParts
}

/** The run stands at breakpoints: told before it does, and again when those are others. */
export interface LiveStops {
  readonly stops: readonly LiveStop[]
}

interface Breakpoint {
  readonly query: OpenQuery
  /** The last step at which it was looked whether it holds. */
  looked: number
}

/** Inputs of those who watch a run come after the ones it was given. */
const liveSource = 1

/** Serves the host in the coordinator's thread, at step boundaries: copies of the state, inputs, the recording on the disk, breakpoints. */
export class LiveDesk {
  private readonly port: MessagePort
  private readonly queried: Queried
  private readonly feed: FeedProducer | undefined
  private readonly breakpoints = new Map<number, Breakpoint>()
  private stops: readonly LiveStop[] = []
  private mirror: Mirror | undefined
  private copied = -1

  constructor(port: MessagePort, queried: Queried, feed: FeedProducer | undefined) {
    this.port = port
    this.queried = queried
    this.feed = feed
  }

  /** Does what was asked for until now, if anything was, and looks whether a breakpoint holds. Returns whether it is to look at every step. */
  serve(coordinator: Coordinator, isRung: boolean): boolean {
    if (isRung) this.hear(coordinator)
    if (this.breakpoints.size > 0) this.stand([...this.breakpoints].flatMap(([by, breakpoint]) => this.look(by, breakpoint) ?? []))
    return this.breakpoints.size > 0
  }

  private hear(coordinator: Coordinator): void {
    for (;;) {
      const received: { readonly message: LiveRequest } | undefined = receiveMessageOnPort(this.port)
      if (received === undefined) return
      this.take(coordinator, received.message)
    }
  }

  private take(coordinator: Coordinator, request: LiveRequest): void {
    const { state } = this.queried
    if (request.form === 'mirror') this.mirror = new Mirror(state, attachShared(state.program, request.memory, state.kernels))
    else if (request.form === 'leave') this.dismiss(request.by)
    else this.port.postMessage(this.answer(coordinator, request))
  }

  private answer(coordinator: Coordinator, request: Question): LiveAnswer {
    const { id } = request
    try {
      return { id, value: this.valueOf(coordinator, request) }
    } catch (error) {
      if (error instanceof MetabonkError) return { id, value: 0, error: error.toParts() }
      throw error
    }
  }

  private valueOf(coordinator: Coordinator, request: Question): number {
    switch (request.form) {
      case 'input':
        return coordinator.takeInput(liveSource, request.input)
      case 'sample':
        return this.copy()
      case 'flush':
        return this.feed?.flush() ?? 0
      case 'break':
        return this.set(request.by, request.expression)
    }
  }

  /** Copies the state, unless the copy is of this step already. Returns the step. */
  private copy(): number {
    const { step } = this.queried.state.control
    if (step !== this.copied) this.mirror?.take()
    this.copied = step
    return step
  }

  private set(by: number, expression: string | undefined): number {
    if (expression === undefined) this.breakpoints.delete(by)
    else {
      const query = openQuery(this.queried, expression)
      checkCondition(query.query)
      const breakpoint = { query, looked: -1 }
      this.breakpoints.set(by, breakpoint)
      // Who hears that it is set hears also that it holds.
      const stop = this.look(by, breakpoint)
      if (stop !== undefined) this.stand([stop])
    }
    return this.queried.state.control.step
  }

  /** The stop where a breakpoint holds at this step, or can't tell that: once, since who goes on from there has seen it. */
  private look(by: number, breakpoint: Breakpoint): LiveStop | undefined {
    const { step } = this.queried.state.control
    if (breakpoint.looked === step) return undefined
    breakpoint.looked = step
    const { query } = breakpoint.query
    let fault: string | undefined
    try {
      if (!breakpoint.query.bound().test()) return undefined
    } catch (error) {
      // A report that throws here ends no run: nothing but its value was wanted.
      fault = error instanceof Error ? error.message : String(error)
    }
    return { step, by, expression: query.text, fault }
  }

  /** Halts the run at stops, told all at once, beside those it stands at already. */
  private stand(stops: readonly LiveStop[]): void {
    if (stops.length === 0) return
    const { control } = this.queried.state
    const others = control.halted ? this.stops.filter(({ by }) => stops.every((each) => each.by !== by)) : []
    this.tell([...others, ...stops])
    control.halt()
  }

  /** Takes away what somebody set; a run that stands for that alone goes on. */
  private dismiss(by: number): void {
    const { control } = this.queried.state
    this.breakpoints.delete(by)
    if (!control.halted) return
    this.tell(this.stops.filter((each) => each.by !== by))
    if (this.stops.length === 0) control.goOn()
  }

  private tell(stops: readonly LiveStop[]): void {
    this.stops = stops
    this.port.postMessage({ stops } satisfies LiveStops)
  }
}
