import { cellWidth } from '../screen/cell-width.ts'
import { textCells, type Style, type Surface } from '../screen/cells.ts'

/** Cells of a line. */
export interface Field {
  readonly x: number
  readonly y: number
  readonly width: number
}

/** Text in a style. */
export interface Piece {
  readonly text: string
  readonly style: Style
}

const ellipsis = '…'
const simple = /^[\x20-\x7e]*$/
/** Code units looked at for each cell there is: characters may be of several, but nobody reads on for a megabyte. */
const unitsPerCell = 8

/** The text if it fits into so many cells, else its beginning and an ellipsis. */
export function cut(text: string, width: number): string {
  if (!(width > 0)) return ''
  if (text.length <= width && simple.test(text)) return text
  const most = Math.ceil(unitsPerCell * width) + unitsPerCell
  const head = text.length > most ? text.slice(0, most) : text
  if (head.length === text.length && textCells(text) <= width) return text
  let [kept, cells] = ['', 0]
  for (const character of head) {
    const wide = Math.abs(cellWidth(character.codePointAt(0) ?? 0))
    if (cells + wide > width - 1) break
    kept += character
    cells += wide
  }
  return kept + ellipsis
}

/** Writes text from the left end of a field. Returns the cells it took. */
export function drawLeft(surface: Surface, { x, y, width }: Field, text: string, style: Style): number {
  return surface.text(x, y, cut(text, Math.min(width, surface.width - x)), style)
}

/** Writes text to the right end of a field. */
export function drawRight(surface: Surface, { x, y, width }: Field, text: string, style: Style): void {
  const shown = cut(text, width)
  surface.text(x + width - textCells(shown), y, shown, style)
}

/** Writes text in the middle of a field. */
export function drawCentred(surface: Surface, { x, y, width }: Field, text: string, style: Style): void {
  const shown = cut(text, width)
  surface.text(x + ((width - textCells(shown)) >> 1), y, shown, style)
}

/** Writes one piece behind the other, as many as fit. Returns the cells they took. */
export function drawPieces(surface: Surface, { x, y, width }: Field, pieces: readonly Piece[]): number {
  let at = x
  for (const { text, style } of pieces) at += drawLeft(surface, { x: at, y, width: x + width - at }, text, style)
  return at - x
}

/** Text broken into lines of at most so many cells, at blanks where there are any. */
export function wrapped(text: string, width: number): string[] {
  const most = Math.max(1, Math.floor(width))
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (textCells(joined) <= most) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = broken(word, most)
    line = pieces.pop() ?? ''
    lines.push(...pieces)
  }
  return [...lines, line]
}

/** A word in pieces of at most so many cells. */
function broken(word: string, most: number): string[] {
  const pieces: string[] = []
  let [piece, cells] = ['', 0]
  for (const character of word) {
    const wide = Math.abs(cellWidth(character.codePointAt(0) ?? 0))
    if (cells + wide > most && piece !== '') {
      pieces.push(piece)
      ;[piece, cells] = ['', 0]
    }
    piece += character
    cells += wide
  }
  return [...pieces, piece]
}
