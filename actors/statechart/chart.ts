import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { MetabonkError, zeroValue, type KindType } from '../../runtime/index.ts'
import { agentKey, type AgentPort } from './agent.ts'
import { roundAssigns } from './rounding.ts'
import { StateSpace } from './space.ts'

/** An `after` of a state: the event XState raises for it, and its delay as written. */
export interface Timer {
  readonly node: AnyStateNode
  readonly eventType: string
}

/** What is known of a machine before it runs: its nodes in document order, histories and timers. */
export interface Chart {
  readonly machine: AnyStateMachine
  readonly kind: KindType
  readonly space: StateSpace
  readonly histories: readonly AnyStateNode[]
  /** By event type: the place is the element in `$timers`. */
  readonly timers: ReadonlyMap<string, number>
  readonly timerNodes: readonly Timer[]
  /** Microsteps one event may cause before it is an endless loop. */
  readonly microstepsMax: number
}

/** Microsteps one event may cause, where the machine does not say less. */
const microstepsDefault = 1000

interface BuiltinAction {
  readonly type?: string
  readonly id?: unknown
  readonly sendId?: unknown
  readonly delay?: unknown
}

function fault(machine: AnyStateMachine, where: string, what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'machine', what: `machine ${machine.id}: ${what}`, where, todo })
}

/** Actions of a node, wherever they stand. */
function actionsOf(node: AnyStateNode): unknown[] {
  const transitions = [...node.transitions.values()].flat()
  return [...node.entry, ...node.exit, ...transitions.flatMap((each) => each.actions), ...(node.always ?? []).flatMap((each) => each.actions), ...(node.type === 'compound' ? node.initial.actions : [])]
}

const unsupported: Readonly<Record<string, string>> = {
  'xstate.spawnChild': 'spawnChild',
  'xstate.stopChild': 'stopChild',
  'xstate.log': 'log',
}

function delayNames(node: AnyStateNode): string[] {
  return (node.after as readonly { readonly delay?: unknown }[]).map(({ delay }) => delay).filter((delay) => typeof delay === 'string')
}

/** Names of guards in a guard, which may be made of others. */
function guardNames(guard: unknown): string[] {
  if (typeof guard === 'string') return [guard]
  if (typeof guard === 'function') return ((guard as { readonly guards?: readonly unknown[] }).guards ?? []).flatMap(guardNames)
  return guard === undefined ? [] : [(guard as { readonly type: string }).type]
}

/** Refuses names that the machine has no implementation for: XState passes over a missing action in silence, and finds out about a guard when it asks for it. */
function checkNames(machine: AnyStateMachine, node: AnyStateNode): void {
  const { actions, delays, guards } = machine.implementations as { readonly actions: object; readonly delays: object; readonly guards: object }
  const missing = (what: string, name: string, given: object): MetabonkError =>
    fault(machine, `state ${node.id}`, `there is no ${what} '${name}'`, `give it in setup({ ${what}s }), or mend the name; there are ${Object.keys(given).join(', ') || 'none'}`)
  for (const name of delayNames(node)) if (!Object.hasOwn(delays, name)) throw missing('delay', name, delays)
  for (const action of actionsOf(node)) {
    const name = typeof action === 'string' ? action : typeof action === 'function' ? undefined : (action as { readonly type?: unknown }).type
    if (typeof name === 'string' && !name.startsWith('xstate.') && !Object.hasOwn(actions, name)) throw missing('action', name, actions)
  }
  for (const name of [...node.transitions.values(), node.always ?? []].flat().flatMap(({ guard }) => guardNames(guard))) if (!Object.hasOwn(guards, name)) throw missing('guard', name, guards)
}

function checkAction(chart: Pick<Chart, 'machine' | 'timers'>, node: AnyStateNode, action: unknown): void {
  const { type, id, sendId, delay } = resolveAction(chart.machine, action)
  if (type === undefined) return
  const instead = Object.hasOwn(unsupported, type) ? unsupported[type] : undefined
  if (instead !== undefined) throw fault(chart.machine, `state ${node.id}`, `${instead} can't run in a swarm`, 'send messages between agents with send(Message, to, payload)')
  if (type === 'xstate.raise' && delay !== undefined && !(typeof id === 'string' && chart.timers.has(id))) {
    throw fault(chart.machine, `state ${node.id}`, "a delayed raise can't run in a swarm", 'use after')
  }
  if (type === 'xstate.cancel' && !(typeof sendId === 'string' && chart.timers.has(sendId))) {
    throw fault(chart.machine, `state ${node.id}`, "cancel can't run in a swarm", 'use after: it is cancelled on exit')
  }
}

/** The action object behind a reference by name. */
function resolveAction(machine: AnyStateMachine, action: unknown): BuiltinAction {
  if (typeof action === 'function') return action as BuiltinAction
  const name = typeof action === 'string' ? action : (action as { readonly type: string }).type
  return ((machine.implementations.actions as Record<string, unknown>)[name] ?? {})
}

