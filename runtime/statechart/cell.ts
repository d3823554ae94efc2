import type { Actions, Op } from './actions.ts'
import type { ActionPart, ConfigurationFacts, Guard, Statechart } from './statechart.ts'

/** What running a cell says. */
export const outcome = {
  /** A transition was taken. */
  taken: 1,
  /** ... and changed the snapshot: eventless transitions are looked for again. */
  changed: 2,
  /** There may be something left to do: events raised, or eventless transitions to be tried. */
  unsettled: 4,
} as const

/** Runs of a cell, or of its parts that have no code yet, after which it gets code. */
const runsBeforeCode = 64
/** Times a cell gets code: then it has seen enough. */
const codingsMax = 6
/** Outcomes of a cell that code is made for: more would be large, and slow to make. */
const codedLeavesMax = 24

interface Leaf {
  readonly form: 'leaf'
  readonly actions: readonly ActionPart[]
  readonly ops: readonly Op[]
  readonly next: ConfigurationFacts
  readonly outcome: number
  /** It has actions that are only known when they run. */
  readonly open: boolean
}

interface Fork {
  readonly form: 'fork'
  readonly guard: Guard
  readonly test: () => boolean
  readonly outcomes: readonly boolean[]
  yes: Branch | undefined
  no: Branch | undefined
}

type Branch = Leaf | Fork

/** What a cell is for. */
export interface CellPlace {
  readonly from: ConfigurationFacts
  /** undefined for eventless transitions. */
  readonly event: string | undefined
  /** It stands for all configurations that differ from `from` in parallel regions the event does not reach. */
  readonly isShared: boolean
}

/** What cells have in common. */
export interface CellHost {
  readonly chart: Statechart
  readonly actions: Actions
  /** A name for code, so that no two functions have the same text: V8 would let them share what it learns. */
  unique(): string
  /** Copies the words of histories of a row. */
  readHistories(row: number, histories: readonly number[], out: Uint32Array): void
  /** Writes the configuration of a row. */
  enter(row: number, next: ConfigurationFacts): void
  /** Statements that let a row go from one configuration to another, or by the same distance from a third. */
  enterCode(from: ConfigurationFacts, next: ConfigurationFacts): string | undefined
  /** Adds the distance of two configurations to the number of a row's. */
  shift(row: number, from: ConfigurationFacts, next: ConfigurationFacts): void
  /** Values that code names. */
  readonly scope: Readonly<Record<string, unknown>>
  /** Told of every branch a cell grows: it may forget all cells when they are too many. */
  grow(): void
  /** Runs an event for a row in a cell of the row's configuration alone: a shared one found that it reaches further than it seemed. */
  runAlone(row: number, event: string | undefined): number
}

/**
 * What one event does in one configuration, or in all of a class: a tree of guards with microsteps at its leaves, grown where it is walked. Often
 * walked, it becomes a function.
 */
export class Cell {
  /** Does the event for a row and says what came of it, in bits of {@link outcome}. */
  run: (row: number) => number
  private readonly host: CellHost
  private readonly place: CellPlace
  private readonly histories: readonly number[]
  private readonly remembered: Uint32Array
  private readonly roots = new Map<string | number, Branch | undefined>()
  private root: Branch | undefined = undefined
  private runs = 0
  private codings = 0
  private leaves = 0

  constructor(host: CellHost, place: CellPlace) {
    this.host = host
    this.place = place
    this.histories = host.chart.historiesOf(place.from.index, place.event)
    this.remembered = new Uint32Array(this.histories.length * host.chart.historyWords)
    this.run = (row) => this.walk(row)
    if (this.histories.length === 0) this.root = this.grow([])
    const { root } = this
    // What does nothing is done with at once.
    if (root?.form === 'leaf' && (root.outcome & outcome.taken) === 0) this.run = () => root.outcome
  }

