/** A line of a number: what it is called, how much it is, and how it went. */
import type { Style, Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import type { Line } from './lines.ts'
import { clamped } from './numbers.ts'
import { drawSparkline } from './sparkline.ts'
import { drawLeft, drawRight, type Piece } from './text.ts'

/** Where the parts of such lines stand in a pane: the same for all of them, so that nothing moves when numbers change. */
export interface StatPlaces {
  /** Cells of the name. */
  readonly name: number
  /** Cells of the number. */
  readonly number: number
}

interface Stat {
  readonly name: Piece
  readonly number: Piece
  readonly series: readonly number[]
  readonly style: Style
}

const gap = 2
const numberLeast = 9
const numberMost = 13
const nameMost = 18

/** Room for names and numbers in a pane so wide. */
export function statPlaces(width: number): StatPlaces {
  const number = clamped(Math.floor(width * 0.25), numberLeast, numberMost)
  return { name: clamped(Math.floor(width * 0.42), 1, nameMost), number: clamped(width, 0, number) }
}

/** First cell behind the number. */
export function afterNumber({ name, number }: StatPlaces): number {
  return name + 1 + number + gap
}

export function statLine({ name, number, series, style }: Stat, places: StatPlaces): Line {
  return (line) => {
    drawLeft(line, { x: 0, y: 0, width: places.name }, name.text, name.style)
    drawRight(line, { x: places.name + 1, y: 0, width: Math.min(places.number, line.width - places.name - 1) }, number.text, number.style)
    const from = afterNumber(places)
    drawSparkline(line, { x: from, y: 0, width: line.width - from }, series, style)
  }
}

/** A line of a name and words. */
export function wordsLine(name: string, words: Piece, { theme, at }: { readonly theme: Theme; readonly at: number }): Line {
  return (line: Surface) => {
    drawLeft(line, { x: 0, y: 0, width: at - 1 }, name, theme.dim)
    drawLeft(line, { x: at, y: 0, width: line.width - at }, words.text, words.style)
  }
}
