import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import {
  idOf,
  kindOfAddress,
  frameWords,
  mailHeaderWords,
  mailWord,
  nobody,
  emitEvent,
  outputFields,
  sendEvent,
  sendMail,
  MetabonkError,
  storeValue,
  valueFault,
  zeroValue,
  type BehaviourPort,
  type BoundBehaviour,
  type Column,
  type KindTable,
  type MachineEvent,
} from '../../runtime/index.ts'
import { agentKey, type AgentPort } from './agent.ts'
import type { Chart } from './chart.ts'
import { Configurations, leafNames, type Configuration } from './configuration.ts'
import { machineFault, only, refusal, selfOf, stepsOf } from './faults.ts'
import { roundKey, sameValue } from './rounding.ts'

interface ExecutableAction {
  readonly type: string
  readonly info: object
  readonly params: unknown
  readonly exec: ((info: object, params: unknown) => void) | undefined
}

const stepEvent: MachineEvent = Object.freeze({ type: 'STEP' })

/**
 * The machines of the rows one thread owns, run by XState's own macrostep from a snapshot rebuilt from columns each time, so that nothing but columns is
 * ever kept. It is what the compiled executor is held to, bit for bit.
 */
export class InterpretedMachine implements BoundBehaviour {
  private readonly chart: Chart
  private readonly port: BehaviourPort
  private readonly table: KindTable
  private readonly stepMillis: number
  private readonly configurations: Configurations
  private readonly fields: readonly Column[]
  private readonly state: Column
  private readonly words: Uint32Array
  private readonly order: Column | undefined
  private readonly bits: Uint32Array
  private readonly history: Column | undefined
  private readonly timers: Column | undefined
  private readonly scope: object
  private readonly agent: { row: number } & AgentPort
  /** True while a row is born: it may belong to another thread, so everybody's change marks are set. */
  private bearing = false
  /** The step that timers count from. */
  private step = 0

  constructor(chart: Chart, port: BehaviourPort, stepMillis: number) {
    this.chart = chart
    this.port = port
    this.stepMillis = stepMillis
    this.table = port.table
    this.configurations = new Configurations(chart.machine, chart.space)
    this.fields = port.table.columns.filter((column) => !column.name.startsWith('$'))
    this.state = port.table.column('$state')
    this.words = this.state.live as Uint32Array
    this.order = port.table.findColumn('$order')
    this.bits = new Uint32Array(chart.space.setWords)
    this.history = port.table.findColumn('$history')
    this.timers = port.table.findColumn('$timers')
    this.agent = this.agentPort()
    this.scope = this.actorScope()
  }

  born(row: number, step: number): void {
    this.agent.row = row
    this.bearing = true
    this.step = step
    try {
      const context = this.readContext(row)
      const machine = this.chart.machine
      const snapshot = this.guarded({ type: 'born' }, () => initialSnapshot(machine, this.scope, context)) as AnyMachineSnapshot
      this.keep(row, snapshot, context)
    } finally {
      this.bearing = false
    }
  }

  decide(begin: number, end: number): void {
    const { table, port, timers } = this
    const step = port.step()
    this.step = step
    for (let row = begin; row < end; row++) {
      if (table.alive[row] !== 1) continue
      if (timers !== undefined) this.fireTimers(row, step)
      const mailEnd = port.inbox.end(port.kindIndex, row)
      for (let at = port.inbox.begin(port.kindIndex, row); at < mailEnd; at += frameWords(port.inbox.words[at])) this.run(row, this.mailEvent(at))
      if (this.configurationOf(row).handlesStep) this.run(row, stepEvent)
    }
  }

  /** Due timers, earliest first, then in document order. One that a former cancels does not fire. */
  private fireTimers(row: number, step: number): void {
    const { timers, chart } = this
    if (timers === undefined) return
    const due = timers.live
    const width = timers.type.width
    for (;;) {
      let next = -1
      for (let i = 0; i < width; i++) {
        const at = due[row * width + i]
        if (at !== 0 && at <= step && (next < 0 || at < due[row * width + next])) next = i
      }
      if (next < 0) return
      due[row * width + next] = 0
      this.mark(timers)
      this.run(row, { type: chart.timerNodes[next].eventType })
    }
  }

