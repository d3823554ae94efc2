import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { countInState, machineBehaviour, type MachineBehaviour } from '../../actors/statechart/index.ts'
import { Inbox, KindTable, memoryOf, type BehaviourPort, type BoundBehaviour, type KindType } from '../../runtime/index.ts'
import type { Delivery } from '../../runtime/mail/inbox.ts'
import { createOutboxMemory, mailBytesMax, Outbox } from '../../runtime/mail/outbox.ts'
import { directorAddress } from '../../runtime/state/address.ts'
import { secondsOf } from '../harness/measure.ts'
import type { Crowd, Digest } from './crowd.ts'
import { period, type Traffic } from './traffic.ts'

/** Agents that run a machine: a kind that declares its columns, and the messages it gets. */
export interface PopulationOptions {
  readonly kind: KindType
  readonly machine: AnyStateMachine
  readonly traffic: Traffic
  readonly agents: number
  /** Steps whose mail is kept ready; what is sent after them is what was sent before. Default all of a period. */
  readonly steps?: number
}

/** Seconds by what they were spent on. */
interface Seconds {
  /** Reading the machine, binding it, births. */
  begin: number
  deliver: number
  decide: number
}

/** Paths of the states that hold no others. */
function leavesOf(node: AnyStateNode): string[] {
  const below = Object.values(node.states)
  return below.length === 0 ? [node.path.join('.')] : below.flatMap(leavesOf)
}

function refuse(what: string) {
  return (): never => {
    throw new Error(`no machine here ${what}`)
  }
}

/** Agents in a table of the runtime, with its outboxes and its inbox, and nothing else of a world: no systems, no hash. */
export class Population implements Crowd {
  readonly behaviour: MachineBehaviour
  readonly table: KindTable
  /** Seconds of all steps so far. */
  readonly seconds: Seconds = { begin: 0, deliver: 0, decide: 0 }
  private readonly bound: BoundBehaviour
  private readonly traffic: Traffic
  private readonly inbox: Inbox
  /** By step: what is sent in it. */
  private readonly outboxes: readonly Outbox[]
  private readonly delivery: Delivery = { words: 0, dropped: 0 }
  private readonly ranges = { begin: () => 0, end: () => this.table.rows }
  private step = 0

  constructor({ kind, machine, traffic, agents, steps = period }: PopulationOptions) {
    this.traffic = traffic
    const reading = performance.now()
    this.behaviour = machineBehaviour(kind, machine, { stepMillis: 1 })
    this.seconds.begin = (performance.now() - reading) / 1000
    this.table = new KindTable({ kind, index: 0, hidden: this.behaviour.hidden, firstColumn: 0, workers: 1 })
    this.inbox = new Inbox(new SharedArrayBuffer(mailBytesMax([kind])), [this.table])
    const binding = performance.now()
    this.bound = this.behaviour.bind(this.port())
    for (let row = 0; row < agents; row++) this.bound.born(this.table.takeRow(), 0)
    this.seconds.begin += (performance.now() - binding) / 1000
    this.outboxes = Array.from({ length: steps }, (_, step) => this.fill(new Outbox(createOutboxMemory([kind]), [kind], traffic.types), step))
  }

  /** Events that all agents get in a step. */
  get eventsPerStep(): number {
    return this.table.rows * this.traffic.eventsPerStep
  }

  /** Delivers the mail of each step and lets everybody decide; gives the seconds of the latter. */
  run(begin: number, end: number): number {
    const { seconds, ranges, delivery } = this
    const before = seconds.decide
    for (let step = begin; step < end; step++) {
      this.step = step
      const outbox = this.outboxes[step % this.outboxes.length]
      seconds.deliver += secondsOf(() => {
        this.inbox.deliver([outbox], ranges, true, delivery)
      })
      seconds.decide += secondsOf(() => {
        this.bound.decide(0, this.table.rows)
      })
    }
    return seconds.decide - before
  }

  /** Sends the mail of steps [begin, end) once more, from payloads that are ready; gives the seconds of it. */
  resend(begin: number, end: number): number {
    const { outboxes, table, traffic } = this
    let seconds = 0
    for (let step = begin; step < end; step++) {
      const outbox = outboxes[step % outboxes.length]
      const mail = Array.from({ length: table.rows }, (_, row) => {
        const { arrival, value } = traffic.draw(step, row)
        return { type: arrival.type, to: table.idOfRow(row), payload: { [arrival.field]: value } }
      })
      outbox.clear()
      seconds += secondsOf(() => {
        for (const { type, to, payload } of mail) {
          outbox.receiver.id = to
          outbox.send(directorAddress, 0, type, payload)
        }
      })
    }
    return seconds
  }

  digest(): Digest {
    const { behaviour, table } = this
    const digest = new Map<string, number>()
    for (const path of leavesOf(behaviour.chart.machine.root)) {
      const count = countInState(behaviour, table, path)
      if (count > 0) digest.set(`in ${path}`, count)
    }
    for (const { name } of table.kind.plan) {
      const { live } = table.column(name)
      let sum = 0
      for (let row = 0; row < table.rows; row++) sum += live[row]
      digest.set(`sum of ${name}`, sum)
    }
    return digest
  }

  private fill(outbox: Outbox, step: number): Outbox {
    const { table, traffic } = this
    const payloads = new Map(traffic.types.map((type) => [type, {}]))
    for (let row = 0; row < table.rows; row++) {
      const { arrival, value } = traffic.draw(step, row)
      const payload = payloads.get(arrival.type) as Record<string, number>
      payload[arrival.field] = value
      outbox.receiver.id = table.idOfRow(row)
      outbox.send(directorAddress, 0, arrival.type, payload)
    }
    return outbox
  }

  private port(): BehaviourPort {
    return {
      table: this.table,
      tables: [this.table],
      kindIndex: 0,
      inbox: this.inbox,
      types: this.traffic.types,
      lane: 0,
      stepMillis: 1,
      config: () => ({}),
      step: () => this.step,
      receiver: { id: NaN },
      memory: memoryOf(new ArrayBuffer(0)),
      open: refuse('sends'),
      close: refuse('sends'),
      roll: refuse('rolls'),
    }
  }
}
