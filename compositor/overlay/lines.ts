/** Straight lines, cut off where they leave what is shown. All f64, with + - * / alone. */
import { drawLine } from '../picture/drawing.ts'
import type { Colour, Picture } from '../picture/picture.ts'

/** A place in a picture, in pixels from its upper left corner: not rounded. */
export type Point = readonly [column: number, line: number]

/** How far both ends of a line are inside of a border; negative is outside. */
export type Border = readonly [from: number, to: number]

/** The part of a line that is inside of all borders, as shares of its length from its first end (Liang and Barsky 1984); undefined where none is. */
export function partInside(borders: readonly Border[]): readonly [from: number, to: number] | undefined {
  let [first, last] = [0, 1]
  for (const [from, to] of borders) {
    if (from < 0 && to < 0) return undefined
    if (from < 0) first = Math.max(first, from / (from - to))
    else if (to < 0) last = Math.min(last, from / (from - to))
  }
  return first <= last ? [first, last] : undefined
}

/** The place at a share of the way from one number to another. */
export function between(from: number, to: number, share: number): number {
  return from + (to - from) * share
}

/** Draws what is inside of a picture of a line between two places: from the pixel that holds its first place there to the one that holds its last. */
export function drawSegment(picture: Picture, [fromX, fromY]: Point, [toX, toY]: Point, colour: Colour): void {
  const { width, height } = picture
  const part = partInside([[fromX, toX], [width - fromX, width - toX], [fromY, toY], [height - fromY, height - toY]])
  if (part === undefined) return
  const [from, to] = part.map((share) => ({
    column: Math.min(width - 1, Math.max(0, Math.floor(between(fromX, toX, share)))),
    line: Math.min(height - 1, Math.max(0, Math.floor(between(fromY, toY, share)))),
  }))
  drawLine(picture, from, to, colour)
}
