import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'dist/shell/main.js')
const pages = ['README.md', 'CHANGELOG.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => join('docs', name))]
/** What the runnable blocks of a page print, one after the other. */
const printed: Readonly<Record<string, readonly RegExp[]>> = {
  'README.md': [/^10 [0-9a-f]{16} 94\.\d+\ntrue\n$/],
  'docs/statecharts.md': [/^3 3 0\n6 1 1\n$/],
  'docs/slabs.md': [/^1 0\.5\n2 1\n3 1\.5\n$/],
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Code blocks of a page with a language. */
function blocks(page: string, language: string): string[] {
  return [...read(page).matchAll(/^```(.+)\n([^]*?)^```$/gm)].filter((match) => match[1] === language).map((match) => match[2])
}

it('the README explains every line of the meadow, in its order', () => {
  const meadow = read('actors/worlds/meadow.ts')
  const section = read('README.md').split('## A world, line by line')[1].split('## Flocking')[0]
  const explained = [...section.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => match[1]).join('\n')
  const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  // The two arithmetic functions are shown by their heads alone.
  const shown = lines(explained).map((line) => line.replace(/ \{ \.\.\. \}$/, ' {'))
  const rest = lines(meadow)
  const missing = shown.filter((line) => {
    const at = rest.indexOf(line)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
  expect(missing).toEqual([])
  expect(rest.length).toBeLessThanOrEqual(5)
})

it('links between pages and to files lead somewhere', () => {
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\(([^)#]+)\)/g)) {
      if (!target.startsWith('http')) expect(existsSync(join(root, dirname(page), target)), `${page}: ${target}`).toBe(true)
    }
  }
})

describe.skipIf(!existsSync(main))('with the build', () => {
  it('every example that is marked runnable runs as written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules', 'metabonk'))
    symlinkSync(join(root, 'node_modules', 'xstate'), join(folder, 'node_modules', 'xstate'))
    for (const page of pages) {
      const outputs = blocks(page, 'ts runnable').map((example) => {
        writeFileSync(join(folder, 'example.mjs'), example)
        return execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
      })
      expect(outputs, page).toEqual((printed[page] ?? []).map((pattern) => expect.stringMatching(pattern) as string))
    }
    rmSync(folder, { recursive: true })
  })

  it('every option that a page names is in the help of its command', () => {
    const helps = new Map<string, string>()
    for (const page of pages) {
      for (const [, command, rest] of read(page).matchAll(/`(?:npx )?metabonk (debug \w+|\w+)([^`]*)`/g)) {
        const help = helps.get(command) ?? execFileSync(process.execPath, [main, ...command.split(' '), '--help'], { encoding: 'utf8' })
        helps.set(command, help)
        for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(help, `${page}: metabonk ${command} ${option}`).toContain(option)
      }
    }
    expect(helps.size).toBeGreaterThanOrEqual(6)
  })
})
