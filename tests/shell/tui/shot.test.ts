import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { halfBlocks, type Picture } from '../../../compositor/index.ts'
import { attribute, Cells, plain } from '../../../shell/tui/screen/cells.ts'
import { ansiShot, pictureShot, plainShot, pngShot } from '../../../shell/tui/screen/shot.ts'
import { testSeed } from '../../counts.ts'
import { decodePng } from '../png.ts'
import { dice, hostileCells, scribble } from './random-cells.ts'
import { feed, screenOf } from './screen-text.ts'
import { expectShown } from './shown-cells.ts'

const seed = testSeed('pictures of the screen', 20264)
const golden = fileURLToPath(new URL('./golden', import.meta.url))
const front = 0xffffff
const back = 0x102030
const style = { fg: front, bg: back, attributes: 0 }
const whole = { x: 0, y: 0, width: 1000, height: 1000 }

function pixel({ width, rgb }: Picture, x: number, y: number): number {
  const at = 3 * (y * width + x)
  return (rgb[at] << 16) | (rgb[at + 1] << 8) | rgb[at + 2]
}

function drawn(text: string, attributes = 0): Picture {
  const cells = new Cells(text.length, 1)
  cells.surface.text(0, 0, text, { ...style, attributes })
  return pictureShot(cells, whole)
}

/** Share of the pixels of a part that have the front colour. */
function inked(picture: Picture, [left, top, right, bottom]: readonly [number, number, number, number] = [0, 0, picture.width, picture.height]): number {
  let count = 0
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) if (pixel(picture, x, y) === front) count++
  return count / ((right - left) * (bottom - top))
}

/** Everything there is a shape for. */
function sampler(): Cells {
  const cells = new Cells(64, 20)
  const { surface } = cells
  surface.fill(style)
  for (let glyph = 32; glyph < 127; glyph++) surface.put(glyph % 32, (glyph >> 5) - 1, glyph, style)
  for (let glyph = 0x2500; glyph < 0x25a0; glyph++) surface.put(glyph % 32, 3 + ((glyph - 0x2500) >> 5), glyph, style)
  for (let glyph = 0x2800; glyph < 0x2900; glyph++) surface.put(glyph % 64, 8 + ((glyph - 0x2800) >> 6), glyph, style)
  surface.text(0, 13, '·•●○■□◆◇▲▼▶◀↑↓←→…×✓✗–—° éàüñ 世界', style)
  surface.text(40, 13, '▪◉▴▾▸◂‹›−≠∞‖', style)
  surface.text(0, 15, '┌──────┐ ╔══╦═╗ ┏━━┓ ╭─╮ ╱╲╳', style)
  surface.text(0, 16, '│ swarm│ ║  ╠═╣ ┃▀▄┃ ╰─╯', style)
  surface.text(0, 17, '└──────┘ ╚══╩═╝ ┗━━┛', style)
  for (const [i, attributes] of Object.values(attribute).entries()) surface.text(11 * i, 19, 'Attribute', { fg: 0x63d297, bg: plain, attributes })
  return cells
}

