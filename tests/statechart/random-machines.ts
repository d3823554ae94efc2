import { and, assign, createMachine, enqueueActions, not, or, raise, stateIn, type AnyStateMachine } from 'xstate'
import { bool, f32, f64, i32, kind, message } from '../../actors/index.ts'
import { innerEvents, type ActionPlan, type AssignPlan, type ContextField, type GuardPlan, type HandlerPlan, type HistoryPlan, type StatePlan, type Term, type TransitionPlan } from './machine-plans.ts'

const Hit = message('Hit', { p: i32, q: f64 })
const Heal = message('Heal', { p: i32 })
const Call = message('Call', {})

/** The kind whose agents run generated machines. */
export const Actor = kind('actor', { columns: { n: i32, m: i32, x: f64, y: f32, b: bool }, receives: [Hit, Heal, Call], rowsMax: 128, mailMax: 1024 })

interface Context {
  readonly n: number
  readonly m: number
  readonly x: number
  readonly y: number
  readonly b: boolean
}

interface Event {
  readonly type: string
  readonly p?: number
  readonly q?: number
  readonly output?: number
}

interface Args {
  readonly context: Context
  readonly event: Event
}

interface Enqueue {
  (action: unknown): void
  assign(values: object): void
  raise(event: object): void
}

interface EnqueueArgs extends Args {
  readonly enqueue: Enqueue
  readonly check: (guard: unknown) => boolean
}

export interface BuildOptions {
  /** Is told of each action that is executed. */
  readonly log: (text: string) => void
  /** What is done to a number before it is assigned to a field of 32 bits. */
  readonly round: (value: number) => number
}

/** Delays by name; `1`, `2`, ... are constants. */
const delays = { short: 2, long: 4, byContext: ({ context }: Args) => 1 + context.n, byEvent: ({ event }: Args) => 1 + Math.trunc(event.p ?? 0) }

function valueOf({ source }: Term, { context, event }: Args): number {
  switch (source) {
    case 'one':
      return 1
    case 'p':
    case 'q':
    case 'output':
      return event[source] ?? 0
    default:
      return Number(context[source])
  }
}

/** Maps a number into what a field takes: a small range, so that guards see the same values again. */
function fieldValue(field: ContextField, value: number, round: (value: number) => number): number | boolean {
  switch (field) {
    case 'n':
    case 'm':
      return Math.trunc(value) % 5
    case 'x':
      return value * 0.5
    case 'y':
      return round(value * 0.7)
    case 'b':
      return value > 2
  }
}

/** Where a state lies, for what may be targeted together. */
interface Place {
  readonly state: StatePlan
  /** Where the place is a history of the state. */
  readonly history?: HistoryPlan
  /** From the root to the state, which is the last. */
  readonly path: readonly StatePlan[]
}

function placesOf(root: StatePlan): Map<string, Place> {
  const places = new Map<string, Place>()
  const visit = (state: StatePlan, above: readonly StatePlan[]): void => {
    const path = [...above, state]
    places.set(state.name, { state, path })
    // A history stands for its parent: both can't be targets of one transition.
    if (state.states.length > 0) for (const history of state.histories) places.set(history.name, { state, path, history })
    for (const child of state.states) visit(child, path)
  }
  visit(root, [])
  return places
}

/** Types of all events that a plan raises, wherever it does, but for what handlers of `unheard` events would raise. */
function raisedIn(plan: unknown, unheard: readonly string[]): Set<string> {
  if (typeof plan !== 'object' || plan === null) return new Set()
  const { form, type, of } = plan as { readonly form?: string; readonly type?: string; readonly of?: string }
  if (of !== undefined && unheard.includes(of)) return new Set()
  const own = form === 'raise' && type !== undefined ? [type] : []
  return new Set([...own, ...Object.values(plan).flatMap((part) => [...raisedIn(part, unheard)])])
}

/** Events that nothing raises: to wait for them is refused. */
function unheardIn(root: StatePlan): readonly string[] {
  let unheard: readonly string[] = []
  for (;;) {
    const raised = raisedIn(root, unheard)
    const next = innerEvents.filter((type) => !raised.has(type))
    if (next.length === unheard.length) return unheard
    unheard = next
  }
}

/** Whether both may be active at once without one being in the other. */
function areOrthogonal(a: Place, b: Place): boolean {
  const at = a.path.findIndex((state, i) => state !== b.path[i])
  return at > 0 && at < b.path.length && a.path[at - 1].type === 'parallel'
}

/**
 * Whether a transition may have a target. XState 5.33.3 gets into configurations that are none, an active state without its
 * parent, by histories that are targeted from inside their parent: a bare one of a parallel state, which is filled as the state
 * is left and then taken at its word; and one that leads an atomic state to itself, whose transition exits nothing and so
 * conflicts with none that leaves the parent.
 */
