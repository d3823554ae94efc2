// Reads SCXML documents as ordinary XState machines: a config object for createMachine, with XState's own raise, assign, enqueueActions and
// guards. Whatever has no counterpart is Unreadable, with a reason.

import { and, createMachine, type AnyStateMachine } from 'xstate'
import { Actions, attribute, type Action, type Config, type Dialect } from './scxml-actions.ts'
import { Code, constant, literalText, stateKey, Unreadable, type Args, type Guard } from './scxml-code.ts'
import { allOf, childrenOf, parseXml, type Element } from './xml.ts'

/** A document as a machine. The meta of each atomic state is its id in the document. */
export interface Reading {
  readonly machine: AnyStateMachine
  /** Initial values of the data model. */
  readonly data: Readonly<Record<string, unknown>>
  /** All events that the document names. */
  readonly events: readonly string[]
}

/** A transition as XState takes it. */
interface Edge {
  readonly target: string[] | undefined
  readonly guard: Guard | undefined
  readonly actions: Action[]
  readonly reenter: boolean
}

/** Key of the state before the initial ones. */
const first = '$first'

const stateNames = ['state', 'parallel', 'final', 'history']

/** Names of events as they stand in a transition, without wildcards. */
function namesOf(transition: Element): string[] {
  return (transition.attributes['event'] ?? '').split(/\s+/).filter((name) => name !== '').map((name) => name.replace(/\.?\*?$/, ''))
}

/** Whether an event is one of those that only the machinery of agents sees. */
function isHidden(type: string): boolean {
  return type === 'STEP' || type.startsWith('$') || type.startsWith('xstate.after.')
}

function matches(descriptor: string, type: string): boolean {
  if (descriptor === '*') return !isHidden(type)
  return descriptor.endsWith('*') ? `${type}.`.startsWith(descriptor.slice(0, -1)) : type === descriptor
}

class Reader {
  private readonly actions: Actions
  private readonly code: Code
  private readonly events: readonly string[]
  private readonly keys = new Map<Element, string>()

  constructor(code: Code, dialect: Dialect, events: readonly string[]) {
    this.actions = new Actions(code, dialect)
    this.code = code
    this.events = events
  }

  /** The key of a state in XState, given one where the document gives none. */
  private keyOf(element: Element): string {
    const key = this.keys.get(element) ?? stateKey(element.attributes['id'] ?? `anonymous ${this.keys.size}`)
    this.keys.set(element, key)
    return key
  }

  /** The machine config of a state and all in it. */
  state(element: Element): Config {
    const children = childrenOf(element, ...stateNames)
    const states = Object.fromEntries(children.map((child) => [this.keyOf(child), child.name === 'history' ? this.history(child) : this.state(child)]))
    for (const name of ['invoke', 'donedata']) if (childrenOf(element, name).length > 0) throw new Unreadable(`<${name}>`)
    const transitions = childrenOf(element, 'transition')
    if (element.name === 'scxml') this.begin(element, states)
    return {
      id: element.name === 'scxml' ? 'chart' : this.keyOf(element),
      ...(element.name === 'parallel' ? { type: 'parallel' } : element.name === 'final' ? { type: 'final' } : {}),
      ...(children.length > 0 ? { states } : { meta: element.attributes['id'] }),
      ...(children.length > 0 && element.name !== 'parallel' && { initial: this.initial(element, Object.keys(states)) }),
      entry: childrenOf(element, 'onentry').flatMap((each) => this.actions.of(each.children)),
      exit: childrenOf(element, 'onexit').flatMap((each) => this.actions.of(each.children)),
      always: transitions.filter((each) => namesOf(each).length === 0).map((each) => this.transition(each, element)),
      on: this.transitions(transitions, element),
    }
  }

  /** Initial states of the document may lie deeper than its children, those of XState's machines may not: a first state leads there. */
  private begin(element: Element, states: Config): void {
    const target = targetsOf(element.attributes['initial'])
    if (target === undefined || (target.length === 1 && target[0].slice(1) in states)) return
    states[first] = { always: { target } }
  }

  private history(element: Element): Config {
    const [given] = childrenOf(element, 'transition')
    if (given.children.length > 0) throw new Unreadable('history with actions')
    return { id: this.keyOf(element), type: 'history', history: element.attributes['type'] ?? 'shallow', target: targetsOf(given.attributes['target']) }
  }

