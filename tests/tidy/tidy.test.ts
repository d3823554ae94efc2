import { describe, expect, it } from 'vitest'
import ts from 'typescript'
import { inexactBuild, inexactCpp, longCpp } from './cpp.ts'
import { emptyNames, loosePins, misplaced } from './layout.ts'
import { projectProgram, unreadOptions } from './options.ts'
import { projectPaths, projectTexts, type TextFile } from './project.ts'
import { copies, longTests } from './shapes.ts'
import { bannedWords } from './words.ts'

const paths = projectPaths()
const texts = projectTexts()
const typescript = texts.filter(({ path }) => path.endsWith('.ts'))
// What is measured beside the product reads the clock.
const cpp = texts.filter(({ path }) => /\.(cc|cpp|h|hpp)$/.test(path) && !path.startsWith('bench/'))

function sample(path: string, ...lines: string[]): TextFile {
  return { path, text: lines.join('\n') }
}

/** A program of one file and nothing else. */
function programOf(text: string): ts.Program {
  const path = '/sample.ts'
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const files = { fileExists: (name: string) => name === path, readFile: () => text, getSourceFile: (name: string) => (name === path ? file : undefined) }
  const places = { getDefaultLibFileName: () => 'lib.d.ts', getCurrentDirectory: () => '/', getCanonicalFileName: (name: string) => name, useCaseSensitiveFileNames: () => true }
  return ts.createProgram([path], { noLib: true }, { ...files, ...places, writeFile: () => undefined, getNewLine: () => '\n' })
}

describe('places and names', () => {
  it('every file is in a folder of the design or among the few of the root', () => {
    expect(misplaced(paths)).toEqual([])
  })
  it('misplaced sees a stray file and a stray folder', () => {
    expect(misplaced(['notes.txt', 'src/a.ts', 'runtime/a.ts', '.ci/run'])).toHaveLength(2)
  })
  it('file names say what is in the file', () => {
    expect(emptyNames(paths)).toEqual([])
  })
  it('emptyNames sees words without meaning, in any spelling', () => {
    expect(emptyNames(['runtime/utils.ts', 'shell/run-helper.ts', 'actors/worldManager.ts', 'runtime/supervisor.ts'])).toHaveLength(3)
  })
  it('every dependency has one exact version', () => {
    expect(loosePins(texts.find(({ path }) => path === 'package.json')?.text ?? '{}')).toEqual([])
  })
  it('loosePins sees ranges and tags', () => {
    expect(loosePins('{"dependencies":{"a":"^1.0.0","b":"1.0.0"},"devDependencies":{"c":"latest"}}')).toHaveLength(2)
  })
})

describe('words', () => {
  it('no file holds a banned word', () => {
    expect(texts.flatMap(bannedWords)).toEqual([])
  })
  it.each([
    ['a note to oneself', ['// TO', 'DO later']],
    ['a postponement', ['// works for', ' now']],
    ['a path of a machine', ['const a = "/ho', 'me/me/a"']],
    ['a registry', ['https://registry.np', 'mjs.org/a']],
    ['a rule switched off without a reason', ['// eslint-dis', 'able-next-line complexity']],
    ['a type error hidden', ['// @ts-ig', 'nore']],
  ])('bannedWords sees %s', (_what, pieces) => {
    expect(bannedWords(sample('runtime/a.ts', 'const fine = 1', pieces.join('')))).toHaveLength(1)
  })
  it('bannedWords lets a reasoned exception and a path in an address pass', () => {
    const reasoned = ['// eslint-dis', 'able-next-line complexity -- a table'].join('')
    const address = ['see host/ho', 'me/a'].join('')
    expect(bannedWords(sample('runtime/a.ts', reasoned, address))).toEqual([])
  })
})

describe('C++', () => {
  it('no source calls libm, fuses, or reads a clock', () => {
    expect(cpp.flatMap(inexactCpp)).toEqual([])
  })
  it('inexactCpp sees libm, fused operations, pragmas and clocks, but not comments and own twins', () => {
    const bad = sample('native/a.cc', '#include <cmath>', '#include <chrono>', '#pragma STDC FP_CONTRACT ON', 'double f(double x) { return std::sin(x) + expf(x); }', 'auto g = _mm256_fmadd_ps(a, b, c);')
    expect(inexactCpp(bad)).toHaveLength(5)
    expect(inexactCpp(sample('native/a.cc', '// std::sin(x)', 'double f(double x) { return sin(x) + twin::exp(x); }'))).toEqual([])
  })
  it('the addon is built without contraction and without fast math', () => {
    const build = texts.filter(({ path }) => path.endsWith('.gyp'))
    expect(build.length > 0 || cpp.length === 0).toBe(true)
    expect(build.flatMap(inexactBuild)).toEqual([])
  })
  it('inexactBuild sees a missing and a wrong flag', () => {
    expect(inexactBuild(sample('native/binding.gyp', '"-fno-fast-math", "-ffp-contract=off"'))).toEqual([])
    expect(inexactBuild(sample('native/binding.gyp', '{ "cflags": ["-O3", "-ffast-math"] }'))).toHaveLength(2)
  })
  it('functions have at most 70 lines', () => {
    expect(cpp.flatMap(longCpp)).toEqual([])
  })
  it('longCpp sees a long function, not a long class of short ones', () => {
    const line = '  x += 1;'
    expect(longCpp(sample('native/a.cc', 'namespace n {', 'template <typename T> int f(int x) {', ...Array<string>(80).fill(line), 'return x; }', '}'))).toHaveLength(1)
    expect(longCpp(sample('native/a.cc', 'struct A {', ...Array<string>(80).fill('  int f() const { return 1; }'), '};'))).toEqual([])
  })
})

describe('shapes', () => {
  it('no function body is a copy of another', () => {
    expect(copies(typescript)).toEqual([])
  })
  it('copies sees a copy under other names', () => {
    const body = (name: string): string[] => [`function ${name}(${name}s: number[]) {`, ...Array.from({ length: 8 }, (_, at) => `  ${name}s[${String(at)}] += 1`), '}']
    expect(copies([sample('a.ts', ...body('apple')), sample('b.ts', ...body('pear'))])).toHaveLength(1)
    expect(copies([sample('a.ts', ...body('apple')), sample('b.ts', ...body('pear').slice(1, -1))])).toEqual([])
  })
  it('tests have at most 70 lines', () => {
    expect(longTests(typescript.filter(({ path }) => path.startsWith('tests/')))).toEqual([])
  })
  it('longTests sees a long test in a long describe block', () => {
    const lines = Array<string>(80).fill('    go()')
    expect(longTests([sample('a.test.ts', 'describe("a", () => {', '  it("b", () => {', ...lines, '  })', '})')])).toHaveLength(1)
  })
})

describe('options', () => {
  it('every option is read by somebody', () => {
    expect(unreadOptions(projectProgram())).toEqual([])
  })
  it('unreadOptions sees an option that is only written', () => {
    const text = [
      'interface RunOptions { steps: number; seed: number; pace: number; deep: { dead: number; read: number } }',
      'function run(options: RunOptions) { const { seed } = options; options.pace = 1; return seed + options.steps + options.deep.read }',
      'run({ steps: 1, seed: 2, pace: 3, deep: { dead: 4, read: 5 } })',
    ].join('\n')
    expect(unreadOptions(programOf(text)).map((complaint) => /option (\w+)/.exec(complaint)?.[1])).toEqual(['pace', 'dead'])
  })
})
