import { describe, expect, it } from 'vitest'
import { readsFieldsOnly } from '../../runtime/statechart/reads.ts'

type Any = (...args: never[]) => unknown

/** Whether functions with these texts only read fields; `at` is a list. */
function verdicts(texts: readonly string[]): (readonly [string, boolean])[] {
  const lists = new Set(['at'])
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- what is looked at is a function's text
  return texts.map((text) => [text, readsFieldsOnly(new Function(`return (${text})`)() as Any, lists)])
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
