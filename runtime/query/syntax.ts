// Grammar, from loose to tight:
//   or    := and ('or' and)*           and     := not ('and' not)*
//   not   := 'not' not | compare       compare := sum (('=='|'!='|'<'|'<='|'>'|'>=') sum)?
//   sum   := term (('+'|'-') term)*    term    := minus (('*'|'/'|'%') minus)*
//   minus := '-' minus | value         value   := number | text | 'true' | 'false' | '(' or ')' | chain
//   chain := name ('[' number-or-text ']' | ':' number | '.' name | '(' (or (',' or)*)? ')')*

import { limits } from '../limits.ts'
import { queryFault, shown, type Span } from './fault.ts'
import { tokensOf, type Token } from './tokens.ts'

/** What follows a name: `[17]`, `.hp`, `(a, b)`. */
export type Suffix =
  | (Span & { readonly form: 'index'; readonly index: number | string })
  | (Span & { readonly form: 'field'; readonly name: string })
  | (Span & { readonly form: 'call'; readonly given: readonly Expression[] })

/** A name and what follows it. */
export interface Chain extends Span {
  readonly form: 'chain'
  readonly name: string
  readonly suffixes: readonly Suffix[]
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='
export type Arithmetic = '+' | '-' | '*' | '/' | '%'

/** A query as it is written, before its names mean anything. */
export type Expression =
  | Chain
  | (Span & { readonly form: 'literal'; readonly value: number | string | boolean })
  | (Span & { readonly form: 'not' | 'minus'; readonly inner: Expression })
  | (Span & { readonly form: 'logic'; readonly operator: 'or' | 'and'; readonly left: Expression; readonly right: Expression })
  | (Span & { readonly form: 'compare'; readonly operator: Comparison; readonly left: Expression; readonly right: Expression })
  | (Span & { readonly form: 'arithmetic'; readonly operator: Arithmetic; readonly left: Expression; readonly right: Expression })

const comparisons: readonly Comparison[] = ['==', '!=', '<', '<=', '>', '>=']
const sums: readonly Arithmetic[] = ['+', '-']
const terms: readonly Arithmetic[] = ['*', '/', '%']
/** Words that are operators or values wherever a name could begin. */
const reserved: readonly string[] = ['or', 'and', 'not', 'true', 'false']

/** What people mean by pieces that do not belong where they stand. */
const advice: ReadonlyMap<string, string> = new Map([
  ['=', 'compare with =='],
  ['===', 'compare with =='],
  ['!==', 'compare with !='],
  ['not', 'put it in parentheses'],
  ['!', 'put it in parentheses'],
  ['AND', 'write and'],
  ['OR', 'write or'],
])

class Parser {
  private readonly text: string
  private readonly tokens: readonly Token[]
  private at = 0
  private depth = 0

  constructor(text: string, end: number) {
    this.text = text
    this.tokens = tokensOf(text, end)
  }

  /** All of the text as what `parse` reads; `example` is a text like it. */
  whole<T>(parse: () => T, example: string): T {
    if (this.tokens.length === 1) throw queryFault(this.text, { from: 0, to: 0 }, 'there is nothing to read', `write something like ${example}`)
    const result = parse()
    if (this.next.kind !== 'end') throw this.unexpected('the end')
    return result
  }

  readonly expression = (): Expression => this.logic('or', ['or', '||'], () => this.logic('and', ['and', '&&'], this.negation))

  /** A name and what follows it. */
  readonly chain = (): Chain => {
    const { next } = this
    if (next.kind !== 'name' || reserved.includes(next.text)) throw this.unexpected('a value')
    this.at++
    const suffixes: Suffix[] = []
    for (let suffix = this.suffix(); suffix !== undefined; suffix = this.suffix()) suffixes.push(suffix)
    return { form: 'chain', name: next.text, suffixes, from: next.from, to: suffixes.at(-1)?.to ?? next.to }
  }

  private get next(): Token {
    return this.tokens[this.at]
  }

  /** Takes the next piece when it is one of these signs or words. */
  private take<S extends string>(...spellings: readonly S[]): S | undefined {
    const { kind, text } = this.next
    const spelling = spellings.find((each) => each === text)
    if (spelling === undefined || (kind !== 'sign' && kind !== 'name')) return undefined
    this.at++
    return spelling
  }

