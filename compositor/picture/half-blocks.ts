/** Pictures as text for a terminal: a character cell holds two pixels, the upper one as the colour of a half block, the lower one behind it. */
import type { Picture } from './picture.ts'

/** Colours that a terminal knows: 256 fixed ones, or 24 bits. */
export type TerminalColours = 256 | '24-bit'

/** Levels of the colour cube of 256 colours, which begins at 16; the grey ramp begins at 232, with level 8 and steps of 10. */
const cubeLevels = [0, 95, 135, 175, 215, 255] as const
const cubeFirst = 16
const greyFirst = 232
const greyLast = 23

function nearestLevel(value: number): number {
  let nearest = 0
  for (let i = 1; i < cubeLevels.length; i++) if (Math.abs(cubeLevels[i] - value) < Math.abs(cubeLevels[nearest] - value)) nearest = i
  return nearest
}

/** The nearest of the fixed colours, by the sum of squares; the cube before the ramp of greys. */
export function terminalColour(red: number, green: number, blue: number): number {
  const [r, g, b] = [nearestLevel(red), nearestLevel(green), nearestLevel(blue)]
  const distance = (x: number, y: number, z: number): number => (x - red) * (x - red) + (y - green) * (y - green) + (z - blue) * (z - blue)
  const grey = Math.min(greyLast, Math.max(0, Math.floor(((red + green + blue) / 3 - 8) / 10 + 0.5)))
  const level = 8 + 10 * grey
  if (distance(level, level, level) < distance(cubeLevels[r], cubeLevels[g], cubeLevels[b])) return greyFirst + grey
  return cubeFirst + 36 * r + 6 * g + b
}

function colourText({ rgb }: Picture, pixel: number, colours: TerminalColours): string {
  const red = rgb[3 * pixel]
  const green = rgb[3 * pixel + 1]
  const blue = rgb[3 * pixel + 2]
  return colours === '24-bit' ? `2;${red};${green};${blue}` : `5;${terminalColour(red, green, blue)}`
}

/** Half the lines of the picture, rounded up, as text with escape sequences: colours only where they change, and reset at the end of each line. */
export function halfBlocks(picture: Picture, colours: TerminalColours): string[] {
  const { width, height } = picture
  const lines: string[] = []
  for (let line = 0; line < height; line += 2) {
    let text = ''
    let front = ''
    let back = ''
    for (let column = 0; column < width; column++) {
      const upper = colourText(picture, line * width + column, colours)
      // Below an odd last line there is nothing: the terminal's own background.
      const lower = line + 1 < height ? colourText(picture, (line + 1) * width + column, colours) : ''
      const codes = [...(upper === front ? [] : [`38;${upper}`]), ...(lower === back ? [] : [`48;${lower}`])]
      if (codes.length > 0) text += `\u001b[${codes.join(';')}m`
      front = upper
      back = lower
      text += '▀'
    }
    lines.push(`${text}\u001b[0m`)
  }
  return lines
}