/** Event names the machine raises itself. */
function raisedBy(node: AnyStateNode): string[] {
  return actionsOf(node).flatMap((action) => {
    const { type, event } = action as { readonly type?: string; readonly event?: unknown }
    return type === 'xstate.raise' && typeof event === 'object' && event !== null ? [(event as { readonly type: string }).type] : []
  })
}

function checkEvents(machine: AnyStateMachine, kind: KindType, nodes: readonly AnyStateNode[]): void {
  const known = new Set(['STEP', ...kind.receives.map((type) => type.name), ...nodes.flatMap(raisedBy)])
  // What functions raise can't be seen before they run.
  const open = nodes.some((node) => actionsOf(node).some((action) => ['xstate.enqueueActions', 'xstate.raise'].includes(resolveAction(machine, action).type ?? '') && !isTimer(action)))
  for (const node of nodes) {
    for (const name of node.transitions.keys()) {
      if (name.startsWith('xstate.') || name.includes('*') || known.has(name) || open) continue
      throw fault(machine, `state ${node.id}`, `it waits for ${name}, which nobody sends to ${kind.name}`, `list the message in receives of ${kind.name}, or mend the name; it receives ${[...known].join(', ')}`)
    }
  }
}

function isTimer(action: unknown): boolean {
  const { id } = action as { readonly id?: unknown }
  return typeof id === 'string' && id.startsWith('xstate.after.')
}

/** The initial context for columns of zero: it must be able to make one. */
function tryContext(machine: AnyStateMachine, make: (args: object) => unknown, input: object): unknown {
  try {
    return make({ input, spawn: undefined, self: undefined })
  } catch (cause) {
    throw fault(machine, 'context', `its initial context threw for columns of zero: ${cause instanceof Error ? cause.message : String(cause)}`, 'let it make a context of any columns, with nothing but input')
  }
}

function checkContext(machine: AnyStateMachine, kind: KindType): void {
  const { context } = machine.config as { readonly context?: unknown }
  const input = Object.fromEntries(kind.plan.map((column) => [column.name, zeroValue(column.type)]))
  const initial: unknown = typeof context === 'function' ? tryContext(machine, context as (args: object) => unknown, input) : context
  for (const field of Object.keys((initial ?? {}))) {
    if (kind.plan.some((column) => column.name === field)) continue
    throw fault(machine, 'context', `the context field '${field}' has no column in kind ${kind.name}`, `declare it in columns of ${kind.name}, or take it out`)
  }
}

/** Marks an initial context that lets the agent's port in already: a machine may be read more than once. */
const admitting: unique symbol = Symbol('metabonk context')

type ContextFactory = (args: { readonly input?: { readonly [agentKey]?: AgentPort } }) => Record<string, unknown>

/**
 * Lets the agent's port into whatever initial context the machine makes; outside a simulation nothing changes. A context that is
 * constant, or not there, gives the values of the columns that a birth left at zero.
 */
function admitAgent(machine: AnyStateMachine): void {
  const config = machine.config as { context?: unknown }
  const own = config.context
  if (typeof own === 'function' && admitting in own) return
  const context: ContextFactory & { [admitting]?: unknown } = (args) => {
    const port = args.input?.[agentKey]
    const made = typeof own === 'function' ? (own as ContextFactory)(args) : { ...(own as object | undefined) }
    if (port === undefined) return made
    const admitted = { ...(typeof own === 'function' ? { ...port.complete({}), ...made } : port.complete(made)), [agentKey]: port }
    port.round(admitted)
    return admitted
  }
  context[admitting] = own
  Object.assign(machine, { config: { ...config, context } })
}

/** The initial context as the machine's author wrote it. */
export function ownContext({ machine }: Chart): object | undefined {
  const { context } = machine.config as { readonly context?: { readonly [admitting]?: object } }
  return context?.[admitting]
}

/** Reads a machine and refuses what can't run in a swarm, naming machine, state and construct. */
export function readChart(kind: KindType, machine: AnyStateMachine): Chart {
  const space = new StateSpace(machine.root)
  const { nodes } = space
  const timerNodes: Timer[] = []
  for (const node of nodes) {
    if (node.invoke.length > 0) throw fault(machine, `state ${node.id}`, "invoke can't run in a swarm", 'do the work in a system, or ask another agent by message')
    for (const eventType of new Set(node.after.map((each) => String(each.eventType)))) timerNodes.push({ node, eventType })
  }
  const timers = new Map(timerNodes.map((timer, i) => [timer.eventType, i]))
  const options = machine.options
  const microstepsMax = Math.min(options.maxIterations ?? Infinity, microstepsDefault)
  const chart = { machine, kind, space, microstepsMax, timers, timerNodes, histories: nodes.filter((node) => node.type === 'history') }
  for (const node of nodes) {
    checkNames(machine, node)
    for (const action of actionsOf(node)) checkAction(chart, node, action)
  }
  checkEvents(machine, kind, nodes)
  checkContext(machine, kind)
  admitAgent(machine)
  roundAssigns([...nodes.flatMap(actionsOf), ...Object.values(machine.implementations.actions as Record<string, unknown>)])
  options.maxIterations = microstepsMax
  return chart
}
