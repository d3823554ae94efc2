import fc from 'fast-check'
import type { Mail } from './agents.ts'

/**
 * Machines as plain data: what is drawn at random, made smaller when a machine shows a difference, and printed. A plan that has
 * lost any of its parts is still a plan of a valid machine: `random-machines.ts` leaves out what has become meaningless.
 */

/** Where a number comes from: a constant, a field of the context, a field of the event. */
export interface Term {
  readonly source: 'one' | 'n' | 'm' | 'x' | 'y' | 'b' | 'p' | 'q' | 'output'
  readonly k: number
}

export interface TestPlan {
  readonly form: 'test'
  readonly how: 'inline' | 'named' | 'params' | 'dynamic'
  readonly op: 'above' | 'is'
  readonly term: Term
}

export interface JoinedPlan {
  readonly form: 'and' | 'or' | 'not'
  readonly how: 'inline' | 'named'
  readonly guards: readonly GuardPlan[]
}

export type GuardPlan = TestPlan | JoinedPlan | { readonly form: 'event'; readonly type: string } | { readonly form: 'in'; readonly as: 'id' | 'value'; readonly state: string }

export interface AssignPlan {
  readonly form: 'assign'
  readonly how: 'fields' | 'function' | 'named'
  readonly sets: readonly { readonly field: ContextField; readonly term: Term }[]
}

export type ActionPlan =
  | AssignPlan
  | { readonly form: 'log'; readonly how: 'inline' | 'named' | 'params' | 'dynamic'; readonly name: string }
  | { readonly form: 'raise'; readonly how: 'constant' | 'function' | 'named'; readonly type: string; readonly term: Term }
  | { readonly form: 'enqueue'; readonly how: 'inline' | 'named'; readonly guards: readonly GuardPlan[]; readonly actions: readonly ActionPlan[]; readonly otherwise: readonly ActionPlan[] }

export interface TransitionPlan {
  readonly targets: readonly string[]
  readonly reenter: boolean
  /** None or one. */
  readonly guards: readonly GuardPlan[]
  readonly actions: readonly ActionPlan[]
}

export interface HandlerPlan {
  /** An event descriptor in `on`, a delay in `after`. */
  readonly of: string
  /** None at all forbids the event. */
  readonly choices: readonly TransitionPlan[]
}

export interface HistoryPlan {
  readonly name: string
  readonly deep: boolean
  readonly targets: readonly string[]
}

export interface StatePlan {
  readonly name: string
  readonly type: 'normal' | 'parallel' | 'final'
  readonly states: readonly StatePlan[]
  readonly histories: readonly HistoryPlan[]
  /** Name of the state entered by default; the first if it has gone. */
  readonly initial: string
  readonly initialActions: readonly ActionPlan[]
  readonly entry: readonly ActionPlan[]
  readonly exit: readonly ActionPlan[]
  readonly on: readonly HandlerPlan[]
  readonly always: readonly TransitionPlan[]
  readonly after: readonly HandlerPlan[]
  readonly onDone: readonly TransitionPlan[]
  /** None or one. */
  readonly output: readonly Term[]
}

/** A machine and what happens to it: the mail of each step. */
export interface MachineCase {
  readonly root: StatePlan
  readonly turns: readonly (readonly Mail[])[]
}

export const contextFields = ['n', 'm', 'x', 'y', 'b'] as const
export type ContextField = (typeof contextFields)[number]

/** Delays by name: constants, and those that depend on context or event. */
const delayNames = ['short', 'long', 'byContext', 'byEvent'] as const

const messages = ['Hit', 'Heal', 'Call'] as const
/** Names of events that only the machine itself raises. */
export const innerEvents = ['in.a', 'in.b', 'in.a.deep'] as const
const raised = [...innerEvents, ...innerEvents, ...innerEvents, 'Call', 'Hit'] as const
const descriptors = [...messages, ...messages, ...messages, ...innerEvents, 'in.a.*', 'in.*', 'Hit.*', 'STEP', '*', 'xstate.done.*'] as const
const delays = ['1', '2', '3', '5', ...delayNames] as const

