import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { built } from '../shell/command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/time-travel.md'), 'utf8')

/** Commands of a page with what they print there; `…` stands for what is never the same. */
function commands(): { readonly command: string; readonly shown: RegExp }[] {
  const blocks = [...page.matchAll(/^```console\n([^]*?)^```$/gm)].map((match) => match[1])
  return blocks.flatMap((block) => block.split(/^\$ /m).slice(1)).map((part) => {
    const [command, ...lines] = part.split('\n')
    const text = lines.join('\n').trim().split('…').map((piece) => piece.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
    return { command, shown: new RegExp(`^${text.join('[^\\n]*')}$`) }
  })
}

it.skipIf(!built)('the page about time travel runs as written (needs the build)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
  const [, bank] = /^```ts bank\.ts\n([^]*?)^```$/m.exec(page) ?? []
  writeFileSync(join(folder, 'bank.ts'), bank)
  writeFileSync(join(folder, 'mended.ts'), bank.replace('* 1.5', '* 0.5'))
  const all = commands()
  expect(all.length).toBeGreaterThanOrEqual(7)
  for (const { command, shown } of all) {
    const { stdout, stderr } = spawnSync('bash', ['-c', command.replace(/^metabonk/, `"${process.execPath}" "${join(root, 'dist/shell/main.js')}"`)], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
    const said = `${stdout}${stderr}`.split('\n').map((line) => line.trimEnd()).join('\n').trim()
    expect(said, command).toMatch(shown)
  }
  rmSync(folder, { recursive: true })
}, 120_000)