function isSound(source: Place, target: Place): boolean {
  const isInside = source.path.length > target.path.length && source.path[target.path.length - 1] === target.state
  if (!isInside || target.history === undefined) return true
  return source.state.states.length > 0 && !(target.state.type === 'parallel' && target.history.targets.length === 0)
}

/** Builds one machine from its plan; every call makes functions of its own. */
class Builder {
  private readonly root: StatePlan
  private readonly options: BuildOptions
  private readonly places: ReadonlyMap<string, Place>
  private readonly actions: Record<string, unknown> = {}
  private readonly guards: Record<string, unknown> = {}
  private readonly unheard: readonly string[]

  constructor(root: StatePlan, options: BuildOptions) {
    this.root = root
    this.options = options
    this.places = placesOf(root)
    this.unheard = unheardIn(root)
  }

  build(): AnyStateMachine {
    const config = { ...this.state(this.root, undefined), id: this.root.name, context: { n: 1, m: 0, x: 0.5, y: 0.25, b: false }, options: { maxIterations: 60 } }
    return createMachine(config as never, { actions: this.actions, guards: this.guards, delays } as never) as AnyStateMachine
  }

  private state(plan: StatePlan, parent: StatePlan | undefined): object {
    const common = { id: plan.name, entry: plan.entry.map(this.action), exit: plan.exit.map(this.action) }
    if (plan.type === 'final' && parent !== undefined && parent.type !== 'parallel') {
      return { ...common, type: 'final', ...(plan.output.length === 0 ? {} : { output: (args: Args) => valueOf(plan.output[0], args) + plan.output[0].k }) }
    }
    const behaviour = { ...common, on: this.handlers(plan, plan.on, undefined), ...(plan.always.length === 0 ? {} : { always: plan.always.map((each) => this.transition(plan, each)) }), after: this.handlers(plan, plan.after, {}) }
    if (plan.states.length === 0) return behaviour
    const initial = plan.states.some(({ name }) => name === plan.initial) ? plan.initial : plan.states[0].name
    const states = Object.fromEntries([...plan.states.map((each) => [each.name, this.state(each, plan)]), ...plan.histories.map((each) => [each.name, this.history(each)])] as [string, object][])
    const onDone = plan.onDone.length === 0 ? {} : { onDone: plan.onDone.map((each) => this.transition(plan, each)) }
    if (plan.type === 'parallel') return { ...behaviour, ...onDone, type: 'parallel', states }
    return { ...behaviour, ...onDone, states, initial: plan.initialActions.length === 0 ? initial : { target: initial, actions: plan.initialActions.map(this.action) } }
  }

  private history({ name, deep, targets }: HistoryPlan): object {
    const target = targets.filter((each) => this.places.has(each)).map((each) => `#${each}`)
    return { id: name, type: 'history', history: deep ? 'deep' : 'shallow', ...(target.length === 0 ? {} : { target }) }
  }

  /** Handlers by descriptor or delay; `none` is what stands for no choice at all. */
  private handlers(source: StatePlan, plans: readonly HandlerPlan[], none: object | undefined): Record<string, unknown> {
    const handlers: Record<string, unknown> = {}
    for (const { of } of plans) {
      if (this.unheard.includes(of)) continue
      const choices = plans.filter((each) => each.of === of).flatMap((each) => each.choices)
      handlers[of] = choices.length === 0 ? none : choices.map((each) => this.transition(source, each))
    }
    return handlers
  }

  private transition(source: StatePlan, { targets, reenter, guards, actions }: TransitionPlan): object {
    const from = this.places.get(source.name) as Place
    const kept: string[] = []
    for (const name of targets) {
      const place = this.places.get(name)
      if (place !== undefined && isSound(from, place) && kept.every((other) => areOrthogonal(place, this.places.get(other) as Place))) kept.push(name)
    }
    return {
      ...(kept.length === 0 ? {} : { target: kept.map((name) => `#${name}`) }),
      ...(reenter ? { reenter } : {}),
      ...(guards.length === 0 ? {} : { guard: this.guard(guards[0]) }),
      actions: actions.map(this.action),
    }
  }

  private name(table: Record<string, unknown>, prefix: string, implementation: unknown): string {
    const name = `${prefix}${Object.keys(table).length}`
    table[name] = implementation
    return name
  }

  private readonly guard = (plan: GuardPlan): unknown => {
    if (plan.form === 'event') return ({ event }: Args) => event.type === plan.type
    if (plan.form === 'in') return this.inState(plan.state, plan.as)
    if (plan.form !== 'test') {
      const guards = plan.guards.map(this.guard) as never[]
      const joined: unknown = plan.form === 'and' ? and(guards) : plan.form === 'or' || guards.length === 0 ? or(guards) : not(guards[0])
      return plan.how === 'named' ? this.name(this.guards, 'joined', joined) : joined
    }
    const { how, op, term } = plan
    const test = (args: Args, k: number): boolean => (op === 'above' ? valueOf(term, args) > k : valueOf(term, args) === k)
    if (how === 'inline') return (args: Args) => test(args, term.k)
    if (how === 'named') return this.name(this.guards, 'test', (args: Args) => test(args, term.k))
    const type = this.name(this.guards, 'test', (args: Args, { k }: { readonly k: number }) => test(args, k))
    return { type, params: how === 'params' ? { k: term.k } : ({ context }: Args) => ({ k: term.k + context.n - context.m }) }
  }

