import type { AnyMachineSnapshot, AnyStateNode } from 'xstate'
import { assert } from '../../runtime/index.ts'
import type { Chart } from './chart.ts'

/** A set of active states as XState's snapshot of it, context left out, and what is read off it often. */
export interface Configuration {
  readonly template: AnyMachineSnapshot
  readonly bits: Uint32Array
  /** Some active state has a transition for STEP. */
  readonly handlesStep: boolean
  readonly done: boolean
}

/** Configurations kept ready; the least recently made go first. */
const configurationsMax = 4096

function stateValue(node: AnyStateNode, active: ReadonlySet<AnyStateNode>): object | string {
  const children = Object.values(node.states).filter((child) => active.has(child))
  if (node.type === 'parallel') return Object.fromEntries(children.map((child) => [child.key, stateValue(child, active)]))
  if (node.type !== 'compound') return {}
  const child = children.at(0)
  assert(child !== undefined, 'an active compound state has an active child')
  return child.type === 'atomic' || child.type === 'final' ? child.key : { [child.key]: stateValue(child, active) }
}

/** Builds and keeps the configurations of a chart, by their bits. Nodes are in document order: a pure function of the bits. */
export class Configurations {
  private readonly chart: Chart
  private readonly known = new Map<number | string, Configuration>()

  constructor(chart: Chart) {
    this.chart = chart
  }

  /** The configuration whose bits lie at `offset` of `words`. */
  at(words: Uint32Array, offset: number): Configuration {
    const key = this.keyOf(words, offset)
    return this.known.get(key) ?? this.make(key, words.slice(offset, offset + this.chart.stateWords))
  }

  /** The bits of a snapshot's active states. */
  bitsOf(nodes: readonly AnyStateNode[], out: Uint32Array): void {
    out.fill(0)
    for (const node of nodes) {
      const bit = this.chart.nodes.indexOf(node)
      out[bit >>> 5] |= 1 << (bit & 31)
    }
  }

  /** States whose bits are set. */
  nodesOf(words: Uint32Array, offset: number): AnyStateNode[] {
    return this.chart.nodes.filter((_, bit) => (words[offset + (bit >>> 5)] & (1 << (bit & 31))) !== 0)
  }

  private keyOf(words: Uint32Array, offset: number): number | string {
    return this.chart.stateWords === 1 ? words[offset] : words.subarray(offset, offset + this.chart.stateWords).join(',')
  }

  private make(key: number | string, bits: Uint32Array): Configuration {
    const nodes = this.nodesOf(bits, 0)
    const { machine } = this.chart
    const value = stateValue(machine.root, new Set(nodes))
    const template = machine.resolveState({ value: value as never, context: {} })
    Object.assign(template, { _nodes: nodes })
    const handlesStep = nodes.some((node) => [...node.transitions.keys()].some((name) => name === 'STEP' || name === '*'))
    const made = { template, bits, handlesStep, done: template.status === 'done' }
    if (this.known.size >= configurationsMax) this.known.delete(this.known.keys().next().value as number | string)
    this.known.set(key, made)
    return made
  }
}
