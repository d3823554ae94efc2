/** Several pictures as one: contact sheets, and two runs side by side. */
import { assert } from '../../runtime/index.ts'
import { drawText, textHeight, textWidth } from './letters.ts'
import { blankPicture, paste, setPixel, type Colour, type Picture } from './picture.ts'

/** A picture of a sheet, with what is written below it. */
export interface Tile {
  readonly picture: Picture
  readonly label: string
}

const sheetColour: Colour = 0x181818
const labelColour: Colour = 0xe0e0e0
const differenceColour: Colour = 0xff00ff

/** Pixels around and between the pictures of a sheet. */
const margin = 4

/**
 * Pictures in a grid, line by line, each with its label below it. Cells are as wide as the widest picture or label and as high as the highest
 * picture. Without `columns` the grid is about as wide as it is high.
 */
export function contactSheet(tiles: readonly Tile[], columns?: number): Picture {
  assert(tiles.length > 0, 'a sheet has a picture')
  const cellWidth = tiles.reduce((most, { picture, label }) => Math.max(most, picture.width, textWidth(label)), 0)
  const tileHeight = tiles.reduce((most, { picture }) => Math.max(most, picture.height), 0)
  const cellHeight = tileHeight + 2 + textHeight
  const across = Math.min(tiles.length, columns ?? Math.ceil(Math.sqrt((tiles.length * cellHeight) / cellWidth)))
  const lines = Math.ceil(tiles.length / across)
  const sheet = blankPicture(margin + across * (cellWidth + margin), margin + lines * (cellHeight + margin), sheetColour)
  tiles.forEach(({ picture, label }, i) => {
    const left = margin + (i % across) * (cellWidth + margin)
    const top = margin + Math.floor(i / across) * (cellHeight + margin)
    paste(sheet, picture, left, top)
    drawText(sheet, label, { left, top: top + tileHeight + 2, colour: labelColour })
  })
  return sheet
}

/** Two pictures and where they differ. */
export interface Contrast {
  /** The first one in a quarter of its brightness, with every pixel that differs in magenta. */
  readonly marks: Picture
  readonly differingPixels: number
}

/** Compares two pictures of one size, pixel by pixel. */
export function contrast(a: Picture, b: Picture): Contrast {
  assert(a.width === b.width && a.height === b.height, 'pictures that are compared have one size')
  const marks = { width: a.width, height: a.height, rgb: a.rgb.map((value) => value >> 2) }
  let differingPixels = 0
  for (let pixel = 0; pixel < a.width * a.height; pixel++) {
    const at = 3 * pixel
    if (a.rgb[at] === b.rgb[at] && a.rgb[at + 1] === b.rgb[at + 1] && a.rgb[at + 2] === b.rgb[at + 2]) continue
    differingPixels++
    setPixel(marks, pixel % a.width, Math.floor(pixel / a.width), differenceColour)
  }
  return { marks, differingPixels }
}

/** Pictures of one height, side by side. */
export function beside(pictures: readonly Picture[]): Picture {
  const width = pictures.reduce((sum, picture) => sum + picture.width + margin, -margin)
  const whole = blankPicture(width, pictures[0].height, sheetColour)
  let left = 0
  for (const picture of pictures) {
    paste(whole, picture, left, 0)
    left += picture.width + margin
  }
  return whole
}
