import type { ColumnPlan, KindType } from '../schema/kind.ts'
import { valueFault, type ColumnType } from '../schema/types.ts'
import { chooseFrom, shown, type Span } from './fault.ts'
import { everyRow, Names, type QueryScope } from './scope.ts'
import { parseChain, type Suffix } from './syntax.ts'

/** One agent, or a part of it: `hero[17]`, `hero[17].hp`, `hero[17].at[0]`, `hero:17.hp`, `hero[17].state`. */
export interface Target {
  readonly kind: KindType
  /** Place of the kind in the world. */
  readonly kindIndex: number
  readonly row: number
  /** Undefined for the agent as a whole and for its state. */
  readonly column: ColumnPlan | undefined
  /** Which number of a vector; undefined for the whole column. */
  readonly element: number | undefined
  /** Whether the state of its machine is meant. */
  readonly state: boolean
}

/** A target and the value it is given, as its column keeps it. */
export interface Assignment extends Target {
  readonly column: ColumnPlan
  readonly value: number | string | boolean | readonly number[]
}

function targetIn(names: Names, end: number): Target {
  const chain = parseChain(names.text, end)
  const { kinds } = names.scope
  if (names.kindNamed(chain.name) === undefined) {
    const at = { from: chain.from, to: chain.from + chain.name.length }
    throw names.fault(at, `the world has no kind '${shown(chain.name)}'`, chooseFrom(chain.name, kinds.map((kind) => kind.name), 'it has none'))
  }
  const owned = names.agentOf(chain)
  if (owned === undefined || owned.agent.row === everyRow) throw names.fault({ from: chain.to, to: chain.to }, 'it is not said which row is meant', `write ${chain.name}[0]`)
  const { kind: kindIndex, row } = owned.agent
  const agent = { kind: kinds[kindIndex], kindIndex, row, column: undefined, element: undefined, state: false }
  const [first, ...rest] = owned.rest as readonly [Suffix | undefined, ...Suffix[]]
  if (first === undefined) return agent
  if (first.form !== 'field') throw names.fault(first, 'expected a column', 'write a point and its name')
  const column = names.findColumn(kindIndex, first.name)
  if (column !== undefined) return { ...agent, column, element: names.elementOf(column, rest) }
  if (first.name !== 'state' || !names.hasMachine(kindIndex)) throw names.noColumn(kindIndex, first.name, first)
  if (rest.length > 0) throw names.fault(rest[0], 'a state has no parts', `leave ${names.at(rest[0])} away`)
  return { ...agent, state: true }
}

/** Reads the name of an agent or of a part of it. Throws `usage` with the place of the fault. */
export function parseTarget(text: string, scope: QueryScope): Target {
  return targetIn(new Names(text, scope), text.length)
}

function numberIn(names: Names, { from, to }: Span): number {
  const text = names.text.slice(from, to).trim()
  const value = /^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text) ? Number(text) : NaN
  if (Number.isFinite(value)) return value
  throw names.fault({ from, to }, `expected a number, got '${shown(text)}'`, 'write one like 12, -0.5 or 1e-3')
}

function listIn(names: Names, { from, to }: Span, { name, type }: ColumnPlan): number[] {
  const { text } = names
  if (text[from] !== '[' || text[to - 1] !== ']') throw names.fault({ from, to }, `column ${name} is a vector of ${type.width} numbers`, `write [${new Array(type.width).fill(0).slice(0, 4).join(', ')}${type.width > 4 ? ', ...' : ''}], or name an element, ${name}[0]`)
  let at = from + 1
  return text.slice(at, to - 1).split(',').map((part) => {
    const here = { from: at, to: at + part.length }
    at = here.to + 1
    return numberIn(names, here)
  })
}

function labelIn(names: Names, at: Span, { name, type }: ColumnPlan): string {
  const text = names.text.slice(at.from, at.to)
  const quote = text[0]
  const label = text.length > 1 && (quote === "'" || quote === '"') && text.endsWith(quote) ? text.slice(1, -1) : text
  if (type.labels.includes(label)) return label
  throw names.fault(at, `column ${name} is never '${shown(label)}'`, chooseFrom(label, type.labels, 'it has no labels'))
}

function truthIn(names: Names, at: Span): boolean {
  const text = names.text.slice(at.from, at.to)
  if (text === 'true' || text === 'false') return text === 'true'
  throw names.fault(at, `expected true or false, got '${shown(text)}'`)
}

function valueIn(names: Names, at: Span, column: ColumnPlan, element: number | undefined): Assignment['value'] {
  switch (column.type.form) {
    case 'bool':
      return truthIn(names, at)
    case 'enum':
      return labelIn(names, at, column)
    case 'vec':
      return element === undefined ? listIn(names, at, column) : numberIn(names, at)
    default:
      return numberIn(names, at)
  }
}

/** Reads `kind[row].column=value`. Throws `usage` with the place of the fault, also for a value that the column can't keep. */
export function parseAssignment(text: string, scope: QueryScope): Assignment {
  const names = new Names(text, scope)
  const equals = text.indexOf('=')
  const target = targetIn(names, equals < 0 ? text.length : equals)
  const { kind, column, element } = target
  if (column === undefined) throw names.fault({ from: 0, to: equals < 0 ? text.length : equals }, target.state ? "a machine's state can't be set" : "an agent as a whole can't be set", `set a column, ${kind.name}[${target.row}].column=value`)
  const given = equals < 0 ? '' : text.slice(equals + 1)
  const from = text.length - given.trimStart().length
  const at = { from, to: from + given.trim().length }
  if (at.to === at.from) throw names.fault({ from: text.length, to: text.length }, 'there is no value', `write = and what ${column.name} becomes`)
  const value = valueIn(names, at, column, element)
  const type: ColumnType = element === undefined ? column.type : { ...column.type, form: 'number', width: 1 }
  const fault = valueFault(type, value)
  if (fault !== undefined) throw names.fault(at, `${kind.name}.${column.name}: ${fault}`)
  return { ...target, column, value }
}
