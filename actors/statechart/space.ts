import type { AnyStateNode } from 'xstate'
import { MetabonkError } from '../../runtime/index.ts'

/** Configurations are numbered up to here; a machine that has more keeps a bit for each state. */
const numberedMax = 4_294_967_296

/**
 * Every configuration of a machine, reachable or not, as a number that follows from the machine's text alone: an atomic state counts one, a
 * compound one the sum of its children, a parallel one their product. So a configuration has the same words in every thread and every run.
 */
export class StateSpace {
  /** In document order. */
  readonly nodes: readonly AnyStateNode[]
  /** How many configurations the machine could have; a float when they are more than a safe integer. */
  readonly size: number
  /** u32 words of a configuration. */
  readonly words: number
  /** Most active leaves whose order, hidden in XState, can show in what the machine does; 0 when none can. */
  readonly orderedLeaves: number
  /** Whether states can be active beside each other. */
  readonly hasRegions: boolean
  private readonly sizes: ReadonlyMap<AnyStateNode, number>
  private readonly places: ReadonlyMap<AnyStateNode, number>
  private readonly eventless: ReadonlySet<AnyStateNode>

  constructor(root: AnyStateNode) {
    this.nodes = inDocumentOrder(root)
    this.hasRegions = this.nodes.some(({ type }) => type === 'parallel')
    this.places = new Map(this.nodes.map((node, place) => [node, place]))
    const sizes = new Map<AnyStateNode, number>()
    // Children come after their parents in document order.
    for (const node of [...this.nodes].reverse()) sizes.set(node, sizeOf(node, sizes))
    this.sizes = sizes
    this.size = sizes.get(root) ?? 1
    this.words = this.size <= numberedMax ? 1 : this.setWords
    this.eventless = new Set(this.nodes.filter((node) => isLeaf(node) && eventlessChain(node) !== ''))
    this.orderedLeaves = hasRivals(root).found ? mostTogether(root, this.eventless) : 0
  }

  private place(node: AnyStateNode): number {
    return this.places.get(node) ?? -1
  }

  /** Writes the words of a set of active states. */
  encode(active: ReadonlySet<AnyStateNode>, out: Uint32Array): void {
    if (this.size <= numberedMax) {
      out[0] = this.numberOf(this.nodes[0], active)
      return
    }
    this.mark(active, out)
  }

  /** u32 words of a set of states, be it a configuration or not. */
  get setWords(): number {
    return Math.ceil(this.nodes.length / 32)
  }

  /** Writes a bit for each state of a set. */
  mark(set: Iterable<AnyStateNode>, out: Uint32Array): void {
    out.fill(0)
    for (const node of set) {
      const place = this.place(node)
      out[place >>> 5] |= 1 << (place & 31)
    }
  }

  /** The states whose bits are set, in document order. */
  marked(words: Uint32Array, offset: number): AnyStateNode[] {
    return this.nodes.filter((_, place) => (words[offset + (place >>> 5)] & (1 << (place & 31))) !== 0)
  }

  /** The active states of these words, in document order. */
  decode(words: Uint32Array, offset: number): AnyStateNode[] {
    if (this.size > numberedMax) return this.marked(words, offset)
    const active: AnyStateNode[] = []
    this.unfold(this.nodes[0], words[offset], active)
    return active
  }

  /** XState's order of the leaves where it can show: for each the place, in document order, among those that are left. All 0 is document order. */
  orderOf(nodes: readonly AnyStateNode[]): Uint8Array {
    const order = new Uint8Array(this.orderedLeaves)
    if (this.orderedLeaves === 0) return order
    const leaves = nodes.filter((node) => this.eventless.has(node))
    const sorted = [...leaves].sort((a, b) => a.order - b.order)
    leaves.forEach((node, i) => {
      order[i] = sorted.indexOf(node)
      sorted.splice(order[i], 1)
    })
    return order
  }

  /**
   * States in document order, put into an order from {@link orderOf}. The regions of a parallel state stay in document order, as they do in XState: they
   * are only entered together.
   */
  arrange(nodes: readonly AnyStateNode[], order: Uint8Array): AnyStateNode[] {
    if (order.every((place) => place === 0)) return [...nodes]
    const sorted = nodes.filter((node) => this.eventless.has(node))
    const leaves = [...sorted].map((_, i) => sorted.splice(order[i], 1)[0])
    const arranged = new Set<AnyStateNode>()
    for (const leaf of [...leaves, ...nodes]) {
      for (const node of chainOf(leaf).reverse()) {
        const regions = node.parent?.type === 'parallel' ? statesOf(node.parent) : []
        for (const each of regions.filter((region) => region.order < node.order && !this.eventless.has(region))) arranged.add(each)
        arranged.add(node)
      }
    }
    return [...arranged]
  }