  private initial(element: Element, keys: readonly string[]): Config | string {
    const [given] = childrenOf(element, 'initial').flatMap((each) => childrenOf(each, 'transition')) as (Element | undefined)[]
    const target = given === undefined ? element.attributes['initial'] : attribute(given, 'target')
    const key = keys.includes(first) ? first : target === undefined ? keys[0] : stateKey(target.trim())
    if (!keys.includes(key)) throw new Unreadable('initial states deeper than children')
    return given === undefined ? key : { target: key, actions: this.actions.of(given.children) }
  }

  private transition(element: Element, source: Element): Edge {
    const { cond, type } = element.attributes
    return {
      target: targetsOf(element.attributes['target']),
      guard: cond === undefined ? undefined : this.code.guard(cond),
      actions: this.actions.of(element.children),
      // Only compound states have internal transitions, and only to what is inside them.
      reenter: type !== 'internal' || source.name === 'parallel' || element.attributes['target'] === source.attributes['id'],
    }
  }

  private transitions(elements: readonly Element[], source: Element): Config {
    const on: Record<string, Edge[]> = {}
    const all = elements.flatMap((element) => namesOf(element).map((name) => ({ descriptor: this.descriptor(name), transition: this.transition(element, source) })))
    // XState tries the most exact descriptor first, SCXML the first transition: where these differ, one descriptor holds all.
    const ordered = all.every((each, i) => all.slice(0, i).every((before) => !before.descriptor.endsWith('*') || (each.descriptor.endsWith('*') && before.descriptor.length >= each.descriptor.length)))
    for (const { descriptor, transition } of all) {
      const key = ordered ? descriptor : '*'
      on[key] = [...(on[key] ?? []), key === '*' ? withName(transition, descriptor) : transition]
    }
    return on
  }

  /** The descriptor in XState of a name, which in SCXML stands for all events that begin with it. */
  private descriptor(name: string): string {
    if (name === '') return '*'
    const state = /^done\.state\.(.+)$/.exec(name)
    if (state !== null) return `xstate.done.state.${stateKey(state[1])}`
    if (/^done\b/.test(name)) return `xstate.${name}.*`
    return this.events.some((event) => event.startsWith(`${name}.`)) ? `${name}.*` : name
  }
}

/** A transition under `*` that is meant for some events only. */
function withName(transition: Edge, descriptor: string): Edge {
  const named = ({ event }: Args): boolean => matches(descriptor, event.type)
  return { ...transition, guard: transition.guard === undefined ? named : and([named, transition.guard] as never) }
}

function targetsOf(ids: string | undefined): string[] | undefined {
  return ids?.trim().split(/\s+/).map((id) => `#${stateKey(id)}`)
}

function dataOf(root: Element): Record<string, unknown> {
  const data: Record<string, unknown> = {}
  if (root.attributes['binding'] === 'late') throw new Unreadable('late binding')
  if (childrenOf(root, 'script').length > 0) throw new Unreadable('scripts that declare')
  for (const element of allOf(root).filter(({ name }) => name === 'data')) {
    const { id, expr, src } = element.attributes
    if (src !== undefined || element.text.trim() !== '') throw new Unreadable('data written in place')
    data[id ?? ''] = expr === undefined ? undefined : constant(expr)
  }
  return data
}

/** Every event a document names, in whatever place. */
function eventsOf(root: Element): string[] {
  const names = allOf(root).flatMap((element) => {
    const { event, eventexpr } = element.attributes
    if (element.name === 'transition') return namesOf(element)
    return [event ?? literalText(eventexpr) ?? '']
  })
  return [...new Set(names)].filter((name) => name !== '' && !/^done\b/.test(name))
}

/** Reads a document as a machine; `sent` are the events that come from outside. Throws {@link Unreadable} for what XState has no counterpart of. */
export function readScxml(text: string, sent: readonly string[], dialect: Dialect): Reading {
  const root = parseXml(text)
  const data = dataOf(root)
  const events = [...new Set([...sent, ...eventsOf(root)])]
  const chart = new Reader(new Code(Object.keys(data)), dialect, events).state(root)
  return { machine: createMachine({ ...dialect.frame(chart), context: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)), options: { maxIterations: 1000 } } as never), data, events }
}
