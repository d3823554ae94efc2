/** Characters as shapes in a cell of pixels: lines, blocks and braille from what they mean, letters from the small font twice as large. */
import { blankPicture, drawText } from '../../../compositor/index.ts'

/** Pixels of a cell. Half of its height is its width, so that half blocks are squares. */
export const cellColumns = 12
export const cellLines = 24
const middleColumn = 6
const middleLine = 12

/** How much of each pixel of a cell is ink: 0 to 255, line by line. */
export type Shape = Uint8Array

interface Part {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const full = 255
const all: Part = { left: 0, top: 0, right: cellColumns, bottom: cellLines }

function shapeOf(parts: readonly Part[], ink = full): Shape {
  const shape = new Uint8Array(cellColumns * cellLines)
  for (const { left, top, right, bottom } of parts) for (let line = top; line < bottom; line++) shape.fill(ink, line * cellColumns + left, line * cellColumns + right)
  return shape
}

/**
 * Arms of the line characters from U+2500 on: up, right, down and left, each nothing, light, heavy or double. Dashed lines are like whole ones,
 * rounded corners like sharp ones; the three diagonals (U+2571 to U+2573) have none.
 */
const arms =
  '0101 0202 1010 2020 0101 0202 1010 2020 0101 0202 1010 2020 0110 0210 0120 0220 0011 0012 0021 0022 1100 1200 2100 2200 1001 1002 2001 2002 1110 1210 2110 1120 ' +
  '2120 2210 1220 2220 1011 1012 2011 1021 2021 2012 1022 2022 0111 0112 0211 0212 0121 0122 0221 0222 1101 1102 1201 1202 2101 2102 2201 2202 1111 1112 1211 1212 ' +
  '2111 1121 2121 2112 2211 1122 1221 2212 1222 2122 2221 2222 0101 0202 1010 2020 0303 3030 0310 0130 0330 0013 0031 0033 1300 3100 3300 1003 3001 3003 1310 3130 ' +
  '3330 1013 3031 3033 0313 0131 0333 1303 3101 3303 1313 3131 3333 0110 0011 1001 1100 0000 0000 0000 0001 1000 0100 0010 0002 2000 0200 0020 0201 1020 0102 2010'

/** Where the strokes of an arm lie across it, from its middle: one thin, one thick, two thin. */
const strokes: readonly (readonly (readonly [number, number])[])[] = [[], [[-1, 1]], [[-2, 2]], [[-3, -1], [1, 3]]]

function lineParts(weights: string): Part[] {
  const [up, right, down, left] = Array.from(weights, Number)
  const upright = (weight: number, top: number, bottom: number): Part[] =>
    strokes[weight].map(([from, to]) => ({ left: middleColumn + from, right: middleColumn + to, top, bottom }))
  const level = (weight: number, from: number, to: number): Part[] => strokes[weight].map(([above, below]) => ({ left: from, right: to, top: middleLine + above, bottom: middleLine + below }))
  // Arms reach over the middle as far as those across are wide, so that corners are closed.
  const reach = (one: number, other: number): number => Math.max(0, ...[...strokes[one], ...strokes[other]].map(([, to]) => to))
  const [across, along] = [reach(left, right), reach(up, down)]
  return [
    ...upright(up, 0, middleLine + across),
    ...upright(down, middleLine - across, cellLines),
    ...level(left, 0, middleColumn + along),
    ...level(right, middleColumn - along, cellColumns),
  ]
}

const quadrants: readonly Part[] = [
  { ...all, right: middleColumn, bottom: middleLine },
  { ...all, left: middleColumn, bottom: middleLine },
  { ...all, right: middleColumn, top: middleLine },
  { ...all, left: middleColumn, top: middleLine },
]
/** Quadrants of U+2596 to U+259F: bits of upper left, upper right, lower left, lower right. */
const quadrantBits = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14]

