import { chooseFrom, shown, type Span } from './fault.ts'
import { everyRow, type Agent, type Names } from './scope.ts'
import type { Chain, Suffix } from './syntax.ts'
import { askMachine, columnTerm, comparison, configTerm, needsOf, type BooleanTerm, type Term } from './terms.ts'

/** Whose rows an expression speaks of: the whole query, or what stands in `count(...)` and its like. */
export interface Level {
  /** Whom bare names belong to; undefined where nobody is named, or several are. */
  readonly bare: Agent | undefined
  /** Agents it names, each once. */
  readonly named: readonly Agent[]
  /** The kind whose rows it ranges over, as far as it was seen. */
  ranges: number | undefined
}

const words = ['step', 'state', 'config', 'report'] as const

/** Gives meaning to the names of a text. */
export class Chains {
  private readonly names: Names

  constructor(names: Names) {
    this.names = names
  }

  /** What a name and what follows it stand for. */
  value(chain: Chain, level: Level): Term {
    const { name, suffixes } = chain
    const owned = this.names.agentOf(chain)
    if (owned !== undefined) return this.ofAgent(owned.agent, owned.rest, level)
    if (suffixes.length > 0 && name === 'config') return this.setting(chain)
    if (suffixes.length > 0 && name === 'report') return this.report(chain)
    const { bare } = level
    const asField: Suffix = { form: 'field', name, from: chain.from, to: chain.from + name.length }
    if (bare !== undefined && this.names.findColumn(bare.kind, name) !== undefined) return this.ofAgent(bare, [asField, ...suffixes], level)
    if (name === 'step' && suffixes.length === 0) return { type: 'number', needs: [], bind: ({ source }) => () => source.step() }
    if (bare !== undefined && name === 'state') return this.ofAgent(bare, [asField, ...suffixes], level)
    throw this.noMeaning(chain, level)
  }

  /** `tag('dangerous')` of an agent. */
  tag(agent: Agent, { given, ...at }: Suffix & { form: 'call' }, level: Level): BooleanTerm {
    const [tag] = given
    if (given.length !== 1 || tag.form !== 'literal' || typeof tag.value !== 'string') throw this.names.fault(at, 'tag takes one text', "write tag('name')")
    if (!this.names.hasMachine(agent.kind)) throw this.names.noMachine(agent.kind, at)
    this.checkMachine(agent.kind, 'tags', tag.value, tag)
    this.ranging(agent, level)
    return { ...comparison([], askMachine(agent, 'hasTag', tag.value)), needs: needsOf(agent) }
  }

  /** Whether the state of an agent is the one of a path, or is not. */
  inState(agent: Agent, path: string, at: Span, same: boolean): BooleanTerm {
    this.checkMachine(agent.kind, 'states', path, at)
    const matches = askMachine(agent, 'matches', path)
    return comparison(needsOf(agent), (asked) => {
      const test = matches(asked)
      return (row) => test(row) === same
    })
  }

  /** The agent bare names belong to; throws where there is none. */
  bareAgent(level: Level, at: Span): Agent {
    if (level.bare === undefined) throw this.ownerless('tag', level, at)
    return level.bare
  }

  private ranging(agent: Agent, level: Level): void {
    if (agent.row === everyRow) level.ranges = agent.kind
  }

  private ofAgent(agent: Agent, rest: readonly Suffix[], level: Level): Term {
    const { name: kind, plan } = this.names.scope.kinds[agent.kind]
    if (rest.length === 0) throw this.names.fault(agent, `${this.names.at(agent)} is an agent and no value`, `take a column of it${plan.length > 0 ? `, like ${kind}[${agent.row}].${plan[0].name}` : ''}, or ask alive(${kind}[${agent.row}])`)
    const [first, second] = rest as readonly [Suffix, Suffix | undefined]
    if (first.form !== 'field') throw this.names.fault(first, 'expected a column', `write a point and its name`)
    if (second?.form === 'call') return this.method(agent, first, second, level)
    const column = this.names.findColumn(agent.kind, first.name)
    if (column === undefined) return this.state(agent, rest, level)
    const element = this.names.elementOf(column, rest.slice(1))
    if (element === undefined && column.type.form === 'vec') throw this.names.fault(first, `column ${column.name} is a vector of ${column.type.width} numbers`, `take one of them, like ${column.name}[0]`)
    this.ranging(agent, level)
    return columnTerm(agent, column, element ?? 0)
  }

