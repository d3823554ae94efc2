import { describe, expect, it } from 'vitest'
import { readsFieldsOnly, returnedField, returnedFields } from '../../runtime/statechart/reads.ts'

type Any = (...args: never[]) => unknown

/** The function of a text. */
function functionOf(text: string): Any {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- what is looked at is a function's text
  return new Function(`return (${text})`)() as Any
}

/** Whether functions with these texts only read fields; `at` is a list. */
function verdicts(texts: readonly string[]): (readonly [string, boolean])[] {
  const lists = new Set(['at'])
  return texts.map((text) => [text, readsFieldsOnly(functionOf(text), lists)])
}

const yes = [
  '({ context }) => context.health < 3',
  '({ context, event }) => event.type === "Hit" && context.health > event.damage * context.guard',
  '(args) => args.context.health + args.event.damage',
  '() => 3',
  '(_, { pace }) => ({ pace })',
  '({ context }) => context.at[0] + context.at[context_1]',
  '({ event }) => { const d = event.damage; return d * 2 }',
]
const no = [
  '({ context }) => ({ ...context, x: 1 })',
  '({ context }) => helper(context)',
  '({ context }) => { const { health } = context; return health }',
  '({ context: c }) => c.health',
  '({ context }) => context["health"]',
  '({ context }) => context?.health',
  '({ context }) => context.hasOwnProperty("health")',
  '({ context }) => context.constructor',
  '({ context }) => context.at',
  '({ context }) => norm(context.at)',
  '({ context }) => context.at.map((x) => x)',
  '({ context }) => { context.at[0] = 5; return context.at[0] }',
  '({ context }) => ++context.at[0]',
  '({ context }) => context.at[0]++',
  '({ context = {} }) => context.health',
  '(args) => helper(args)',
  '(args) => args.context',
  'function ({ context }) { return context.health }',
  'function () { return arguments[0].context.health }',
  'async ({ context }) => context.health',
  '({ context }) => `${context}`',
]

describe('readsFieldsOnly', () => {
  it('knows functions that only read fields, and elements of lists', () => {
    expect(verdicts(yes).filter(([, holds]) => !holds)).toEqual([])
  })
  it('is doubtful of everything else', () => {
    expect(verdicts(no).filter(([, holds]) => holds)).toEqual([])
  })
})

describe('returnedField', () => {
  it.each([
    ['({ context }) => context.health', { of: 'context', name: 'health' }],
    ['({event})=>event.sender', { of: 'event', name: 'sender' }],
    ['( _ , { pace } ) => pace', { of: 'params', name: 'pace' }],
    ['(args, params) => params.$pace', { of: 'params', name: '$pace' }],
  ])('knows what %s reads', (text, read) => {
    expect(returnedField(functionOf(text))).toEqual(read)
  })
  it.each([
    '({ context }) => event.health',
    '({ context, event }) => context.health',
    '({ context }) => context.at.x',
    '({ context }) => context.health + 1',
    '({ context }) => context.health()',
    '({ context }) => -context.health',
    '({ context }) => context',
    '({ context: event }) => event.health',
    '({ context } = {}) => context.health',
    '(_, { pace }) => speed',
    '(_, { pace }) => pace.x',
    '(_, { pace = 1 }) => pace',
    '(_, { pace: speed }) => pace',
    '(_, { pace, guard }) => pace',
    '(args, params) => args.pace',
    '(args, params, more) => more.pace',
    '(params) => params.pace',
    'async ({ context }) => context.health',
    'function ({ context }) { return context.health }',
  ])('knows of none in %s', (text) => {
    expect(returnedField(functionOf(text))).toBeUndefined()
  })
})

describe('returnedFields', () => {
  it.each([
    ['({ context }) => ({ xp: context.xp })', ['xp']],
    ['() => ({})', []],
    ['_ => ({ a: 1, })', ['a']],
    ['(args, { hp }) => ({\n  hp,\n  at: [f(1, 2), { b: 2, c }],\n  on: args.x ? 1 : 2,\n})', ['hp', 'at', 'on']],
  ])('knows the names of %s', (text, names) => {
    expect(returnedFields(functionOf(text))).toEqual(names)
  })
  it.each([
    '({ context }) => ({ ...context })',
    '({ context }) => ({ xp: 1, ...context })',
    '({ context }) => ({ [context.name]: 1 })',
    '() => ({ get xp() { return 1 } })',
    '() => ({ xp() { return 1 } })',
    '() => ({ async xp() { return 1 } })',
    "() => ({ 'xp': 1 })",
    '() => ({ a: 1 /* , b: 2 */ })',
    '() => ({ a: `}, { b` })',
    '() => ({ __proto__: { b: 1 } })',
    '() => ({ a: 1 }, { b: 2 })',
    '() => ({ a: 1 }) && ({ b: 2 })',
    '() => ({ a: 1 }.b)',
    '() => { return { a: 1 } }',
    '({ context = f() }) => ({ a: 1 })',
    'function () { return { a: 1 } }',
    'async () => ({ a: 1 })',
    '() => shared',
  ])('is doubtful of %s', (text) => {
    expect(returnedFields(functionOf(text))).toBeUndefined()
  })
})
