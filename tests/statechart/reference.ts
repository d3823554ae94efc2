import { createActor, type AnyActorRef, type AnyMachineSnapshot, type AnyStateMachine, type AnyStateNode, type StateValue } from 'xstate'
import type { Mail } from './agents.ts'

interface Timer {
  readonly due: number
  readonly eventType: string
  readonly fire: () => void
}

interface TimedEvent {
  readonly type: string
}

interface Scheduler {
  schedule: (...given: readonly [source: AnyActorRef, target: AnyActorRef, event: TimedEvent, delay: number, id: string]) => void
}

/** Timer events of a machine in document order. */
function timerOrder(machine: AnyStateMachine): string[] {
  const nodes = [...(machine as unknown as { readonly idMap: ReadonlyMap<string, AnyStateNode> }).idMap.values()]
  return nodes.sort((a, b) => a.order - b.order).flatMap((node) => node.after.map((each) => String(each.eventType)))
}

/** XState's own actor of a machine, with its own scheduler, on a clock that counts steps. */
export class ReferenceActor {
  private readonly actor: AnyActorRef
  private readonly running = new Set<Timer>()
  private readonly order: readonly string[]
  private step = 0
  private scheduling = ''

  constructor(machine: AnyStateMachine, input?: object) {
    this.order = timerOrder(machine)
    const clock = {
      setTimeout: (fire: () => void, delay: number): Timer => {
        this.forget(this.scheduling)
        const timer = { due: this.step + Math.max(1, Math.ceil(delay)), eventType: this.scheduling, fire }
        this.running.add(timer)
        return timer
      },
      clearTimeout: (timer: unknown): void => {
        this.running.delete(timer as Timer)
      },
    }
    this.actor = createActor(machine, { id: 'reference', clock, input })
    this.nameTimers()
    // Without an observer XState throws from a timeout of its own.
    this.actor.subscribe({ error: () => undefined })
    this.actor.start()
  }

  /** One step, in the order that a world keeps: due timers, mail, STEP where an active state waits for it. */
  turn(mail: readonly Mail[]): void {
    for (let timer = this.nextDue(); timer !== undefined; timer = this.nextDue()) {
      this.running.delete(timer)
      timer.fire()
    }
    for (const { type, payload } of mail) this.send({ type, sender: 0, ...payload })
    if (this.snapshot._nodes.some((node) => node.transitions.has('STEP') || node.transitions.has('*'))) this.send({ type: 'STEP' })
    this.step++
  }

  /** What stopped the machine, if anything did. */
  get error(): unknown {
    return this.snapshot.status === 'error' ? (this.snapshot as { readonly error: unknown }).error : undefined
  }

  get value(): StateValue {
    return this.snapshot.value as StateValue
  }

  get context(): Record<string, unknown> {
    return this.snapshot.context as Record<string, unknown>
  }

  /** Timers that run: due steps by event type. */
  get timers(): Record<string, number> {
    return Object.fromEntries([...this.running].map(({ eventType, due }) => [eventType, due]))
  }

  private get snapshot(): AnyMachineSnapshot & { readonly _nodes: readonly AnyStateNode[] } {
    return this.actor.getSnapshot() as AnyMachineSnapshot & { readonly _nodes: readonly AnyStateNode[] }
  }

  private send(event: TimedEvent & Readonly<Record<string, unknown>>): void {
    if (this.snapshot.status === 'active') this.actor.send(event)
  }

  private nextDue(): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.running) {
      if (timer.due <= this.step && (next === undefined || this.isBefore(timer, next))) next = timer
    }
    return next
  }

  private isBefore(a: Timer, b: Timer): boolean {
    return a.due === b.due ? this.order.indexOf(a.eventType) < this.order.indexOf(b.eventType) : a.due < b.due
  }

  /**
   * A state that is entered again without having been left starts its timers again. XState lets the former ones run too, out of
   * reach of any cancel; here, as in a column, there is one.
   */
  private forget(eventType: string): void {
    for (const timer of this.running) if (timer.eventType === eventType) this.running.delete(timer)
  }

  /** A clock is not told which event it times: the scheduler is, just before. */
  private nameTimers(): void {
    const { scheduler } = this.actor.system as unknown as { readonly scheduler: Scheduler }
    const { schedule } = scheduler
    scheduler.schedule = (...given) => {
      this.scheduling = given[2].type
      schedule(...given)
    }
  }
}
