import { MetabonkError } from '../errors.ts'
import type { MessageType } from '../schema/message.ts'
import { describe } from '../schema/types.ts'
import type { BehaviourPort, BoundBehaviour } from '../lockstep/program.ts'
import { mailHeaderWords } from '../mail/layout.ts'
import type { Column, KindTable } from '../state/table.ts'
import { Actions, type ActionScene, type MachineEvent } from './actions.ts'
import { Cell, outcome, type Arriving, type CellHost } from './cell.ts'
import { bindContext, bindEvent, type Flyweight, type MailPlace, type RowContext } from './flyweight.ts'
import { chainedLoop, chainsOf, cutChain, idleCell, rowLoop, unknownCell, type CellTable, type Chain, type Loop, type LoopScene } from './loop.ts'
import type { ActionPart, ConfigurationFacts, MachineArgs, Microstep, Statechart } from './statechart.ts'

/** Machines with no more configurations than these find theirs by its number. */
const directMax = 32_768
/** Cells, by configuration and event, that the loop finds by their number. */
const tableMax = 262_144
/** Events whose names turn up while the machine runs that have a place in the table of cells, beside those that are known beforehand. */
const placedMax = 256
/** Configurations at the end of an endless loop that its error looks at. */
const trailMax = 64

/** Arguments whose event changes. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The first event of a machine: its input are the values of the columns. */
interface InitEvent extends MachineEvent {
  readonly input: Readonly<Record<string, unknown>>
}

/** What the user's functions reach beside context and event. */
export interface MachineScene {
  readonly self: object
  readonly system: object
  /** What assigners are given to spawn with: it refuses. */
  readonly spawn: () => never
  /** Members of every context, by symbol; they may ask for the row that is running. */
  members(row: () => number): Readonly<Record<symbol, unknown>>
}

/**
 * Runs the machine of a kind over the rows that one thread owns: by tables of what each event does in each configuration, filled as they are
 * needed, with the user's own functions called on the columns themselves. Steps cost no memory. Everything it keeps between steps is in columns.
 */
export class StatechartExecutor implements BoundBehaviour {
  private readonly chart: Statechart
  private readonly port: BehaviourPort
  private readonly table: KindTable
  private readonly state: Column
  private readonly words: Uint32Array
  private readonly order: Column | undefined
  private readonly history: Column | undefined
  private readonly timers: Column | undefined
  private readonly context: Flyweight<RowContext>
  private readonly fast: Mutable<MachineArgs>
  private readonly plain: Mutable<MachineArgs>
  private readonly actions: Actions
  private readonly written: Uint8Array
  private readonly host: CellHost
  /** By number of a configuration; empty when they are too many. */
  private readonly direct: (ConfigurationFacts | undefined)[]
  /** Where the payload of the message lies that is running. */
  private readonly mailPlace: MailPlace = { word: mailHeaderWords }
  /** By number of the message type; STEP comes last. */
  private readonly arrivals: readonly (Arriving | undefined)[]
  /** By number of an event: that of its arrival. */
  private readonly arrivalOf: (number | undefined)[] = []
  private readonly timerEvents: readonly { readonly event: number; readonly object: MachineEvent }[]
  private readonly events = new Map<string | undefined, number>()
  private readonly names: (string | undefined)[] = []
  /** Events that are known beforehand; the others are forgotten with the cells they have, for a machine may make up their names. */
  private readonly lasting: number
  /** By configuration, then event. */
  private cells: (Cell | undefined)[][] = []
  /** Cells of events without a place there: a machine may make up names without end. */
  private readonly rare = new Map<string, Cell>()
  /** Cells that stand for a class of configurations. */
  private readonly shared = new Map<string, Cell>()
  private readonly queue: (MachineEvent | undefined)[] = []
  private queued = 0
  private readonly first: Microstep
  /** Configuration after {@link first}; its number is not kept, since configurations are forgotten. */
  private readonly firstState: ConfigurationFacts
  /** Where the loop finds cells by their number; undefined when the configurations are too many. */
  private readonly cellTable: CellTable | undefined
  /** Nothing that a birth runs could see what the agent was given. */
  private readonly isBlindBirth: boolean
  /** Cells by number; the first two numbers stand for none. */
  private numbered: (Cell | undefined)[] = [undefined, undefined]
  /** Tables were begun anew in the middle of a step, whose rows are still in chains of old cells. */
  private forgot = false
  private readonly loop: Loop
  /** No state is active yet: the first ones are being entered. */
  private entering = false
  /** True while a row is born: it may belong to another thread, so everybody's change marks are set. */
  private bearing = false
  /** The step that timers count from. */
  private readonly clock = { step: 0 }
  private coded = 0
  /** Branches of all cells. */
  private branches = 0
  /** Of the chart, when the tables were begun. */
  private epoch: number
  /** What went wrong first in the lowest of the rows in which something did. */
  private failed: { readonly row: number; readonly fault: Error } | undefined

