import type { ConfigValues, StateReader } from '../lockstep/program.ts'
import type { ColumnPlan, KindType } from '../schema/kind.ts'
import type { KindTable } from '../state/table.ts'
import { chooseFrom, queryFault, shown, type Span } from './fault.ts'
import type { Chain, Suffix } from './syntax.ts'

/** What is known of the machine of a kind. Without its states and tags, every path and tag is believed. */
export interface MachineNames {
  /** Paths like `armed.reloading`. */
  readonly states?: readonly string[]
  readonly tags?: readonly string[]
}

/** What the names of a query mean. */
export interface QueryScope {
  /** In the order of the world. */
  readonly kinds: readonly KindType[]
  /** By kind; undefined for a kind without a machine. */
  readonly machines: readonly (MachineNames | undefined)[]
  /** The settings, for their names and for what they hold: the values are read from the source. */
  readonly config: ConfigValues
  /** Names of the world's report. */
  readonly reports: readonly string[]
  /** The kind that bare names belong to where no other one is ranged over: a query about the rows of a table. */
  readonly subject?: string | undefined
}

/** A state that queries are asked of. It may move on: queries read it whenever they are asked. */
export interface QuerySource {
  /** By kind, as in the scope. */
  readonly tables: readonly KindTable[]
  /** By kind; needed where the scope has a machine. */
  readonly states: readonly (Pick<StateReader, 'matches' | 'hasTag'> | undefined)[]
  step(): number
  config(): ConfigValues
  /** A number of the world's report. */
  report(name: string): number
}

/** An agent of a kind: a row, or whichever row a query is at. */
export interface Agent extends Span {
  readonly kind: number
  readonly row: number
}

/** The row of an agent that stands for every row of its kind. */
export const everyRow = -1

/** Whose names a text uses, and what it says about those it can't. */
export class Names {
  readonly text: string
  readonly scope: QueryScope

  constructor(text: string, scope: QueryScope) {
    this.text = text
    this.scope = scope
  }

  fault(at: Span, what: string, todo?: string): Error {
    return queryFault(this.text, at, what, todo)
  }

  /** What stands at a place, for a message. */
  at({ from, to }: Span): string {
    return shown(this.text.slice(from, to))
  }

  /** Place of a kind in the world; `agent` is the only kind of a world with one. */
  kindNamed(name: string): number | undefined {
    const { kinds } = this.scope
    const index = kinds.findIndex((kind) => kind.name === name)
    if (index >= 0) return index
    return name === 'agent' && kinds.length === 1 ? 0 : undefined
  }

  /** Every row of the kind that bare names belong to by themselves. */
  subject(): Agent | undefined {
    const { kinds, subject } = this.scope
    if (subject === undefined) return kinds.length === 1 ? { kind: 0, row: everyRow, from: 0, to: 0 } : undefined
    const kind = this.kindNamed(subject)
    return kind === undefined ? undefined : { kind, row: everyRow, from: 0, to: 0 }
  }

  /** The agent a chain begins with, and what follows it; undefined when it begins with no kind, or is nothing but one. */
  agentOf({ name, suffixes, from }: Chain): { readonly agent: Agent; readonly rest: readonly Suffix[] } | undefined {
    const kind = this.kindNamed(name)
    if (kind === undefined || suffixes.length === 0) return undefined
    const [first, ...rest] = suffixes
    if (first.form !== 'index') return { agent: { kind, row: everyRow, from, to: from + name.length }, rest: suffixes }
    const { rowsMax } = this.scope.kinds[kind]
    if (typeof first.index === 'string') throw this.fault(first, 'a row is a number', `write ${name}[0]`)
    if (first.index >= rowsMax) throw this.fault(first, `kind ${name} has no row ${first.index}`, `its rows are 0 to ${rowsMax - 1}`)
    return { agent: { kind, row: first.index, from, to: first.to }, rest }
  }

  findColumn(kind: number, name: string): ColumnPlan | undefined {
    return this.scope.kinds[kind].plan.find((column) => column.name === name)
  }

  hasMachine(kind: number): boolean {
    return this.scope.machines[kind] !== undefined
  }

  /** The error for a field that an agent of a kind does not have. */
  noColumn(kind: number, name: string, at: Span): Error {
    const { name: owner, plan } = this.scope.kinds[kind]
    if (name === 'state') return this.noMachine(kind, at)
    const known = [...plan.map((column) => column.name), ...(this.hasMachine(kind) ? ['state'] : [])]
    return this.fault(at, `kind ${owner} has no column '${shown(name)}'`, chooseFrom(name, known, 'it has none'))
  }

  noMachine(kind: number, at: Span): Error {
    return this.fault(at, `kind ${this.scope.kinds[kind].name} has no machine, so it has no state`, 'compare its columns')
  }

  /** Which element of a vector `rest` asks for; undefined where nothing follows. Throws where something else follows. */
  elementOf({ name, type }: ColumnPlan, rest: readonly Suffix[]): number | undefined {
    if (rest.length === 0) return undefined
    const [first, second] = rest as readonly [Suffix, Suffix | undefined]
    if (type.form !== 'vec') throw this.fault(first, `column ${name} holds one value and no parts`, `leave ${this.at(first)} away`)
    if (second !== undefined) throw this.fault(second, `an element of ${name} is a number and has no parts`, `leave ${this.at(second)} away`)
    const index = first.form === 'index' ? first.index : first.form === 'field' ? ['x', 'y'].indexOf(first.name) : -1
    if (typeof index === 'number' && index >= 0 && index < type.width) return index
    throw this.fault(first, `${name} has no element ${this.at(first)}`, `its elements are ${name}[0] to ${name}[${type.width - 1}]${type.width > 1 ? `, of which ${name}.x and ${name}.y are the first two` : ''}`)
  }
}
