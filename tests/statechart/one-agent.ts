import type { AnyStateMachine } from 'xstate'
import { countInState, machineBehaviour, type Executor, type MachineBehaviour } from '../../actors/statechart/index.ts'
import { kindType, type BoundBehaviour, type ColumnType, type MessageType } from '../../runtime/index.ts'
import { Inbox } from '../../runtime/mail/inbox.ts'
import { createOutboxMemory, mailBytesMax, Outbox } from '../../runtime/mail/outbox.ts'
import { addressOf, directorAddress } from '../../runtime/state/address.ts'
import { KindTable, loadRow } from '../../runtime/state/table.ts'

/** What an agent is made of. */
export interface AgentPlan {
  readonly machine: AnyStateMachine
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly receives: readonly MessageType[]
  readonly executor: Executor
}

/** The one row, as a range of each kind. */
const rows = { begin: () => 0, end: () => 1 }

/** One agent, its machine and its mail, without a world around it: time stands still until told otherwise. A step is a millisecond. */
export class OneAgent {
  private readonly behaviour: MachineBehaviour
  private readonly table: KindTable
  private readonly outbox: Outbox
  private readonly inbox: Inbox
  private readonly bound: BoundBehaviour
  private step = 0

  constructor({ machine, columns, receives, executor }: AgentPlan) {
    const kind = kindType('agent', { columns, receives, rowsMax: 1, mailMax: 64 })
    this.behaviour = machineBehaviour(kind, machine, { stepMillis: 1, executor })
    this.table = new KindTable({ kind, index: 0, hidden: this.behaviour.hidden, firstColumn: 0, workers: 1 })
    this.outbox = new Outbox(createOutboxMemory([kind]), [kind], receives)
    this.inbox = new Inbox(new SharedArrayBuffer(mailBytesMax([kind])), [this.table])
    this.bound = this.behaviour.bind({
      table: this.table,
      tables: [this.table],
      kindIndex: 0,
      inbox: this.inbox,
      types: receives,
      lane: 0,
      stepMillis: 1,
      config: () => ({}),
      step: () => this.step,
      receiver: this.outbox.receiver,
      memory: this.outbox.memory,
      open: (row, type) => this.outbox.open(addressOf(0, row), type),
      close: (row, type) => {
        this.outbox.close(addressOf(0, row), this.table.generation[row], type)
      },
      roll: () => 0,
    })
    this.bound.born(this.table.takeRow(), 0)
  }

  /** Sends a message and lets the agent act until it has no more mail. */
  send(type: MessageType, payload: Readonly<Record<string, unknown>>): void {
    this.outbox.receiver.id = this.table.idOfRow(0)
    this.outbox.send(directorAddress, 0, type, payload)
    this.settle()
  }

  /** Lets the agent act until it has no more mail. */
  settle(): void {
    for (let round = 0; this.outbox.count > 0; round++) {
      if (round > 1000) throw new Error('the agent sends mail to itself without end')
      this.inbox.deliver([this.outbox], rows, true, { words: 0, dropped: 0 })
      this.outbox.clear()
      this.bound.decide(0, 1)
    }
    this.inbox.deliver([], rows, true, { words: 0, dropped: 0 })
  }

  /** Lets time pass. */
  wait(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.step++
      this.bound.decide(0, 1)
      this.settle()
    }
  }

  /** The meta of all active states that have one. */
  active(): unknown[] {
    const { nodes } = this.behaviour.chart.space
    return nodes.filter((node) => node.meta !== undefined && countInState(this.behaviour, this.table, node.path.join('.')) === 1).map((node) => node.meta as unknown)
  }

  /** All columns, the machine's own too. */
  columns(): Record<string, unknown> {
    return loadRow(this.table, 0)
  }
}