  constructor(chart: Statechart, port: BehaviourPort, scene: MachineScene) {
    this.chart = chart
    this.epoch = chart.epoch
    this.port = port
    const { table } = port
    this.table = table
    this.state = table.column('$state')
    this.words = this.state.live as Uint32Array
    this.order = table.findColumn('$order')
    this.history = table.findColumn('$history')
    this.timers = table.findColumn('$timers')
    this.written = new Uint8Array(table.columns.length)
    const columns = table.columns.filter((column) => !column.name.startsWith('$'))
    this.context = bindContext(table.kind.name, columns, scene.members(() => this.context.fast.$row))
    this.fast = { context: this.context.fast, event: stepEvent, self: scene.self, system: scene.system, spawn: scene.spawn }
    this.plain = { context: this.context.plain, event: stepEvent, self: scene.self, system: scene.system, spawn: scene.spawn }
    this.first = chart.initial()
    this.firstState = chart.facts(this.first.next)
    this.isBlindBirth = chart.initialContext === undefined && !this.firstState.hasAlways && this.first.actions.every(isBlind)
    this.actions = new Actions(this.actionScene(columns))
    this.host = this.cellHost()
    const isDirect = this.order === undefined && chart.stateWords === 1 && chart.configurations <= directMax
    this.direct = isDirect ? new Array<ConfigurationFacts | undefined>(chart.configurations).fill(undefined) : []
    // Eventless transitions and STEP have the places 0 and 1.
    this.eventPlace(undefined)
    this.eventPlace(stepEvent.type)
    const step: Arriving = { event: stepPlace, fast: stepEvent, plain: stepEvent, isMail: false }
    this.arrivals = [...port.types.map((type, i) => (table.kind.receives.includes(type) ? this.mailArrival(type, i) : undefined)), step]
    this.arrivals.forEach((arrival, i) => {
      if (arrival !== undefined) this.arrivalOf[arrival.event] = i
    })
    this.timerEvents = chart.timers.map((type) => ({ event: this.eventPlace(type), object: Object.freeze({ type }) }))
    this.lasting = this.names.length
    this.cellTable = isDirect && chart.configurations * this.arrivals.length <= tableMax ? this.makeTable(this.arrivals.length) : undefined
    this.loop = this.cellTable === undefined ? rowLoop(this.loopScene()) : chainedLoop(table.kind.name, this.loopScene(), this.cellTable)
  }

  born(row: number, step: number): void {
    this.bearing = true
    this.entering = true
    this.catchUp()
    this.clock.step = step
    try {
      const init: InitEvent = this.isBlindBirth ? blindInit : { type: 'xstate.init', input: this.columnValues(row) }
      this.begin(row, init)
      const initial = this.chart.initialContext?.(init.input)
      if (initial !== undefined) this.actions.update(row, initial)
      for (const part of this.first.actions) this.actions.op(part)(row)
      this.host.enter(row, this.firstState)
      this.entering = false
      this.settle(row)
    } catch (cause) {
      throw this.fault(cause)
    } finally {
      this.mark()
      this.bearing = false
      this.entering = false
    }
  }

  decide(begin: number, end: number): void {
    const { port } = this
    this.clock.step = port.step()
    this.prepare()
    this.loop(begin, end, port.inbox.hasMail(port.kindIndex), this.clock.step)
    this.mark()
    if (this.failed !== undefined) throw this.failed.fault
  }

  private prepare(): void {
    this.failed = undefined
    this.catchUp()
    if (!this.forgot) return
    this.forget()
    this.numbered.length = 2
    this.forgot = false
  }

  private makeTable(stride: number): CellTable {
    const entries = this.chart.configurations * stride
    const runAll = (number: number, chain: Chain): void => {
      this.runAll(this.numbered[number] as Cell, chain)
    }
    return { numbers: new Uint32Array(entries), stride, cellsMax: 2 * entries + 2, chains: chainsOf(this.table.kind.rowsMax), runAll }
  }

  private mailArrival(type: MessageType, i: number): Arriving {
    const { table, port } = this
    return { event: this.eventPlace(type.name), isMail: true, ...bindEvent(`${table.kind.name}_${i}`, { type, memory: port.inbox.memory, place: this.mailPlace }) }
  }

