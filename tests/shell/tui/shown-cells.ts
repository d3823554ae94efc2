import { expect } from 'vitest'
import { attribute, plain, wideRest, type Cells } from '../../../shell/tui/screen/cells.ts'
import { ColourCodes, type ColourDepth } from '../../../shell/tui/screen/colours.ts'
import { cellOf, styleText, type Screen } from './screen-text.ts'

function colourWords(codes: ColourCodes, colour: number): string {
  const code = codes.of(colour)
  if (code === plain) return ''
  return codes.depth === '24-bit' ? `#${code.toString(16).padStart(6, '0')}` : String(code)
}

/** Style of a cell in the words of the judge. */
function expectedStyle(cells: Cells, at: number, codes: ColourCodes): string {
  const names = ['bold', 'dim', 'italic', 'underline', 'inverse'] as const
  const words: string[] = names.filter((name) => (cells.attributes[at] & attribute[name]) !== 0)
  const [front, behind] = [colourWords(codes, cells.fg[at]), colourWords(codes, cells.bg[at])]
  return [...words, front, behind && `on ${behind}`].filter((word) => word !== '').join(' ')
}

/** Whether a wide character has lost a half to something drawn over it. */
function isHalf(cells: Cells, at: number): boolean {
  const column = at % cells.width
  const isWide = (glyph: number): boolean => glyph >= 0x1100 && !(glyph >= 0x2000 && glyph < 0x2900)
  if (cells.glyphs[at] === wideRest) return column === 0 || !isWide(cells.glyphs[at - 1])
  return isWide(cells.glyphs[at]) && (column + 1 === cells.width || cells.glyphs[at + 1] !== wideRest)
}

/** Every cell of the terminal is the one that was drawn. */
export function expectShown(screen: Screen, cells: Cells, depth: ColourDepth): void {
  const codes = new ColourCodes(depth)
  const [shown, drawn]: string[][] = [[], []]
  for (let at = 0; at < cells.width * cells.height; at++) {
    const cell = cellOf(screen, at % cells.width, Math.floor(at / cells.width))
    const half = isHalf(cells, at)
    const isRest = cells.glyphs[at] === wideRest && !half
    shown.push(cell.getWidth() === 0 ? 'rest' : `${cell.getChars() || ' '} ${styleText(cell)}`)
    drawn.push(isRest ? 'rest' : `${half ? ' ' : String.fromCodePoint(cells.glyphs[at])} ${expectedStyle(cells, at, codes)}`)
  }
  expect(shown).toEqual(drawn)
  expect(screen.buffer.active.baseY, 'nothing scrolled').toBe(0)
}
