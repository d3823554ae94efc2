import type { Style, Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { clamped } from './numbers.ts'
import type { Field } from './text.ts'

const full = 0x2501
const half = 0x2578
const rest = 0x2500
const tick = 0x254b

/** A share as a heavy line on a light one, to half a cell. A share that is more than nothing shows. */
export function drawGauge(surface: Surface, { x, y, width }: Field, share: number, { theme, style }: { readonly theme: Theme; readonly style: Style }): void {
  const part = clamped(share, 0, 1)
  const halves = part > 0 ? Math.max(1, Math.round(2 * width * part)) : 0
  const end = Math.min(width, surface.width - x)
  for (let at = 0; at < end; at++) {
    if (2 * at + 1 < halves) surface.put(x + at, y, full, style)
    else if (2 * at < halves) surface.put(x + at, y, half, style)
    else surface.put(x + at, y, rest, theme.border)
  }
}

/** The highest that a gauge has stood. */
export function drawGaugeTick(surface: Surface, { x, y, width }: Field, share: number, style: Style): void {
  surface.put(x + Math.round(clamped(share, 0, 1) * (width - 1)), y, tick, style)
}

/** How a gauge looks whose high values are bad. */
export function alarm({ good, warn, bad }: Theme, share: number): Style {
  if (share >= 0.9) return bad
  return share >= 0.6 ? warn : good
}