  /** Notes what a row's machine threw. Rows before it go on, so that the lowest one is named however they are sorted; those after it need not. */
  private fail(cause: unknown): void {
    this.failed = { row: this.context.fast.$row, fault: this.fault(cause) }
  }

  /** A row as low has failed: what this one does is of no use. */
  private isLost(row: number): boolean {
    return this.failed !== undefined && row >= this.failed.row
  }

  /** Runs a message or STEP for a row, up to where it rests. */
  private runOne(row: number, at: number, arrival: number): void {
    if (this.isLost(row)) return
    const arriving = this.arrivals[arrival] as Arriving
    try {
      this.see(row, at, arriving)
      if ((this.run(row, arriving.event) & outcome.unsettled) !== 0) this.settle(row)
    } catch (cause) {
      this.fail(cause)
    }
  }

  /** Runs a cell for the rows of a chain, which runs upwards: when one fails, the rest are lost. */
  private runAll(cell: Cell, chain: Chain): void {
    if (this.failed !== undefined) cutChain(chain, (this.cellTable as CellTable).chains, this.failed.row)
    try {
      cell.all(chain)
    } catch (cause) {
      this.fail(cause)
    }
  }

  private fireTimers(row: number): void {
    if (this.isLost(row)) return
    try {
      this.fireDue(row)
    } catch (cause) {
      this.fail(cause)
    }
  }

  /** Due timers, earliest first, then in document order. One that a former cancels does not fire. */
  private fireDue(row: number): void {
    const timers = this.timers as Column
    const due = timers.live
    const { width } = timers.type
    const from = row * width
    for (;;) {
      let next = -1
      for (let i = 0; i < width; i++) {
        const at = due[from + i]
        if (at !== 0 && at <= this.clock.step && (next < 0 || at < due[from + next])) next = i
      }
      if (next < 0) return
      due[from + next] = 0
      this.written[timers.index] = 1
      this.begin(row, this.timerEvents[next].object)
      if ((this.run(row, this.timerEvents[next].event) & outcome.unsettled) !== 0) this.settle(row)
    }
  }

  private see(row: number, at: number, { fast, plain, isMail }: Arriving): void {
    if (isMail) this.mailPlace.word = at + mailHeaderWords
    this.begin(row, fast, plain)
  }

  /** Makes a row and an event those that the user's functions see; one of the machine's own has one form. */
  private begin(row: number, fast: MachineEvent, plain = fast): void {
    this.context.fast.$row = row
    this.fast.event = fast
    this.plain.event = plain
  }

  /** The first microstep of an event, in bits of {@link outcome}. */
  private run(row: number, event: number): number {
    const from = this.configurationOf(row)
    if (!from.done && (event !== stepPlace || from.handlesStep)) return this.cellOf(from, event).run(row)
    this.tabulate(from, event, undefined)
    return 0
  }

  /** Puts a cell, or undefined for nothing to do, where the loop finds it without looking for the configuration. */
  private tabulate(from: ConfigurationFacts, event: number, cell: Cell | undefined): void {
    const { cellTable } = this
    const arrival = this.arrivalOf[event]
    if (cellTable === undefined || arrival === undefined) return
    // A machine may raise a STEP where none comes from outside.
    const isIdle = cell === undefined || cell.isIdle || (event === stepPlace && !from.handlesStep)
    cellTable.numbers[from.state[0] * cellTable.stride + arrival] = isIdle ? idleCell : this.numberOf(cell, cellTable)
  }

  private numberOf(cell: Cell, { cellsMax }: CellTable): number {
    // Old cells keep their numbers until the step is over.
    if (cell.number === unknownCell && this.numbered.length < cellsMax) cell.number = this.numbered.push(cell) - 1
    return cell.number
  }

  /** Microsteps until nothing is raised and no eventless transition is enabled: the loop of XState's macrostep; `before` of them were done already. */
  private settle(row: number, untried = true, before = 0): void {
    let eventless = untried
    let done = 0
    for (let microsteps = before; ; microsteps++) {
      const from = this.configurationOf(row)
      if (from.done) break
      if (microsteps >= this.chart.microstepsMax) throw this.endless(row)
      const result: number = eventless && from.hasAlways ? this.cellOf(from, eventlessPlace).run(row) : 0
      if ((result & outcome.taken) !== 0) {
        eventless = (result & outcome.changed) !== 0
        continue
      }
      if (done === this.queued) break
      this.next(row, this.queue[done++] as MachineEvent)
      eventless = true
    }
    this.queued = 0
  }

  /** Runs an event of the machine's own. */
  private next(row: number, event: MachineEvent): void {
    this.begin(row, event)
    this.cellOf(this.configurationOf(row), this.eventPlace(event.type)).run(row)
  }

