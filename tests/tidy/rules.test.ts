import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser'
import { Linter } from 'eslint'
import tseslint from 'typescript-eslint'
import { describe, expect, it } from 'vitest'
import { root } from './project.ts'

type LintRules = Record<'coreGlobals' | 'coreProperties' | 'syntax' | 'namedExports' | 'coreSyntax' | 'testSyntax' | 'exactSyntax', object[]>

const lintRules = (await import(new URL('./lint-rules.js', import.meta.url).href)) as LintRules

/** The messages of the bans of eslint.config.js for a text, all of them at once. */
function lint(code: string): string[] {
  const { coreGlobals, coreProperties, syntax, namedExports, coreSyntax, testSyntax, exactSyntax } = lintRules
  const selectors = [...syntax, ...namedExports, ...coreSyntax, ...testSyntax, ...exactSyntax]
  return new Linter().verify(code, {
    languageOptions: { parser: tseslint.parser },
    rules: { 'no-restricted-globals': ['error', ...coreGlobals], 'no-restricted-properties': ['error', ...coreProperties], 'no-restricted-syntax': ['error', ...selectors] },
  }).map(({ message }) => message)
}

describe('the bans of eslint.config.js', () => {
  it.each([
    'const now = Date.now()', 'setTimeout(go, 1)', 'const a = Math.random()', 'const { sin } = Math', 'const a = Math.pow(b, c)', 'const a = b ** c', 'a **= b',
    'const a = b.localeCompare(c)', 'const a = b.toLocaleString()', 'const a = globalThis.performance', 'let cursor = 0', 'export const cache = new Map()',
    'enum A { b }', 'namespace A { export const b = 1 }', 'class WorldManager {}', 'interface ClockImpl { a: 1 }', 'export default 1',
    'expect(true).toBe(true)', 'expect(-1).toBe(a)', 'it.only("a", go)', 'expect(a).toBeCloseTo(b)',
  ])('see %s', (code) => {
    expect(lint(code)).toHaveLength(1)
  })
  it('let ordinary code pass', () => {
    expect(lint('export const names = new Map([["a", 1]])\nexport function f(a: number) { let b = Math.sqrt(a); b += 1; return b }\nexpect(f(1)).toBe(2)')).toEqual([])
  })
})

const config = createRequire(import.meta.url)('./dependency-cruiser.cjs') as { forbidden: { name: string }[]; options: object }

const packageNames = ['xstate', 'esbuild', 'zod', 'yaml', 'piscina', 'msgpackr', '@foxglove/wasm-zstd', 'commander', 'pino', 'hyparquet-writer', 'fflate', 'blessed', 'tinybench', 'node-addon-api', 'eslint', 'unowned', 'undeclared']