  private mailEvent(at: number): MachineEvent {
    const { words, memory } = this.port.inbox
    const type = this.port.types[words[at + mailWord.type]]
    const sender = words[at + mailWord.from]
    const event: Record<string, unknown> = { type: type.name, sender: kindOfAddress(sender) < 0 ? 0 : idOf(sender, words[at + mailWord.fromGeneration]) }
    type.codec.decode(memory, (at + mailHeaderWords) * 4, event)
    return event as unknown as MachineEvent
  }

  private configurationOf(row: number): Configuration {
    if (this.configurations.full) this.configurations.forget()
    return this.configurations.at(row, this.words, this.order?.live as Uint8Array | undefined)
  }

  /** One macrostep of one agent. */
  private run(row: number, event: MachineEvent): void {
    const configuration = this.configurationOf(row)
    if (configuration.done) return
    this.agent.row = row
    const context = this.readContext(row)
    const before = { ...configuration.template, context, historyValue: this.readHistory(row) } as AnyMachineSnapshot
    const after = this.guarded(event, () => this.chart.machine.transition(before as never, event, this.scope as never)) as AnyMachineSnapshot
    if (after !== before) this.keep(row, after, context)
  }

  /** Runs XState, and says who failed where when it throws. */
  private guarded(event: MachineEvent, run: () => unknown): unknown {
    try {
      return run()
    } catch (cause) {
      const { row } = this.agent
      throw machineFault(this.chart, cause, { step: this.port.step(), row, state: this.stateName(row), event: event.type })
    }
  }

  private stateName(row: number): string {
    if (this.bearing) return 'its first state'
    return leafNames(this.configurationOf(row))
  }

  private readContext(row: number): Record<string | symbol, unknown> {
    const context: Record<string | symbol, unknown> = { [agentKey]: this.agent }
    for (const column of this.fields) {
      const value = this.table.get(column, row)
      context[column.name] = typeof value === 'object' ? Object.freeze(value) : value
    }
    // What a guard or an action wrote there, rather than by assign, would be neither rounded nor kept.
    return Object.freeze(context)
  }

  private readHistory(row: number): Record<string, AnyStateNode[]> {
    const { history, chart } = this
    const value: Record<string, AnyStateNode[]> = {}
    if (history === undefined) return value
    chart.histories.forEach((node, i) => {
      const kept = chart.space.marked(history.live as Uint32Array, (row * chart.histories.length + i) * chart.space.setWords)
      if (kept.length > 0) value[node.id] = kept
    })
    return value
  }

  private mark(column: Column): void {
    if (this.bearing) this.table.markDirtyAll(column.index)
    else this.table.markDirty(column.index, this.port.lane)
  }

  /** Writes back what changed: configuration, history, context. */
  private keep(row: number, snapshot: AnyMachineSnapshot, before: Readonly<Record<string, unknown>>): void {
    const { _nodes: nodes } = snapshot as unknown as { readonly _nodes: AnyStateNode[] }
    const next = this.configurations.of(nodes)
    this.store(this.state, next.state, row * this.chart.space.words)
    if (this.order !== undefined) this.store(this.order, next.order, row * next.order.length)
    this.keepHistory(row, snapshot.historyValue as Readonly<Record<string, AnyStateNode[]>>)
    const context = snapshot.context as Record<string, unknown>
    if (context !== before) this.keepFields(row, context, before)
    if (snapshot.status === 'done' && this.chart.machine.root.output !== undefined) {
      const output = { ...outputFields(this.chart.machine.id, snapshot.output) }
      this.round(output, {})
      this.keepFields(row, output, {})
    }
  }

  private keepFields(row: number, values: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>>): void {
    for (const column of this.fields) {
      const value = values[column.name]
      if (value === undefined || sameValue(value, before[column.name])) continue
      this.check(column, value)
      storeValue(column.type, column.live, row * column.type.width, value)
      this.mark(column)
    }
  }

  private keepHistory(row: number, value: Readonly<Record<string, AnyStateNode[]>>): void {
    const { history, chart } = this
    if (history === undefined) return
    chart.histories.forEach((node, i) => {
      chart.space.mark(Object.hasOwn(value, node.id) ? value[node.id] : [], this.bits)
      this.store(history, this.bits, (row * chart.histories.length + i) * chart.space.setWords)
    })
  }

  private store(column: Column, bits: Uint32Array | Uint8Array, offset: number): void {
    for (let i = 0; i < bits.length; i++) {
      if (column.live[offset + i] === bits[i]) continue
      column.live[offset + i] = bits[i]
      this.mark(column)
    }
  }