  /** Goes on a little to find the circle, so that the error can name it. */
  private endless(row: number): MetabonkError {
    const { chart } = this
    const trail: string[] = []
    for (let i = 0, done = 0; i < trailMax; i++) {
      const from = this.configurationOf(row)
      trail.push(chart.label(from.index))
      const result: number = from.hasAlways ? this.cellOf(from, eventlessPlace).run(row) : 0
      if ((result & outcome.taken) !== 0 && (result & outcome.changed) !== 0) continue
      if (done === this.queued) break
      this.next(row, this.queue[done++] as MachineEvent)
    }
    const again = trail.indexOf(trail[0], 1)
    const circle = trail.slice(0, again < 0 ? 3 : again + 1).join(' > ')
    return new MetabonkError({ code: 'machine', what: `machine ${chart.name} does not come to rest: its raise or always transitions go round in circles: ${circle}`, todo: 'give one of them a guard that ends the circle' })
  }

  private configurationOf(row: number): ConfigurationFacts {
    const known = this.direct[this.words[row]]
    return known ?? this.find(row)
  }

  private find(row: number): ConfigurationFacts {
    const { chart } = this
    if (chart.full) {
      chart.forget()
      this.forget()
    }
    const found = chart.find(row, this.words, this.order?.live as Uint8Array | undefined)
    if (this.direct.length > 0) this.direct[this.words[row]] = found
    return found
  }

  /** Another population of the machine may have made it forget its configurations. */
  private catchUp(): void {
    if (this.epoch !== this.chart.epoch) this.forget()
  }

  /** Starts the tables anew. */
  private forget(): void {
    this.epoch = this.chart.epoch
    this.cells = []
    this.rare.clear()
    this.shared.clear()
    this.cellTable?.numbers.fill(unknownCell)
    this.direct.fill(undefined)
    this.actions.forget()
    for (const name of this.names.splice(this.lasting)) this.events.delete(name)
    this.branches = 0
    this.forgot = true
  }

  private cellOf(from: ConfigurationFacts, event: number): Cell {
    return this.cells[from.index]?.[event] ?? this.makeCell(from, event)
  }

  private makeCell(from: ConfigurationFacts, event: number): Cell {
    const own = this.rare.get(`${from.index}/${event}`)
    if (own !== undefined) return own
    const key = this.chart.classOf(from.index, this.names[event])
    const known = key === undefined ? undefined : this.shared.get(key)
    if (known !== undefined) return this.keepCell(from, event, known)
    const cell = this.newCell(from, event, key !== undefined)
    if (key !== undefined) this.shared.set(key, cell)
    return cell
  }

  /** Makes a cell and keeps it, unless it was the one too many: the tables are new then, and the event's number may be another's. */
  private newCell(from: ConfigurationFacts, event: number, isShared: boolean): Cell {
    const { cells } = this
    const cell = new Cell(this.host, { from, event: this.names[event], isShared })
    return cells === this.cells ? this.keepCell(from, event, cell) : cell
  }

  private keepCell(from: ConfigurationFacts, event: number, cell: Cell): Cell {
    if (event >= this.lasting + placedMax) {
      this.rare.set(`${from.index}/${event}`, cell)
      this.host.grow()
      return cell
    }
    while (this.cells.length <= from.index) this.cells.push([])
    const row = this.cells[from.index]
    while (row.length <= event) row.push(undefined)
    row[event] = cell
    this.tabulate(from, event, cell)
    return cell
  }

  private eventPlace(type: string | undefined): number {
    const known = this.events.get(type)
    if (known !== undefined) return known
    this.events.set(type, this.names.length)
    return this.names.push(type) - 1
  }

  private columnValues(row: number): Record<string, unknown> {
    const values: Record<string, unknown> = {}
    for (const column of this.table.columns) if (!column.name.startsWith('$')) values[column.name] = this.table.get(column, row)
    return values
  }

