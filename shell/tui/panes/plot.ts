import type { Style, Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { Dots } from './braille.ts'
import { brief, clamped } from './numbers.ts'
import { drawRight } from './text.ts'

/** A line of a plot. */
interface PlotLine {
  readonly values: readonly number[]
  readonly style: Style
  /** Drawn where colours do not tell lines apart. */
  readonly marker: string
}

interface Range {
  readonly low: number
  readonly high: number
}

const labelCells = 7
/** First cell of the lines: before it are the labels of the axis. */
export const plotFrom = labelCells + 1
const axis = 0x2502
const axisTick = 0x2524
const zeroLine = 0x2508
const nice = [1, 2, 2.5, 5, 10] as const
const gridSteps = 4

/** Bounds at round numbers around all values: they seldom change. */
function roundRange(lines: readonly PlotLine[], shown: number): Range {
  let [low, high] = [Infinity, -Infinity]
  for (const { values } of lines) {
    for (let at = Math.max(0, values.length - shown); at < values.length; at++) {
      if (!Number.isFinite(values[at])) continue
      low = Math.min(low, values[at])
      high = Math.max(high, values[at])
    }
  }
  if (!(low <= high)) return { low: 0, high: 1 }
  const least = Math.max(high / gridSteps - low / gridSteps, Math.abs(high) * Number.EPSILON, Number.MIN_VALUE)
  const unit = 10 ** Math.floor(Math.log10(least))
  const step = (nice.find((factor) => factor * unit >= least) ?? 1) * unit
  const [below, above] = [Math.floor(low / step) * step, Math.ceil(high / step) * step]
  if (!Number.isFinite(below) || !Number.isFinite(above)) return { low, high }
  return above > below ? { low: below, high: above } : { low: below - step, high: above + step }
}

/** Place of a value from the top, 0 to `steps`. */
function placeOf(value: number, { low, high }: Range, steps: number): number {
  const share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0
  return Math.round((1 - clamped(share, 0, 1)) * steps)
}

function drawAxis(surface: Surface, range: Range, theme: Theme): void {
  const { height } = surface
  for (let y = 0; y < height; y++) surface.put(labelCells, y, y === 0 || y === height - 1 ? axisTick : axis, theme.border)
  drawRight(surface, { x: 0, y: 0, width: labelCells - 1 }, brief(range.high), theme.dim)
  if (height > 1) drawRight(surface, { x: 0, y: height - 1, width: labelCells - 1 }, brief(range.low), theme.dim)
  if (!(range.low < 0 && range.high > 0)) return
  const zero = placeOf(0, range, height - 1)
  for (let x = plotFrom; x < surface.width; x++) surface.put(x, zero, zeroLine, theme.border)
  if (zero > 0 && zero < height - 1) drawRight(surface, { x: 0, y: zero, width: labelCells - 1 }, '0', theme.dim)
}

function drawDots(surface: Surface, lines: readonly PlotLine[], range: Range): void {
  const dots = new Dots(surface.width, surface.height)
  for (const { values, style } of lines) {
    const first = Math.max(0, values.length - dots.width)
    let before: number | undefined
    for (let at = first; at < values.length; at++) {
      if (!Number.isFinite(values[at])) {
        before = undefined
        continue
      }
      const y = placeOf(values[at], range, dots.height - 1)
      dots.column(dots.width - values.length + at, [before ?? y, y], style)
      before = y
    }
  }
  dots.draw(surface, 0, 0)
}

/** Two values to a cell, as one marker. */
function drawMarkers(surface: Surface, lines: readonly PlotLine[], range: Range): void {
  for (const { values, style, marker } of lines) {
    const first = Math.max(0, values.length - 2 * surface.width)
    for (let at = first; at < values.length; at += 2) {
      if (!Number.isFinite(values[at])) continue
      surface.put(surface.width - 1 - ((values.length - 1 - at) >> 1), placeOf(values[at], range, surface.height - 1), marker.codePointAt(0) ?? axis, style)
    }
  }
}

/** Values over time, the newest at the right, two to a cell, with the bounds at the left. */
export function drawPlot(surface: Surface, lines: readonly PlotLine[], theme: Theme): void {
  const area = surface.part(plotFrom, 0, surface.width - plotFrom, surface.height)
  const range = roundRange(lines, 2 * area.width)
  drawAxis(surface, range, theme)
  if (area.width === 0 || area.height === 0) return
  if (theme.name === 'none') drawMarkers(area, lines, range)
  else drawDots(area, lines, range)
}
