import type { Style, Surface } from '../screen/cells.ts'

/** Dots of a cell: two across, four down. */
export const dotsAcross = 2
export const dotsDown = 4
/** The character without dots; others are that many behind it. */
export const noDots = 0x2800
/** Bit of each dot of a cell, line by line. */
export const dotBits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80] as const

/** A drawing of braille dots: several to a cell, of one colour each cell. */
export class Dots {
  readonly width: number
  readonly height: number
  private readonly across: number
  private readonly cells: Uint8Array
  private readonly styles: (Style | undefined)[]

  /** So many cells. */
  constructor(across: number, down: number) {
    this.across = Math.max(0, Math.floor(across))
    const lines = Math.max(0, Math.floor(down))
    this.width = dotsAcross * this.across
    this.height = dotsDown * lines
    this.cells = new Uint8Array(this.across * lines)
    this.styles = new Array<Style | undefined>(this.cells.length).fill(undefined)
  }

  /** Sets a dot; its cell takes the style. */
  set(x: number, y: number, style: Style): void {
    if (!(x >= 0 && y >= 0 && x < this.width && y < this.height)) return
    const at = (y >> 2) * this.across + (x >> 1)
    this.cells[at] |= dotBits[dotsAcross * (y & 3) + (x & 1)]
    this.styles[at] = style
  }

  /** Sets the dots of a column between two heights, both too. */
  column(x: number, [from, to]: readonly [number, number], style: Style): void {
    for (let y = Math.min(from, to); y <= Math.max(from, to); y++) this.set(x, y, style)
  }

  /** Draws the cells that have dots, from a place on. */
  draw(surface: Surface, x: number, y: number): void {
    for (let at = 0; at < this.cells.length; at++) {
      const style = this.styles[at]
      if (style !== undefined) surface.put(x + (at % this.across), y + Math.floor(at / this.across), noDots + this.cells[at], style)
    }
  }
}
