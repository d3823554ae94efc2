/**
 * Cells of a screen: a character, two colours and attributes each, in typed arrays. Panes draw into a window of them; what has changed is written
 * to the terminal by the difference to what it shows already.
 */
import { cellWidth } from './cell-width.ts'

/** A colour as 0xRRGGBB, or `plain`: the terminal's own. */
export type Colour = number
export const plain: Colour = -1

export const attribute = { bold: 1, dim: 2, italic: 4, underline: 8, inverse: 16 } as const

/** How text looks. */
export interface Style {
  readonly fg: Colour
  readonly bg: Colour
  /** Bits of {@link attribute}. */
  readonly attributes: number
}

/** The second cell of a character that is two cells wide. */
export const wideRest = 0
const blank = 32
const unprintable = 0xb7

/** All cells of a screen, line by line. */
export class Cells {
  readonly width: number
  readonly height: number
  /** Code points; {@link wideRest} behind a wide one. */
  readonly glyphs: Uint32Array
  readonly fg: Int32Array
  readonly bg: Int32Array
  readonly attributes: Uint8Array

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    const cells = width * height
    this.glyphs = new Uint32Array(cells).fill(blank)
    this.fg = new Int32Array(cells).fill(plain)
    this.bg = new Int32Array(cells).fill(plain)
    this.attributes = new Uint8Array(cells)
  }

  /** The whole screen as a surface to draw on. */
  get surface(): Surface {
    return new Surface(this, { x: 0, y: 0, width: this.width, height: this.height })
  }
}

/** A rectangle of cells. */
export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A window on cells: (0, 0) is its upper left corner, and nothing is drawn outside. */
export class Surface {
  readonly cells: Cells
  /** Where it lies on the screen. */
  readonly rect: Rect

  constructor(cells: Cells, { x, y, width, height }: Rect) {
    this.cells = cells
    const [left, top] = [Math.max(0, x), Math.max(0, y)]
    this.rect = { x: left, y: top, width: Math.max(0, Math.min(x + width, cells.width) - left), height: Math.max(0, Math.min(y + height, cells.height) - top) }
  }

  get width(): number {
    return this.rect.width
  }

  get height(): number {
    return this.rect.height
  }

  /** A part of it, cut to it. */
  part(x: number, y: number, width: number, height: number): Surface {
    const { rect, cells } = this
    const [left, top] = [Math.max(0, x), Math.max(0, y)]
    return new Surface(cells, {
      x: rect.x + left,
      y: rect.y + top,
      width: Math.min(x + width, rect.width) - left,
      height: Math.min(y + height, rect.height) - top,
    })
  }

  /** Puts one character of one cell. */
  put(x: number, y: number, glyph: number, { fg, bg, attributes }: Style): void {
    const { rect, cells } = this
    if (!(x >= 0 && y >= 0 && x < rect.width && y < rect.height)) return
    const at = (rect.y + y) * cells.width + rect.x + x
    cells.glyphs[at] = glyph
    cells.fg[at] = fg
    cells.bg[at] = bg
    cells.attributes[at] = attributes
  }

  /** Writes text from a cell on, cut at `width` cells and at the edge. Returns the cells it took. Nothing in it reaches the terminal as a control. */
  // eslint-disable-next-line max-params -- called for every word of a screen: an object for the place would be garbage
  text(x: number, y: number, text: string, style: Style, width = this.width - x): number {
    let at = x
    const end = Math.min(x + width, this.width)
    for (const character of text) {
      const glyph = character.codePointAt(0) ?? blank
      const cells = cellWidth(glyph)
      if (cells === 0) continue
      if (at + Math.max(1, cells) > end) break
      this.put(at, y, cells < 0 ? unprintable : glyph, style)
      if (cells === 2) this.put(at + 1, y, wideRest, style)
      at += cells === 2 ? 2 : 1
    }
    return at - x
  }

  /** Writes text so that it ends before the cell `end`. */
  textEnd(end: number, y: number, text: string, style: Style): void {
    this.text(end - textCells(text), y, text, style)
  }

  /** Fills a rectangle with one character. */
  fill(style: Style, glyph = blank, { x, y, width, height }: Rect = { x: 0, y: 0, width: this.width, height: this.height }): void {
    const { rect, cells } = this
    const [left, right] = [Math.max(0, x), Math.min(rect.width, x + width)]
    if (left >= right) return
    for (let line = Math.max(0, y); line < Math.min(rect.height, y + height); line++) {
      const from = (rect.y + line) * cells.width + rect.x
      cells.glyphs.fill(glyph, from + left, from + right)
      cells.fg.fill(style.fg, from + left, from + right)
      cells.bg.fill(style.bg, from + left, from + right)
      cells.attributes.fill(style.attributes, from + left, from + right)
    }
  }

  /** Changes the background of a line's cells and leaves their characters. */
  shade(y: number, bg: Colour, x = 0, width = this.width): void {
    const { rect, cells } = this
    if (y < 0 || y >= rect.height) return
    const from = (rect.y + y) * cells.width + rect.x
    cells.bg.fill(bg, from + Math.max(0, x), from + Math.min(rect.width, x + width))
  }
}

/** Cells that a text takes. */
export function textCells(text: string): number {
  let cells = 0
  for (const character of text) {
    const width = cellWidth(character.codePointAt(0) ?? blank)
    cells += width < 0 ? 1 : width
  }
  return cells
}
