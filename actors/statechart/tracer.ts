import { assign, raise, type AnyMachineSnapshot, type AnyStateMachine, type AnyStateNode } from 'xstate'
import { assert, type ActionPart, type Guard, type MachineEvent, type Microstep, type Trace, type TraceQuery } from '../../runtime/index.ts'
import type { Chart } from './chart.ts'
import { Configurations, type Configuration } from './configuration.ts'
import type { Parts } from './parts.ts'
import { chainOf, StateSpace } from './space.ts'

/** A transition as XState keeps it, with what the shadow replaces. */
interface ShadowTransition {
  readonly target: readonly AnyStateNode[] | undefined
  guard?: unknown
  actions: unknown[]
}

/** Traces kept; then all are made anew when they are asked for. */
const tracesMax = 100_000

/** Event under which the shadow's raises are queued: it shows where they stand among the events XState raises itself. */
const raisedMark: MachineEvent = Object.freeze({ type: '$raise' })

/**
 * Asks XState itself what a microstep does. It runs the macrostep of a shadow: the same machine with each guard replaced by one that looks up what
 * the agent's own guard said, and each action by one that notes where it stands. After the first microstep nothing more is let happen: eventless
 * guards say no, and what is raised is only noted.
 */
export class Tracer {
  readonly configurations: Configurations
  private readonly chart: Chart
  private readonly parts: Parts
  private readonly shadow: AnyStateMachine
  private readonly space: StateSpace
  /** Histories that are some state's initial state: whatever enters that state may read them. */
  private readonly always: readonly number[]
  private readonly scope: object
  /** The snapshot of a machine while its first states are being entered: nothing but the root is active. */
  readonly unborn: AnyMachineSnapshot
  /** How often everything was forgotten. */
  epoch = 0
  private readonly traces = new Map<string, Trace>()
  /** What this microstep did. */
  private notes: ActionPart[] = []
  /** Guard that has no answer yet. */
  private asked: Guard | undefined = undefined
  private answers = new Map<unknown, boolean>()
  private outcomes: readonly boolean[] = []
  private used = 0
  /** The microstep is done: nothing more is let happen. */
  private draining = false
  private taken = false
  private template: AnyMachineSnapshot | undefined = undefined
  /** States that were left or entered. */
  private readonly touched = new Set<AnyStateNode>()
  /** Events that were queued, in order. */
  private queued: MachineEvent[] = []

  constructor(chart: Chart, parts: Parts, configurationsMax: number) {
    this.chart = chart
    this.parts = parts
    const { machine } = chart
    this.shadow = machine.provide({})
    Object.assign(this.shadow, { config: { ...this.shadow.config, context: {} } })
    // What is raised is drained, however much it is.
    Object.assign(this.shadow, { options: { ...this.shadow.options, maxIterations: Infinity } })
    this.space = new StateSpace(this.shadow.root)
    this.configurations = new Configurations(this.shadow, this.space, configurationsMax)
    this.always = this.historiesAmong(this.space.nodes.flatMap((node) => (node.type === 'compound' ? [...node.initial.target] : [])))
    for (const node of this.space.nodes) this.replace(node)
    this.listen()
    this.scope = this.actorScope()
    this.unborn = this.seeUnborn()
  }

  /** Histories whose values can matter to an event in a configuration, by their place in the chart. */
  historiesOf(configuration: Configuration, event: string | undefined): readonly number[] {
    if (this.chart.histories.length === 0) return []
    const transitions = configuration.nodes.flatMap((node) => candidates(node, event))
    const aimed = this.historiesAmong(transitions.flatMap((each) => each.target ?? []))
    return [...new Set([...aimed, ...this.always])].sort((a, b) => a - b)
  }

  /** Forgets all configurations, and with them what their microsteps come to. */
  forget(): void {
    this.epoch++
    this.configurations.forget()
    this.traces.clear()
  }

  /** What a microstep comes to: the same object whoever asks, and however often, as long as configurations are not forgotten. */
  trace(query: TraceQuery): Trace {
    const { traces } = this
    const key = JSON.stringify([query.configuration, query.event, [...query.remembered], query.outcomes])
    const known = traces.get(key)
    if (known !== undefined) return known
    const made = this.makeTrace(query)
    if (traces.size >= tracesMax) traces.clear()
    traces.set(key, made)
    return made
  }

