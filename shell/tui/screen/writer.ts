/**
 * What a terminal has to be told so that it shows other cells: only cells that differ, cursor moves as short as they can be, styles only where they
 * change, all of it as one synchronized update. The terminal must not wrap lines by itself (DECAWM off), so that its last cell can be written.
 */
import { FrameBytes } from './bytes.ts'
import { cellWidth } from './cell-width.ts'
import { Cells, plain, wideRest } from './cells.ts'
import { ColourCodes, type ColourDepth } from './colours.ts'
import { Pen } from './pen.ts'

const blank = 32
const unprintable = 0xb7
/** No place of the cursor that can be relied on. */
const unknown = -1

/** Characters that every terminal draws in one cell: ASCII, Latin, lines and blocks, braille. Of the others the cursor is put anew. */
function isSteady(glyph: number): boolean {
  return glyph < 0x300 || (glyph >= 0x2500 && glyph < 0x25a0) || (glyph >= 0x2800 && glyph < 0x2900)
}

/** Controls, and the soft hyphen, which some terminals leave out. */
function isControl(glyph: number): boolean {
  return glyph < blank || (glyph >= 0x7f && glyph < 0xa0) || glyph === 0xad
}

/** The character to write for a cell: what is not one cell wide, or a half of a wide one without its other half, is replaced. */
export function glyphToShow({ glyphs, width }: Cells, at: number, column: number): number {
  const glyph = glyphs[at]
  if (glyph === wideRest) return column > 0 && glyphs[at - 1] >= 0x300 && cellWidth(glyphs[at - 1]) === 2 ? wideRest : blank
  if (isSteady(glyph)) return isControl(glyph) ? unprintable : glyph
  const cells = cellWidth(glyph)
  if (cells < 1) return unprintable
  if (cells === 1) return glyph
  return column + 1 < width && glyphs[at + 1] === wideRest ? glyph : blank
}

/** Writes frames for one terminal of one size. */
export class ScreenWriter {
  /** What the terminal shows: characters as written, colours as it takes them. */
  readonly #shown: Cells
  readonly #codes: ColourCodes
  readonly #bytes = new FrameBytes()
  readonly #pen: Pen
  #isKnown = false
  #column = unknown
  #line = unknown

  constructor(width: number, height: number, depth: ColourDepth) {
    this.#shown = new Cells(width, height)
    this.#codes = new ColourCodes(depth)
    this.#pen = new Pen(this.#bytes, depth)
  }

  get width(): number {
    return this.#shown.width
  }

  get height(): number {
    return this.#shown.height
  }

  /** The terminal may show anything now: the next frame clears it and says everything. */
  forget(): void {
    this.#isKnown = false
  }

  /** Bytes that make the terminal show these cells, which are of its size; none if it does. Valid until the next frame. */
  frame(cells: Cells): Buffer {
    this.#bytes.clear()
    this.#bytes.ascii('\u001b[?2026h')
    const empty = this.#bytes.length
    if (!this.#isKnown) this.#clear()
    const { width, height } = this.#shown
    for (let line = 0, at = 0; line < height; line++) for (let column = 0; column < width; column++, at++) this.#cell(cells, at, column, line)
    if (this.#bytes.length === empty) this.#bytes.clear()
    else {
      if (!this.#pen.isPlain) this.#pen.reset()
      this.#bytes.ascii('\u001b[?2026l')
    }
    return this.#bytes.view
  }

  #clear(): void {
    this.#pen.reset()
    this.#bytes.ascii('\u001b[2J')
    this.#column = unknown
    this.#line = unknown
    const { glyphs, fg, bg, attributes } = this.#shown
    glyphs.fill(blank)
    fg.fill(plain)
    bg.fill(plain)
    attributes.fill(0)
    this.#isKnown = true
  }

  #cell(cells: Cells, at: number, column: number, line: number): void {
    const glyph = glyphToShow(cells, at, column)
    // The rest of a wide character looks like its first cell, and is written with it.
    const styled = glyph === wideRest ? at - 1 : at
    const fg = this.#codes.of(cells.fg[styled])
    const bg = this.#codes.of(cells.bg[styled])
    const attributes = cells.attributes[styled]
    const shown = this.#shown
    if (glyph === shown.glyphs[at] && fg === shown.fg[at] && bg === shown.bg[at] && attributes === shown.attributes[at]) return
    shown.glyphs[at] = glyph
    shown.fg[at] = fg
    shown.bg[at] = bg
    shown.attributes[at] = attributes
    if (glyph === wideRest) return
    this.#move(column, line)
    this.#pen.style(fg, bg, attributes)
    this.#bytes.glyph(glyph)
    this.#column = isSteady(glyph) && column + 1 < shown.width ? column + 1 : unknown
  }

  #move(column: number, line: number): void {
    const bytes = this.#bytes
    if (line === this.#line && column === this.#column) return
    if (line === this.#line && this.#column !== unknown && column > this.#column) {
      bytes.ascii('\u001b[')
      if (column - this.#column > 1) bytes.number(column - this.#column)
      bytes.byte(67)
    } else if (line === this.#line + 1 && this.#line !== unknown && column === 0) bytes.ascii('\r\n')
    else {
      bytes.ascii('\u001b[')
      bytes.number(line + 1)
      if (column > 0) {
        bytes.byte(59)
        bytes.number(column + 1)
      }
      bytes.byte(72)
    }
    this.#line = line
    this.#column = column
  }
}