  private numberOf(node: AnyStateNode, active: ReadonlySet<AnyStateNode>): number {
    const children = statesOf(node)
    if (node.type === 'parallel') {
      let number = 0
      for (const child of children) {
        if (!active.has(child)) throw unlikely(node, 'a region is not active')
        number = number * this.sizeOf(child) + this.numberOf(child, active)
      }
      return number
    }
    if (node.type !== 'compound') return 0
    let before = 0
    let number = -1
    for (const child of children) {
      if (active.has(child)) {
        if (number >= 0) throw unlikely(node, 'two of its states are active')
        number = before + this.numberOf(child, active)
      }
      before += this.sizeOf(child)
    }
    if (number < 0) throw unlikely(node, 'none of its states is active')
    return number
  }

  private unfold(node: AnyStateNode, number: number, active: AnyStateNode[]): void {
    active.push(node)
    const children = statesOf(node)
    if (node.type === 'parallel') {
      const digits: number[] = []
      let rest = number
      for (const child of [...children].reverse()) {
        digits.unshift(rest % this.sizeOf(child))
        rest = Math.floor(rest / this.sizeOf(child))
      }
      children.forEach((child, i) => {
        this.unfold(child, digits[i], active)
      })
    }
    if (node.type !== 'compound') return
    let rest = number
    for (const child of children) {
      if (rest < this.sizeOf(child)) {
        this.unfold(child, rest, active)
        return
      }
      rest -= this.sizeOf(child)
    }
  }

  private sizeOf(node: AnyStateNode): number {
    return this.sizes.get(node) ?? 1
  }
}

function unlikely(node: AnyStateNode, what: string): MetabonkError {
  return new MetabonkError({ code: 'machine', what: `machine ${node.machine.id} reached no configuration: ${what}`, where: `state ${node.id}`, todo: 'aim its transitions at states that can be active together' })
}

function inDocumentOrder(root: AnyStateNode): AnyStateNode[] {
  const nodes: AnyStateNode[] = []
  const visit = (node: AnyStateNode): void => {
    nodes.push(node)
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(root)
  return nodes.sort((a, b) => a.order - b.order)
}

/** States of a state that can be active. */
function statesOf(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states).filter((child) => child.type !== 'history')
}

/** Whether a state has no states in it. */
export function isLeaf(node: AnyStateNode): boolean {
  return node.type === 'atomic' || node.type === 'final'
}

function sizeOf(node: AnyStateNode, sizes: ReadonlyMap<AnyStateNode, number>): number {
  const children = statesOf(node).map((child) => sizes.get(child) ?? 1)
  if (node.type === 'parallel') return children.reduce((product, size) => product * size, 1)
  return node.type === 'compound' ? children.reduce((sum, size) => sum + size, 0) : 1
}

/** A state and those it is in, innermost first. */
export function chainOf(node: AnyStateNode): AnyStateNode[] {
  return node.parent === undefined ? [node] : [node, ...chainOf(node.parent)]
}

/** The states whose eventless transitions a leaf is asked for. */
function eventlessChain(leaf: AnyStateNode): string {
  return chainOf(leaf)
    .filter((node) => node.always !== undefined)
    .map((node) => node.order)
    .join()
}

/**
 * XState asks the leaves for eventless transitions in the order they were entered: whether there are two in different regions of a parallel state that it asks
 * for different ones. `chains` are those of all leaves.
 */
function hasRivals(node: AnyStateNode): { readonly found: boolean; readonly chains: ReadonlySet<string> } {
  if (isLeaf(node)) {
    const chain = eventlessChain(node)
    return { found: false, chains: new Set(chain === '' ? [] : [chain]) }
  }
  const within = statesOf(node).map(hasRivals)
  const chains = new Set(within.flatMap((each) => [...each.chains]))
  const isParallel = node.type === 'parallel' && chains.size > 1 && within.filter((each) => each.chains.size > 0).length > 1
  return { found: isParallel || within.some(({ found }) => found), chains }
}

/** How many of these leaves can be active at once. */
function mostTogether(node: AnyStateNode, leaves: ReadonlySet<AnyStateNode>): number {
  const counts = statesOf(node).map((child) => mostTogether(child, leaves))
  if (node.type === 'parallel') return counts.reduce((sum, count) => sum + count, 0)
  return node.type === 'compound' ? Math.max(...counts) : leaves.has(node) ? 1 : 0
}
