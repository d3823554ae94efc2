import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandGroups } from '../../shell/tui/app/commands/index.ts'
import { shownKeys } from '../../shell/tui/app/help.ts'
import { bindings } from '../../shell/tui/app/keys.ts'
import { serveRun } from '../../shell/tui/model/attach-server.ts'
import { paneNames } from '../../shell/tui/panes/pane.ts'
import { themeNames } from '../../shell/tui/screen/theme.ts'
import { built, commandLine } from '../shell/command.ts'
import { decodePng } from '../shell/png.ts'
import { type MetronomeRun, TourScreen, tourRun } from './tour-screen.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const path = join(root, 'docs/terminal.md')
const renew = process.env['METABONK_GOLDEN'] === 'renew'
const page = readFileSync(path, 'utf8')
const escape = '\u001b'

/** What the tour shows, by the names that the page gives it. */
interface Shown {
  readonly texts: Map<string, string>
  readonly pictures: Map<string, Uint8Array>
}

/** A large screen on the run while it goes on. */
async function watch(metronome: MetronomeRun, own: Parameters<typeof TourScreen.open>[1], { pictures }: Shown): Promise<void> {
  const tour = await TourScreen.open(metronome.session, own, { columns: 120, rows: 42, metronome })
  await tour.type(']', ']', ']', ':focus agents\r', 'j')
  await tour.frames(80)
  pictures.set('live', tour.picture())
  await tour.screen.close()
}

/** A small screen on the run: from what is seen to what it comes from, and what would have been. */
async function ask(metronome: MetronomeRun, own: Parameters<typeof TourScreen.open>[1], { texts, pictures }: Shown): Promise<void> {
  const tour = await TourScreen.open(metronome.session, own)
  await tour.type(' ', '.', '<')
  texts.set('past', tour.text())
  await tour.type('2', ']', ']', ']', 'ohealth\r', '/health < 60\r')
  texts.set('filter', tour.text())
  await tour.type(escape, 'G', 'bscout.health < 50\r', 'N', 'm', '1')
  texts.set('break', tour.text('timeline'))
  await tour.type('whealth\r')
  texts.set('why', tour.box())
  await tour.type('\r', '2', '\t', 'z', 'd200\r')
  texts.set('diff', tour.text())
  await tour.type('z', escape, '1', 'fscout[1].health=100\r')
  texts.set('fork', tour.text())
  await tour.type('{', '4', 't')
  // The line at the bottom names the recording of the fork for a while, which is never the same.
  await tour.frames(130)
  pictures.set('camera', tour.picture())
  await tour.screen.close()
}

function blocks(): Map<string, string> {
  return new Map([...page.matchAll(/^```text (\w+)\n([^]*?)^```$/gm)].map(([, name, text]) => [name, text]))
}

function keepNew({ texts, pictures }: Shown): void {
  const text = page.replace(/^(```text (\w+)\n)[^]*?(^```$)/gm, (all, head: string, name: string, foot: string) => (texts.has(name) ? `${head}${texts.get(name) ?? ''}${foot}` : all))
  writeFileSync(path, text)
  mkdirSync(join(root, 'docs/terminal'), { recursive: true })
  for (const [name, png] of pictures) writeFileSync(join(root, 'docs/terminal', `${name}.png`), png)
}

describe.skipIf(!built)('the guided tour through the terminal (needs the build)', () => {
  const { folder, start } = commandLine()
  const before = { folder: process.cwd(), runtime: process.env['XDG_RUNTIME_DIR'] }
  const shown: Shown = { texts: new Map(), pictures: new Map() }
  const runtime = mkdtempSync(join(tmpdir(), 'mb-'))

  beforeAll(async () => {
    process.chdir(folder)
    mkdirSync('runs')
    process.env['XDG_RUNTIME_DIR'] = runtime
    const { own, metronome } = await tourRun('runs/tour.mcap')
    await watch(metronome, own, shown)
    await ask(metronome, own, shown)
    const served = await serveRun('arena', () => metronome.session)
    const { out } = await start('top', '--once').ended
    shown.texts.set('top', `$ metabonk top --once\n${out}`)
    await served.close()
    await own.end()
    if (renew) keepNew(shown)
  })

  afterAll(() => {
    process.chdir(before.folder)
    if (before.runtime === undefined) delete process.env['XDG_RUNTIME_DIR']
    else process.env['XDG_RUNTIME_DIR'] = before.runtime
    rmSync(runtime, { recursive: true, force: true })
  })

  it.skipIf(renew)('shows what the terminal shows; METABONK_GOLDEN=renew writes it: look at it, and keep it', () => {
    expect(Object.fromEntries(blocks())).toEqual(Object.fromEntries(shown.texts))
  })

  it('has the pictures that the terminal makes, pixel by pixel', () => {
    const names = [...page.matchAll(/\(terminal\/(\w+)\.png\)/g)].map((match) => match[1])
    expect(names).toEqual([...shown.pictures.keys()])
    for (const [name, png] of shown.pictures) {
      const [made, kept] = [decodePng(Buffer.from(png)), decodePng(readFileSync(join(root, `docs/terminal/${name}.png`)))]
      expect([name, made.width, made.height]).toEqual([name, kept.width, kept.height])
      expect(Buffer.compare(made.rgb, kept.rgb), name).toBe(0)
    }
  })
})

describe('the reference of the terminal', () => {
  /** Rows of the tables below a heading, their cells as they are read. */
  const rowsOf = (heading: string): string[][] => {
    const [section] = page.split(`\n## ${heading}\n`)[1].split('\n## ')
    return section.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.slice(2, -2).split(/(?<!\\) \| /).map((cell) => cell.replaceAll('\\|', '|'))).filter(([first]) => !/^-+$/.test(first))
  }

  it('has every key, as help says it', () => {
    const expected = bindings.map(({ keys, does, panes }) => [shownKeys(keys).map((key) => `\`${key}\``).join(' '), does, panes?.join(', ') ?? ''])
    expect(rowsOf('Keys').slice(1)).toEqual(expected)
  })

  it('has every command, as help says it', () => {
    const expected = commandGroups.flatMap(([group, commands]) => commands.map(({ name, takes, does }) => [`\`:${`${name} ${takes}`.trim()}\``, does, group]))
    expect(rowsOf('Commands').slice(1)).toEqual(expected)
  })

  it('has every pane and every theme', () => {
    expect(rowsOf('Panes').slice(1).map(([name]) => name.replaceAll('`', '')).sort()).toEqual([...paneNames].sort())
    for (const name of themeNames) expect(page).toContain(`\`${name}\``)
  })
})
