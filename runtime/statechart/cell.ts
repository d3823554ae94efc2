import type { Actions, Op } from './actions.ts'
import type { ActionPart, ConfigurationFacts, Guard, Microstep, Statechart } from './statechart.ts'

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

/** What cells have in common. */
export interface CellHost {
  readonly chart: Statechart
  readonly actions: Actions
  /** A number for code, so that no two functions have the same text: V8 would let them share what it learns. */
  unique(): number
  /** Copies the words of histories of a row. */
  readHistories(row: number, histories: readonly number[], out: Uint32Array): void
  /** Writes the configuration of a row. */
  enter(row: number, next: ConfigurationFacts): void
  /** Statements for {@link enter}, or undefined when it takes a call. */
  enterCode(next: ConfigurationFacts): string | undefined
  /** Values that those statements name. */
  readonly enterScope: Readonly<Record<string, unknown>>
}

/**
 * What one event does in one configuration: a tree of guards with microsteps at its leaves, grown where it is walked. Often walked, it becomes
 * a function.
 */
export class Cell {
  /** Does the event for a row and says what came of it, in bits of {@link outcome}. */
  run: (row: number) => number
  private readonly host: CellHost
  private readonly from: ConfigurationFacts
  private readonly event: string | undefined
  private readonly histories: readonly number[]
  private readonly remembered: Uint32Array
  private readonly roots = new Map<string, Branch>()
  private root: Branch | undefined = undefined
  private runs = 0
  private codings = 0
  private leaves = 0

  constructor(host: CellHost, from: ConfigurationFacts, event: string | undefined) {
    this.host = host
    this.from = from
    this.event = event
    this.histories = host.chart.historiesOf(from.index, event)
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
    let branch = this.histories.length === 0 ? (this.root as Branch) : this.rootFor(row)
    while (branch.form === 'fork') {
      if (branch.test()) branch = branch.yes ??= this.grow([...branch.outcomes, true])
      else branch = branch.no ??= this.grow([...branch.outcomes, false])
    }
    return this.perform(branch, row)
  }

  /** The tree for what the row's histories remember. */
  private rootFor(row: number): Branch {
    const { host, histories, remembered } = this
    host.readHistories(row, histories, remembered)
    const key = remembered.join()
    const known = this.roots.get(key)
    if (known !== undefined) return known
    const made = this.grow([])
    this.roots.set(key, made)
    return made
  }

  private perform(leaf: Leaf, row: number): number {
    const { actions } = this.host
    if (leaf.open) actions.assigned = false
    for (const op of leaf.ops) op(row)
    if (leaf.next !== this.from) this.host.enter(row, leaf.next)
    return leaf.open && actions.assigned ? leaf.outcome | outcome.changed : leaf.outcome
  }

  private grow(outcomes: readonly boolean[]): Branch {
    const { host, from, event, remembered } = this
    const trace = host.chart.trace({ configuration: from.index, event, remembered, outcomes })
    if ('ask' in trace) return { form: 'fork', guard: trace.ask, test: host.actions.test(trace.ask), outcomes, yes: undefined, no: undefined }
    this.leaves++
    return leafOf(host, from, trace)
  }

  /** Makes a function of the tree as far as it has grown; what it meets beyond, it walks. */
  private encode(): void {
    if (this.root === undefined || this.leaves > codedLeavesMax || this.codings === codingsMax) return
    this.codings++
    const { host } = this
    const scope = host.actions.scope({
      ...host.enterScope,
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
      if (branch.open) return `return perform(row, ${scope.name(branch)})`
      const enter = branch.next === this.from ? '' : (host.enterCode(branch.next) ?? `enter(row, ${scope.name(branch.next)})`)
      return [...branch.actions.map((part) => host.actions.code(part, scope)), enter, `return ${branch.outcome}`].join('\n')
    }
    this.runs = 0
    this.run = scope.run(`return function cell${host.unique()}(row) {\n${text(this.root)}\n}`) as (row: number) => number
  }
}

function leafOf(host: CellHost, from: ConfigurationFacts, step: Microstep): Leaf {
  const next = host.chart.facts(step.next)
  const open = step.actions.some((part) => part.form === 'collect')
  const raises = open || step.actions.some((part) => part.form === 'raise' || part.form === 'done')
  const bits = (step.taken ? outcome.taken : 0) | (step.changed ? outcome.changed : 0) | (raises || next.hasAlways ? outcome.unsettled : 0)
  return { form: 'leaf', actions: step.actions, ops: step.actions.map((part) => host.actions.op(part)), next: step.taken ? next : from, outcome: bits, open }
}