  private walk(row: number): number {
    if (++this.runs === runsBeforeCode) this.encode()
    return this.descend(row)
  }

  private descend(row: number): number {
    let branch = this.histories.length === 0 ? this.root : this.rootFor(row)
    while (branch?.form === 'fork') {
      if (branch.test()) branch = branch.yes ??= this.grow([...branch.outcomes, true])
      else branch = branch.no ??= this.grow([...branch.outcomes, false])
    }
    return branch === undefined ? this.host.runAlone(row, this.place.event) : this.perform(branch, row)
  }

  /** The tree for what the row's histories remember. */
  private rootFor(row: number): Branch | undefined {
    const { host, histories, remembered } = this
    host.readHistories(row, histories, remembered)
    const key = remembered.length === 1 ? remembered[0] : remembered.join()
    if (!this.roots.has(key)) this.roots.set(key, this.grow([]))
    return this.roots.get(key)
  }

  private perform(leaf: Leaf, row: number): number {
    const { host, place } = this
    if (leaf.open) host.actions.assigned = false
    for (const op of leaf.ops) op(row)
    if (leaf.next !== place.from) {
      if (place.isShared) host.shift(row, place.from, leaf.next)
      else host.enter(row, leaf.next)
    }
    return leaf.open && host.actions.assigned ? leaf.outcome | outcome.changed : leaf.outcome
  }

  /** The branch that guards with these outcomes lead to; undefined when it is not the same for all that the cell stands for. */
  private grow(outcomes: readonly boolean[]): Branch | undefined {
    const { host, remembered } = this
    const { from, event, isShared } = this.place
    host.grow()
    const trace = host.chart.trace({ configuration: from.index, event, remembered, outcomes })
    if ('ask' in trace) return { form: 'fork', guard: trace.ask, test: host.actions.test(trace.ask), outcomes, yes: undefined, no: undefined }
    if (isShared && !trace.confined) return undefined
    this.leaves++
    const { actions } = trace
    const next = trace.taken ? host.chart.facts(trace.next) : from
    const open = actions.some((part) => part.form === 'collect')
    const raises = open || actions.some((part) => part.form === 'raise' || part.form === 'done')
    const isUnsettled = raises || (isShared ? host.chart.hasAlways : next.hasAlways)
    const bits = (trace.taken ? outcome.taken : 0) | (trace.changed ? outcome.changed : 0) | (isUnsettled ? outcome.unsettled : 0)
    return { form: 'leaf', actions, ops: actions.map((part) => host.actions.op(part)), next, outcome: bits, open }
  }

  /** Makes a function of the tree as far as it has grown; what it meets beyond, it walks. */
  private encode(): void {
    if (this.root === undefined || this.leaves > codedLeavesMax || this.codings === codingsMax) return
    this.codings++
    const { host } = this
    const scope = host.actions.scope({
      ...host.scope,
      walk: (row: number) => {
        // Branches that were not known when the code was made turn out to be common: the next code has them.
        if (++this.runs === runsBeforeCode) this.encode()
        return this.descend(row)
      },
      perform: (row: number, leaf: Leaf) => this.perform(leaf, row),
    })
    const text = (branch: Branch | undefined): string => {
      if (branch === undefined) return 'return walk(row)'
      if (branch.form === 'fork') return `if (${host.actions.guardCode(branch.guard, scope)}) {\n${text(branch.yes)}\n} else {\n${text(branch.no)}\n}`
      const { from } = this.place
      const enter = branch.next === from ? '' : host.enterCode(from, branch.next)
      if (branch.open || enter === undefined) return `return perform(row, ${scope.name(branch)})`
      return [...branch.actions.map((part) => host.actions.code(part, scope)), enter, `return ${branch.outcome}`].join('\n')
    }
    this.runs = 0
    this.run = scope.run(`return function cell_${host.unique()}(row) {\n${text(this.root)}\n}`) as (row: number) => number
  }
}
