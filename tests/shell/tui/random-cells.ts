import { attribute, Cells, plain, wideRest } from '../../../shell/tui/screen/cells.ts'

/** A stream of whole numbers below a bound: mulberry32. */
export function dice(seed: number): (bound: number) => number {
  let state = seed | 0
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}

const narrow = Array.from('abcXYZ019 .:#éß─│┌┐╬▀▄█▌⠁⣿→▲●…')
const wide = Array.from('世界한글あ')
const colours = [plain, 0x000000, 0xffffff, 0x123456, 0x63d297, 0xcd0000, 0x808080, 0x0000ee]
const every = attribute.bold | attribute.dim | attribute.italic | attribute.underline | attribute.inverse

/** Puts some random characters of random styles: whole ones, as panes draw them. */
export function scribble(cells: Cells, roll: (bound: number) => number, count: number): void {
  const { surface } = cells
  for (let i = 0; i < count; i++) {
    const style = { fg: colours[roll(colours.length)], bg: colours[roll(colours.length)], attributes: roll(4) === 0 ? roll(every + 1) : 0 }
    const text = roll(6) === 0 ? wide[roll(wide.length)] : narrow[roll(narrow.length)]
    surface.text(roll(cells.width), roll(cells.height), text.repeat(1 + roll(4)), style)
  }
}

/** Cells of anything at all: controls, halves of wide characters, marks, numbers that are no characters. */
export function hostileCells(width: number, height: number, roll: (bound: number) => number): Cells {
  const cells = new Cells(width, height)
  const glyphs = [0, 7, 10, 13, 27, 0x7f, 0x9b, 0x301, 0x200d, 0x202e, 0xd800, 0x110000, 0xffffffff, 0x4e16, wideRest, 65, 0x1f600]
  for (let at = 0; at < width * height; at++) {
    cells.glyphs[at] = glyphs[roll(glyphs.length)]
    cells.fg[at] = colours[roll(colours.length)]
    cells.attributes[at] = roll(every + 1)
  }
  return cells
}
