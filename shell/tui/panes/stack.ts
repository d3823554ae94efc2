import { type Style, type Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { hasShades, mixed } from './colours.ts'
import { clamped } from './numbers.ts'
import { drawLeft, type Field } from './text.ts'

/** A part of a stacked bar. */
export interface StackPart {
  readonly name: string
  readonly share: number
  readonly style: Style
  /** Drawn where colours do not tell the parts apart. */
  readonly glyph: number
}

/** Cells that a name in a part must have. */
const nameLeast = 4

function drawPart(surface: Surface, { x, y, width }: Field, { name, style, glyph }: StackPart, theme: Theme): void {
  if (!hasShades(theme)) {
    surface.fill(style, glyph, { x, y, width, height: 1 })
    return
  }
  const block = { fg: theme.text.bg, bg: mixed(theme.text.bg, style.fg, 0.8), attributes: 0 }
  surface.fill(block, undefined, { x, y, width, height: 1 })
  if (width >= nameLeast + 1) drawLeft(surface, { x: x + 1, y, width: width - 1 }, name, block)
}

/** Shares of one, end to end. What is left of the bar is a light line. */
export function drawStack(surface: Surface, { x, y, width }: Field, parts: readonly StackPart[], theme: Theme): void {
  const cells = clamped(width, 0, surface.width - x)
  let [sum, from] = [0, 0]
  for (const part of parts) {
    sum = clamped(sum + clamped(part.share, 0, 1), 0, 1)
    const to = Math.round(sum * cells)
    if (to > from) drawPart(surface, { x: x + from, y, width: to - from }, part, theme)
    from = to
  }
  for (let at = from; at < cells; at++) surface.put(x + at, y, 0x2500, theme.border)
}
