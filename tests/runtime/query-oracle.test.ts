// Random expressions against a second reading of them: written out as text with as few parentheses as precedence allows, and worked out
// over plain objects by a walk of the tree that knows nothing of the parser.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseQuery } from '../../runtime/query/index.ts'
import { counts, testSeed } from '../counts.ts'
import { inState, modes, oneHero, paths, scope, sourceOf, type Enemy, type Hero, type Sample } from './query-sample.ts'

const seed = testSeed('query', 20_260_221)
const rowsMost = 6

type Value = number | string | boolean
/** Whose column: a row of a kind, each enemy, or whoever bare names belong to. */
type Who = { readonly kind: 'enemy' | 'hero'; readonly row: number } | 'each' | 'bare'
type Fold = 'sum' | 'mean' | 'min' | 'max'
type Node =
  | { readonly is: 'value'; readonly value: number | boolean }
  | { readonly is: 'global'; readonly text: string; readonly of: (sample: Sample) => number | boolean }
  | { readonly is: 'column'; readonly who: Who; readonly name: string; readonly element?: number }
  | { readonly is: 'text'; readonly who: Who; readonly name: 'mode' | 'state'; readonly text: string; readonly same: boolean; readonly flipped: boolean }
  | { readonly is: 'tag'; readonly who: Who }
  | { readonly is: 'alive'; readonly kind: 'enemy' | 'hero'; readonly row: number }
  | { readonly is: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly is: 'unary'; readonly operator: 'not' | '-'; readonly inner: Node }
  | { readonly is: 'count'; readonly where: Node | undefined }
  | { readonly is: 'fold'; readonly fold: Fold; readonly value: Node; readonly where: Node | undefined }

