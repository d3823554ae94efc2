import { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import { rules } from '../../actors/lint/index.ts'

/** What the rule says of a piece of code. */
function messages(code: string): string[] {
  const linter = new Linter()
  const config: Linter.Config = { plugins: { metabonk: { rules: rules as never } }, rules: { 'metabonk/pure-machine-functions': 'error' } }
  return linter.verify(code, [config]).map(({ line, message }) => `${String(line)} ${message}`)
}

const reads = "changes, and is not the agent's: keep it in a column, or in the settings of the world"
const writes = 'is written by a function of a machine: assign to a column, or send a message'

describe('pure-machine-functions', () => {
  it('finds functions of machines that depend on what changes', () => {
    expect(messages('let n = 0\nassign({ n: () => ++n })')).toEqual([`2 'n' ${writes}`])
    expect(messages('let n = 0\nn = 3\nsetup({ guards: { big: ({ context }) => context.x > n } })')).toEqual([`3 'n' ${reads}`])
    expect(messages('const seen = { n: 0 }\nsetup({ actions: { see: () => { seen.n++ } } })')).toEqual([`2 'seen' ${writes}`])
    expect(messages('const world = {}\nconst machine = { on: { X: { guard: () => delete world.x } } }')).toEqual([`2 'world' ${writes}`])
    expect(messages('let to = 1\nto = 2\nsend(Hit, () => to, { damage: 2 })')).toEqual([`3 'to' ${reads}`])
    expect(messages('let a = 1\na = 2\nand([({ context }) => context.x === a])')).toEqual([`3 'a' ${reads}`])
    expect(messages('function make(k) {\nk += 1\nreturn enqueueActions(({ enqueue }) => { enqueue.assign({ n: k }) })\n}')).toEqual([`3 'k' ${reads}`])
  })

  it('lets be what is constant, the own, or no function of a machine', () => {
    expect(messages('const n = 3\nlet m = 4\nfunction twice(x) { return 2 * x }\nassign({ n: ({ context }) => twice(context.n) + n + m })')).toEqual([])
    expect(messages('assign(({ context }) => { let n = 0; for (const x of context.list) n += x; return { n } })')).toEqual([])
    expect(messages('let calls = 0\nconst count = () => ++calls\nlist.map(() => ++calls)')).toEqual([])
    expect(messages('assign({ n: () => Math.floor(undeclared) })')).toEqual([])
  })
})
