/** What a part of the screen shows, to keep: as text, as text with its colours, as a picture. */
import { encodePng } from '../../../actors/index.ts'
import { blankPicture, type Picture } from '../../../compositor/index.ts'
import { FrameBytes } from './bytes.ts'
import { attribute, Cells, plain, wideRest, type Colour, type Rect } from './cells.ts'
import { ColourCodes, type ColourDepth } from './colours.ts'
import { cellColumns, cellLines, glyphShape, type Shape } from './glyph-shapes.ts'
import { Pen } from './pen.ts'
import { glyphToShow } from './writer.ts'

/** Colours of a terminal where cells name none. */
const plainFront = 0xd5d9e0
const plainBack = 0x000000
const blank = 32
const lineFeed = 10
const underlineTop = 20
const underlineBottom = 22
const inkFull = 255

/** A part of the screen, cut to it, as cells of its own, with the characters that a terminal shows. */
function partOf(cells: Cells, rect: Rect): Cells {
  const { x, y, width, height } = cells.surface.part(rect.x, rect.y, rect.width, rect.height).rect
  const part = new Cells(width, height)
  for (let line = 0; line < height; line++) {
    const from = (y + line) * cells.width + x
    for (const name of ['glyphs', 'fg', 'bg', 'attributes'] as const) part[name].set(cells[name].subarray(from, from + width), line * width)
  }
  part.glyphs.set(part.glyphs.map((_, at) => glyphToShow(part, at, at % width)))
  return part
}

/** A part of the screen as text, lines without the spaces at their end. */
export function plainShot(cells: Cells, rect: Rect): string {
  const { glyphs, width, height } = partOf(cells, rect)
  const text = (line: number): string => String.fromCodePoint(...glyphs.subarray(line * width, (line + 1) * width).filter((glyph) => glyph !== wideRest))
  return Array.from({ length: height }, (_, line) => `${text(line).trimEnd()}\n`).join('')
}

/** A part of the screen as text with SGR sequences, each line complete in itself. */
export function ansiShot(cells: Cells, rect: Rect, depth: ColourDepth): string {
  const { glyphs, fg, bg, attributes, width } = partOf(cells, rect)
  const bytes = new FrameBytes()
  const pen = new Pen(bytes, depth)
  const codes = new ColourCodes(depth)
  for (let at = 0; at < glyphs.length; at++) {
    if (glyphs[at] !== wideRest) {
      pen.style(codes.of(fg[at]), codes.of(bg[at]), attributes[at])
      bytes.glyph(glyphs[at])
    }
    if ((at + 1) % width === 0) {
      if (!pen.isPlain) pen.reset()
      bytes.byte(lineFeed)
    }
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

/** A part of the screen as a picture of 12 x 24 pixels a cell; a cell at least. */
export function pictureShot(cells: Cells, rect: Rect): Picture {
  const part = partOf(cells, rect)
  const picture = blankPicture(cellColumns * Math.max(1, part.width), cellLines * Math.max(1, part.height))
  const shapes = new Map<number, Shape>()
  for (const [at, glyph] of part.glyphs.entries()) {
    const shape = shapes.get(glyph) ?? glyphShape(glyph === wideRest ? blank : glyph)
    shapes.set(glyph, shape)
    drawCell(picture, part, at, shape)
  }
  return picture
}

function drawCell(picture: Picture, cells: Cells, at: number, shape: Shape): void {
  const { front, back } = coloursOf(cells, at)
  const [x, y] = [at % cells.width, Math.floor(at / cells.width)]
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
