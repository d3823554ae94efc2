/** Pictures in cells: two pixels to a cell, one above the other; where colours are few, one character by how bright they are. */
import type { Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { hasShades } from './colours.ts'

/** RGB8, line by line. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

const upperHalf = 0x2580
const shades = ' .:-=+*#%@'

/** How many times larger a picture is drawn than it is: by a whole number where it is smaller than its room. */
function scaleOf({ width, height }: Pixels, room: Surface): number {
  const scale = Math.min(room.width / width, (2 * room.height) / height)
  return scale > 1 ? Math.floor(scale) : scale
}

/** A pixel as 0xRRGGBB. */
function pixelAt({ width, height, rgb }: Pixels, x: number, y: number): number {
  if (y >= height) return 0
  const at = 3 * (y * width + x)
  return (rgb[at] << 16) | (rgb[at + 1] << 8) | rgb[at + 2]
}

/** Rec. 601 luma, 0 to 255. */
function brightness(colour: number): number {
  return (77 * (colour >> 16) + 150 * ((colour >> 8) & 0xff) + 29 * (colour & 0xff)) >> 8
}

function drawPair(surface: Surface, [x, y]: readonly [number, number], [upper, lower]: readonly [number, number], theme: Theme): void {
  if (hasShades(theme)) surface.put(x, y, upperHalf, { fg: upper, bg: lower, attributes: 0 })
  else surface.put(x, y, shades.charCodeAt(Math.floor(((brightness(upper) + brightness(lower)) * shades.length) / 512)), theme.text)
}

/** Draws a picture in the middle of a surface, as large as fits. */
export function drawPixels(surface: Surface, picture: Pixels, theme: Theme): void {
  if (!(picture.width > 0 && picture.height > 0)) return
  const scale = scaleOf(picture, surface)
  const across = Math.min(surface.width, Math.max(1, Math.floor(picture.width * scale)))
  const down = Math.min(2 * surface.height, Math.max(1, Math.floor(picture.height * scale)))
  const [left, top] = [(surface.width - across) >> 1, (2 * surface.height - down) >> 2]
  for (let y = 0; 2 * y < down; y++) {
    for (let x = 0; x < across; x++) {
      const column = Math.floor(x / scale)
      const upper = pixelAt(picture, column, Math.floor((2 * y) / scale))
      const lower = 2 * y + 1 < down ? pixelAt(picture, column, Math.floor((2 * y + 1) / scale)) : theme.text.bg
      drawPair(surface, [left + x, top + y], [upper, lower], theme)
    }
  }
}
