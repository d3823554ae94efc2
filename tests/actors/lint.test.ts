import { Linter } from 'eslint'
import ts from 'typescript'
import tseslint from 'typescript-eslint'
import { describe, expect, it } from 'vitest'
import { rules } from '../../actors/lint/index.ts'

/** What the rule says of a piece of code. */
function messages(code: string): string[] {
  const linter = new Linter()
  const config: Linter.Config = { plugins: { metabonk: { rules: rules as never } }, rules: { 'metabonk/pure-machine-functions': 'error' } }
  return linter.verify(code, [config]).map(({ line, message }) => `${String(line)} ${message}`)
}

/** A program of one file. */
function programOf(name: string, code: string): ts.Program {
  const options: ts.CompilerOptions = { strict: true, target: ts.ScriptTarget.ES2022, types: [] }
  const host = ts.createCompilerHost(options)
  const getSourceFile: ts.CompilerHost['getSourceFile'] = (file, version) => ts.createSourceFile(file, file === name ? code : (ts.sys.readFile(file) ?? ''), version, true)
  return ts.createProgram([name], options, { ...host, getSourceFile })
}

/** What the rule says of a piece of TypeScript whose types are known. */
function typedMessages(code: string): string[] {
  const linter = new Linter()
  const config: Linter.Config = {
    files: ['**/*.ts'],
    plugins: { metabonk: { rules: rules as never } },
    rules: { 'metabonk/pure-machine-functions': 'error' },
    languageOptions: { parser: tseslint.parser, parserOptions: { programs: [programOf('world.ts', code)] } },
  }
  return linter.verify(code, [config], 'world.ts').map(({ line, message }) => `${String(line)} ${message}`)
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
    expect(messages('let n = 1\nemit(() => ({ type: "Hit", n: n++ }))')).toEqual([`2 'n' ${writes}`])
    expect(messages('let a = 1\na = 2\nand([({ context }) => context.x === a])')).toEqual([`3 'a' ${reads}`])
    expect(messages('function make(k) {\nk += 1\nreturn enqueueActions(({ enqueue }) => { enqueue.assign({ n: k }) })\n}')).toEqual([`3 'k' ${reads}`])
  })

  it('finds what is done through functions of the file, by name too', () => {
    expect(messages('let n = 0\nconst next = () => ++n\nassign({ n: next })')).toEqual([`2 'n' ${writes}`])
    expect(messages('let n = 0\nfunction next() { return ++n }\nfunction twice() { return 2 * next() }\nassign({ n: () => twice() })\nassign({ n: twice })')).toEqual([`2 'n' ${writes}`])
    expect(messages('let n = 0\nn = 1\nfunction big({ context }) { return context.x > n }\nsetup({ guards: { big } })')).toEqual([`3 'n' ${reads}`])
  })

  it('finds contents that change: of lists, maps, sets and objects', () => {
    expect(messages('const list = []\nassign({ n: () => list.push(1) })')).toEqual([`2 'list' ${writes}`])
    expect(messages('const seen = new Set()\nexport function note(x) { seen.add(x) }\nsetup({ guards: { known: ({ context }) => seen.has(context.x) } })')).toEqual([`3 'seen' ${reads}`])
    expect(messages('const tally = { n: 0 }\nexport function count() { tally.n++ }\nassign({ n: () => tally.n })')).toEqual([`3 'tally' ${reads}`])
    expect(messages('const table = new Map()\nfor (const x of [1, 2]) table.set(x, 2 * x)\nassign({ n: ({ context }) => table.get(context.n) })')).toEqual([])
    expect(messages('function make() {\nconst table = []\ntable.push(1)\nreturn assign({ n: () => table[0] })\n}')).toEqual([])
  })

  it('knows from types what holds something', () => {
    const code = 'declare function assign(x: object): void\ndeclare function listOf(): number[]\ndeclare const log: { push(x: number): number }\nconst list = listOf()\n'
    expect(typedMessages(`${code}assign({ n: () => list.push(1) })`)).toEqual([`5 'list' ${writes}`])
    expect(messages('const list = listOf()\nassign({ n: () => list.push(1) })')).toEqual([])
    expect(typedMessages(`${code}assign({ n: () => log.push(1) })`)).toEqual([])
    expect(typedMessages('declare function assign(x: object): void\nexport const counts = new Float64Array(4)\nexport function add() { counts.fill(1) }\nassign({ n: () => counts[2] })')).toEqual([`4 'counts' ${reads}`])
  })

  it('lets be what is constant, the own, or no function of a machine', () => {
    expect(messages('const n = 3\nlet m = 4\nfunction twice(x) { return 2 * x }\nassign({ n: ({ context }) => twice(context.n) + n + m })')).toEqual([])
    expect(messages('assign(({ context }) => { let n = 0; for (const x of context.list) n += x; return { n } })')).toEqual([])
    expect(messages('let calls = 0\nconst count = () => ++calls\nlist.map(() => ++calls)')).toEqual([])
    expect(messages('assign({ n: () => Math.floor(undeclared) })')).toEqual([])
  })
})