function blockShape(glyph: number): Shape {
  const eighths = glyph - 0x2580
  if (glyph === 0x2580) return shapeOf([{ ...all, bottom: middleLine }])
  if (glyph <= 0x2588) return shapeOf([{ ...all, top: cellLines - 3 * eighths }])
  if (glyph <= 0x258f) return shapeOf([{ ...all, right: Math.floor((cellColumns * (16 - eighths) + 4) / 8) }])
  if (glyph === 0x2590) return shapeOf([{ ...all, left: middleColumn }])
  if (glyph <= 0x2593) return shapeOf([all], 64 * (glyph - 0x2590))
  if (glyph === 0x2594) return shapeOf([{ ...all, bottom: 3 }])
  if (glyph === 0x2595) return shapeOf([{ ...all, left: cellColumns - 2 }])
  return shapeOf(quadrants.filter((_, i) => (quadrantBits[glyph - 0x2596] & (1 << i)) !== 0))
}

/** Column and line of the dot of each bit of a braille character. */
const dots = [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2], [0, 3], [1, 3]] as const

function brailleParts(glyph: number): Part[] {
  return dots.filter((_, bit) => (glyph & (1 << bit)) !== 0).map(([x, y]) => ({ left: 6 * x + 1, right: 6 * x + 5, top: 6 * y + 1, bottom: 6 * y + 5 }))
}

function isCross(x: number, y: number): boolean {
  return Math.abs(Math.abs(x) - Math.abs(y)) < 3 && Math.abs(x) < 9
}

