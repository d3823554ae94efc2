import { Chains, type Level } from './chains.ts'
import { chooseFrom, shown, type Span } from './fault.ts'
import { everyRow, type Agent, type Names } from './scope.ts'
import type { Chain, Expression, Suffix } from './syntax.ts'
import { aliveAll, arithmeticTerm, compareNumbers, compareSame, comparison, constantTerm, folds, foldTerm, literalTerm, logicTerm, notTerm, type BooleanTerm, type NumberTerm, type StateTerm, type Term, type TextTerm, type ValueTerm } from './terms.ts'

type Of<F extends Expression['form']> = Extract<Expression, { form: F }>
type Call = Extract<Suffix, { form: 'call' }>

const functions = ['count', 'sum', 'mean', 'min', 'max', 'alive', 'tag'] as const
const aggregates: readonly string[] = ['count', 'sum', 'mean', 'min', 'max']
/** How messages call the types. */
const typeNames = { number: 'a number', text: 'a text', boolean: 'true or false', state: 'a state' } as const

function callOf({ suffixes }: Chain): Call | undefined {
  const [first] = suffixes as readonly [Suffix | undefined]
  return first?.form === 'call' ? first : undefined
}

/** Finds out what an expression means and of which type it is; every fault of it is an error with its place. */
export class Typing {
  private readonly names: Names
  private readonly chains: Chains
  /** Kinds it reads, by index. */
  readonly kinds = new Set<number>()

  constructor(names: Names) {
    this.names = names
    this.chains = new Chains(names)
  }

  /** A whole query, and the kind whose rows it ranges over. */
  whole(expression: Expression): { readonly term: ValueTerm; readonly ranges: number | undefined } {
    const level = this.level([expression])
    const term = this.term(expression, level)
    if (term.type === 'state') throw this.names.fault(expression, 'a state is no value of its own', "compare it with a path: state == 'flee'")
    return { term, ranges: level.ranges }
  }

  /** Who is meant in some expressions; `counted` is the kind whose rows they are given, if any. */
  private level(expressions: readonly Expression[], counted?: Agent): Level {
    const named: Agent[] = []
    for (const expression of expressions) this.collect(expression, named)
    const ranging = [...(counted === undefined ? [] : [counted]), ...named].filter(({ row }) => row === everyRow)
    const other = ranging.find(({ kind }) => kind !== ranging[0].kind)
    if (other !== undefined) {
      const [first, second] = [ranging[0], other].map(({ kind }) => this.names.scope.kinds[kind].name)
      throw this.names.fault(other, `a query can't range over ${first} and ${second} at once`, `name a row, ${second}[0], or sum it up: count(${second}, ...)`)
    }
    const bare = counted ?? this.bareAmong(named)
    for (const { kind } of named) this.kinds.add(kind)
    return { bare, named, ranges: undefined }
  }

  /** Whom bare names beside these agents belong to. */
  private bareAmong(named: readonly Agent[]): Agent | undefined {
    const subject = this.names.subject()
    const isAsked = this.names.scope.subject !== undefined && named.every(({ kind, row }) => row !== everyRow || kind === subject?.kind)
    if (isAsked || named.length === 0) return subject
    return named.length === 1 ? named[0] : undefined
  }

  /** The agents that an expression names outside of sums, each once. */
  private collect(expression: Expression, named: Agent[]): void {
    switch (expression.form) {
      case 'literal':
        return
      case 'not':
      case 'minus':
        this.collect(expression.inner, named)
        return
      case 'chain': {
        const call = callOf(expression)
        if (call !== undefined && !aggregates.includes(expression.name)) for (const given of call.given) this.collect(given, named)
        const agent = this.names.agentOf(expression)?.agent
        if (call === undefined && agent !== undefined && !named.some(({ kind, row }) => kind === agent.kind && row === agent.row)) named.push(agent)
        return
      }
      default:
        this.collect(expression.left, named)
        this.collect(expression.right, named)
    }
  }

  private term(expression: Expression, level: Level): Term {
    switch (expression.form) {
      case 'literal':
        return literalTerm(expression.value)
      case 'chain':
        return this.chain(expression, level)
      case 'not':
        return notTerm(this.condition(expression.inner, level))
      case 'minus':
        return arithmeticTerm('*', constantTerm(-1), this.number(expression.inner, level))
      case 'logic':
        return logicTerm(expression.operator, this.condition(expression.left, level), this.condition(expression.right, level))
      case 'arithmetic':
        return arithmeticTerm(expression.operator, this.number(expression.left, level), this.number(expression.right, level))
      case 'compare':
        return this.compare(expression, level)
    }
  }

  private condition(expression: Expression, level: Level): BooleanTerm {
    const term = this.term(expression, level)
    if (term.type === 'boolean') return term
    throw this.names.fault(expression, `expected true or false, got ${typeNames[term.type]}`, 'compare it with something')
  }

  private number(expression: Expression, level: Level): NumberTerm {
    const term = this.term(expression, level)
    if (term.type === 'number') return term
    throw this.names.fault(expression, `expected a number, got ${typeNames[term.type]}`, 'only numbers can be reckoned with')
  }

