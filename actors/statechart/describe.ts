import type { AnyStateNode } from 'xstate'
import { assert, elementBytes, type ColumnType } from '../../runtime/index.ts'
import type { Executor, MachineBehaviour } from './behaviour.ts'
import { actionLabel, guardLabel } from './labels.ts'

/** One state of a machine. Names of guards and actions are as people wrote them. */
export interface StateDescription {
  /** XState's own: `sheep.grazing`, or the `id` it was given. Transitions refer to it. */
  readonly id: string
  /** `armed.reloading`; empty for the machine itself. */
  readonly path: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  /** Id of the state around it. */
  readonly parent: string | undefined
  /** Where a compound state starts, or a history goes when there is none yet. */
  readonly initial: readonly string[]
  readonly initialActions: readonly string[]
  readonly history: 'shallow' | 'deep' | undefined
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  readonly tags: readonly string[]
}

/** One transition of a machine. */
export interface TransitionDescription {
  readonly source: string
  /** Empty for one that only acts. */
  readonly targets: readonly string[]
  /** `Hit`, `always`, `after 1500`, `done`. */
  readonly trigger: string
  readonly guard: string | undefined
  readonly actions: readonly string[]
  readonly reenter: boolean
}

/** What is known of the machine of a kind before it runs. Plain data. */
export interface MachineDescription {
  readonly kind: string
  readonly machine: string
  /** The executor. */
  readonly runs: Executor
  /** In document order; the first is the machine itself. */
  readonly states: readonly StateDescription[]
  readonly transitions: readonly TransitionDescription[]
  /** Combinations of states that the structure allows; a chart with many regions has more than a number can count exactly. */
  readonly configurations: number
  /** Events that some state handles, `STEP` and wildcards included. */
  readonly events: readonly string[]
  readonly timers: number
  readonly histories: number
  /** What the machine keeps beside its context, in bytes per agent. */
  readonly columns: readonly { readonly name: string; readonly bytes: number }[]
}

interface NodeTransition {
  readonly target: readonly AnyStateNode[] | undefined
  readonly guard?: unknown
  readonly actions: readonly unknown[]
  readonly reenter: boolean
  readonly eventType: string
  readonly delay?: number | string
}

function isTimer(action: unknown): boolean {
  const { id, sendId } = action as { readonly id?: unknown; readonly sendId?: unknown }
  return [id, sendId].some((each) => typeof each === 'string' && each.startsWith('xstate.after.'))
}

/** Names of actions, without those that XState adds to start and stop timers. */
function actionLabels(actions: readonly unknown[]): string[] {
  return actions.filter((action) => !isTimer(action)).map(actionLabel)
}

/** The state that a history goes to when there is none: a path beside it, or an id. */
function historyDefault(node: AnyStateNode, target: string): string {
  if (target.startsWith('#')) return node.machine.getStateNodeById(target).id
  let at = node.parent
  for (const key of target.split('.')) at = at?.states[key]
  assert(at !== undefined, 'XState has checked the targets of histories')
  return at.id
}

function initialOf(node: AnyStateNode): string[] {
  if (node.type === 'compound') return node.initial.target.map((each) => each.id)
  if (node.type !== 'history') return []
  const { target } = node.config as { readonly target?: string | readonly string[] }
  return [target ?? []].flat().map((each) => historyDefault(node, each))
}

function describeState(node: AnyStateNode): StateDescription {
  return {
    id: node.id,
    path: node.path.join('.'),
    type: node.type,
    parent: node.parent?.id,
    initial: initialOf(node),
    initialActions: node.type === 'compound' ? actionLabels(node.initial.actions) : [],
    history: node.type === 'history' ? (node.history === 'deep' ? 'deep' : 'shallow') : undefined,
    entry: actionLabels(node.entry),
    exit: actionLabels(node.exit),
    tags: node.tags,
  }
}

function triggerOf({ eventType, delay }: NodeTransition): string {
  if (eventType === '') return 'always'
  if (delay !== undefined) return `after ${delay}`
  return eventType.startsWith('xstate.done.state.') ? 'done' : eventType
}

function describeTransitions(node: AnyStateNode): TransitionDescription[] {
  const transitions = [...node.transitions.values(), node.always ?? []].flat() as readonly NodeTransition[]
  return transitions.map((each) => ({
    source: node.id,
    targets: (each.target ?? []).map((target) => target.id),
    trigger: triggerOf(each),
    guard: each.guard === undefined ? undefined : guardLabel(each.guard),
    actions: actionLabels(each.actions),
    reenter: each.reenter,
  }))
}

function columnBytes({ dtype, width }: ColumnType): number {
  return elementBytes[dtype] * width
}

/** Describes a machine and how it runs. */
export function describeMachine({ chart, hidden, executor }: MachineBehaviour): MachineDescription {
  const { kind, machine } = chart
  const { nodes, size } = chart.space
  const events = new Set(nodes.flatMap((node) => [...node.transitions.keys()]).filter((name) => !name.startsWith('xstate.')))
  return {
    kind: kind.name,
    machine: machine.id,
    runs: executor,
    states: nodes.map(describeState),
    transitions: nodes.flatMap(describeTransitions),
    configurations: size,
    events: [...events],
    timers: chart.timers.size,
    histories: chart.histories.length,
    columns: hidden.map(({ name, type }) => ({ name, bytes: columnBytes(type) })),
  }
}