/** How tightly operators bind. */
const ranks: readonly (readonly string[])[] = [['or'], ['and'], ['not'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%'], ['minus']]
const rankOf = (operator: string): number => ranks.findIndex((rank) => rank.includes(operator))
const compareRank = rankOf('==')

function owner(who: Who): string {
  return who === 'bare' ? '' : who === 'each' ? 'enemy.' : `${who.kind}[${String(who.row)}].`
}

type Writers = { readonly [K in Node['is']]: (node: Node & { is: K }, within: (rank: number, text: string) => string) => string }

const writers: Writers = {
  value: ({ value }) => String(value),
  global: ({ text }) => text,
  column: ({ who, name, element }) => `${owner(who)}${name}${element === undefined ? '' : element < 2 && who !== 'bare' ? `.${'xy'[element]}` : `[${String(element)}]`}`,
  text: ({ who, name, text, same, flipped }, within) => {
    const sides = [`${owner(who)}${name}`, `'${text}'`]
    return within(compareRank, (flipped ? sides.reverse() : sides).join(same ? ' == ' : '!='))
  },
  tag: ({ who }) => `${owner(who)}tag("dangerous")`,
  alive: ({ kind, row }) => `alive(${kind}:${String(row)})`,
  unary: ({ operator, inner }, within) => {
    const rank = rankOf(operator === '-' ? 'minus' : 'not')
    return within(rank, `${operator === '-' ? '-' : 'not '}${write(inner, rank)}`)
  },
  binary: ({ operator, left, right }, within) => {
    const rank = rankOf(operator)
    const spelled = operator === 'and' ? '&&' : operator
    return within(rank, `${write(left, rank === compareRank ? rank + 1 : rank)} ${spelled} ${write(right, rank + 1)}`)
  },
  count: ({ where }) => (where === undefined ? 'count(enemy)' : `count(enemy, ${write(where)})`),
  fold: ({ fold, value, where }) => `${fold}(${write(value)}${where === undefined ? '' : `, ${write(where)}`})`,
}

/** The text of a tree; `least` is how tightly its surroundings bind. */
function write(node: Node, least = 0): string {
  const writer = writers[node.is] as (node: Node, within: (rank: number, text: string) => string) => string
  return writer(node, (rank, text) => (rank < least ? `(${text})` : text))
}

/** A second reading of queries: `undefined` is the value of an agent that is not alive. */
class Reading {
  private readonly sample: Sample
  private readonly bare: Who

  constructor(sample: Sample, bare: Who) {
    this.sample = sample
    this.bare = bare
  }

  private agent(who: Who, row: number): Enemy | Hero | undefined {
    if (who === 'bare') return this.agent(this.bare, row)
    if (who === 'each') return this.sample.enemies[row]
    const found = (who.kind === 'enemy' ? this.sample.enemies : this.sample.heroes).at(who.row)
    return found?.alive === true ? found : undefined
  }

  of(node: Node, row: number): Value | undefined {
    switch (node.is) {
      case 'value':
        return node.value
      case 'global':
        return node.of(this.sample)
      case 'alive':
        return this.agent(node, row) !== undefined
      case 'unary':
        return this.unary(node.operator, this.of(node.inner, row))
      case 'binary':
        return this.binary(node.operator, this.of(node.left, row), this.of(node.right, row))
      case 'count':
        return this.rowsWhere(node.where, 'each').length
      case 'fold':
        return this.fold(node)
      default:
        return this.owned(node, this.agent(node.who, row))
    }
  }

  private owned(node: Node & { is: 'column' | 'text' | 'tag' }, agent: Enemy | Hero | undefined): Value | undefined {
    if (agent === undefined) return node.is === 'text' ? false : undefined
    if (node.is === 'tag') return (agent as Enemy).tagged
    if (node.is === 'text') return (node.name === 'mode' ? agent.mode === node.text : inState((agent as Enemy).state, node.text)) === node.same
    const value = (agent as unknown as Readonly<Record<string, Value | number[]>>)[node.name]
    return Array.isArray(value) ? value[node.element ?? 0] : value
  }

  private unary(operator: 'not' | '-', value: Value | undefined): Value | undefined {
    if (operator === 'not') return value !== true
    return value === undefined ? undefined : -(value as number)
  }

  private binary(operator: string, left: Value | undefined, right: Value | undefined): Value | undefined {
    if (operator === 'and') return left === true && right === true
    if (operator === 'or') return left === true || right === true
    if (left === undefined || right === undefined) return rankOf(operator) === compareRank ? false : undefined
    const [a, b] = [left as number, right as number]
    const results: Readonly<Record<string, Value>> = { '==': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b, '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b }
    return results[operator]
  }

  private rowsWhere(where: Node | undefined, bare: Who): number[] {
    const reading = new Reading(this.sample, bare)
    return this.sample.enemies.flatMap(({ alive }, row) => (alive && (where === undefined || reading.of(where, row) === true) ? [row] : []))
  }

  private fold({ fold, value, where }: Node & { is: 'fold' }): number | undefined {
    // A dead row that the value reads is missed also where there is no enemy to read it for.
    if (value.is === 'binary' && this.of(value.right, 0) === undefined) return undefined
    const inner = new Reading(this.sample, 'each')
    const numbers = this.rowsWhere(where, 'each').map((row) => inner.of(value, row) as number)
    const sum = numbers.reduce((a, b) => a + b, 0)
    if (fold === 'sum') return sum
    if (fold === 'mean') return sum / numbers.length
    return numbers.length === 0 ? NaN : numbers.reduce((a, b) => Math[fold](a, b))
  }
}

const fixed = fc.record({ kind: fc.constantFrom('enemy' as const, 'hero' as const), row: fc.nat({ max: rowsMost }) })
const column = (who: Who, name: string, element?: number): Node => ({ is: 'column', who, name, ...(element === undefined ? {} : { element }) })

function numberColumn(who: Who, pick: number): Node {
  const ofHero = typeof who === 'object' && who.kind === 'hero'
  const columns = ofHero ? [column(who, 'score'), column(who, 'hp'), column(who, 'at', 2)] : [column(who, 'health'), column(who, 'at', 0), column(who, 'at', 1)]
  return columns[pick % columns.length]
}

function isEnemy(who: Who): boolean {
  return typeof who === 'string' || who.kind === 'enemy'
}

/** Conditions whose names are owned by `whose`; `folding` levels of sums may follow. */
function conditions(whose: fc.Arbitrary<Who>, folding: number): fc.Arbitrary<Node> {
  const value = (form: fc.Arbitrary<number | boolean>): fc.Arbitrary<Node> => form.map((each) => ({ is: 'value', value: each }))
  const pair = (operators: readonly string[], side: fc.Arbitrary<Node>): fc.Arbitrary<Node> =>
    fc.record({ is: fc.constant('binary' as const), operator: fc.constantFrom(...operators), left: side, right: side })
  const globals = fc.constantFrom<Node[]>(
    { is: 'global', text: 'step', of: ({ step }) => step },
    { is: 'global', text: 'config.speed', of: () => 2.5 },
    { is: 'global', text: 'config.wave.size', of: () => 12 },
    { is: 'global', text: 'report.kills', of: () => 7 },
    { is: 'global', text: "report['mean hp']", of: () => 0.5 },
  )
  const texts = fc.record({ who: whose, mode: fc.constantFrom(...modes), path: fc.constantFrom(...paths), machine: fc.boolean(), same: fc.boolean(), flipped: fc.boolean() })
    .map(({ who, mode, path, machine, same, flipped }): Node => (machine && isEnemy(who) ? { is: 'text', who, name: 'state', text: path, same, flipped } : { is: 'text', who, name: 'mode', text: mode, same, flipped }))
  const { condition } = fc.letrec<Record<'number' | 'condition', Node>>((tie) => {
    const numbers = tie('number')
    const leaves = [value(fc.nat({ max: 9 }).map((each) => each / 2)), globals, fc.tuple(whose, fc.nat({ max: 2 })).map(([who, pick]) => numberColumn(who, pick)), ...(folding > 0 ? [foldOf(folding - 1)] : [])]
    const flags = whose.map((who) => column(who, isEnemy(who) ? 'stunned' : 'dead'))
    const tag = whose.map((who): Node => (isEnemy(who) ? { is: 'tag', who } : column(who, 'dead')))
    const alive = fixed.map((each): Node => ({ is: 'alive', ...each }))
    return {
      number: fc.oneof({ maxDepth: 4, depthSize: 'small', withCrossShrink: true }, fc.oneof(...leaves), pair(['+', '-', '*', '/', '%'], numbers), fc.record({ is: fc.constant('unary' as const), operator: fc.constant('-' as const), inner: numbers })),
      condition: fc.oneof({ maxDepth: 4, depthSize: 'small', withCrossShrink: true }, fc.oneof(flags, texts, tag, ...(folding > 0 ? [alive] : []), value(fc.boolean())), pair(['==', '!=', '<', '<=', '>', '>='], numbers), pair(['and', 'or'], tie('condition')), pair(['==', '!='], tie('condition')), fc.record({ is: fc.constant('unary' as const), operator: fc.constant('not' as const), inner: tie('condition') })),
    }
  })
  return condition
}

/** Sums and counts over enemies. Bare names are theirs in `count(enemy, ...)`. */
function foldOf(folding: number): fc.Arbitrary<Node> {
  const where = (bare: readonly Who[]): fc.Arbitrary<Node | undefined> => fc.option(conditions(fc.oneof(fc.constantFrom<Who>('each', ...bare), fixed), folding), { nil: undefined })
  const value = fc.tuple(fc.nat({ max: 2 }), fc.option(fixed, { nil: undefined })).map(([pick, other]): Node => (other === undefined ? numberColumn('each', pick) : { is: 'binary', operator: '*', left: numberColumn('each', pick), right: numberColumn(other, pick) }))
  return fc.oneof(
    where(['bare']).map((each): Node => ({ is: 'count', where: each })),
    fc.record({ is: fc.constant('fold' as const), fold: fc.constantFrom<Fold>('sum', 'mean', 'min', 'max'), value, where: where([]) }),
  )
}

const small = fc.integer({ min: -3, max: 3 })
const half = small.map((each) => each / 2)
const enemies: fc.Arbitrary<Enemy[]> = fc.array(fc.record({ alive: fc.boolean(), at: fc.tuple(half, half), health: small, mode: fc.constantFrom(...modes), stunned: fc.boolean(), state: fc.constantFrom(...paths), tagged: fc.boolean() }), { maxLength: rowsMost })
const heroes: fc.Arbitrary<Hero[]> = fc.array(fc.record({ alive: fc.boolean(), at: fc.tuple(half, half, half), score: fc.oneof(half, fc.constantFrom(NaN, Infinity, -Infinity, -0)), hp: small, mode: fc.constantFrom(...modes), dead: fc.boolean() }), { maxLength: rowsMost })
const samples: fc.Arbitrary<Sample> = fc.record({ enemies, heroes, step: fc.nat({ max: 5 }) })

/** Asks both readings, for the state as a whole and for each row. */
function compare(tree: Node, sample: Sample, bare: Who): void {
  const text = write(tree)
  const query = parseQuery(text, scope)
  const bound = query.bind(sourceOf(sample))
  const reading = new Reading(sample, bare)
  if (query.subject === undefined) {
    expect(bound.test(), text).toBe(reading.of(tree, 0) === true)
    return
  }
  const hits = sample.enemies.flatMap(({ alive }, row) => (alive && reading.of(tree, row) === true ? [row] : []))
  const found: number[] = []
  expect(bound.rows(found), text).toBe(hits.length)
  expect(found, text).toEqual(hits)
  expect(bound.test(), text).toBe(hits.length > 0)
  sample.enemies.forEach(({ alive }, row) => expect(bound.value(row), text).toBe(alive ? hits.includes(row) : undefined))
}

describe('parseQuery, beside a second reading', () => {
  const runs = { seed, numRuns: counts(1500, 40_000) }
  it('means the same of each enemy and of named rows', () => {
    const tree = conditions(fc.oneof(fc.constant<Who>('each'), fixed), 2)
    fc.assert(fc.property(tree, samples, (node, sample) => compare(node, sample, 'each')), runs)
  })
  it('means the same of named rows alone', () => {
    fc.assert(fc.property(conditions(fixed, 1), samples, (node, sample) => compare(node, sample, 'each')), runs)
  })
  it('bare names belong to the one agent that is named, wherever it is', () => {
    const row: Who = { kind: 'enemy', row: 1 }
    const whose = fc.constantFrom<Who>('each', row)
    const tree = whose.chain((who) => fc.tuple(fc.constant(who), conditions(fc.constantFrom<Who>('bare', who), 0), fc.boolean()))
    fc.assert(
      fc.property(tree, samples, ([who, node, first], sample) => {
        const anchor: Node = { is: 'binary', operator: '<', left: column(who, 'health'), right: { is: 'value', value: 2 } }
        compare({ is: 'binary', operator: 'or', left: first ? anchor : node, right: first ? node : anchor }, sample, who)
      }),
      runs,
    )
  })
  it('a wrong reading is noticed', () => {
    const tree: Node = { is: 'binary', operator: '-', left: { is: 'value', value: 1 }, right: { is: 'binary', operator: '-', left: { is: 'value', value: 2 }, right: { is: 'value', value: 3 } } }
    const node: Node = { is: 'binary', operator: '==', left: tree, right: { is: 'value', value: 2 } }
    expect(write(node)).toBe('1 - (2 - 3) == 2')
    compare(node, { enemies: [], heroes: [oneHero], step: 0 }, 'each')
    expect(parseQuery('1 - 2 - 3 == 2', scope).bind(sourceOf({ enemies: [], heroes: [], step: 0 })).test()).toBe(false)
  })
})
