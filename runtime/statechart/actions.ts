import { MetabonkError } from '../errors.ts'
import type { BehaviourPort } from '../lockstep/program.ts'
import { sendMail } from '../mail/sending.ts'
import type { MessageType } from '../schema/message.ts'
import { describe, storeValue, valueFault, type AgentId } from '../schema/types.ts'
import type { Column } from '../state/table.ts'
import { readsFieldsOnly, returnedField, returnedFields } from './reads.ts'
import { CodeScope } from './scope.ts'
import { columnStoreCode } from './store.ts'
import type { ActionPart, Guard, MachineArgs, OrMade, Statechart, UserFunction } from './statechart.ts'

/** Runs after which code is made for what runs. */
export const runsBeforeCode = 64

/** One action, done for a row. */
export type Op = (row: number) => void

/** An event on its way inside a machine. */
export interface MachineEvent {
  readonly type: string
}

/** What user functions are called with, in the two forms of a flyweight, and what their actions reach. */
export interface ActionScene {
  readonly chart: Statechart
  readonly port: BehaviourPort
  /** Fields of the context. */
  readonly columns: readonly Column[]
  /** By column of the table: written since the marks were taken. */
  readonly written: Uint8Array
  readonly fast: MachineArgs
  readonly plain: MachineArgs
  raise(event: MachineEvent): void
  /** Configuration of the microstep that is being done. */
  configuration(): number
  startTimer(row: number, timer: number, delay: unknown): void
  /** Statements that let a timer of `row` be due so many steps from now, or never. */
  timerCode(timer: number, steps: number | undefined): string
  stopTimer(row: number, timer: number): void
  remember(row: number, history: number, words: Uint32Array): void
}

type Of<F extends ActionPart['form']> = Extract<ActionPart, { readonly form: F }>

/** Actions and guards of one machine over the columns of one kind. */
export class Actions {
  /** Set by every assign: an action that was not known beforehand may have been one. */
  assigned = false
  /** Of the machine that is done, until its states are left. */
  private output: unknown = undefined
  private readonly scene: ActionScene
  /** Fields of the context that are lists. */
  private readonly lists: ReadonlySet<string>
  private readonly ops = new Map<ActionPart, Op>()
  private readonly byName: ReadonlyMap<string, Column>
  private readonly refuse = (i: number, value: unknown): never => {
    throw this.misfit(this.scene.columns[i], value)
  }

  constructor(scene: ActionScene) {
    this.scene = scene
    this.lists = new Set(scene.columns.filter(({ type }) => type.form === 'vec').map(({ name }) => name))
    this.byName = new Map(scene.columns.map((column) => [column.name, column]))
  }

  /** A scope for code that {@link code} and {@link test} make. */
  scope(further: Readonly<Record<string, unknown>>): CodeScope {
    const { columns, written, fast, plain } = this.scene
    const arrays = Object.fromEntries(columns.map((column, i) => [`c${i}`, column.live]))
    return new CodeScope({ ...arrays, ...further, written, fast, plain, refuse: this.refuse })
  }

  /** Lets go of the actions made so far. */
  forget(): void {
    this.ops.clear()
  }

  op(part: ActionPart): Op {
    const known = this.ops.get(part)
    if (known !== undefined) return known
    const made = part.form === 'assign' ? this.assigner(part) : this.bind(part)
    this.ops.set(part, made)
    return made
  }

  /** Statements that do an action for `row`. */
  code(part: ActionPart, scope: CodeScope): string {
    const { scene } = this
    if (part.form === 'assign') return this.assignCode(part, scope)
    if (part.form === 'send') return this.sendCode(part, scope)
    if (part.form === 'stopTimer') return scene.timerCode(part.timer, undefined)
    if (part.form === 'startTimer' && typeof part.delay !== 'function') return scene.timerCode(part.timer, scene.chart.stepsOf(part.timer, part.delay))
    return `${scope.name(this.op(part))}(row)`
  }

  /** An expression that asks a guard. */
  guardCode(guard: Guard, scope: CodeScope): string {
    switch (guard.form) {
      case 'constant':
        return String(guard.holds)
      case 'not':
        return `!(${this.guardCode(guard.part, scope)})`
      case 'and':
      case 'or':
        return guard.parts.length === 0 ? String(guard.form === 'and') : guard.parts.map((part) => `(${this.guardCode(part, scope)})`).join(guard.form === 'and' ? ' && ' : ' || ')
      case 'call':
        return this.callCode(guard.run, guard.params, scope)
    }
  }

