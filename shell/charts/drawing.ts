/**
 * A chart as boxes in boxes and arrows, for any drawing language. Names are short and safe in all of them (`s3`); texts are as in
 * the machine, to be escaped by the language.
 */
import type { MachineDescription, StateDescription, TransitionDescription } from '../../actors/index.ts'

/** A state to draw. */
export interface Box {
  readonly name: string
  /** What is written on it: its key, then what it does on entry and exit. */
  readonly lines: readonly string[]
  readonly type: StateDescription['type']
  readonly children: readonly Box[]
  /** Arrows from its initial dot: those of a compound state. */
  readonly initial: readonly Arrow[]
  /** Some arrow leads from it to a state in it, or back: it starts or ends at a place inside that stands for the state itself. */
  readonly isOwnPlace: boolean
}

/** A transition to draw. Both ends are names of boxes. */
export interface Arrow {
  readonly from: string
  readonly to: string
  readonly label: string
  /** This end is the place inside its box that stands for the state itself. */
  readonly fromPlace: boolean
  readonly toPlace: boolean
}

/** A whole chart to draw. */
export interface Drawing {
  readonly title: string
  readonly root: Box
  readonly arrows: readonly Arrow[]
}

/** What the boxes of a chart need to know of it. */
interface Chart {
  readonly states: ReadonlyMap<string, StateDescription>
  readonly names: ReadonlyMap<string, string>
}

function stateOf(chart: Chart, id: string): StateDescription {
  const state = chart.states.get(id)
  if (state === undefined) throw new Error(`a description refers to a state it has, not to ${id}`)
  return state
}

function nameOf(chart: Chart, id: string): string {
  return chart.names.get(id) ?? ''
}

function isComposite({ type }: StateDescription): boolean {
  return type === 'compound' || type === 'parallel'
}

/** Whether a state is another one, or around it. */
function holds(chart: Chart, outer: string, inner: string): boolean {
  for (let at: string | undefined = inner; at !== undefined; at = stateOf(chart, at).parent) if (at === outer) return true
  return false
}

/** `Hit [survives] / bleed, send Slain`. */
function labelOf({ trigger, guard, actions, reenter }: TransitionDescription): string {
  const parts = [trigger, guard === undefined ? '' : `[${guard}]`, reenter ? '(reenter)' : '', actions.length === 0 ? '' : `/ ${actions.join(', ')}`]
  return parts.filter((part) => part !== '').join(' ')
}

function arrow(chart: Chart, from: string, to: string, label: string): Arrow {
  return {
    from: nameOf(chart, from),
    to: nameOf(chart, to),
    label,
    fromPlace: isComposite(stateOf(chart, from)) && holds(chart, from, to),
    toPlace: isComposite(stateOf(chart, to)) && holds(chart, to, from),
  }
}

/** One arrow to each target; one that only acts comes back to its state. */
function arrowsOf(chart: Chart, transition: TransitionDescription): Arrow[] {
  const targets = transition.targets.length === 0 ? [transition.source] : transition.targets
  return targets.map((target) => arrow(chart, transition.source, target, labelOf(transition)))
}

function linesOf(machine: string, { id, path, parent, type, history, entry, exit }: StateDescription): string[] {
  if (type === 'history') return [history === 'deep' ? 'H*' : 'H']
  const parentPath = parent === undefined ? '' : path.slice(0, path.lastIndexOf('.') + 1)
  const key = parent === undefined ? machine : path.slice(parentPath.length)
  const acts = [['entry', entry], ['exit', exit]] as const
  return [key || id, ...acts.filter(([, actions]) => actions.length > 0).map(([when, actions]) => `${when} / ${actions.join(', ')}`)]
}

function boxOf(chart: Chart, machine: string, state: StateDescription, places: ReadonlySet<string>): Box {
  const name = nameOf(chart, state.id)
  const initialLabel = state.initialActions.length === 0 ? '' : `/ ${state.initialActions.join(', ')}`
  return {
    name,
    lines: linesOf(machine, state),
    type: state.type,
    children: [...chart.states.values()].filter((each) => each.parent === state.id).map((each) => boxOf(chart, machine, each, places)),
    initial: state.type === 'compound' ? state.initial.map((target) => ({ ...arrow(chart, state.id, target, initialLabel), fromPlace: false })) : [],
    isOwnPlace: places.has(name),
  }
}

/** Lays out what there is to draw of a machine. */
export function drawingOf(description: MachineDescription): Drawing {
  const { kind, machine, states, transitions } = description
  const chart: Chart = {
    states: new Map(states.map((state) => [state.id, state])),
    names: new Map(states.map((state, i) => [state.id, `s${String(i)}`])),
  }
  const defaults = states.filter((state) => state.type === 'history').flatMap((state) => state.initial.map((target) => arrow(chart, state.id, target, '')))
  const arrows = [...transitions.flatMap((each) => arrowsOf(chart, each)), ...defaults]
  const places = new Set(arrows.flatMap((each) => [...(each.fromPlace ? [each.from] : []), ...(each.toPlace ? [each.to] : [])]))
  return { title: machine === kind ? kind : `${kind}: ${machine}`, root: boxOf(chart, machine, states[0], places), arrows }
}
