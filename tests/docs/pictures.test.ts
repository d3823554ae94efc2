import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { built } from '../shell/command.ts'
import { decodePng } from '../shell/png.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/pictures.md'), 'utf8')

/** The commands of the gallery. */
function commands(): string[] {
  const [, block] = /^```console\n([^]*?)^```$/m.exec(page) ?? []
  return block.split('\n').filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
}

/** To renew the pictures after a change that is meant: run the commands, and copy what they write to docs/pictures. */
it.skipIf(!built)('the pictures of the page are those that its commands make, pixel by pixel (needs the build)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
  for (const command of commands()) {
    const { status, stderr } = spawnSync('bash', ['-c', command.replace(/^metabonk/, `"${process.execPath}" "${join(root, 'dist/shell/main.js')}"`)], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
    expect({ command, status, stderr: status === 0 ? '' : stderr }).toEqual({ command, status: 0, stderr: '' })
  }
  const names = [...page.matchAll(/\(pictures\/([a-z]+\.png)\)/g)].map((match) => match[1])
  expect(names).toHaveLength(4)
  for (const name of names) {
    const [made, shown] = [join(folder, name), join(root, 'docs/pictures', name)].map((path) => decodePng(readFileSync(path)))
    expect({ name, width: made.width, height: made.height }).toEqual({ name, width: shown.width, height: shown.height })
    expect(Buffer.compare(made.rgb, shown.rgb), name).toBe(0)
  }
  rmSync(folder, { recursive: true })
}, 120_000)