  /** A function that asks a guard. */
  test(guard: Guard): () => boolean {
    switch (guard.form) {
      case 'constant':
        return () => guard.holds
      case 'not': {
        const part = this.test(guard.part)
        return () => !part()
      }
      case 'and':
      case 'or': {
        const tests = guard.parts.map((part) => this.test(part))
        return guard.form === 'and' ? () => tests.every((test) => test()) : () => tests.some((test) => test())
      }
      case 'call': {
        const ask = this.caller(guard.run, guard.params)
        return () => Boolean(ask())
      }
    }
  }

  /** Checks and stores values of fields, as a birth or an assign gave them. */
  update(row: number, values: Readonly<Record<string, unknown>>): void {
    for (const name of Object.keys(values)) {
      const column = this.byName.get(name)
      if (column === undefined) throw this.unknownField(name)
      const fault = valueFault(column.type, values[name])
      if (fault !== undefined) throw this.misfit(column, values[name])
      storeValue(column.type, column.live, row * column.type.width, values[name])
      this.scene.written[column.index] = 1
    }
    this.assigned = true
  }

  private unknownField(name: string): MetabonkError {
    const { chart, columns, port } = this.scene
    return new MetabonkError({ code: 'machine', what: `machine ${chart.name} assigns '${name}', which is no column of ${port.table.kind.name}`, todo: `choose from ${columns.map((each) => each.name).join(', ')}` })
  }

  private misfit(column: Column, value: unknown): MetabonkError {
    const { chart, port } = this.scene
    return new MetabonkError({ code: 'schema', what: `${port.table.kind.name}.${column.name}: ${valueFault(column.type, value) ?? 'does not fit'}`, where: `machine ${chart.name}` })
  }

  /** To make code takes as long as hundreds of assignments without: few are done so often outside the code of a cell. */
  private assigner(part: Of<'assign'>): Op {
    // Of the form that code will use: functions that see objects of two shapes stay slower for good.
    const makers = part.fields.map(([name, value]): readonly [string, () => unknown] => [name, this.maker(value, part.params)])
    let left = runsBeforeCode
    let coded: Op | undefined
    return (row) => {
      if (coded !== undefined) coded(row)
      else if (left-- > 0) this.update(row, Object.fromEntries(makers.map(([name, make]) => [name, make()])))
      else {
        coded = this.generated(part)
        coded(row)
      }
    }
  }

  private generated(part: Of<'assign'>): Op {
    const scope = this.scope({})
    return scope.run(`return function assign_${this.scene.port.table.kind.name}_${this.ops.size}(row) {\n${this.assignCode(part, scope)}\n}`) as Op
  }

  /** All values are made from the old context, then all are stored. */
  private assignCode({ fields, params }: Of<'assign'>, scope: CodeScope): string {
    const { columns } = this.scene
    const made = fields.map(([, value], k) => `const v${k} = ${this.makerCode(value, params, scope)}`)
    const stored = fields.map(([name], k) => {
      const i = columns.findIndex((column) => column.name === name)
      if (i < 0) throw this.unknownField(name)
      return `${columnStoreCode(columns[i], i, `v${k}`)}\nwritten[${columns[i].index}] = 1`
    })
    return `{\n${[...made, ...stored].join('\n')}\n}`
  }

  /** The payload is written in place, as long as it is no more than an expression: a message that is sent is no object on the heap. */
  private sendCode({ type, to, payload }: Of<'send'>, scope: CodeScope): string {
    const { receiver, memory } = this.scene.port
    const port = scope.name(this.scene.port)
    const fields = typeof payload === 'function' ? returnedFields(payload as UserFunction) : undefined
    const write = fields?.every((name) => name in type.fields) === true ? 'store' : 'encode'
    // A function that makes the payload may send, too.
    return `{
const to = ${this.makerCode(to, undefined, scope)}
const payload = ${this.makerCode(payload, undefined, scope)}
${scope.name(receiver)}.id = to
const place = ${port}.open(row, ${scope.name(type)})
if (place >= 0) {
${scope.name(type.codec)}.${write}(payload, ${scope.name(memory)}, place)
${port}.close(row, ${scope.name(type)})
}
}`
  }

