/** What a part of the screen shows, to keep: as text, as text with its colours, as a picture. */
import { encodePng } from '../../../actors/index.ts'
import { blankPicture, type Picture } from '../../../compositor/index.ts'
import { FrameBytes } from './bytes.ts'
import { attribute, plain, wideRest, type Cells, type Colour, type Rect } from './cells.ts'
import { ColourCodes, type ColourDepth } from './colours.ts'
import { cellColumns, cellLines, glyphShape, type Shape } from './glyph-shapes.ts'
import { Pen } from './pen.ts'

/** Colours of a terminal where cells name none. */
const plainFront = 0xd5d9e0
const plainBack = 0x000000
const blank = 32
const underlineTop = 20
const underlineBottom = 22
const inkFull = 255

/** Cells of a part, line by line, cut to the screen. */
function linesOf(cells: Cells, rect: Rect): number[][] {
  const { x, y, width, height } = cells.surface.part(rect.x, rect.y, rect.width, rect.height).rect
  return Array.from({ length: height }, (_, line) => Array.from({ length: width }, (__, column) => (y + line) * cells.width + x + column))
}

/** A part of the screen as text, lines without the spaces at their end. */
export function plainShot(cells: Cells, rect: Rect): string {
  const lines = linesOf(cells, rect).map((line) =>
    line
      .map((at) => (cells.glyphs[at] === wideRest ? '' : String.fromCodePoint(cells.glyphs[at])))
      .join('')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** A part of the screen as text with SGR sequences, each line complete in itself. */
export function ansiShot(cells: Cells, rect: Rect, depth: ColourDepth): string {
  const bytes = new FrameBytes()
  const pen = new Pen(bytes, depth)
  const codes = new ColourCodes(depth)
  for (const line of linesOf(cells, rect)) {
    for (const at of line) {
      if (cells.glyphs[at] === wideRest) continue
      pen.style(codes.of(cells.fg[at]), codes.of(cells.bg[at]), cells.attributes[at])
      bytes.glyph(cells.glyphs[at])
    }
    if (!pen.isPlain) pen.reset()
    bytes.byte(10)
  }
  return bytes.view.toString('utf8')
}

function mixed(front: Colour, back: Colour, ink: number): Colour {
  const channel = (shift: number): number => {
    const [one, other] = [(front >> shift) & inkFull, (back >> shift) & inkFull]
    return Math.floor((one * ink + other * (inkFull - ink) + 127) / inkFull) << shift
  }
  return channel(16) | channel(8) | channel(0)
}

/** The shape with its attributes: bold is a pixel broader, italic leans, a line is below. */
function styledInk(shape: Shape, attributes: number, column: number, line: number): number {
  if ((attributes & attribute.underline) !== 0 && line >= underlineTop && line < underlineBottom) return inkFull
  const lean = (attributes & attribute.italic) === 0 ? 0 : Math.floor((cellLines / 2 - line) / 6)
  const inkAt = (place: number): number => (place >= 0 && place < cellColumns ? shape[line * cellColumns + place] : 0)
  const ink = inkAt(column - lean)
  return (attributes & attribute.bold) === 0 ? ink : Math.max(ink, inkAt(column - lean - 1))
}

function coloursOf(cells: Cells, at: number): { readonly front: Colour; readonly back: Colour } {
  const attributes = cells.attributes[at]
  const [fg, bg] = [cells.fg[at] === plain ? plainFront : cells.fg[at], cells.bg[at] === plain ? plainBack : cells.bg[at]]
  const [front, back] = (attributes & attribute.inverse) === 0 ? [fg, bg] : [bg, fg]
  return { front: (attributes & attribute.dim) === 0 ? front : mixed(front, back, 128), back }
}

/** A part of the screen as a picture of 12 x 24 pixels a cell. */
export function pictureShot(cells: Cells, rect: Rect): Picture {
  const lines = linesOf(cells, rect)
  const picture = blankPicture(Math.max(1, cellColumns * (lines[0]?.length ?? 0)), Math.max(1, cellLines * lines.length))
  const shapes = new Map<number, Shape>()
  for (const [y, line] of lines.entries()) {
    for (const [x, at] of line.entries()) {
      const glyph = cells.glyphs[at] === wideRest ? blank : cells.glyphs[at]
      const shape = shapes.get(glyph) ?? glyphShape(glyph)
      shapes.set(glyph, shape)
      drawCell(picture, { cells, at, shape }, x, y)
    }
  }
  return picture
}

function drawCell(picture: Picture, { cells, at, shape }: { readonly cells: Cells; readonly at: number; readonly shape: Shape }, x: number, y: number): void {
  const { front, back } = coloursOf(cells, at)
  for (let line = 0; line < cellLines; line++) {
    for (let column = 0; column < cellColumns; column++) {
      const colour = mixed(front, back, styledInk(shape, cells.attributes[at], column, line))
      const to = 3 * ((y * cellLines + line) * picture.width + x * cellColumns + column)
      picture.rgb[to] = colour >> 16
      picture.rgb[to + 1] = (colour >> 8) & inkFull
      picture.rgb[to + 2] = colour & inkFull
    }
  }
}

/** A part of the screen as a PNG file. */
export function pngShot(cells: Cells, rect: Rect): Uint8Array {
  return encodePng(pictureShot(cells, rect))
}