  private actionScene(columns: readonly Column[]): ActionScene {
    const { chart, port, written, fast, plain } = this
    const setTimer = (row: number, timer: number, due: number): void => {
      const column = this.timers as Column
      column.live[row * column.type.width + timer] = due
      written[column.index] = 1
    }
    return {
      chart,
      port,
      columns,
      written,
      fast,
      plain,
      raise: (event) => {
        if (typeof (event as { readonly type?: unknown } | undefined)?.type !== 'string') throw new MetabonkError({ code: 'machine', what: `machine ${chart.name} raises ${describe(event)}, which is no event`, todo: 'raise an object with a type' })
        this.queue[this.queued++] = event
      },
      configuration: () => (this.entering ? nowhere : this.configurationOf(this.context.fast.$row).index),
      startTimer: (row, timer, delay) => {
        setTimer(row, timer, this.clock.step + chart.stepsOf(timer, delay))
      },
      timerCode: (timer, steps) => {
        const { index, type } = this.timers as Column
        return `due[row * ${type.width} + ${timer}] = ${steps === undefined ? '0' : `clock.step + ${steps}`}\nwritten[${index}] = 1`
      },
      stopTimer: (row, timer) => {
        setTimer(row, timer, 0)
      },
      remember: (row, history, words) => {
        const column = this.history as Column
        column.live.set(words, row * column.type.width + history * chart.historyWords)
        written[column.index] = 1
      },
    }
  }

  private loopScene(): LoopScene {
    const { port, table, timers } = this
    return {
      alive: table.alive,
      state: this.words,
      due: timers?.live,
      timers: timers?.type.width ?? 0,
      words: port.inbox.words,
      starts: port.inbox.places(port.kindIndex),
      stepPlace: this.arrivals.length - 1,
      fireTimers: (row) => {
        this.fireTimers(row)
      },
      handlesStep: (row) => this.configurationOf(row).handlesStep,
      runOne: (row, at, event) => {
        this.runOne(row, at, event)
      },
    }
  }

  private cellHost(): CellHost {
    const { chart, state, words, order, written, timers, clock } = this
    const enter = (row: number, next: ConfigurationFacts): void => {
      words.set(next.state, row * chart.stateWords)
      written[state.index] = 1
      if (order === undefined) return
      order.live.set(next.order, row * next.order.length)
      written[order.index] = 1
    }
    return {
      chart,
      actions: this.actions,
      unique: () => `${this.table.kind.name}_${this.coded++}`,
      readHistories: (row, histories, out) => {
        const column = this.history as Column
        histories.forEach((history, i) => {
          const from = row * column.type.width + history * chart.historyWords
          for (let k = 0; k < chart.historyWords; k++) out[i * chart.historyWords + k] = column.live[from + k]
        })
      },
      enter,
      enterCode: (from, next) => (order === undefined && chart.stateWords === 1 ? `state[row] += ${next.state[0] - from.state[0]}\nwritten[${state.index}] = 1` : undefined),
      shift: (row, from, next) => {
        words[row] += next.state[0] - from.state[0]
        written[state.index] = 1
      },
      scope: { state: words, due: timers?.live, clock, context: this.context.fast, place: this.mailPlace },
      chains: () => (this.cellTable as CellTable).chains,
      arriving: (event) => this.arrivals[this.arrivalOf[this.eventPlace(event)] ?? -1],
      see: (row, place, event) => {
        this.see(row, place, event)
      },
      settle: (row, eventless, before) => {
        this.settle(row, eventless, before)
      },
      eventless: (of) => this.cellOf(of, eventlessPlace),
      epoch: () => chart.epoch,
      grow: () => {
        if (++this.branches > chart.branchesMax) this.forget()
      },
      runAlone: (row, event) => {
        const from = this.configurationOf(row)
        const known = this.cellOf(from, this.eventPlace(event))
        // Rows that are in a chain with the first that found out come here, too.
        const own = known.place.isShared ? this.newCell(from, this.eventPlace(event), false) : known
        return own.run(row)
      },
    }
  }

  /** Sets the change marks of what was written. */
  private mark(): void {
    const { written, table } = this
    for (let column = 0; column < written.length; column++) {
      if (written[column] === 0) continue
      written[column] = 0
      if (this.bearing) table.markDirtyAll(column)
      else table.markDirty(column, this.port.lane)
    }
  }

  private fault(cause: unknown): Error {
    const row = this.context.fast.$row
    this.queued = 0
    const state = this.bearing ? 'its first state' : this.chart.label(this.configurationOf(row).index)
    return this.chart.fault(cause, { step: this.port.step(), row, state, event: this.bearing ? 'born' : this.plain.event.type })
  }
}

/** The first event of a machine, where nobody sees its input. */
const blindInit: InitEvent = Object.freeze({ type: 'xstate.init', input: Object.freeze({}) })

/** Whether an action calls no function of the user's. */
function isBlind(part: ActionPart): boolean {
  return part.form === 'stopTimer' || part.form === 'remember' || (part.form === 'startTimer' && typeof part.delay !== 'function')
}

const stepEvent: MachineEvent = Object.freeze({ type: 'STEP' })
/** Configuration of a machine whose first states are being entered. */
const nowhere = -1
const eventlessPlace = 0
const stepPlace = 1