describe('text of the screen', () => {
  it('with colours looks in a terminal like the screen did', async () => {
    const cells = new Cells(50, 12)
    scribble(cells, dice(seed), 600)
    const screen = screenOf(50, 12)
    await feed(screen, `\u001b[?7l${ansiShot(cells, whole, '24-bit').trimEnd().replaceAll('\n', '\r\n')}`)
    expectShown(screen, cells, '24-bit')
  })

  it('of a part, without colours, and of what is wide', () => {
    const cells = new Cells(20, 3)
    cells.surface.text(2, 1, 'a世b   ', style)
    expect(plainShot(cells, { x: 2, y: 1, width: 9, height: 2 })).toBe('a世b\n\n')
    expect(plainShot(cells, { x: 4, y: 1, width: 2, height: 1 })).toBe(' b\n')
    expect(ansiShot(cells, { x: 5, y: 1, width: 1, height: 1 }, '16')).toBe('\u001b[97;40mb\u001b[m\n')
  })

  it('never holds a control, whatever is in the cells', () => {
    const cells = hostileCells(30, 10, dice(seed))
    expect(plainShot(cells, whole)).not.toMatch(/[^\P{Cc}\n]/u)
    expect(ansiShot(cells, whole, '256').replace(/\u001b\[[0-9;]*m/g, '')).not.toMatch(/[^\P{Cc}\n]/u)
    expect(pictureShot(cells, whole).width).toBe(360)
  })
})

describe('pictures of the screen', () => {
  it.each([
    ['▀', [0, 0, 12, 12], [0, 12, 12, 24]],
    ['▄', [0, 12, 12, 24], [0, 0, 12, 12]],
    ['▌', [0, 0, 6, 24], [6, 0, 12, 24]],
    ['▐', [6, 0, 12, 24], [0, 0, 6, 24]],
    ['▂', [0, 18, 12, 24], [0, 0, 12, 18]],
    ['▇', [0, 3, 12, 24], [0, 0, 12, 3]],
    ['▔', [0, 0, 12, 3], [0, 3, 12, 24]],
    ['▚', [0, 0, 6, 12], [6, 0, 12, 12]],
    ['▟', [0, 12, 12, 24], [0, 0, 6, 12]],
    ['─', [0, 11, 12, 13], [0, 0, 12, 11]],
    ['│', [5, 0, 7, 24], [0, 0, 5, 24]],
    ['━', [0, 10, 12, 14], [0, 0, 12, 10]],
    ['┐', [0, 11, 6, 13], [8, 0, 12, 24]],
    ['└', [6, 11, 12, 13], [0, 0, 4, 24]],
    ['⠁', [1, 1, 5, 5], [6, 0, 12, 24]],
    ['⢀', [7, 19, 11, 23], [0, 0, 6, 24]],
  ] as const)('%s is there and nowhere else', (text, ink, empty) => {
    const picture = drawn(text)
    expect([inked(picture, ink), inked(picture, empty)]).toEqual([1, 0])
  })

  it('blocks fill as much as they say: eighths from below, eighths from the left, quadrants', () => {
    expect(Array.from('▁▂▃▄▅▆▇█', (text) => 8 * inked(drawn(text)))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(Array.from('▏▎▍▌▋▊▉█', (text) => 12 * inked(drawn(text)))).toEqual([2, 3, 5, 6, 8, 9, 11, 12])
    expect(Array.from('▖▗▘▙▚▛▜▝▞▟', (text) => 4 * inked(drawn(text)))).toEqual([1, 1, 1, 3, 2, 3, 3, 1, 2, 3])
    expect(Array.from({ length: 256 }, (_, bits) => 18 * inked(drawn(String.fromCodePoint(0x2800 + bits))))).toEqual(
      Array.from({ length: 256 }, (_, bits) => expect.closeTo(Array.from(bits.toString(2)).filter((bit) => bit === '1').length, 9) as number),
    )
  })

  it('attributes show: inverse swaps, dim is half, bold is more, a line is below', () => {
    expect(inked(drawn('█', attribute.inverse))).toBe(0)
    expect(pixel(drawn('█', attribute.dim), 5, 5)).toBe(0x889098)
    expect(inked(drawn('A', attribute.bold))).toBeGreaterThan(inked(drawn('A')))
    expect(inked(drawn(' ', attribute.underline), [0, 20, 12, 22])).toBe(1)
    expect(drawn('H', attribute.italic).rgb).not.toEqual(drawn('H').rgb)
  })

  it('half blocks are the picture they came from, in squares', () => {
    const cells = new Cells(3, 1)
    for (let x = 0; x < 3; x++) cells.surface.put(x, 0, 0x2580, { fg: 0xff0000 + x, bg: 0x00ff00 + x, attributes: 0 })
    const picture = pictureShot(cells, whole)
    expect(halfBlocks({ width: 1, height: 2, rgb: Uint8Array.of(255, 0, 1, 0, 255, 1) }, '24-bit')[0]).toContain('▀')
    for (let x = 0; x < 36; x++) expect([pixel(picture, x, 3), pixel(picture, x, 20)]).toEqual([0xff0000 + Math.floor(x / 12), 0x00ff00 + Math.floor(x / 12)])
  })

  it('has a shape for every sign that the screen is made of', () => {
    const folder = fileURLToPath(new URL('../../../shell/tui', import.meta.url))
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /^(app|panes).*\.ts$/.test(name)).map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    const written = sources.flatMap((text) => [...(text.match(/[\u2000-\u2fff]/g) ?? []), ...Array.from(text.matchAll(/(?:\\u|0x)(2[0-9a-f]{3})\b/g), ([, code]) => String.fromCodePoint(parseInt(code, 16)))])
    const signs = [...new Set(written)].filter((sign) => sign !== '\u2800')
    const box = drawn('\u2fff').rgb
    expect(signs.length).toBeGreaterThan(30)
    expect(signs.filter((sign) => Buffer.from(drawn(sign).rgb).equals(box))).toEqual([])
  })

  it('every shape is the one in golden/glyphs.png; METABONK_GOLDEN=renew writes it: look at it, and keep it', () => {
    const png = pngShot(sampler(), whole)
    if (process.env['METABONK_GOLDEN'] === 'renew') {
      mkdirSync(golden, { recursive: true })
      writeFileSync(`${golden}/glyphs.png`, png)
    }
    const [shown, kept] = [decodePng(Buffer.from(png)), decodePng(readFileSync(`${golden}/glyphs.png`))]
    expect([shown.width, shown.height]).toEqual([kept.width, kept.height])
    expect(Buffer.from(shown.rgb).equals(kept.rgb)).toBe(true)
  })
})
