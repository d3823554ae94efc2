/** A screen as text: its lines, then how they look, in a form whose differences people can read. */
import { attribute, plain, wideRest, type Cells, type Style } from '../../../shell/tui/screen/cells.ts'
import type { Theme } from '../../../shell/tui/screen/theme.ts'

const named = ['text', 'dim', 'strong', 'good', 'warn', 'bad', 'border', 'borderFocus', 'key', 'bar', 'selected'] as const

function colourText(colour: number): string {
  return colour === plain ? 'plain' : `#${colour.toString(16).padStart(6, '0')}`
}

function isSame(a: Style, b: Style): boolean {
  return a.fg === b.fg && a.bg === b.bg && a.attributes === b.attributes
}

/** The name a theme has for a style, else its colours and attributes. */
function styleText(style: Style, theme: Theme): string {
  const name = named.find((one) => isSame(theme[one], style))
  if (name !== undefined) return name
  const on = Object.entries(attribute).filter(([, bit]) => (style.attributes & bit) !== 0)
  const ground = style.bg === theme.text.bg ? '' : ` on ${colourText(style.bg)}`
  return [`${colourText(style.fg)}${ground}`, ...on.map(([word]) => word)].join(' ')
}

/** The characters of a line of cells. */
export function lineText({ glyphs, width }: Cells, y: number): string {
  let text = ''
  for (let x = 0; x < width; x++) {
    const glyph = glyphs[y * width + x]
    if (glyph !== wideRest) text += String.fromCodePoint(glyph)
  }
  return text
}

function styleRuns({ fg, bg, attributes, width }: Cells, y: number, theme: Theme): string {
  const runs: string[] = []
  let from = 0
  for (let x = 1; x <= width; x++) {
    const [start, at] = [y * width + from, y * width + x]
    if (x < width && isSame({ fg: fg[start], bg: bg[start], attributes: attributes[start] }, { fg: fg[at], bg: bg[at], attributes: attributes[at] })) continue
    runs.push(`${String(from)}-${String(x - 1)} ${styleText({ fg: fg[start], bg: bg[start], attributes: attributes[start] }, theme)}`)
    from = x
  }
  return runs.join(', ')
}

/** Lines of text between bars, then for each line the styles of its cells by columns. Lines that are all plain text are left out of those. */
export function cellsText(cells: Cells, theme: Theme): string {
  const lines = Array.from({ length: cells.height }, (_, y) => `|${lineText(cells, y)}|`)
  const styles = Array.from({ length: cells.height }, (_, y) => [y, styleRuns(cells, y, theme)] as const)
  const all = `0-${String(cells.width - 1)} text`
  return [...lines, '', ...styles.filter(([, runs]) => runs !== all).map(([y, runs]) => `${String(y)}: ${runs}`), ''].join('\n')
}
