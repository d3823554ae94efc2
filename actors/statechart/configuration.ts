import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import { assert, type ConfigurationFacts } from '../../runtime/index.ts'
import { isLeaf, type StateSpace } from './space.ts'

/** A set of active states as XState's snapshot of it, context left out, and what is read off it often. */
export interface Configuration extends ConfigurationFacts {
  /** In XState's own order. */
  readonly nodes: readonly AnyStateNode[]
  readonly template: AnyMachineSnapshot
}

function stateValue(node: AnyStateNode, active: ReadonlySet<AnyStateNode>): object | string {
  const children = Object.values(node.states).filter((child) => active.has(child))
  if (node.type === 'parallel') return Object.fromEntries(children.map((child) => [child.key, stateValue(child, active)]))
  if (node.type !== 'compound') return {}
  const child = children.at(0)
  assert(child !== undefined, 'an active compound state has an active child')
  return isLeaf(child) ? child.key : { [child.key]: stateValue(child, active) }
}

/** The active leaves of a configuration, as people write them. */
export function leafNames({ nodes }: Configuration): string {
  return [...nodes]
    .filter(isLeaf)
    .sort((a, b) => a.order - b.order)
    .map((node) => node.path.join('.') || node.key)
    .join(' & ')
}

/** Configurations kept ready, where nothing else is said; then all are forgotten, which costs time and nothing else. */
export const configurationsMax = 16_384

/** Configurations of one machine met so far, by their words and order. */
export class Configurations {
  private readonly machine: AnyStateMachine
  private readonly space: StateSpace
  private readonly known = new Map<number | string, Configuration>()
  private readonly met: Configuration[] = []
  private readonly scratch: Uint32Array
  private readonly max: number

  constructor(machine: AnyStateMachine, space: StateSpace, max = configurationsMax) {
    this.machine = machine
    this.space = space
    this.max = max
    this.scratch = new Uint32Array(space.words)
  }

  /** Whether it is time to {@link forget}. */
  get full(): boolean {
    return this.met.length >= this.max
  }

  forget(): void {
    this.known.clear()
    this.met.length = 0
  }

  /** The configuration that was met as the `index`th. */
  byIndex(index: number): Configuration {
    return this.met[index]
  }

  /** The configuration at a row of these columns; without an order, that of the document. */
  at(row: number, words: Uint32Array, order: Uint8Array | undefined): Configuration {
    const { space } = this
    const offset = row * space.words
    if (order === undefined && space.words === 1) return this.known.get(words[offset]) ?? this.make(words[offset], words.slice(offset, offset + 1), space.orderOf([]))
    const state = words.slice(offset, offset + space.words)
    const places = order === undefined ? space.orderOf([]) : order.slice(row * space.orderedLeaves, (row + 1) * space.orderedLeaves)
    const key = `${state.join()}/${places.join()}`
    return this.known.get(key) ?? this.make(key, state, places)
  }

  /** The configuration of active states in XState's order. */
  of(nodes: readonly AnyStateNode[]): Configuration {
    this.space.encode(new Set(nodes), this.scratch)
    return this.at(0, this.scratch, this.space.orderedLeaves === 0 ? undefined : this.space.orderOf(nodes))
  }

  private make(key: number | string, state: Uint32Array, order: Uint8Array): Configuration {
    const nodes = this.space.arrange(this.space.decode(state, 0), order)
    const value = stateValue(this.machine.root, new Set(nodes))
    const template = this.machine.resolveState({ value: value as never, context: {} })
    Object.assign(template, { _nodes: nodes })
    const made: Configuration = {
      index: this.met.length,
      state,
      order,
      nodes,
      template,
      handlesStep: nodes.some((node) => [...node.transitions.keys()].some((name) => name === 'STEP' || name === '*' || name === 'STEP.*')),
      hasAlways: nodes.some((node) => node.always !== undefined),
      done: template.status === 'done',
    }
    this.known.set(key, made)
    this.met.push(made)
    return made
  }
}
