import { assert } from '../../runtime/index.ts'

/** A picture of red, green and blue bytes, line by line. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** A colour as 0xRRGGBB. */
export type Colour = number

/** A picture of one colour. */
export function blankPicture(width: number, height: number, colour: Colour = 0): Picture {
  const picture = { width, height, rgb: new Uint8Array(3 * width * height) }
  if (colour !== 0) fillBox(picture, { left: 0, top: 0, width, height }, colour)
  return picture
}

/** A part of a picture, in pixels; it may reach beyond the edges. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Gives a pixel a colour; beyond the edges nothing happens. */
export function setPixel({ width, height, rgb }: Picture, column: number, line: number, colour: Colour): void {
  if (column < 0 || column >= width || line < 0 || line >= height) return
  const at = 3 * (line * width + column)
  rgb[at] = colour >>> 16
  rgb[at + 1] = (colour >>> 8) & 255
  rgb[at + 2] = colour & 255
}

/** Fills a box with a colour. */
export function fillBox(picture: Picture, { left, top, width, height }: Box, colour: Colour): void {
  for (let line = Math.max(0, top); line < Math.min(picture.height, top + height); line++) {
    for (let column = Math.max(0, left); column < Math.min(picture.width, left + width); column++) setPixel(picture, column, line, colour)
  }
}

/** Copies a picture into another one, with its first pixel at a place; it must fit. */
export function paste(into: Picture, picture: Picture, left: number, top: number): void {
  assert(left >= 0 && top >= 0 && left + picture.width <= into.width && top + picture.height <= into.height, 'a picture is pasted where it fits')
  const bytes = 3 * picture.width
  for (let line = 0; line < picture.height; line++) {
    into.rgb.set(picture.rgb.subarray(line * bytes, (line + 1) * bytes), 3 * ((top + line) * into.width + left))
  }
}

/**
 * A picture made smaller by a whole factor: each pixel is the mean of a block of `factor` x `factor`, rounded to the nearest, halves up, in
 * whole numbers. Columns and lines that fill no block are left out. This is the box filter of the anti-aliased mode as well.
 */
export function reduced({ width, height, rgb }: Picture, factor: number): Picture {
  const columns = Math.floor(width / factor)
  const lines = Math.floor(height / factor)
  assert(Number.isInteger(factor) && columns >= 1 && lines >= 1, 'a picture is reduced by a whole factor, to a pixel or more')
  const small = blankPicture(columns, lines)
  const area = factor * factor
  const half = area >> 1
  for (let to = 0; to < small.rgb.length; to++) {
    const pixel = (to / 3) | 0
    const first = 3 * (((pixel / columns) | 0) * factor * width + (pixel % columns) * factor) + (to % 3)
    let sum = half
    for (let line = 0; line < factor; line++) {
      const from = first + 3 * line * width
      for (let column = 0; column < factor; column++) sum += rgb[from + 3 * column]
    }
    small.rgb[to] = Math.floor(sum / area)
  }
  return small
}

/** The samples in the middles of blocks of `samples` x `samples`, `width` of them a line; `line` samples of `from` lie from one of its lines to the next. */
export function middlesOf<T extends Float32Array | Uint16Array>(from: T, into: T, { width, samples }: { readonly width: number; readonly samples: number }, line: number): T {
  const middle = Math.floor(samples / 2)
  for (let pixel = 0; pixel < into.length; pixel++) into[pixel] = from[(Math.floor(pixel / width) * samples + middle) * line + (pixel % width) * samples + middle]
  return into
}
