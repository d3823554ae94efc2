/** Lines and frames drawn over a picture. */
import { fillBox, setPixel, type Box, type Colour, type Picture } from './picture.ts'

interface Pixel {
  readonly column: number
  readonly line: number
}

/** Draws a line from one pixel to another, both included (Bresenham 1965, in whole numbers); beyond the edges nothing is drawn. */
export function drawLine(picture: Picture, from: Pixel, to: Pixel, colour: Colour): void {
  const across = Math.abs(to.column - from.column)
  const down = -Math.abs(to.line - from.line)
  const stepColumn = Math.sign(to.column - from.column)
  const stepLine = Math.sign(to.line - from.line)
  let { column, line } = from
  let error = across + down
  for (;;) {
    setPixel(picture, column, line, colour)
    if (column === to.column && line === to.line) return
    const twice = 2 * error
    if (twice >= down) {
      error += down
      column += stepColumn
    }
    if (twice <= across) {
      error += across
      line += stepLine
    }
  }
}

/** Draws the outermost pixels of a box. */
export function drawBox(picture: Picture, { left, top, width, height }: Box, colour: Colour): void {
  fillBox(picture, { left, top, width, height: 1 }, colour)
  fillBox(picture, { left, top: top + height - 1, width, height: 1 }, colour)
  fillBox(picture, { left, top, width: 1, height }, colour)
  fillBox(picture, { left: left + width - 1, top, width: 1, height }, colour)
}
