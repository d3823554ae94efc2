import { describe, expect, it } from 'vitest'
import { attribute, Cells, plain } from '../../../shell/tui/screen/cells.ts'
import { ColourCodes, colourDepth, type ColourDepth } from '../../../shell/tui/screen/colours.ts'
import { ScreenWriter } from '../../../shell/tui/screen/writer.ts'
import { counts, testSeed } from '../../counts.ts'
import { dice, hostileCells, scribble } from './random-cells.ts'
import { expectGolden, feed, screenOf, screenText, type Screen } from './screen-text.ts'
import { expectShown } from './shown-cells.ts'

const seed = testSeed('screen writer', 20261)
const depths: readonly ColourDepth[] = ['24-bit', '256', '16', 'none']
const noWrap = '\u001b[?7l'

async function shownOn(cells: Cells, depth: ColourDepth): Promise<Screen> {
  const screen = screenOf(cells.width, cells.height)
  await feed(screen, noWrap)
  await feed(screen, new ScreenWriter(cells.width, cells.height, depth).frame(cells))
  return screen
}

describe('frames on a terminal', () => {
  it.each(depths)('random screens and random differences show every cell: %s', async (depth) => {
    const roll = dice(seed)
    for (let run = 0; run < counts(6, 60); run++) {
      const [width, height] = [2 + roll(60), 1 + roll(20)]
      const [cells, screen, writer] = [new Cells(width, height), screenOf(width, height), new ScreenWriter(width, height, depth)]
      await feed(screen, noWrap)
      for (let frame = 0; frame < 12; frame++) {
        scribble(cells, roll, frame === 0 ? width * height : roll(12))
        await feed(screen, writer.frame(cells))
        expectShown(screen, cells, depth)
      }
    }
  })

  it('every attribute, alone and after every other one', async () => {
    const all = 32
    const cells = new Cells(all, all)
    for (let one = 0; one < all; one++) {
      for (let other = 0; other < all; other++) cells.surface.put(other, one, 65, { fg: plain, bg: plain, attributes: other % 2 === 0 ? one : other })
    }
    expectShown(await shownOn(cells, '24-bit'), cells, '24-bit')
  })

  it('nothing is said twice: the same cells again are no bytes', () => {
    const cells = new Cells(30, 10)
    scribble(cells, dice(seed), 200)
    const writer = new ScreenWriter(30, 10, '24-bit')
    expect(writer.frame(cells).length).toBeGreaterThan(0)
    expect(writer.frame(cells).length).toBe(0)
    writer.forget()
    expect(writer.frame(cells).length).toBeGreaterThan(0)
  })

  it('whatever is in the cells, no control and no garbage reaches the terminal', async () => {
    const roll = dice(seed)
    for (let run = 0; run < counts(20, 200); run++) {
      const cells = hostileCells(40, 10, roll)
      const frame = new ScreenWriter(40, 10, '24-bit').frame(cells)
      const rest = frame.toString('utf8').replace(/\u001b\[[0-9;?]*[a-zA-Z]|\r\n/g, '')
      expect(rest).not.toMatch(/[\p{Cc}\p{Mn}\p{Cf}\p{Cs}\ufffd]/u)
      const screen = await shownOn(cells, '24-bit')
      expect(screen.buffer.active.baseY).toBe(0)
      cells.glyphs.fill(65)
      cells.attributes.fill(0)
      expectShown(await shownOn(cells, '24-bit'), cells, '24-bit')
    }
  })

  it('what it looks like', async () => {
    const cells = new Cells(40, 6)
    const { surface } = cells
    surface.fill({ fg: 0xd5d9e0, bg: 0x12151b, attributes: 0 })
    surface.text(2, 1, 'steps/s 1,234', { fg: 0xffffff, bg: 0x12151b, attributes: attribute.bold })
    surface.text(2, 2, '世界 and \u001b[2Jmore', { fg: 0x63d297, bg: 0x12151b, attributes: attribute.underline })
    surface.text(2, 4, '▁▂▃▄▅▆▇█ ⠁⠃⠇ ┌─┐', { fg: 0x5db7ff, bg: plain, attributes: attribute.inverse | attribute.dim })
    for (const depth of depths) expectGolden(`writer-${depth}`, screenText(await shownOn(cells, depth)))
  })
})

describe('bytes of a frame', () => {
  const style = { fg: 0x112233, bg: plain, attributes: 0 }

  function difference(draw: (cells: Cells) => void, depth: ColourDepth = '24-bit'): string {
    const cells = new Cells(20, 5)
    const writer = new ScreenWriter(20, 5, depth)
    writer.frame(cells)
    draw(cells)
    return writer.frame(cells).toString('utf8').replaceAll('\u001b', '~').replace('~[?2026h', '').replace('~[?2026l', '')
  }

  it.each([
    ['neighbours need no move and one style', (cells: Cells) => cells.surface.text(3, 1, 'abc', style), '~[2;4H~[38;2;17;34;51mabc~[m'],
    ['a gap is a step to the right', (cells: Cells) => cells.surface.text(3, 1, 'a    b c', { ...style, fg: plain }), '~[2;4Ha~[4Cb~[Cc'],
    ['the next line begins with a line feed', (cells: Cells) => [0, 1].forEach((line) => cells.surface.text(0, line, 'x', { ...style, fg: plain })), '~[1Hx\r\nx'],
    ['only what changes of a style', (cells: Cells) => [1, 3].forEach((attributes, x) => cells.surface.text(x, 0, 'x', { ...style, attributes })), '~[1H~[1;38;2;17;34;51mx~[2mx~[m'],
    ['dim stays when bold goes', (cells: Cells) => [3, 2].forEach((attributes, x) => cells.surface.text(x, 0, 'x', { fg: plain, bg: plain, attributes })), '~[1H~[1;2mx~[22;2mx~[m'],
  ])('%s', (_, draw, bytes) => {
    expect(difference(draw)).toBe(bytes)
  })

  it('a character whose width terminals do not agree on is followed by an absolute move', () => {
    expect(difference((cells) => cells.surface.text(0, 0, '▲b', { ...style, fg: plain }))).toBe('~[1H▲~[1;2Hb')
  })

  it('colours are those of the terminal', () => {
    const draw = (cells: Cells): number => cells.surface.text(0, 0, 'x', { fg: 0xfe0101, bg: 0x7f7f7f, attributes: 0 })
    expect(depths.map((depth) => difference(draw, depth))).toEqual([
      '~[1H~[38;2;254;1;1;48;2;127;127;127mx~[m',
      '~[1H~[38;5;196;48;5;244mx~[m',
      '~[1H~[91;100mx~[m',
      '~[1Hx',
    ])
  })

  it('a pointless change of colour is not written', () => {
    const cells = new Cells(20, 5)
    const writer = new ScreenWriter(20, 5, 'none')
    writer.frame(cells)
    cells.fg.fill(0x123456)
    expect(writer.frame(cells).length).toBe(0)
  })
})

describe('colours of a terminal', () => {
  const tty = { isTTY: true }
  it.each([
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, tty, '24-bit'],
    [{ TERM: 'xterm-256color', COLORTERM: '24bit' }, tty, '24-bit'],
    [{ TERM: 'xterm-256color' }, tty, '256'],
    [{ TERM: 'screen-256color' }, tty, '256'],
    [{ TERM: 'xterm' }, tty, '16'],
    [{ TERM: 'linux' }, tty, '16'],
    [{}, tty, '16'],
    [{ TERM: 'dumb', COLORTERM: 'truecolor' }, tty, 'none'],
    [{ TERM: 'vt100' }, tty, 'none'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1' }, tty, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, tty, '256'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, {}, 'none'],
  ] as const)('%j of %j: %s', (env, stream, depth) => {
    expect(colourDepth(env, stream)).toBe(depth)
  })

  it('each of the sixteen is its own nearest, however often it is asked', () => {
    const codes = new ColourCodes('16')
    const ask = (): number[] => [0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000].map((colour) => codes.of(colour))
    expect(ask()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (let colour = 0; colour < 1 << 24; colour += 997) codes.of(colour)
    expect(ask()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
})