/** Having drawn so many states, a tree only gets leaves. */
const statesMany = 9
/** Regions of a vast machine: with three states and more in each it has more configurations than a word has values. */
const vastRegions = 21

/** Draws from what a generated value may be. */
class Draw {
  private readonly random: fc.Random
  private states = 0
  private notes = 0
  readonly names: string[] = []
  /** Names of states around the one whose contents are drawn. */
  near: readonly string[] = []
  /** Machines in which several transitions that need no event are enabled at once: in what order they are taken is the question. */
  readonly eager: boolean
  readonly vast: boolean

  constructor(random: fc.Random) {
    this.random = random
    this.vast = this.below(150) === 0
    this.eager = !this.vast && this.chance(30)
  }

  below(count: number): number {
    return this.random.nextInt(0, count - 1)
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]
  }

  some<T>(percent: number, most: number, make: () => T): T[] {
    const list: T[] = []
    while (list.length < most && this.chance(percent)) list.push(make())
    return list
  }

  stateName(prefix = 's'): string {
    const name = `${prefix}${this.states++}`
    this.names.push(name)
    return name
  }

  noteName(): string {
    return `note${this.notes++}`
  }
}

const leaf = { states: [], histories: [], initial: '', initialActions: [], entry: [], exit: [], on: [], always: [], after: [], onDone: [], output: [] } as const

/** A machine of so many configurations that they are no longer numbered. */
function drawVast(draw: Draw): StatePlan {
  const name = draw.stateName()
  const states = Array.from({ length: vastRegions }, (): StatePlan => {
    const region = draw.stateName()
    const leaves = Array.from({ length: 3 + draw.below(2) }, (): StatePlan => ({ ...leaf, name: draw.stateName(), type: 'normal' }))
    return { ...leaf, name: region, type: 'normal', states: leaves, initial: draw.of(leaves).name, histories: draw.some(10, 1, () => drawHistory(draw, leaves)) }
  })
  return { ...leaf, name, type: 'parallel', states }
}

function drawHistory(draw: Draw, states: readonly StatePlan[]): HistoryPlan {
  return { name: draw.stateName('h'), deep: draw.chance(50), targets: draw.chance(40) ? [draw.of(states).name] : [] }
}

/** The tree of states, without what they do. */
function drawTree(draw: Draw, depth: number, leaves: number): StatePlan {
  const name = draw.stateName()
  if (depth === 0 || draw.names.length >= statesMany || draw.chance(leaves)) return { ...leaf, name, type: 'normal' }
  const parallel = draw.chance(draw.eager ? 55 : 35)
  const states: StatePlan[] = []
  for (let count = draw.chance(15) ? 1 : 2 + draw.below(2); count > 0; count--) {
    if (!parallel && states.length > 0 && draw.chance(15)) states.push({ ...leaf, name: draw.stateName(), type: 'final' })
    else states.push(drawTree(draw, depth - 1, parallel ? 15 : 65))
  }
  const histories = draw.some(25, 2, () => drawHistory(draw, states))
  return { ...leaf, name, type: parallel ? 'parallel' : 'normal', states, histories, initial: draw.of(states).name }
}

function drawTerm(draw: Draw): Term {
  return { source: draw.of(['one', 'n', 'n', 'm', 'm', 'x', 'y', 'b', 'p', 'q', 'output'] as const), k: draw.below(4) }
}

function drawGuard(draw: Draw, depth: number): GuardPlan {
  const form = draw.below(depth === 0 ? 8 : 11)
  if (form < 6) return { form: 'test', how: draw.of(['inline', 'named', 'params', 'dynamic'] as const), op: draw.of(['above', 'is'] as const), term: drawTerm(draw) }
  if (form === 6) return { form: 'event', type: draw.of([...messages, ...raised, 'STEP']) }
  if (form === 7) return { form: 'in', as: draw.of(['id', 'value'] as const), state: draw.of(draw.names) }
  const joined = draw.of(['and', 'or', 'not'] as const)
  const guards = Array.from({ length: joined === 'not' ? 1 : 1 + draw.below(2) }, () => drawGuard(draw, depth - 1))
  return { form: joined, how: draw.of(['inline', 'named'] as const), guards }
}

