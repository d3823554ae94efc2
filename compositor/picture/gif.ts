/**
 * Animated GIF (GIF89a): one palette for all pictures, six levels of red, seven of green and six of blue, with an ordered dither that stays where
 * it is. So what does not change does not flicker, and each picture after the first holds only the smallest box around what has changed, with the
 * rest of it transparent.
 */
import { assert } from '../../runtime/index.ts'
import { lzwBlocks } from './lzw.ts'
import type { Box, Picture } from './picture.ts'

const levels = [6, 7, 6] as const
/** The palette's place that leaves a pixel as it was. */
const transparent = levels[0] * levels[1] * levels[2]
const paletteColours = 256
/** Bits of a palette place. */
const placeBits = 8
const sizeMax = 65535

/** Order in which an 8 x 8 block fills up (Bayer 1973), 0 to 63: bits of column ^ line and line, interleaved from the lowest. */
const thresholds = Uint8Array.from({ length: 64 }, (_, i) => {
  const column = i & 7
  const line = i >> 3
  const bit = (value: number, from: number, to: number): number => ((value >> from) & 1) << to
  const mixed = column ^ line
  return bit(mixed, 0, 5) | bit(line, 0, 4) | bit(mixed, 1, 3) | bit(line, 1, 2) | bit(mixed, 2, 1) | bit(line, 2, 0)
})

/** Red, green and blue of each place of the palette. */
export const gifPalette = Uint8Array.from({ length: 3 * paletteColours }, (_, at) => {
  const place = Math.floor(at / 3)
  if (place >= transparent) return 0
  const [, greens, blues] = levels
  const level = [Math.floor(place / (greens * blues)), Math.floor(place / blues) % greens, place % blues][at % 3]
  return Math.floor((255 * level) / (levels[at % 3] - 1) + 0.5)
})

/** The pixels of a picture as places of the palette. A channel whose value is a level of the palette keeps it. */
export function gifPlaces({ width, height, rgb }: Picture, places: Uint8Array): void {
  assert(places.length === width * height, 'every pixel has a place')
  for (let pixel = 0; pixel < places.length; pixel++) {
    const threshold = 255 * thresholds[(pixel % width & 7) | ((((pixel / width) | 0) & 7) << 3)]
    let place = 0
    for (let channel = 0; channel < 3; channel++) {
      const last = levels[channel] - 1
      place = place * levels[channel] + (((rgb[3 * pixel + channel] * last * 64 + threshold) / (255 * 64)) | 0)
    }
    places[pixel] = place
  }
}

function words(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 255, value >>> 8])
}

/** The encoder of an animation whose pictures have one size. */
export class GifEncoder {
  /** Begins the file: it says that the animation goes on for ever. */
  readonly header: Uint8Array
  /** Ends the file. */
  readonly trailer = Uint8Array.of(0x3b)
  private readonly width: number
  private readonly height: number
  private shown: Uint8Array
  private next: Uint8Array
  private isFirst = true

  /** `width` and `height` are at most 65,535. */
  constructor({ width, height }: Pick<Picture, 'width' | 'height'>) {
    assert(width >= 1 && height >= 1 && Math.max(width, height) <= sizeMax, 'a GIF has 1 to 65535 columns and lines')
    this.width = width
    this.height = height
    this.shown = new Uint8Array(width * height)
    this.next = new Uint8Array(width * height)
    const screen = [...words(width, height), 0x80 | ((placeBits - 1) << 4) | (placeBits - 1), 0, 0]
    const forever = [0x21, 0xff, 11, ...ascii('NETSCAPE2.0'), 3, 1, ...words(0), 0]
    this.header = Uint8Array.of(...ascii('GIF89a'), ...screen, ...gifPalette, ...forever)
  }

  /** The bytes of the next picture, which is shown for so many hundredths of a second, up to 65,535. */
  encode(picture: Picture, hundredths: number): Uint8Array {
    assert(picture.width === this.width && picture.height === this.height, 'the pictures of an animation have one size')
    gifPlaces(picture, this.next)
    const { left, top, width, height } = this.changed()
    const control = [0x21, 0xf9, 4, (1 << 2) | (this.isFirst ? 0 : 1), ...words(Math.min(hundredths, sizeMax)), transparent, 0]
    const head = [...control, 0x2c, ...words(left, top, width, height), 0, placeBits]
    const data = lzwBlocks(this.placesIn({ left, top, width, height }), placeBits)
    const spare = this.shown
    this.shown = this.next
    this.next = spare
    this.isFirst = false
    const bytes = new Uint8Array(head.length + data.length)
    bytes.set(head)
    bytes.set(data, head.length)
    return bytes
  }

  /** The smallest box around the pixels that change; of none, the first pixel. */
  private changed(): Box {
    const { width, height, shown, next } = this
    if (this.isFirst) return { left: 0, top: 0, width, height }
    let [left, right, top, bottom] = [width, -1, height, -1]
    for (let pixel = 0; pixel < next.length; pixel++) {
      if (next[pixel] === shown[pixel]) continue
      const column = pixel % width
      left = Math.min(left, column)
      right = Math.max(right, column)
      bottom = (pixel / width) | 0
      top = Math.min(top, bottom)
    }
    return right < 0 ? { left: 0, top: 0, width: 1, height: 1 } : { left, top, width: right - left + 1, height: bottom - top + 1 }
  }

  private placesIn({ left, top, width, height }: Box): Uint8Array {
    const { shown, next, isFirst } = this
    const places = new Uint8Array(width * height)
    for (let to = 0; to < places.length; to++) {
      const from = (top + ((to / width) | 0)) * this.width + left + (to % width)
      places[to] = isFirst || next[from] !== shown[from] ? next[from] : transparent
    }
    return places
  }
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0))
}
