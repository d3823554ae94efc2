import { terminalColour } from '../../../compositor/index.ts'
import { plain, type Colour } from './cells.ts'

/** Colours that a terminal can show. */
export type ColourDepth = '24-bit' | '256' | '16' | 'none'

/** The sixteen colours in their order, as xterm draws them; a terminal may give them others. */
const sixteen: readonly Colour[] = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
]
const cacheBits = 14

/** How many colours to use: none where NO_COLOR is set or the output is no terminal, else what COLORTERM and TERM say. */
export function colourDepth(env: Readonly<Record<string, string | undefined>>, stream: { readonly isTTY?: boolean | undefined }): ColourDepth {
  const term = env['TERM'] ?? ''
  if ((env['NO_COLOR'] ?? '') !== '' || stream.isTTY !== true || term === 'dumb' || term.startsWith('vt')) return 'none'
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '') || term.endsWith('-direct')) return '24-bit'
  return term.endsWith('-256color') ? '256' : '16'
}

/** The number of the nearest of the sixteen colours, by the sum of squares, the first of several. */
function nearestOfSixteen(colour: Colour): number {
  const red = (colour >> 16) & 255
  const green = (colour >> 8) & 255
  const blue = colour & 255
  let nearest = 0
  let least = Infinity
  for (let number = 0; number < sixteen.length; number++) {
    const r = (sixteen[number] >> 16) - red
    const g = ((sixteen[number] >> 8) & 255) - green
    const b = (sixteen[number] & 255) - blue
    const distance = r * r + g * g + b * b
    if (distance < least) {
      nearest = number
      least = distance
    }
  }
  return nearest
}

/** Colours as a terminal takes them: `plain`, 0xRRGGBB or the number of a colour it has; conversions are kept. */
export class ColourCodes {
  readonly depth: ColourDepth
  readonly #colours = new Int32Array(1 << cacheBits).fill(plain)
  readonly #codes = new Uint8Array(1 << cacheBits)

  constructor(depth: ColourDepth) {
    this.depth = depth
  }

  of(colour: Colour): number {
    if (this.depth === '24-bit' || colour === plain) return colour
    if (this.depth === 'none') return plain
    // A multiplicative hash: neighbouring colours of a picture fall into different places.
    const place = Math.imul(colour, 0x9e3779b1) >>> (32 - cacheBits)
    if (this.#colours[place] !== colour) {
      this.#colours[place] = colour
      this.#codes[place] = this.depth === '16' ? nearestOfSixteen(colour) : terminalColour((colour >> 16) & 255, (colour >> 8) & 255, colour & 255)
    }
    return this.#codes[place]
  }
}
