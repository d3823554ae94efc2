import { assert } from '../errors.ts'
import { mailHeaderWords } from '../mail/layout.ts'
import { runsBeforeCode, type Actions, type MachineEvent, type Op } from './actions.ts'
import { unknownCell, type Chain, type Chains } from './loop.ts'
import type { CodeScope } from './scope.ts'
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

/** Times a cell gets code: then it has seen enough. */
const codingsMax = 6
/** Outcomes of a cell that code is made for: more would be large, and slow to make. */
const codedLeavesMax = 24
/** Outcomes of eventless transitions in the code of a cell, for all its own outcomes together: V8 is slow with functions that are too long. */
const inlinedLeavesMax = 48

interface Leaf {
  readonly form: 'leaf'
  readonly actions: readonly ActionPart[]
  readonly ops: readonly Op[]
  readonly next: ConfigurationFacts
  readonly outcome: number
  /** It has actions that are only known when they run. */
  readonly open: boolean
  /** All that may be left to do are the eventless transitions of `next`. */
  readonly isQuiet: boolean
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

/** An event that comes from outside, in both forms, and whether it is a message, whose payload lies somewhere. */
export interface Arriving {
  /** Its number among all events. */
  readonly event: number
  readonly fast: MachineEvent
  readonly plain: MachineEvent
  readonly isMail: boolean
}

/** Where the code of a tree stands. */
interface CodeSite {
  readonly scope: CodeScope
  /** Walks the tree from its root, where the code meets a branch that has not grown yet. */
  readonly walk: (row: number) => number
  /** Makes the last statements of what came of it: bits of {@link outcome}, or an expression for them; `quiet` is the configuration whose eventless transitions are all that is left. */
  readonly end: (result: number | string, quiet?: ConfigurationFacts) => string
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
  /** An event that comes to many rows at once; undefined for those that a machine raises itself. */
  arriving(event: string | undefined): Arriving | undefined
  /** Makes a row and an event those that the user's functions see; `place` is where its message lies. */
  see(row: number, place: number, event: Arriving): void
  /** Runs what a cell left to do, after so many microsteps: events that were raised, and eventless transitions unless they have been tried. */
  readonly settle: (row: number, eventless: boolean, before: number) => void
  /** The cell of a configuration's eventless transitions. */
  eventless(of: ConfigurationFacts): Cell
  /** Counts up when configurations are forgotten: what was made before can't be asked any more. */
  epoch(): number
  /** Statements that let a row go from one configuration to another, or by the same distance from a third. */
  readonly enterCode: (from: ConfigurationFacts, next: ConfigurationFacts) => string | undefined
  /** Adds the distance of two configurations to the number of a row's. */
  shift(row: number, from: ConfigurationFacts, next: ConfigurationFacts): void
  /** Where chains of rows are kept. */
  chains(): Chains
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
  /** Does the event for the rows of a chain, each up to where it rests. */
  all: (chain: Chain) => void
  /** It neither does anything nor leaves anything to do. */
  readonly isIdle: boolean
  /** Its place among the cells that rows are sorted by; 0 while it has none. */
  number = unknownCell
  readonly place: CellPlace
  private readonly host: CellHost
  private readonly arriving: Arriving | undefined
  private readonly epoch: number
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
    this.arriving = host.arriving(place.event)
    this.epoch = host.epoch()
    this.histories = host.chart.historiesOf(place.from.index, place.event)
    this.remembered = new Uint32Array(this.histories.length * host.chart.historyWords)
    this.run = (row) => this.walk(row)
    this.all = (chain) => {
      this.walkAll(chain)
    }
    if (this.histories.length === 0) this.root = this.grow([])
    const { root } = this
    this.isIdle = root?.form === 'leaf' && root.outcome === 0
    if (this.isIdle) this.run = () => 0
  }

  /** Configurations were forgotten since it was made: what it has grown still holds, and nobody can tell it more. */
  private get isStale(): boolean {
    return this.host.epoch() !== this.epoch
  }

  private walk(row: number): number {
    // Again after it has code: branches that were not known then turn out to be common, and the next code has them.
    if (++this.runs >= runsBeforeCode) this.encode()
    return this.descend(row)
  }

  private walkAll(chain: Chain): void {
    const { host, arriving, codings } = this
    assert(arriving !== undefined, 'what a machine raises comes to one row at a time')
    const { following, mail } = host.chains()
    const { base } = chain
    while (chain.first !== 0) {
      const place = chain.first - 1
      chain.first = following[place]
      host.see(base + place, mail[place], arriving)
      if ((this.run(base + place) & outcome.unsettled) !== 0) host.settle(base + place, true, 0)
      if (this.codings === codings) continue
      this.all(chain)
      return
    }
  }

  private descend(row: number): number {
    let branch = this.histories.length === 0 ? this.root : this.rootFor(row)
    while (branch?.form === 'fork') {
      if (branch.test()) branch = branch.yes ??= this.grow([...branch.outcomes, true])
      else branch = branch.no ??= this.grow([...branch.outcomes, false])
    }
    return branch === undefined ? this.host.runAlone(row, this.place.event) : this.perform(row, branch)
  }

  /** The tree for what the row's histories remember. */
  private rootFor(row: number): Branch | undefined {
    const { host, histories, remembered } = this
    host.readHistories(row, histories, remembered)
    const key = remembered.length === 1 ? remembered[0] : remembered.join()
    if (!this.roots.has(key)) this.roots.set(key, this.grow([]))
    return this.roots.get(key)
  }