  /** An action without code of its own. */
  private bind(part: Exclude<ActionPart, Of<'assign'>>): Op {
    switch (part.form) {
      case 'call':
        return this.caller(part.run, part.params, this.scene.plain)
      case 'update': {
        const make = this.caller(part.run, part.params)
        return (row) => {
          this.update(row, (make() ?? {}) as Record<string, unknown>)
        }
      }
      case 'send':
        return this.sender(part)
      case 'sendTo':
        return this.addresser(part)
      case 'emit':
        return this.emitter(part)
      case 'raise':
        return this.raiser(part)
      case 'collect':
        return this.collector(part)
      default:
        return this.bindOwn(part)
    }
  }

  /** An action that XState takes by itself. */
  private bindOwn(part: Of<'startTimer' | 'stopTimer' | 'done' | 'output' | 'end' | 'remember'>): Op {
    const { scene } = this
    switch (part.form) {
      case 'startTimer': {
        const delay = this.maker(part.delay, part.params)
        return (row) => {
          scene.startTimer(row, part.timer, delay())
        }
      }
      case 'stopTimer':
        return (row) => {
          scene.stopTimer(row, part.timer)
        }
      case 'done': {
        const { type, output } = part
        if (typeof output !== 'function') return this.raiser({ event: Object.freeze({ type, output }), params: undefined })
        const make = this.keeper(output as UserFunction, undefined)
        return () => {
          scene.raise({ type, output: make() } as MachineEvent)
        }
      }
      case 'output':
        return this.finisher(part)
      case 'end':
        return (row) => {
          this.update(row, outputFields(this.scene.chart.name, this.output))
        }
      case 'remember':
        return (row) => {
          scene.remember(row, part.history, part.words)
        }
    }
  }

  /** The form of the arguments that a function gets. */
  private formFor(run: UserFunction): 'fast' | 'plain' {
    return readsFieldsOnly(run, this.lists) ? 'fast' : 'plain'
  }

  /** An expression that calls a user's function; of one that only reads a field it is that field, which no call puts on the heap when it is no small integer. */
  private callCode(run: UserFunction, params: unknown, scope: CodeScope): string {
    const form = this.formFor(run)
    if (typeof params === 'function') return `${scope.name(run)}(${form}, ${scope.name(params)}(plain))`
    const field = returnedField(run)
    if (field !== undefined && field.of !== 'params') return `${form}.${field.of}.${field.name}`
    if (field !== undefined && typeof params === 'object' && params !== null) return `${scope.name(params)}.${field.name}`
    return `${scope.name(run)}(${form}${params === undefined ? '' : `, ${scope.name(params)}`})`
  }

  /** An expression for a constant, or for what a user's function makes of the moment. */
  private makerCode(value: OrMade, params: unknown, scope: CodeScope): string {
    return typeof value === 'function' ? this.callCode(value as UserFunction, params, scope) : scope.name(value)
  }

  /** Calls a user's function with a context of its own, which may be kept: it stays what it is now, whatever is assigned later. */
  private keeper(run: UserFunction, params: unknown): () => unknown {
    const { plain } = this.scene
    return () => {
      const args = { ...plain, context: Object.freeze({ ...plain.context }) }
      return run(args, typeof params === 'function' ? (params as (args: MachineArgs) => unknown)(args) : params)
    }
  }

  /** Calls a user's function with the arguments of the moment. */
  private caller(run: UserFunction, params: unknown, args = this.scene[this.formFor(run)]): () => unknown {
    const { plain } = this.scene
    if (typeof params !== 'function') return () => run(args, params)
    const make = params as (args: MachineArgs) => unknown
    return () => run(args, make(plain))
  }

  /** Gives a constant, or what a user's function makes of the moment. */
  private maker(value: OrMade, params: unknown): () => unknown {
    return typeof value === 'function' ? this.caller(value as UserFunction, params) : () => value
  }

  private sender({ type, to, payload }: Of<'send'>): Op {
    const { port } = this.scene
    const receiver = this.maker(to, undefined)
    const values = this.maker(payload, undefined)
    return (row) => {
      sendMail(port, row, type, { to: receiver() as AgentId, payload: values() as Record<string, unknown> })
    }
  }