function drawAssign(draw: Draw): AssignPlan {
  const fields = draw.eager && draw.chance(50) ? (['n'] as const) : contextFields.filter(() => draw.chance(35))
  return { form: 'assign', how: draw.of(['fields', 'function', 'named'] as const), sets: (fields.length > 0 ? fields : (['n'] as const)).map((field) => ({ field, term: drawTerm(draw) })) }
}

/** `calm` actions raise nothing: most machines would never come to rest if every transition could raise the next. */
function drawAction(draw: Draw, depth: number, calm: boolean): ActionPlan {
  const form = draw.below(calm ? 14 : depth === 0 ? 17 : 20)
  if (form < 9) return { form: 'log', how: draw.of(['inline', 'inline', 'named', 'params', 'dynamic'] as const), name: draw.noteName() }
  if (form < 14) return drawAssign(draw)
  if (form < 17) return { form: 'raise', how: draw.of(['constant', 'function', 'named'] as const), type: draw.of(raised), term: drawTerm(draw) }
  const actions = (percent: number): ActionPlan[] => draw.some(percent, 3, () => drawAction(draw, depth - 1, calm))
  return { form: 'enqueue', how: draw.of(['inline', 'named'] as const), guards: draw.some(60, 1, () => drawGuard(draw, 1)), actions: actions(75), otherwise: actions(40) }
}

function drawActions(draw: Draw, percent: number, calm = false): ActionPlan[] {
  return draw.some(percent, 3, () => drawAction(draw, 1, calm))
}

function drawTransition(draw: Draw, guarded: number, calm = false): TransitionPlan {
  const count = draw.chance(calm ? 50 : 25) ? 0 : draw.chance(80) ? 1 : 2 + draw.below(2)
  return {
    targets: Array.from({ length: count }, () => draw.of(draw.near.length > 0 && draw.chance(65) ? draw.near : draw.names)),
    reenter: draw.chance(20),
    guards: draw.some(guarded, 1, () => drawGuard(draw, 2)),
    actions: drawActions(draw, 50, calm),
  }
}

/** Mostly a transition that can be taken a few times and then no more: a count in the context runs past its guard. */
function drawSelfish(draw: Draw, free: number): TransitionPlan {
  const drawn = drawTransition(draw, 95, draw.chance(90))
  if (draw.chance(free)) return drawn
  const source = draw.eager || draw.chance(50) ? 'n' : 'm'
  const count: AssignPlan = { form: 'assign', how: draw.of(['fields', 'function'] as const), sets: [{ field: source, term: { source, k: 1 } }] }
  return { ...drawn, guards: [{ form: 'test', how: 'inline', op: 'is', term: { source, k: draw.eager ? 2 : draw.below(4) } }], actions: [...drawn.actions, count] }
}

function drawHandler(draw: Draw, of: string): HandlerPlan {
  // What the machine itself raises may go round for ever.
  const inner = /^in|[*]/.test(of)
  const draws = (guarded: number): TransitionPlan => (inner ? drawSelfish(draw, 20) : drawTransition(draw, guarded))
  const choices = draw.some(30, 2, () => draws(85))
  return { of, choices: draw.chance(6) ? [] : [...choices, draws(40)] }
}

/** Fills a tree with what its states do; `siblings` are the names beside it. */
function drawContents(draw: Draw, state: StatePlan, siblings: readonly string[]): StatePlan {
  const children = [...state.states, ...state.histories].map(({ name }) => name)
  draw.near = [...siblings, ...children]
  const actions = { entry: drawActions(draw, 55, draw.chance(80)), exit: drawActions(draw, 45, draw.chance(80)) }
  if (state.type === 'final') return { ...state, ...actions, output: draw.some(60, 1, () => drawTerm(draw)) }
  const parent = state.states.length > 0
  const behaviour = {
    initialActions: parent && state.type !== 'parallel' ? drawActions(draw, 20) : [],
    on: draw.some(70, 4, () => drawHandler(draw, draw.of(descriptors))),
    // The order of eighteen leaves with eventless transitions is the most that is kept: in vast machines only some have them.
    always: draw.some(draw.eager ? 55 : !draw.vast ? 12 : parent ? 0 : 2, 2, () => drawSelfish(draw, 10)),
    after: draw.some(22, 2, () => drawHandler(draw, draw.of(delays))),
    onDone: parent ? draw.some(50, 2, () => drawSelfish(draw, 30)) : [],
  }
  // The regions of a parallel state are no targets for each other: they are all active.
  return { ...state, ...actions, ...behaviour, states: state.states.map((each) => drawContents(draw, each, state.type === 'parallel' ? [] : children)) }
}