  private readonly perform = (row: number, leaf: Leaf): number => {
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
    if (this.isStale) return undefined
    host.grow()
    const trace = host.chart.trace({ configuration: from.index, event, remembered, outcomes })
    if ('ask' in trace) return { form: 'fork', guard: trace.ask, test: host.actions.test(trace.ask), outcomes, yes: undefined, no: undefined }
    return isShared && !trace.confined ? undefined : this.leaf(trace)
  }

  private leaf({ taken, changed, actions, next: after }: Microstep): Leaf {
    const { chart, actions: ops } = this.host
    const { from, isShared } = this.place
    this.leaves++
    const next = taken ? chart.facts(after) : from
    const open = actions.some((part) => part.form === 'collect')
    const raises = open || actions.some((part) => part.form === 'raise' || part.form === 'done')
    const isUnsettled = raises || (isShared ? chart.hasAlways : next.hasAlways)
    const bits = (taken ? outcome.taken : 0) | (changed ? outcome.changed : 0) | (isUnsettled ? outcome.unsettled : 0)
    return { form: 'leaf', actions, ops: actions.map((part) => ops.op(part)), next, outcome: bits, open, isQuiet: isUnsettled && !raises && !isShared }
  }

  /** Lets functions be made, when they are called, of the tree as far as it has grown; what they meet beyond, they walk. */
  private encode(): void {
    if (this.root === undefined || this.leaves > codedLeavesMax || this.codings === codingsMax || this.isStale) return
    this.codings++
    this.runs = 0
    this.run = (row) => {
      this.run = this.code()
      return this.run(row)
    }
    this.all = (chain) => {
      if (this.isStale) {
        this.walkAll(chain)
        return
      }
      this.all = this.codeAll()
      this.all(chain)
    }
  }

  private code(): (row: number) => number {
    const scope = this.host.actions.scope(this.host.scope)
    const body = this.treeCode(this.root, { scope, walk: (row) => this.walk(row), end: (result) => `return ${result}` })
    return scope.run(`return function cell_${this.host.unique()}(row) {\n${body}\n}`) as (row: number) => number
  }

  /** The loop and what it does for each row in one function: V8 keeps in registers what is the same for all. */
  private codeAll(): (chain: Chain) => void {
    const { host, arriving } = this
    assert(arriving !== undefined, 'what a machine raises comes to one row at a time')
    const scope = host.actions.scope({ ...host.scope, eventFast: arriving.fast, eventPlain: arriving.plain, settle: host.settle, ...host.chains() })
    const see = 'fast.event = eventFast\nplain.event = eventPlain'
    // Events that the machine raises itself are seen meanwhile.
    const rest = (eventless: string, before: number): string => `settle(row, ${eventless}, ${before})\n${see}`
    const tried: Omit<CodeSite, 'walk'> = {
      scope,
      end: (result) => {
        if (typeof result === 'string') return `const tried = ${result}\nif ((tried & ${outcome.taken}) !== 0) {\n${rest(`(tried & ${outcome.changed}) !== 0`, 1)}\n}\ncontinue`
        return (result & outcome.taken) === 0 ? 'continue' : `${rest(String((result & outcome.changed) !== 0), 1)}\ncontinue`
      },
    }
    const body = this.treeCode(this.root, {
      scope,
      walk: (row) => this.walk(row),
      end: (result, quiet) => {
        if (typeof result === 'string') return `if ((${result} & ${outcome.unsettled}) !== 0) {\n${rest('true', 0)}\n}\ncontinue`
        if (quiet !== undefined) return this.eventlessCode(host.eventless(quiet), tried)
        return (result & outcome.unsettled) === 0 ? 'continue' : `${rest('true', 0)}\ncontinue`
      },
    })
    // The chain is followed before the row runs: `continue` ends it.
    return scope.run(`return function cells_${host.unique()}({ first, base }) {
${see}
let link = first
while (link !== 0) {
const at = link - 1
const row = base + at
link = following[at]
context.$row = row
${arriving.isMail ? `place.word = mail[at] + ${mailHeaderWords}\n` : ''}${body}
}
}`) as (chain: Chain) => void
  }

  /** The tree of eventless transitions, within the code of this cell: what it meets beyond counts as this one's. A large tree is called. */
  private eventlessCode(cell: Cell, site: Omit<CodeSite, 'walk'>): string {
    if (this.leaves * cell.leaves > inlinedLeavesMax) return site.end(`${site.scope.name(cell)}.run(row)`)
    const walk = (row: number): number => {
      if (++this.runs >= runsBeforeCode) this.encode()
      return cell.descend(row)
    }
    return cell.treeCode(cell.root, { ...site, walk })
  }

  /** Statements that ask the guards and do what follows. */
  private treeCode(branch: Branch | undefined, site: CodeSite): string {
    const { actions, enterCode } = this.host
    const { scope, end } = site
    if (branch === undefined) return end(`${scope.name(site.walk)}(row)`)
    if (branch.form === 'fork') return `if (${actions.guardCode(branch.guard, scope)}) {\n${this.treeCode(branch.yes, site)}\n} else {\n${this.treeCode(branch.no, site)}\n}`
    const { from } = this.place
    const enter = branch.next === from ? '' : enterCode(from, branch.next)
    if (branch.open || enter === undefined) return end(`${scope.name(this.perform)}(row, ${scope.name(branch)})`)
    return [...branch.actions.map((part) => actions.code(part, scope)), enter, end(branch.outcome, branch.isQuiet ? branch.next : undefined)].join('\n')
  }
}