  private addresser({ to, event, params }: Of<'sendTo'>): Op {
    const { port } = this.scene
    const receiver = this.maker(to, params)
    const made = this.maker(event, params)
    return (row) => {
      sendEvent(port, row, { to: receiver(), event: made() as MachineEvent })
    }
  }

  private emitter({ event, params }: Of<'emit'>): Op {
    const { port } = this.scene
    const made = this.maker(event, params)
    return (row) => {
      emitEvent(port, row, made() as MachineEvent)
    }
  }

  private finisher({ output, type, last }: Of<'output'>): Op {
    const { plain } = this.scene
    const made = this.maker(last, undefined)
    return () => {
      const event = { type, output: made() }
      this.output = typeof output === 'function' ? (output as UserFunction)({ ...plain, event }, undefined) : output
    }
  }

  private raiser({ event, params }: Omit<Of<'raise'>, 'form'>): Op {
    const { scene } = this
    if (typeof event !== 'function') {
      return () => {
        scene.raise(event as MachineEvent)
      }
    }
    // What is raised is looked at when the context may have changed.
    const make = this.keeper(event as UserFunction, params)
    return () => {
      scene.raise(make() as MachineEvent)
    }
  }

  private collector({ gather, params }: Of<'collect'>): Op {
    const { scene } = this
    const { chart } = scene
    const check = (guard: unknown): boolean => this.test(chart.guard(guard, scene.configuration()))()
    // The actions it asks for may read the context that the function saw, when it is no longer the context.
    const collect = this.keeper((args, given) => gather(args, given, check), params)
    return (row) => {
      for (const action of collect() as readonly unknown[]) this.improvise(row, chart.action(action))
    }
  }

  /** Does an action that came up while another one ran: it is not worth code of its own. */
  private improvise(row: number, part: ActionPart): void {
    if (part.form !== 'assign') {
      this.bind(part)(row)
      return
    }
    const args = this.scene.plain
    const params: unknown = typeof part.params === 'function' ? (part.params as (args: MachineArgs) => unknown)(args) : part.params
    const values = Object.fromEntries(part.fields.map(([name, value]) => [name, typeof value === 'function' ? (value as UserFunction)(args, params) : value]))
    this.update(row, values)
  }
}

/** The columns that the output of a machine names, and their values. */
export function outputFields(machine: string, output: unknown): Readonly<Record<string, unknown>> {
  const todo = 'give an object whose fields are columns of the kind: they keep it'
  if (typeof output !== 'object' || output === null) throw new MetabonkError({ code: 'machine', what: `the output of machine ${machine} is ${describe(output)}`, todo })
  const blank = Object.entries(output).find(([, value]) => value === undefined)
  if (blank !== undefined) throw new MetabonkError({ code: 'machine', what: `the output of machine ${machine} has no value for '${blank[0]}'`, todo })
  return output as Readonly<Record<string, unknown>>
}

/** The message type of an event's name. */
function typeOfEvent({ types }: Pick<BehaviourPort, 'types'>, name: string, what: string): MessageType {
  const type = types.find((each) => each.name === name)
  if (type !== undefined) return type
  throw new MetabonkError({ code: 'machine', what: `${name} is ${what}, which is no message of this world`, todo: `list it in the receives of a kind; there are ${types.map((each) => each.name).join(', ') || 'none'}` })
}

/** Emits an event of XState's: the message of its name goes to every agent that receives it and lives now, but not to the sender. */
export function emitEvent(port: BehaviourPort, row: number, { type: name, ...payload }: MachineEvent): void {
  const type = typeOfEvent(port, name, 'emitted')
  for (const table of port.tables) {
    if (!table.kind.receives.includes(type)) continue
    for (let to = 0; to < table.rows; to++) {
      if (table.isAlive(to) && (to !== row || table !== port.table)) sendMail(port, row, type, { to: table.idOfRow(to), payload })
    }
  }
}

/** Sends an event of XState's as the message of its name. */
export function sendEvent(port: BehaviourPort, row: number, { to, event }: { readonly to: unknown; readonly event: MachineEvent }): void {
  const { type: name, ...payload } = event
  const type = typeOfEvent(port, name, 'sent')
  if (typeof to !== 'number') throw new MetabonkError({ code: 'machine', what: `${name} is sent to ${describe(to)}, which is no agent`, todo: "give an agent's id: from a column, event.sender or selfId" })
  sendMail(port, row, type, { to: to as AgentId, payload })
}