  private makeTrace({ configuration, event, remembered, outcomes }: TraceQuery): Trace {
    const from = this.configurations.byIndex(configuration)
    this.prepare(outcomes)
    const historyValue = this.rememberedValue(this.historiesOf(from, event), remembered)
    const before = { ...from.template, historyValue } as AnyMachineSnapshot
    this.template = before
    // With the event of a start XState goes straight to the eventless transitions.
    const after = this.shadow.transition(before as never, { type: event ?? 'xstate.init' }, this.scope as never) as AnyMachineSnapshot
    if (this.asked !== undefined) return { ask: this.asked }
    return this.microstep(before, after, this.matters(from, event))
  }

  /** Key of what of a configuration matters to an event, or undefined when that is all of it. */
  classOf(configuration: Configuration, event: string | undefined): string | undefined {
    // Without parallel regions there are few, and what is known of each alone makes shorter code.
    if (!this.space.hasRegions || this.parts.asksForStates || this.space.orderedLeaves > 0 || this.space.words > 1) return undefined
    return `${event ?? ''}/${this.matters(configuration, event).map((node) => node.order).join()}`
  }

  /** The active states that could take an event, and all active states of the innermost parallel regions they are in. */
  private matters({ nodes }: Configuration, event: string | undefined): AnyStateNode[] {
    const asked = nodes.filter((node) => candidates(node, event).length > 0)
    const regions = new Set(asked.map(regionOf))
    return nodes.filter((node) => asked.includes(node) || chainOf(node).some((each) => regions.has(each)))
  }

  /** The microstep that enters a machine's first states. */
  initial(): Microstep {
    this.prepare([])
    this.draining = true
    const snapshot = this.shadow.getInitialSnapshot(this.scope as never, {}) as AnyMachineSnapshot
    if (snapshot.status === 'error') throw snapshot.error
    return { ...this.microstep(undefined, snapshot, []), taken: true, changed: true }
  }

  /** The snapshot that XState gives to the actions of a machine that is being born: an action with `resolve` is shown it. */
  private seeUnborn(): AnyMachineSnapshot {
    const { root } = this.shadow
    const { entry } = root
    let seen: AnyMachineSnapshot | undefined
    const look = (): void => undefined
    const resolve = (_scope: unknown, snapshot: AnyMachineSnapshot): readonly unknown[] => {
      seen ??= snapshot
      return [snapshot]
    }
    Object.assign(root, { entry: [Object.assign(look, { resolve })] })
    this.initial()
    Object.assign(root, { entry })
    assert(seen !== undefined, 'a birth runs the entry actions of the root')
    return seen
  }

  private prepare(outcomes: readonly boolean[]): void {
    this.notes = []
    this.queued = []
    this.asked = undefined
    this.answers.clear()
    this.touched.clear()
    this.outcomes = outcomes
    this.used = 0
    this.draining = false
    this.taken = false
  }

  private microstep(before: AnyMachineSnapshot | undefined, after: AnyMachineSnapshot, matters: readonly AnyStateNode[]): Microstep {
    const { _nodes: nodes } = after as unknown as { readonly _nodes: readonly AnyStateNode[] }
    const histories = before === undefined ? after.historyValue : this.changedHistories(before, after)
    // A machine that is done has no use for what it raised.
    const actions = [...(after.status === 'active' ? this.withDoneEvents() : this.notes), ...this.remembers(histories as Readonly<Record<string, AnyStateNode[]>>)]
    if (actions.some(({ form }) => form === 'output')) actions.push({ form: 'end' })
    // Whether a parallel state is done depends on all of its regions.
    const confined = !actions.some(({ form }) => form === 'done') && after.status === 'active' && this.isWithin(matters)
    return { taken: this.taken, changed: after !== before, actions, next: this.configurations.of(nodes).index, confined }
  }

