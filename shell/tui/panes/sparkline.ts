import type { Style, Surface } from '../screen/cells.ts'
import { mixed } from './colours.ts'
import { clamped } from './numbers.ts'
import type { Field } from './text.ts'

const lowest = 0x2581
/** A full block would run into the line above. */
const levels = 7
const faintest = 0.45

/** Lowest and highest of the values that are numbers, zero among them: what grows from nothing is drawn so. */
function rangeOf(values: readonly number[], from = 0): { readonly low: number; readonly high: number } {
  let [low, high] = [0, 0]
  for (let at = Math.max(0, from); at < values.length; at++) {
    const value = values[at]
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return { low, high }
}

/** The newest values as bars of eighths, a cell each, fainter when lower, the last one at the right. */
export function drawSparkline(surface: Surface, { x, y, width }: Field, values: readonly number[], style: Style): void {
  const shown = Math.floor(clamped(width, 0, Math.min(values.length, surface.width - x)))
  const first = values.length - shown
  const { low, high } = rangeOf(values, first)
  const scale = high > low ? 1 / (high - low) : 0
  for (let at = 0; at < shown; at++) {
    const value = values[first + at]
    if (Number.isNaN(value)) continue
    const level = Math.round((levels - 1) * clamped((value - low) * scale, 0, 1))
    const fg = mixed(style.bg, style.fg, faintest + ((1 - faintest) * level) / (levels - 1))
    surface.put(x + width - shown + at, y, lowest + level, { ...style, fg })
  }
}