  private method(agent: Agent, name: Suffix & { form: 'field' }, call: Suffix & { form: 'call' }, level: Level): BooleanTerm {
    if (name.name === 'tag') return this.tag(agent, call, level)
    throw this.names.fault(name, `an agent has no function '${shown(name.name)}'`, "it has tag('name')")
  }

  private state(agent: Agent, [first, more]: readonly Suffix[], level: Level): Term {
    const { name } = first as Suffix & { form: 'field' }
    if (name !== 'state' || !this.names.hasMachine(agent.kind)) throw this.names.noColumn(agent.kind, name, first)
    // Of two suffixes or more, the second may be missing.
    if ((more as Suffix | undefined) !== undefined) throw this.names.fault(more, 'a state has no parts', "compare it with a path: state == 'armed.reloading'")
    this.ranging(agent, level)
    return { type: 'state', agent }
  }

  private checkMachine(kind: number, part: 'states' | 'tags', name: string, at: Span): void {
    const known = this.names.scope.machines[kind]?.[part]
    if (known === undefined || known.includes(name)) return
    throw this.names.fault(at, `the machine of ${this.names.scope.kinds[kind].name} has no ${part === 'states' ? 'state' : 'tag'} '${shown(name)}'`, chooseFrom(name, known, 'it has none'))
  }

  /** The name after `config` or `report`, which may hold points: `.a.b` or `['a b']`. */
  private keyOf({ name, suffixes, to }: Chain): { readonly key: string; readonly at: Span } {
    const [first] = suffixes
    const at = { from: first.from, to }
    const parts = suffixes.map((suffix) => (suffix.form === 'field' ? suffix.name : suffix.form === 'index' ? String(suffix.index) : undefined))
    if (parts.includes(undefined)) throw this.names.fault(at, `${name} holds values and no functions`, `write ${name}.name`)
    return { key: parts.join('.'), at }
  }

  private setting(chain: Chain): Term {
    const { key, at } = this.keyOf(chain)
    const { config } = this.names.scope
    if (Object.hasOwn(config, key)) return configTerm(key, config[key])
    throw this.names.fault(at, `the world has no setting '${shown(key)}'`, chooseFrom(key, Object.keys(config), 'it has none'))
  }

  private report(chain: Chain): Term {
    const { key, at } = this.keyOf(chain)
    const { reports } = this.names.scope
    if (reports.includes(key)) return { type: 'number', needs: [], bind: ({ source }) => () => source.report(key) }
    throw this.names.fault(at, `the world reports no '${shown(key)}'`, chooseFrom(key, reports, 'it reports nothing'))
  }

  private noMeaning({ name, from }: Chain, level: Level): Error {
    const { kinds } = this.names.scope
    const at = { from, to: from + name.length }
    const kind = this.names.kindNamed(name)
    if (kind !== undefined) return this.names.fault(at, `${name} is a kind and no value`, `name a column of it, or count(${name})`)
    if (name === 'config' || name === 'report') return this.names.fault(at, `${name} alone is no value`, `write ${name}.name`)
    if (level.bare === undefined && (name === 'state' || kinds.some((_, index) => this.names.findColumn(index, name) !== undefined))) return this.ownerless(name, level, at)
    if (level.bare !== undefined && name === 'state') return this.names.noMachine(level.bare.kind, at)
    const columns = level.bare === undefined ? [] : kinds[level.bare.kind].plan.map((column) => column.name)
    return this.names.fault(at, `nothing is named '${shown(name)}'`, chooseFrom(name, [...columns, ...words, ...kinds.map((each) => each.name)], 'check the name'))
  }

  /** The error for a bare name where it is not clear whose it is. */
  private ownerless(name: string, { named }: Level, at: Span): Error {
    const { kinds } = this.names.scope
    const has = (kind: number): boolean => this.names.findColumn(kind, name) !== undefined || ((name === 'state' || name === 'tag') && this.names.hasMachine(kind))
    const owners = named.length > 1 ? named.filter(({ kind }) => has(kind)).map((agent) => this.names.at(agent)) : kinds.filter((_, kind) => has(kind)).map((kind) => kind.name)
    const written = this.names.at(at)
    return this.names.fault(at, `it is not clear whose ${name} is meant`, owners.length === 0 ? 'none that is named has it' : `write ${owners.slice(0, 4).map((owner) => `${owner}.${written}`).join(' or ')}`)
  }
}