  private check(column: Column, value: unknown): void {
    const fault = valueFault(column.type, value)
    if (fault !== undefined) throw new MetabonkError({ code: 'schema', what: `${this.table.kind.name}.${column.name}: ${fault}`, where: `machine ${this.chart.machine.id}` })
  }

  /** Checks a context that an assign made, rounds its numbers to their columns, and freezes it. */
  private round(context: Record<string, unknown>, before: Readonly<Record<string, unknown>>): void {
    for (const name in context) {
      const value = context[name]
      if (value === before[name]) continue
      const column = this.table.findColumn(name)
      if (column === undefined || name.startsWith('$')) {
        throw new MetabonkError({ code: 'machine', what: `machine ${this.chart.machine.id} assigns '${name}', which is no column of ${this.table.kind.name}`, todo: `choose from ${this.fields.map((each) => each.name).join(', ')}` })
      }
      this.check(column, value)
      if (column.type.dtype !== 'f32') continue
      context[name] = column.type.form === 'vec' ? Array.from(value as ArrayLike<number>, Math.fround) : Math.fround(value as number)
    }
    Object.freeze(context)
  }

  private agentPort(): { row: number } & AgentPort {
    const { port, table } = this
    return {
      row: 0,
      get id() {
        return table.idOfRow(this.row)
      },
      send(type, to, payload) {
        sendMail(port, this.row, type, { to, payload })
      },
      roll(name) {
        return port.roll(this.row, name)
      },
      complete: (defaults) => {
        const context: Record<string, unknown> = {}
        for (const column of this.fields) {
          const value = table.get(column, this.agent.row)
          context[column.name] = Object.hasOwn(defaults, column.name) && sameValue(value, zeroValue(column.type)) ? defaults[column.name] : value
        }
        return context
      },
      round: (context) => {
        this.round(context, {})
      },
    }
  }

  /** What XState needs of an actor while it computes a macrostep: timers go to columns, nothing else leaves. */
  private actorScope(): object {
    const { chart } = this
    const { id } = chart.machine
    const refuse = (what: string) => (): never => {
      throw refusal(chart, what)
    }
    return {
      [roundKey]: (context: Record<string, unknown>, before: Readonly<Record<string, unknown>>) => {
        this.round(context, before)
      },
      id,
      sessionId: id,
      self: selfOf(chart),
      logger: refuse('log'),
      defer: (effect: () => void) => {
        effect()
      },
      emit: (event: MachineEvent) => {
        emitEvent(this.port, this.agent.row, event)
      },
      stopChild: refuse('stopChild'),
      system: only(chart, 'system', {
        _sendInspectionEvent: () => undefined,
        _relay: (_source: unknown, to: unknown, event: MachineEvent) => {
          // XState takes nobody for the sender itself.
          sendEvent(this.port, this.agent.row, { to: typeof to === 'object' ? nobody : to, event })
        },
        scheduler: {
          schedule: (_source: unknown, _target: unknown, event: MachineEvent, delay: number) => {
            this.setTimer(event.type, delay)
          },
          cancel: (_source: unknown, sendId: string) => {
            this.setTimer(sendId, undefined)
          },
        },
      }),
      actionExecutor: (action: ExecutableAction) => {
        action.exec?.(action.info, action.params)
      },
    }
  }

  /** Sets the due step of a timer: the current step and the delay, in whole steps, at least one. */
  private setTimer(eventType: string, delay: number | undefined): void {
    const index = this.chart.timers.get(eventType)
    const { timers } = this
    if (index === undefined || timers === undefined) throw refusal(this.chart, delay === undefined ? `cancel of ${eventType}` : `a delayed ${eventType}`)
    timers.live[this.agent.row * timers.type.width + index] = delay === undefined ? 0 : this.step + stepsOf(this.chart, this.stepMillis, { eventType, delay })
    this.mark(timers)
  }
}

/** XState hides what its initial macrostep throws in the snapshot. */
function initialSnapshot(machine: AnyStateMachine, scope: object, input: object): AnyMachineSnapshot {
  const snapshot = machine.getInitialSnapshot(scope as never, input) as AnyMachineSnapshot
  if (snapshot.status === 'error') throw snapshot.error
  return snapshot
}