/** Files that break each rule once, by rule; what they import exists beside them. */
const offences: Record<string, readonly [path: string, imported: string]> = {
  'layers-native': ['native/a.ts', '../runtime/index.ts'],
  'layers-runtime': ['runtime/a.ts', '../actors/index.ts'],
  'layers-compositor': ['compositor/a.ts', '../brain/index.ts'],
  'layers-brain': ['brain/a.ts', '../compositor/index.ts'],
  'layers-actors': ['actors/a.ts', '../bench/index.ts'],
  'layers-shell': ['shell/a.ts', '../tests/index.ts'],
  'front-door': ['shell/b.ts', '../runtime/inner.ts'],
  'no-cycles': ['brain/cycle.ts', './cycle.ts'],
  'no-owner': ['shell/c.ts', 'unowned'],
  'not-declared': ['bench/b.ts', 'undeclared'],
  'dev-dependency': ['shell/d.ts', 'tinybench'],
  'node-in-core': ['compositor/b.ts', 'node:fs'],
  'host-in-core': ['runtime/b.ts', './host/index.ts'],
  'world-imports': ['actors/worlds/a.ts', '../index2.ts'],
  'self-import': ['brain/b.ts', 'metabonk'],
  'not-found': ['brain/c.ts', './nowhere.ts'],
  'owner-xstate': ['runtime/c.ts', 'xstate'],
  'owner-esbuild': ['actors/c.ts', 'esbuild'],
  'owner-zod': ['shell/e.ts', 'zod'],
  'owner-yaml': ['shell/f.ts', 'yaml'],
  'owner-piscina': ['runtime/d.ts', 'piscina'],
  'owner-msgpackr': ['actors/d.ts', 'msgpackr'],
  'owner-@foxglove/wasm-zstd': ['runtime/g.ts', '@foxglove/wasm-zstd'],
  'owner-commander': ['actors/e.ts', 'commander'],
  'owner-pino': ['runtime/e.ts', 'pino'],
  'owner-hyparquet-writer': ['actors/f.ts', 'hyparquet-writer'],
  'owner-fflate': ['runtime/h.ts', 'fflate'],
  'owner-blessed': ['shell/j.ts', 'blessed'],
  'owner-tinybench': ['shell/g.ts', 'tinybench'],
  'owner-eslint': ['shell/i.ts', 'eslint'],
  'owner-node-addon-api': ['runtime/f.ts', 'node-addon-api'],
}

/** What a well-behaved project of the same layout does; no rule may see it. */
const allowed: readonly (readonly [path: string, imported: string])[] = [
  ['runtime/inner.ts', '../native/index.ts'],
  ['runtime/host/index.ts', 'piscina'],
  ['actors/host/index.ts', '../../runtime/host/index.ts'],
  ['actors/index2.ts', 'xstate'],
  ['actors/worlds/b.ts', '../index.ts'],
  ['shell/h.ts', 'commander'],
  ['bench/c.ts', '../runtime/inner.ts'],
]

function layOut(folder: string): void {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const versions = Object.fromEntries(packageNames.filter((name) => name !== 'undeclared' && name !== 'tinybench').map((name) => [name, '1.0.0']))
  write('package.json', JSON.stringify({ type: 'module', dependencies: versions, devDependencies: { tinybench: '1.0.0' } }))
  write('tsconfig.json', '{ "compilerOptions": { "module": "NodeNext" } }')
  for (const name of packageNames) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
    write(`node_modules/${name}/index.js`, '')
  }
  for (const name of ['native', 'runtime', 'compositor', 'brain', 'actors', 'shell', 'bench', 'tests']) write(`${name}/index.ts`, 'export const a = 1\n')
  for (const [path, imported] of [...allowed, ...Object.values(offences)]) write(path, `import { a } from '${imported}'\nexport const b = a\n`)
}

async function violationsIn(folder: string): Promise<string[]> {
  const options = { ...config.options, baseDir: folder, validate: true, ruleSet: { forbidden: config.forbidden } } as ICruiseOptions
  const { output } = await cruise(['native', 'runtime', 'compositor', 'brain', 'actors', 'shell', 'bench'], options)
  return (output as ICruiseResult).summary.violations.map(({ rule, from }) => `${rule.name} ${from}`)
}

async function violations(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'metabonk-rules-'))
  try {
    layOut(folder)
    return await violationsIn(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the rules of dependency-cruiser.cjs', () => {
  it('are kept by the project', { timeout: 60_000 }, async () => {
    expect(await violationsIn(root)).toEqual([])
  })

  it('each see their offence, and none sees ordinary imports', async () => {
    expect(Object.keys(offences).sort()).toEqual(config.forbidden.map(({ name }) => name).sort())
    const seen = await violations()
    for (const [rule, [path]] of Object.entries(offences)) expect(seen).toContain(`${rule} ${path}`)
    const innocent = new Set(allowed.map(([path]) => path))
    expect(seen.filter((violation) => innocent.has(violation.split(' ')[1] ?? ''))).toEqual([])
  })
})
