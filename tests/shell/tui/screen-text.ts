/** A terminal to judge by (xterm, without a window), and what it shows as text that people can read and compare. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import xterm from '@xterm/headless'
import type { IBufferCell, Terminal } from '@xterm/headless'
import { expect } from 'vitest'

export type Screen = Terminal

const renew = process.env['METABONK_GOLDEN'] === 'renew'

/** A terminal of a size. */
export function screenOf(columns: number, rows: number): Screen {
  return new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 100 })
}

/** Feeds what a program wrote, and waits until the terminal has read it. */
export function feed(screen: Screen, bytes: Uint8Array | string): Promise<void> {
  // The terminal reads it later, when the program may have used the memory again.
  return new Promise((resolve) => screen.write(typeof bytes === 'string' ? bytes : Uint8Array.from(bytes), resolve))
}

/** A cell of what the terminal shows. */
export function cellOf(screen: Screen, column: number, line: number): IBufferCell {
  const { active } = screen.buffer
  const cell = active.getLine(active.baseY + line)?.getCell(column)
  if (cell === undefined) throw new Error(`no cell ${column}, ${line}`)
  return cell
}

function colourText(isDefault: boolean, isRgb: boolean, colour: number): string {
  if (isDefault) return ''
  return isRgb ? `#${colour.toString(16).padStart(6, '0')}` : String(colour)
}

/** The style of a cell: `bold dim italic underline inverse`, the colour, and `on` the colour behind; '' for plain. */
export function styleText(cell: IBufferCell): string {
  const front = colourText(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor())
  const behind = colourText(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor())
  const words = [
    cell.isBold() !== 0 && 'bold',
    cell.isDim() !== 0 && 'dim',
    cell.isItalic() !== 0 && 'italic',
    cell.isUnderline() !== 0 && 'underline',
    cell.isInverse() !== 0 && 'inverse',
    front,
    behind !== '' && `on ${behind}`,
  ]
  return words.filter((word) => word !== false && word !== '').join(' ')
}

/** Runs of cells of one style in a line: `from-to style`. */
function styleRuns(screen: Screen, line: number): string[] {
  const runs: { from: number; to: number; style: string }[] = []
  for (let column = 0; column < screen.cols; column++) {
    const style = styleText(cellOf(screen, column, line))
    const last = runs.at(-1)
    if (last?.style === style) last.to = column
    else runs.push({ from: column, to: column, style })
  }
  return runs.filter(({ style }) => style !== '').map(({ from, to, style }) => `${from}-${to} ${style}`)
}

/** The characters of a line. */
export function lineText(screen: Screen, line: number): string {
  let text = ''
  for (let column = 0; column < screen.cols; column++) {
    const cell = cellOf(screen, column, line)
    if (cell.getWidth() > 0) text += cell.getChars() || ' '
  }
  return text
}

/** What the terminal shows: its lines between bars, then the styles of each line that has any. */
export function screenText(screen: Screen): string {
  const lines = Array.from({ length: screen.rows }, (_, line) => `|${lineText(screen, line)}|`)
  const styles = lines.flatMap((_, line) => {
    const runs = styleRuns(screen, line)
    return runs.length === 0 ? [] : [`${line}: ${runs.join(', ')}`]
  })
  return [...lines, '', ...styles, ''].join('\n')
}

/** Everything about a terminal that a program may leave behind. */
export function leftovers({ modes, buffer }: Screen): unknown {
  const { mouseTrackingMode, bracketedPasteMode, wraparoundMode, applicationCursorKeysMode, applicationKeypadMode, synchronizedOutputMode } = modes
  const { type, cursorX, cursorY } = buffer.active
  return { mouseTrackingMode, bracketedPasteMode, wraparoundMode, applicationCursorKeysMode, applicationKeypadMode, synchronizedOutputMode, type, cursorX, cursorY }
}

/** Compares text with the file `golden/<name>.txt` beside the tests; METABONK_GOLDEN=renew writes the file: look at it, and keep it. */
export function expectGolden(name: string, text: string): void {
  const path = fileURLToPath(new URL(`./golden/${name}.txt`, import.meta.url))
  if (renew) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  expect(text).toBe(readFileSync(path, 'utf8'))
}