  /** Notes where XState makes the output of the machine: as its last state is entered, before all are left for good. `done` is the event of what ended it. */
  private noteOutput(output: unknown, done: MachineEvent): void {
    const { machine, space } = this.chart
    const { root } = machine as { readonly root: AnyStateNode }
    const last = space.nodes.find(({ id }) => done.type === `xstate.done.state.${id}`) ?? root
    // It makes that of its last state once more, for the event.
    const own = last === root ? undefined : (last as { readonly output?: unknown }).output
    if (last !== root) this.notes.pop()
    this.notes.push({ form: 'output', output: this.parts.own(output, 'output'), type: done.type, last: this.parts.own(own, 'output') })
  }

  /** Whether all states that were left or entered are in regions of these. */
  private isWithin(matters: readonly AnyStateNode[]): boolean {
    const regions = new Set(matters.map(regionOf))
    return [...this.touched].every((node) => {
      const region = regionOf(node)
      return region !== undefined && region !== node && [...regions].some((each) => each !== undefined && chainOf(region).includes(each))
    })
  }

  private changedHistories(before: AnyMachineSnapshot, after: AnyMachineSnapshot): object {
    const old = before.historyValue as Readonly<Record<string, unknown>>
    return Object.fromEntries(Object.entries(after.historyValue as object).filter(([id, value]) => old[id] !== value))
  }

  private remembers(histories: Readonly<Record<string, AnyStateNode[]>>): ActionPart[] {
    return Object.entries(histories).map(([id, nodes]) => {
      const words = new Uint32Array(this.space.setWords)
      this.space.mark(nodes, words)
      return { form: 'remember', history: this.chart.histories.findIndex((node) => node.id === id), words }
    })
  }

  /**
   * The noted actions, with the events that XState raised for done states where they belong. Events were queued in the order they were raised:
   * that of a compound state where its final state's output was made, that of a parallel one right after.
   */
  private withDoneEvents(): ActionPart[] {
    const actions: ActionPart[] = []
    const queued = [...this.queued]
    // Regions may end in the same microstep: the event of the next one waits for its own note.
    const noted = new Set(this.notes.flatMap((note) => (note.form === 'done' ? [note.type] : [])))
    const takeDone = (): void => {
      while (queued.length > 0 && queued[0] !== raisedMark && !noted.has(queued[0].type)) actions.push({ form: 'done', type: (queued.shift() as MachineEvent).type, output: undefined })
    }
    for (const note of this.notes) {
      if (note.form === 'done') {
        const event = queued.shift()
        assert(event?.type === note.type, 'XState raises the event of a done state when it has made its output')
      } else if (note.form === 'raise') {
        takeDone()
        queued.shift()
      }
      actions.push(note)
      if (note.form === 'done') takeDone()
    }
    takeDone()
    return actions
  }

  private rememberedValue(histories: readonly number[], words: Uint32Array): Record<string, AnyStateNode[]> {
    const { space } = this
    const value: Record<string, AnyStateNode[]> = {}
    histories.forEach((history, i) => {
      const nodes = space.marked(words, i * space.setWords)
      if (nodes.length > 0) value[this.chart.histories[history].id] = nodes
    })
    return value
  }

  /** Histories among states and, where those have none to remember, among the states they stand for. */
  private historiesAmong(targets: readonly AnyStateNode[]): number[] {
    const found = new Set<string>()
    const visit = (node: AnyStateNode): void => {
      if (node.type !== 'history' || found.has(node.id)) return
      found.add(node.id)
      const { target } = node.config as { readonly target?: unknown }
      const names = [target].flat().filter((name) => typeof name === 'string')
      // By the end of their paths: a history too many costs a look, one too few would be wrong.
      for (const each of this.space.nodes) if (each.type === 'history' && names.some((name) => name.endsWith(each.key) || name.endsWith(each.id))) visit(each)
    }
    targets.forEach(visit)
    return [...found].map((id) => this.chart.histories.findIndex((node) => node.id === id))
  }

