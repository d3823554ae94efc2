import type { FrameBytes } from './bytes.ts'
import { attribute, plain } from './cells.ts'
import type { ColourDepth } from './colours.ts'

const { bold, dim, italic, underline, inverse } = attribute
/** SGR codes that set an attribute, and that take it away: bold and dim go together. */
const attributeCodes = [
  { bit: bold, on: 1, off: 22 },
  { bit: dim, on: 2, off: 22 },
  { bit: italic, on: 3, off: 23 },
  { bit: underline, on: 4, off: 24 },
  { bit: inverse, on: 7, off: 27 },
] as const
const weight = bold | dim
const front = 30
const back = 40

/** The style that a terminal writes in: says only what changes, as SGR sequences. Colours are those of {@link ColourCodes}. */
export class Pen {
  readonly #bytes: FrameBytes
  readonly #depth: ColourDepth
  #fg = plain
  #bg = plain
  #attributes = 0
  #codes = 0

  constructor(bytes: FrameBytes, depth: ColourDepth) {
    this.#bytes = bytes
    this.#depth = depth
  }

  /** Says that everything is plain from here on. */
  reset(): void {
    this.#bytes.ascii('\u001b[m')
    this.#fg = plain
    this.#bg = plain
    this.#attributes = 0
  }

  get isPlain(): boolean {
    return this.#fg === plain && this.#bg === plain && this.#attributes === 0
  }

  style(fg: number, bg: number, attributes: number): void {
    if (fg === this.#fg && bg === this.#bg && attributes === this.#attributes) return
    if (fg === plain && bg === plain && attributes === 0) {
      this.reset()
      return
    }
    this.#codes = 0
    if (attributes !== this.#attributes) this.#setAttributes(attributes)
    if (fg !== this.#fg) this.#setColour(front, fg)
    if (bg !== this.#bg) this.#setColour(back, bg)
    this.#bytes.byte(109)
    this.#fg = fg
    this.#bg = bg
    this.#attributes = attributes
  }

  #code(code: number): void {
    if (this.#codes++ === 0) this.#bytes.ascii('\u001b[')
    else this.#bytes.byte(59)
    this.#bytes.number(code)
  }

  #setAttributes(attributes: number): void {
    const gone = this.#attributes & ~attributes
    let there = this.#attributes & attributes
    if ((gone & weight) !== 0) {
      this.#code(22)
      there &= ~weight
    }
    for (const { bit, on, off } of attributeCodes) {
      if ((gone & bit) !== 0 && off !== 22) this.#code(off)
      if ((attributes & ~there & bit) !== 0) this.#code(on)
    }
    this.#attributes = attributes
  }

  #setColour(ground: typeof front | typeof back, colour: number): void {
    if (colour === plain) this.#code(ground + 9)
    else if (this.#depth === '16') this.#code(colour < 8 ? ground + colour : ground + 60 + colour - 8)
    else {
      this.#code(ground + 8)
      if (this.#depth === '256') {
        this.#code(5)
        this.#code(colour)
      } else {
        this.#code(2)
        this.#code((colour >> 16) & 255)
        this.#code((colour >> 8) & 255)
        this.#code(colour & 255)
      }
    }
  }
}