  private unexpected(wanted: string): Error {
    const { next } = this
    const todo = next.kind === 'sign' || next.kind === 'name' ? advice.get(next.text) : undefined
    return queryFault(this.text, next, `expected ${wanted}, got ${next.kind === 'end' ? next.text : `'${shown(next.text)}'`}`, todo)
  }

  /** Parses what lies one level deeper. */
  private deeper<T>(parse: () => T): T {
    if (++this.depth > limits.queryDepthMax) throw queryFault(this.text, this.next, 'the query is nested too deeply', `keep it to ${limits.queryDepthMax} levels`)
    const result = parse()
    this.depth--
    return result
  }

  private logic(operator: 'or' | 'and', spellings: readonly string[], operand: () => Expression): Expression {
    let left = operand()
    while (this.take(...spellings) !== undefined) {
      const right = operand()
      left = { form: 'logic', operator, left, right, from: left.from, to: right.to }
    }
    return left
  }

  private readonly negation = (): Expression => {
    const { from } = this.next
    if (this.take('not', '!') === undefined) return this.comparison()
    const inner = this.deeper(this.negation)
    return { form: 'not', inner, from, to: inner.to }
  }

  private comparison(): Expression {
    const left = this.arithmetic(sums, this.term)
    const operator = this.take(...comparisons)
    if (operator === undefined) return left
    const right = this.arithmetic(sums, this.term)
    if (comparisons.some((each) => each === this.next.text) && this.next.kind === 'sign') {
      throw queryFault(this.text, this.next, "comparisons can't follow one another", 'join two of them with and')
    }
    return { form: 'compare', operator, left, right, from: left.from, to: right.to }
  }

  private arithmetic(operators: readonly Arithmetic[], operand: () => Expression): Expression {
    let left = operand()
    for (let operator = this.take(...operators); operator !== undefined; operator = this.take(...operators)) {
      const right = operand()
      left = { form: 'arithmetic', operator, left, right, from: left.from, to: right.to }
    }
    return left
  }

  private readonly term = (): Expression => this.arithmetic(terms, this.minus)

  private readonly minus = (): Expression => {
    const { from } = this.next
    if (this.take('-') === undefined) return this.value()
    const inner = this.deeper(this.minus)
    return { form: 'minus', inner, from, to: inner.to }
  }

  private value(): Expression {
    const { from, to, kind, text } = this.next
    if (kind === 'number' || kind === 'text') {
      this.at++
      return { form: 'literal', value: kind === 'number' ? Number(text) : text, from, to }
    }
    const truth = this.take('true', 'false')
    if (truth !== undefined) return { form: 'literal', value: truth === 'true', from, to }
    if (this.take('(') === undefined) return this.chain()
    const inner = this.deeper(this.expression)
    const end = this.close(')')
    return { ...inner, from, to: end }
  }

  /** Takes a closing sign; returns where it ends. */
  private close(sign: ')' | ']'): number {
    const { to } = this.next
    if (this.take(sign) === undefined) throw this.unexpected(`'${sign}'`)
    return to
  }

  private suffix(): Suffix | undefined {
    const { from } = this.next
    switch (this.take('[', ':', '.', '(')) {
      case '[': {
        const index = this.index()
        return { form: 'index', index, from, to: this.close(']') }
      }
      case ':': {
        const { to } = this.next
        return { form: 'index', index: this.index(), from, to }
      }
      case '.': {
        const { kind, text, from: begin, to } = this.next
        if (kind !== 'name') throw this.unexpected('a name')
        this.at++
        return { form: 'field', name: text, from: begin, to }
      }
      case '(':
        return { form: 'call', given: this.deeper(this.given), from, to: this.close(')') }
      default:
        return undefined
    }
  }

  private index(): number | string {
    const { kind, text } = this.next
    if (kind !== 'text' && (kind !== 'number' || !Number.isSafeInteger(Number(text)))) throw this.unexpected('a number from 0')
    this.at++
    return kind === 'text' ? text : Number(text)
  }

  private readonly given = (): Expression[] => {
    if (this.next.kind === 'sign' && this.next.text === ')') return []
    const given = [this.expression()]
    while (this.take(',') !== undefined) given.push(this.expression())
    return given
  }
}

/** Reads a query. Throws `usage`. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text, text.length)
  return parser.whole(parser.expression, "hero[17].hp < 10 and state == 'flee'")
}

/** Reads the first `end` characters of a text as a name and what follows it. Throws `usage`. */
export function parseChain(text: string, end: number): Chain {
  const parser = new Parser(text, end)
  return parser.whole(parser.chain, 'hero[17].hp')
}