  /** Replaces the guards and actions of a state of the shadow. */
  private replace(node: AnyStateNode): void {
    const shadow = node as unknown as { entry: unknown[]; exit: unknown[]; output: unknown; readonly always?: ShadowTransition[] }
    const touch = (): void => {
      this.touched.add(node)
    }
    shadow.entry = [touch, ...this.noted(shadow.entry)]
    shadow.exit = [touch, ...this.noted(shadow.exit)]
    for (const each of [...node.transitions.values()].flat() as unknown as ShadowTransition[]) this.replaceTransition(each, false)
    for (const each of shadow.always ?? []) this.replaceTransition(each, true)
    if (node.type === 'compound') {
      const initial = node.initial as unknown as ShadowTransition
      initial.actions = this.noted(initial.actions)
    }
    const { parent, output } = node as { readonly parent?: AnyStateNode; readonly output?: unknown }
    if (parent === undefined && output !== undefined) {
      shadow.output = ({ event }: { readonly event: MachineEvent }) => {
        this.noteOutput(output, event)
      }
    } else if (node.type === 'final' && parent?.type === 'compound') {
      const part: ActionPart = { form: 'done', type: `xstate.done.state.${parent.id}`, output: this.parts.own(output, 'output') }
      shadow.output = () => {
        this.notes.push(part)
      }
    }
  }

  private replaceTransition(transition: ShadowTransition, isEventless: boolean): void {
    const own = transition.guard
    transition.actions = this.noted(transition.actions)
    if (own !== undefined || isEventless) transition.guard = () => !this.draining && (own === undefined || this.answer(own))
  }

  /** What the agent's guard said, or yes and no more when it has not been asked. The same guard gives the same answer all through a selection. */
  private answer(own: unknown): boolean {
    if (this.asked !== undefined) return false
    const known = this.answers.get(own)
    if (known !== undefined) return known
    const guard = this.parts.guard(own, this.template as AnyMachineSnapshot)
    const holds = constantOf(guard) ?? this.nextOutcome()
    if (holds === undefined) {
      this.asked = guard
      return false
    }
    this.answers.set(own, holds)
    return holds
  }

  private nextOutcome(): boolean | undefined {
    return this.used < this.outcomes.length ? this.outcomes[this.used++] : undefined
  }

  /** Actions that note those of the machine. An assign is noted by an assign: XState repeats eventless transitions only after one. */
  private noted(actions: readonly unknown[]): unknown[] {
    return actions.flatMap((action) => {
      const part = this.parts.action(action)
      const note = (): void => {
        this.notes.push(part)
      }
      if (part.form === 'assign' || part.form === 'update') {
        return [
          assign(() => {
            note()
            return {}
          }),
        ]
      }
      return part.form === 'raise' ? [note, raise(raisedMark as never)] : [note]
    })
  }

  /** Lets the first event be looked up, and notes the ones after it: they come from the queue. */
  private listen(): void {
    const lookUp = this.shadow.getTransitionData.bind(this.shadow) as (snapshot: never, event: never) => unknown[]
    const listening = (snapshot: never, event: MachineEvent): unknown[] => {
      if (!this.draining) return lookUp(snapshot, event as never)
      this.queued.push(event)
      return []
    }
    Object.assign(this.shadow, { getTransitionData: listening })
  }

  private actorScope(): object {
    const { id } = this.chart.machine
    return {
      id,
      sessionId: id,
      self: { id, sessionId: id },
      defer: () => undefined,
      emit: () => undefined,
      stopChild: () => undefined,
      system: {
        _sendInspectionEvent: ({ type, _transitions: transitions }: { readonly type: string; readonly _transitions?: readonly unknown[] }) => {
          if (type !== '@xstate.microstep' || this.draining) return
          this.draining = true
          this.taken = (transitions ?? []).length > 0
        },
      },
      actionExecutor: ({ exec }: { readonly exec?: () => void }) => exec?.(),
    }
  }
}

/** Transitions of a state that an event could take, or its eventless ones. */
function candidates(node: AnyStateNode, event: string | undefined): ShadowTransition[] {
  if (event === undefined) return (node.always ?? []) as unknown as ShadowTransition[]
  const matching = [...node.transitions].filter(([descriptor]) => descriptor === event || (descriptor.endsWith('*') && event.startsWith(descriptor.slice(0, -1).replace(/\.$/, ''))))
  return matching.flatMap(([, transitions]) => transitions) as unknown as ShadowTransition[]
}

/** The innermost parallel region a state is in. */
function regionOf(node: AnyStateNode): AnyStateNode | undefined {
  return chainOf(node).find((each) => each.parent?.type === 'parallel')
}

function constantOf(guard: Guard): boolean | undefined {
  return guard.form === 'constant' ? guard.holds : undefined
}