  private inState(name: string, as: 'id' | 'value'): unknown {
    const place = this.places.get(name)
    if (place?.state.name !== name) return () => false
    if (as === 'id') return stateIn(`#${name}`)
    const value = place.path.slice(1).reduceRight<object>((inner, state) => ({ [state.name]: inner }), {})
    return stateIn(value as never)
  }

  private assignment({ how, sets }: AssignPlan): unknown {
    const value = (field: ContextField, term: Term, args: Args, k: number): number | boolean => fieldValue(field, valueOf(term, args) + k, this.options.round)
    if (how === 'fields') {
      return Object.fromEntries(sets.map(({ field, term }) => [field, term.source === 'one' ? fieldValue(field, 1 + term.k, this.options.round) : (args: Args) => value(field, term, args, term.k)]))
    }
    return (args: Args, params?: { readonly k: number }) => Object.fromEntries(sets.map(({ field, term }) => [field, value(field, term, args, params?.k ?? term.k)]))
  }

  private readonly action = (plan: ActionPlan): unknown => {
    switch (plan.form) {
      case 'log':
        return this.note(plan)
      case 'assign': {
        const made = assign(this.assignment(plan) as never)
        return plan.how === 'named' ? { type: this.name(this.actions, 'assign', made), params: ({ context }: Args) => ({ k: context.m + 1 }) } : made
      }
      case 'raise':
        return this.raise(plan)
      case 'enqueue': {
        const made = enqueueActions(this.collector(plan) as never)
        return plan.how === 'named' ? this.name(this.actions, 'enqueue', made) : made
      }
    }
  }

  private note({ how, name }: ActionPlan & { readonly form: 'log' }): unknown {
    const { log } = this.options
    const write = ({ context: { n, m, x, y, b }, event: { type, p, q, output } }: Args, text: string): void => {
      log(`${text} on ${[type, p, q, output].join()} with ${[n, m, x, y, b].join()}`)
    }
    if (how === 'inline') {
      return (args: Args) => {
        write(args, name)
      }
    }
    const type = this.name(this.actions, 'note', (args: Args, params?: { readonly text: string }) => {
      write(args, params?.text ?? name)
    })
    if (how === 'named') return type
    return { type, params: how === 'params' ? { text: name } : ({ context, event }: Args) => ({ text: `${name} ${context.n} ${event.type}` }) }
  }

  private raise({ how, type, term }: ActionPlan & { readonly form: 'raise' }): unknown {
    if (how === 'constant') return raise({ type, p: term.k } as never)
    if (how === 'function') return raise(((args: Args) => ({ type, p: (valueOf(term, args) + term.k) % 5 })) as never)
    const name = this.name(this.actions, 'raise', raise(((_: Args, { p }: { readonly p: number }) => ({ type, p })) as never))
    return { type: name, params: { p: term.k } }
  }

  private collector({ guards, actions, otherwise }: ActionPlan & { readonly form: 'enqueue' }): (args: EnqueueArgs) => void {
    const built = guards.map(this.guard)
    const [yes, no] = [actions, otherwise].map((list) => list.map((plan) => this.enqueuer(plan)))
    return (args) => {
      for (const put of built.every((guard) => args.check(guard)) ? yes : no) put(args)
    }
  }

  /** What puts an action into the queue: by the queue's own methods where there is one. */
  private enqueuer(plan: ActionPlan): (args: EnqueueArgs) => void {
    if (plan.form === 'assign' && plan.how !== 'named') {
      const assignment = this.assignment(plan)
      // Values computed while collecting, from the context as it was before the actions that were enqueued.
      if (typeof assignment === 'function') return (args) => { args.enqueue.assign((assignment as (args: Args) => object)(args)) }
      return ({ enqueue }) => { enqueue.assign(assignment as object) }
    }
    if (plan.form === 'raise' && plan.how !== 'named') {
      const { type, term } = plan
      return (args) => { args.enqueue.raise({ type, p: plan.how === 'constant' ? term.k : valueOf(term, args) % 5 }) }
    }
    const action = this.action(plan)
    return ({ enqueue }) => { enqueue(action) }
  }
}

/** Builds the machine of a plan, with functions of its own. */
export function buildMachine(root: StatePlan, options: BuildOptions): AnyStateMachine {
  return new Builder(root, options).build()
}
