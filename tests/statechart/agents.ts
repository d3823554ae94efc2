import type { AnyStateMachine, StateValue } from 'xstate'
import { assert, Inbox, KindTable, loadRow, memoryOf, type AgentId, type BehaviourPort, type BoundBehaviour, type KindType, type MessageType } from '../../runtime/index.ts'
import { createOutboxMemory, mailBytesMax, Outbox } from '../../runtime/mail/outbox.ts'
import { directorAddress } from '../../runtime/state/address.ts'
import { machineBehaviour, stateValueOf, type Executor, type MachineBehaviour, type MachineOptions } from '../../actors/statechart/index.ts'

/** All ways a machine can be run for a population. */
export const executors: readonly Executor[] = ['compiled', 'interpreted']

export type Payload = Readonly<Record<string, unknown>>

/** An event as a test writes it: a message type by name and its payload. */
export interface Mail {
  readonly type: string
  readonly payload: Payload
}

/** A message that a machine sent. */
export interface SentMail extends Mail {
  readonly row: number
  readonly to: AgentId
}

export interface AgentsOptions {
  readonly kind: KindType
  readonly machine: AnyStateMachine
  readonly executor: Executor
  readonly rows?: number
  readonly stepMillis?: number
  readonly programs?: MachineOptions['programs']
  readonly tables?: MachineOptions['tables']
  /** A number in [0, 1) by step, row and name. */
  readonly roll?: (step: number, row: number, name: string) => number
}

/** Memory that mail passes through: made once, for any number of machines of a kind. */
const post = new WeakMap<KindType, { readonly outbox: Outbox; readonly words: SharedArrayBuffer }>()

function postOf(kind: KindType): { readonly outbox: Outbox; readonly words: SharedArrayBuffer } {
  let made = post.get(kind)
  if (made === undefined) {
    made = { outbox: new Outbox(createOutboxMemory([kind]), [kind], kind.receives), words: new SharedArrayBuffer(mailBytesMax([kind])) }
    post.set(kind, made)
  }
  return made
}

/** Rows of a kind whose machines run without a world: a test sends events, steps, and reads what the columns hold. */
export class Agents {
  readonly table: KindTable
  /** What the machines have sent, oldest first. */
  readonly sent: SentMail[] = []
  /** The step that comes next. */
  step = 0
  private readonly kind: KindType
  private readonly inbox: Inbox
  private readonly outbox: Outbox
  private readonly behaviour: MachineBehaviour
  /** State values by the words of a configuration. */
  private readonly values = new Map<string, StateValue>()
  private readonly timerTypes: readonly string[]
  private readonly port: BehaviourPort
  running: BoundBehaviour
  private readonly rows: number

  constructor({ kind, machine, executor, rows = 1, stepMillis = 0, programs = new Map(), tables, roll = () => 0.5 }: AgentsOptions) {
    const behaviour = machineBehaviour(kind, machine, { stepMillis, executor, programs, tables })
    const { outbox, words } = postOf(kind)
    this.kind = kind
    this.rows = rows
    this.outbox = outbox
    this.table = new KindTable({ kind, index: 0, hidden: behaviour.hidden, firstColumn: 0, workers: 1 })
    this.inbox = new Inbox(words, [this.table])
    this.behaviour = behaviour
    this.timerTypes = behaviour.chart.timerNodes.map(({ eventType }) => eventType)
    const receiver = { id: NaN }
    // Room for one message at a time.
    const memory = memoryOf(new ArrayBuffer(Math.max(8, ...kind.receives.map(({ codec }) => codec.bytes))))
    this.port = {
      table: this.table,
      tables: [this.table],
      kindIndex: 0,
      inbox: this.inbox,
      types: kind.receives,
      lane: 0,
      stepMillis,
      config: () => ({}),
      step: () => this.step,
      receiver,
      memory,
      open: () => 0,
      close: (row, type) => {
        this.sent.push({ row, type: type.name, to: receiver.id as AgentId, payload: type.codec.read(memory, 0) })
      },
      roll: (row, name) => roll(this.step, row, name),
    }
    this.running = behaviour.bind(this.port)
    for (let row = 0; row < rows; row++) this.table.takeRow()
    for (let row = 0; row < rows; row++) this.running.born(row, 0)
  }

  /** One step: due timers, then the mail of each row, then STEP where it is waited for. */
  turn(mailOf: (row: number) => readonly Mail[]): void {
    this.outbox.clear()
    for (let row = 0; row < this.rows; row++) {
      this.outbox.receiver.id = this.table.idOfRow(row)
      for (const { type, payload } of mailOf(row)) this.outbox.send(directorAddress, 0, this.typeOf(type), payload)
    }
    this.inbox.deliver([this.outbox], { begin: () => 0, end: () => this.rows }, true, { words: 0, dropped: 0 })
    this.running.decide(0, this.rows)
    this.step++
  }

  /** One more row, born in the step that comes next; its place. Turns leave it alone. */
  spawn(): number {
    const row = this.table.takeRow()
    this.running.born(row, this.step)
    return row
  }

  /** Goes on from the columns alone, as a restored run or another thread does. */
  rebind(): void {
    this.running = this.behaviour.bind(this.port)
  }

  /** All columns of a row, hidden ones too. */
  columns(row: number): Record<string, unknown> {
    return loadRow(this.table, row)
  }

  /** The state value of a row, as XState writes it. */
  value(row: number): StateValue {
    const { live, type } = this.table.column('$state')
    const key = live.subarray(row * type.width, (row + 1) * type.width).join()
    const known = this.values.get(key)
    if (known !== undefined) return known
    const value = stateValueOf(this.behaviour, this.table, row)
    this.values.set(key, value)
    return value
  }

  /** The declared columns of a row. */
  context(row: number): Record<string, unknown> {
    return Object.fromEntries(this.kind.plan.map(({ name }) => [name, this.table.get(this.table.column(name), row)]))
  }

  /** Timers that run in a row: due steps by event type. */
  timers(row: number): Record<string, number> {
    const column = this.table.findColumn('$timers')
    if (column === undefined) return {}
    const due = this.timerTypes.map((type, i): [string, number] => [type, column.live[row * column.type.width + i]])
    return Object.fromEntries(due.filter(([, step]) => step !== 0))
  }

  private typeOf(name: string): MessageType {
    const type = this.kind.receives.find((each) => each.name === name)
    assert(type !== undefined, `${this.kind.name} receives ${name}`)
    return type
  }
}