/** Whether a pixel belongs to a sign that stands in a square in the middle of its cell; places count from the middle, in half pixels. */
const signs: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  '·': (x, y) => Math.abs(x) < 3 && Math.abs(y) < 3,
  '•': (x, y) => x * x + y * y < 50,
  '▪': (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 6,
  '●': (x, y) => x * x + y * y < 110,
  '○': (x, y) => x * x + y * y < 110 && x * x + y * y > 50,
  '◉': (x, y) => x * x + y * y < 26 || (x * x + y * y < 122 && x * x + y * y > 66),
  '■': (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 10,
  '□': (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 10 && Math.max(Math.abs(x), Math.abs(y)) > 6,
  '◆': (x, y) => Math.abs(x) + Math.abs(y) < 12,
  '◇': (x, y) => Math.abs(x) + Math.abs(y) < 12 && Math.abs(x) + Math.abs(y) > 7,
  '▲': (x, y) => y > -10 && y < 10 && 2 * Math.abs(x) < y + 11,
  '▼': (x, y) => y > -10 && y < 10 && 2 * Math.abs(x) < 11 - y,
  '▶': (x, y) => x > -10 && x < 10 && 2 * Math.abs(y) < 11 - x,
  '◀': (x, y) => x > -10 && x < 10 && 2 * Math.abs(y) < 11 + x,
  '▴': (x, y) => y > -6 && y < 6 && 2 * Math.abs(x) < y + 7,
  '▾': (x, y) => y > -6 && y < 6 && 2 * Math.abs(x) < 7 - y,
  '▸': (x, y) => x > -6 && x < 6 && 2 * Math.abs(y) < 14 - 2 * x,
  '◂': (x, y) => x > -6 && x < 6 && 2 * Math.abs(y) < 14 + 2 * x,
  '›': (x, y) => x > -5 && x < 5 && Math.abs(Math.abs(y) - (4 - x)) < 2.5,
  '‹': (x, y) => x > -5 && x < 5 && Math.abs(Math.abs(y) - (4 + x)) < 2.5,
  '↑': (x, y) => (Math.abs(x) < 2 && Math.abs(y) < 12) || (y < -3 && Math.abs(Math.abs(x) - (y + 12)) < 2.5 && Math.abs(x) < 10),
  '↓': (x, y) => (Math.abs(x) < 2 && Math.abs(y) < 12) || (y > 3 && Math.abs(Math.abs(x) - (12 - y)) < 2.5 && Math.abs(x) < 10),
  '←': (x, y) => (Math.abs(y) < 2 && Math.abs(x) < 11) || (x < 0 && Math.abs(Math.abs(y) - (x + 11)) < 2.5),
  '→': (x, y) => (Math.abs(y) < 2 && Math.abs(x) < 11) || (x > 0 && Math.abs(Math.abs(y) - (11 - x)) < 2.5),
  '…': (x, y) => y > 8 && y < 13 && [-8, 0, 8].some((dot) => Math.abs(x - dot) < 3),
  '×': isCross,
  '−': (x, y) => Math.abs(y) < 2 && Math.abs(x) < 7,
  '≠': (x, y) => Math.abs(x) < 9 && (Math.abs(Math.abs(y) - 4) < 2 || (Math.abs(2 * x + y) < 4 && Math.abs(y) < 12)),
  '∞': (x, y) => Math.abs((Math.abs(x) - 5) * (Math.abs(x) - 5) + y * y - 20) < 14,
  '‖': (x, y) => Math.abs(Math.abs(x) - 4) < 2 && Math.abs(y) < 12,
  '✓': (x, y) => (x < -2 && Math.abs(x - y + 8) < 3 && x > -9) || (x >= -3 && Math.abs(x + y - 2) < 3 && x < 10),
  '✗': isCross,
  '╱': (x, y) => Math.abs(2 * x + y) < 4,
  '╲': (x, y) => Math.abs(2 * x - y) < 4,
  '╳': (x, y) => Math.abs(2 * Math.abs(x) - Math.abs(y)) < 4,
  '–': (x, y) => Math.abs(y) < 2 && Math.abs(x) < 9,
  '—': (_, y) => Math.abs(y) < 2,
  '°': (x, y) => x * x + (y + 10) * (y + 10) < 28 && x * x + (y + 10) * (y + 10) > 5,
}

function signShape(isInk: (x: number, y: number) => boolean): Shape {
  return Uint8Array.from({ length: cellColumns * cellLines }, (_, at) => {
    const [column, line] = [at % cellColumns, Math.floor(at / cellColumns)]
    return isInk(2 * (column - middleColumn) + 1, 2 * (line - middleLine) + 1) ? full : 0
  })
}

/** A letter of 5 x 7 pixels, each four large, in the middle of its cell. */
function letterShape(letter: string): Shape {
  const small = blankPicture(cellColumns / 2, cellLines / 2)
  drawText(small, letter, { left: 0, top: 2, colour: 0xffffff })
  return Uint8Array.from({ length: cellColumns * cellLines }, (_, at) => {
    const [column, line] = [(at % cellColumns) >> 1, Math.floor(at / cellColumns) >> 1]
    return small.rgb[3 * (line * small.width + column)]
  })
}

/** What nobody has drawn: an empty box. */
const frame: readonly Part[] = [
  { left: 1, right: 11, top: 4, bottom: 6 },
  { left: 1, right: 11, top: 18, bottom: 20 },
  { left: 1, right: 3, top: 4, bottom: 20 },
  { left: 9, right: 11, top: 4, bottom: 20 },
]

/** The shape of a character; letters with an accent are drawn without. */
export function glyphShape(glyph: number): Shape {
  const character = String.fromCodePoint(glyph)
  if (Object.hasOwn(signs, character)) return signShape(signs[character])
  if (glyph >= 0x2500 && glyph < 0x2580) return shapeOf(lineParts(arms.slice(5 * (glyph - 0x2500), 5 * (glyph - 0x2500) + 4)))
  if (glyph >= 0x2580 && glyph < 0x25a0) return blockShape(glyph)
  if (glyph >= 0x2800 && glyph < 0x2900) return shapeOf(brailleParts(glyph))
  const [letter] = character.normalize('NFD')
  return letter >= ' ' && letter <= '~' ? letterShape(letter) : shapeOf(frame)
}