function drawMail(draw: Draw): Mail {
  const type = draw.of(messages)
  const p = draw.below(5)
  if (type === 'Hit') return { type, payload: { p, q: draw.below(9) / 4 } }
  return { type, payload: type === 'Heal' ? { p } : {} }
}

function drawCase(random: fc.Random): MachineCase {
  const draw = new Draw(random)
  const root = drawContents(draw, draw.vast ? drawVast(draw) : drawTree(draw, 4, 2), [])
  const turns = Array.from({ length: 8 + draw.below(16) }, () => draw.some(60, 3, () => drawMail(draw)))
  return { root, turns }
}

/** Plans that may stand in place of one that holds them. */
function partsOf(value: object): readonly unknown[] {
  const { states, guards, actions, form } = value as Partial<StatePlan> & { readonly form?: string; readonly guards?: readonly unknown[]; readonly actions?: readonly unknown[] }
  if (states !== undefined) return states
  if (form === 'enqueue') return actions ?? []
  return form === undefined ? [] : (guards ?? [])
}

function* smallerList(list: readonly unknown[]): Generator<unknown[]> {
  if (list.length > 3) {
    yield list.slice(list.length >>> 1)
    yield list.slice(0, list.length >>> 1)
  }
  for (let i = 0; i < list.length; i++) yield list.toSpliced(i, 1)
  for (let i = 0; i < list.length; i++) {
    const element = list[i]
    if (typeof element === 'object' && element !== null) for (const part of partsOf(element)) yield list.with(i, part)
    for (const smaller of smallerParts(element)) yield list.with(i, smaller)
  }
}

/** Plain data with one part left out or made simpler. */
function* smallerParts(value: unknown): Generator {
  if (Array.isArray(value)) yield* smallerList(value)
  else if (value === true) yield false
  else if (typeof value === 'number' && value !== 0) yield 0
  else if (typeof value === 'object' && value !== null) {
    if ('how' in value && value.how !== simplest(value)) yield { ...value, how: simplest(value) }
    for (const [key, part] of Object.entries(value)) {
      for (const smaller of smallerParts(part)) yield { ...value, [key]: smaller }
    }
  }
}

/** The plainest way to write a guard or an action. */
function simplest(value: object): string {
  const { form } = value as { readonly form: string }
  return form === 'assign' ? 'fields' : form === 'raise' ? 'constant' : 'inline'
}

function* smallerCases({ root, turns }: MachineCase): Generator<MachineCase> {
  for (const smaller of smallerList(turns)) yield { root, turns: smaller as MachineCase['turns'] }
  for (const state of root.states) yield { root: state, turns }
  for (const smaller of smallerParts(root)) yield { root: smaller as StatePlan, turns }
}

class MachineCases extends fc.Arbitrary<MachineCase> {
  generate(random: fc.Random): fc.Value<MachineCase> {
    return new fc.Value(drawCase(random), undefined)
  }

  canShrinkWithoutContext(value: unknown): value is MachineCase {
    return typeof value === 'object' && value !== null && 'root' in value
  }

  shrink(value: MachineCase): fc.Stream<fc.Value<MachineCase>> {
    return fc.stream(smallerCases(value)).map((each) => new fc.Value(each, undefined))
  }
}

/** Random machines with random mail; they shrink by leaving out whatever can be left out. */
export function machineCases(): fc.Arbitrary<MachineCase> {
  return new MachineCases()
}