  private compare(expression: Of<'compare'>, level: Level): BooleanTerm {
    const { operator, left, right } = expression
    const a = this.term(left, level)
    const b = this.term(right, level)
    if (a.type === 'state') return this.compareState(expression, a, right)
    if (b.type === 'state') return this.compareState(expression, b, left)
    if (a.type === 'number' && b.type === 'number') return compareNumbers(operator, a, b)
    if (a.type !== b.type) throw this.names.fault(expression, `${this.names.at(left)} is ${typeNames[a.type]} and ${this.names.at(right)} is ${typeNames[b.type]}`, 'compare values of one type')
    const same = this.sameness(expression)
    if (a.type === 'boolean' && b.type === 'boolean') return compareSame(same, a, b)
    return this.compareTexts({ same, left, right }, a as TextTerm, b as TextTerm)
  }

  /** Whether a comparison asks for the same; throws when it asks for more and less. */
  private sameness(expression: Of<'compare'>): boolean {
    const { operator } = expression
    if (operator === '==' || operator === '!=') return operator === '=='
    throw this.names.fault(expression, `${operator} is for numbers`, 'use == or !=')
  }

  private compareState(expression: Of<'compare'>, { agent }: StateTerm, other: Expression): BooleanTerm {
    const same = this.sameness(expression)
    if (other.form === 'literal' && typeof other.value === 'string') return this.chains.inState(agent, other.value, other, same)
    throw this.names.fault(other, 'a state is compared with a path in quotes', "write state == 'flee'")
  }

  private compareTexts({ same, left, right }: { readonly same: boolean; readonly left: Expression; readonly right: Expression }, a: TextTerm, b: TextTerm): BooleanTerm {
    if (a.enumeration !== undefined && b.literal !== undefined) return this.compareLabel(a.enumeration, b.literal, right, same)
    if (b.enumeration !== undefined && a.literal !== undefined) return this.compareLabel(b.enumeration, a.literal, left, same)
    return compareSame(same, a, b)
  }

  private compareLabel({ column, codes }: NonNullable<TextTerm['enumeration']>, label: string, at: Span, same: boolean): BooleanTerm {
    const code = column.type.labels.indexOf(label)
    if (code < 0) throw this.names.fault(at, `column ${column.name} is never '${shown(label)}'`, chooseFrom(label, column.type.labels, 'it has no labels'))
    return compareNumbers(same ? '==' : '!=', codes, constantTerm(code))
  }

  private chain(chain: Chain, level: Level): Term {
    const call = callOf(chain)
    if (call === undefined) return this.noteBare(this.chains.value(chain, level), level)
    const end = chain.suffixes[1] as Suffix | undefined
    if (end !== undefined) throw this.names.fault(end, `what ${shown(chain.name)} gives has no parts`, `leave ${this.names.at(end)} away`)
    switch (chain.name) {
      case 'count':
        return this.count(call)
      case 'sum':
      case 'mean':
      case 'min':
      case 'max':
        return this.fold(chain.name, call)
      case 'alive':
        return this.alive(call)
      case 'tag':
        return this.noteBare(this.chains.tag(this.chains.bareAgent(level, chain), call, level), level)
      default: {
        const at = { from: chain.from, to: call.from }
        const todo = this.names.kindNamed(chain.name) === undefined ? chooseFrom(chain.name, functions, '') : `write ${chain.name}[0], ${chain.name}.column or count(${chain.name})`
        throw this.names.fault(at, `there is no function '${shown(chain.name)}'`, todo)
      }
    }
  }

  /** Notes that the kind of bare names is read. */
  private noteBare<T extends Term>(term: T, { ranges }: Level): T {
    if (ranges !== undefined) this.kinds.add(ranges)
    return term
  }

  private alive({ given, ...at }: Call): BooleanTerm {
    const [only] = given as readonly [Expression | undefined]
    const owned = only?.form === 'chain' ? this.names.agentOf(only) : undefined
    if (given.length !== 1 || owned === undefined || owned.rest.length > 0) throw this.names.fault(at, 'alive takes one row of a kind', 'write alive(kind[0])')
    return comparison([], ({ source }) => aliveAll([owned.agent], source))
  }

  private count({ given, ...at }: Call): NumberTerm {
    const [counted, where] = given as readonly [Expression | undefined, Expression | undefined]
    const kind = counted?.form === 'chain' && counted.suffixes.length === 0 ? this.names.kindNamed(counted.name) : undefined
    if (counted === undefined || given.length > 2) throw this.names.fault(at, 'count takes a kind, and a condition if you like', 'write count(kind) or count(kind, condition)')
    if (kind === undefined) {
      const name = this.names.at(counted)
      throw this.names.fault(counted, `'${name}' is no kind`, chooseFrom(name, this.names.scope.kinds.map((each) => each.name), 'the world has none'))
    }
    this.kinds.add(kind)
    if (where === undefined) return { type: 'number', needs: [], bind: ({ source }) => () => source.tables[kind].aliveCount }
    const level = this.level([where], { kind, row: everyRow, from: counted.from, to: counted.to })
    return foldTerm({ kind, fold: folds.sum, value: constantTerm(1), where: this.condition(where, level) })
  }

  private fold(name: keyof typeof folds, { given, ...at }: Call): NumberTerm {
    const [value, where] = given as readonly [Expression | undefined, Expression | undefined]
    if (value === undefined || given.length > 2) throw this.names.fault(at, `${name} takes a number, and a condition if you like`, `write ${name}(kind.column) or ${name}(kind.column, condition)`)
    const level = this.level(given)
    const term = this.number(value, level)
    const condition = where === undefined ? undefined : this.condition(where, level)
    if (level.ranges === undefined) throw this.names.fault(value, `${name} needs the rows of a kind`, `write ${name}(kind.column)`)
    return foldTerm({ kind: level.ranges, fold: folds[name], value: term, where: condition })
  }
}
