import { textCells, type Style, type Surface } from '../screen/cells.ts'
import { seriesStyle } from './colours.ts'
import { clamped, count } from './numbers.ts'
import type { Pane, PaneContext, Timeline } from './pane.ts'
import { cut, drawLeft } from './text.ts'

/** From one keyframe to the next. */
const keyframeCellsLeast = 3
const glyphs = { past: 0x2501, future: 0x2500, keyframePast: 0x253f, keyframe: 0x253c, position: 0x25cf, input: 0x25b4, hit: 0x2580, mark: 0x25be } as const

/** Cell of a step on an axis so wide; undefined outside of it. */
function cellOf({ first, last }: Timeline, step: number, width: number): number | undefined {
  if (!(step >= first && step <= last)) return undefined
  return last > first ? Math.round(((step - first) / (last - first)) * (width - 1)) : 0
}

/** The step of a cell: the inverse of {@link cellOf}, as near as there are cells. */
function stepOf({ first, last }: Timeline, x: number, width: number): number {
  const share = width > 1 ? clamped(x / (width - 1), 0, 1) : 0
  return Math.round(first + share * Math.max(0, last - first))
}

function drawAxis(surface: Surface, { theme, timeline }: PaneContext, y: number): void {
  const { width } = surface
  const at = cellOf(timeline, timeline.at, width) ?? (timeline.at > timeline.last ? width - 1 : 0)
  const past = seriesStyle(theme, 0)
  for (let x = 0; x < width; x++) surface.put(x, y, x < at ? glyphs.past : glyphs.future, x < at ? past : theme.border)
  let before: number | undefined
  for (const step of timeline.keyframes) {
    const x = cellOf(timeline, step, width)
    // So many that they would hide the line are shown in part.
    if (x === undefined || (before !== undefined && x - before < keyframeCellsLeast)) continue
    surface.put(x, y, x < at ? glyphs.keyframePast : glyphs.keyframe, x < at ? past : theme.dim)
    before = x
  }
  surface.put(at, y, glyphs.position, theme.strong)
}

function drawSteps(surface: Surface, timeline: Timeline, { y, glyph, style, steps }: { readonly y: number; readonly glyph: number; readonly style: Style; readonly steps: readonly number[] }): void {
  for (const step of steps) {
    const x = cellOf(timeline, step, surface.width)
    if (x !== undefined) surface.put(x, y, glyph, style)
  }
}

/** How many times the breakpoint holds in each cell. */
function hitCells(axis: Timeline, width: number): Int32Array {
  const { first, last, hits } = axis
  const changes = new Int32Array(width + 1)
  for (const { from, to } of hits) {
    const [left, right] = [cellOf(axis, Math.max(from, first), width), cellOf(axis, Math.min(to, last), width)]
    if (left === undefined || right === undefined || !(left <= right)) continue
    changes[left]++
    changes[right + 1]--
  }
  for (let x = 1; x < width; x++) changes[x] += changes[x - 1]
  return changes
}

function drawHits(surface: Surface, { theme, timeline }: PaneContext, y: number): void {
  if (timeline.hits.length === 0) return
  const hits = hitCells(timeline, surface.width)
  for (let x = 0; x < surface.width; x++) if (hits[x] > 0) surface.put(x, y, glyphs.hit, theme.bad)
}

function drawMarks(surface: Surface, { theme, timeline }: PaneContext, y: number): void {
  const places = timeline.marks
    .map(({ name, step }) => ({ name, x: cellOf(timeline, step, surface.width) }))
    .filter((mark): mark is { name: string; x: number } => mark.x !== undefined)
    .sort((a, b) => a.x - b.x)
  for (const [index, { name, x }] of places.entries()) {
    const end = index + 1 < places.length ? places[index + 1].x : surface.width
    surface.put(x, y, glyphs.mark, theme.warn)
    if (end - x > 2) drawLeft(surface, { x: x + 1, y, width: end - x - 2 }, name, theme.warn)
  }
}

const nice = [1, 2, 5] as const
const labelGap = 3

/** A round number of steps that leaves room for labels so wide. */
function labelSteps({ first, last }: Timeline, labels: number): number {
  const least = Math.max(1, (last - first) / Math.max(1, labels))
  for (let unit = 1; unit < Number.MAX_SAFE_INTEGER; unit *= 10) for (const factor of nice) if (factor * unit >= least) return factor * unit
  return Number.MAX_SAFE_INTEGER
}

/** Steps at the ends, the one shown under its place, and round ones where there is room. */
function drawLabels(surface: Surface, { theme, timeline }: PaneContext, y: number): void {
  const { width } = surface
  const { first, last, at } = timeline
  const taken: [number, number][] = []
  const label = (step: number, style: Style): void => {
    const text = cut(count(step), width)
    const cells = textCells(text)
    const x = Math.floor(clamped((cellOf(timeline, step, width) ?? (step > last ? width : 0)) - (cells >> 1), 0, width - cells))
    if (taken.some(([from, to]) => x < to + labelGap && x + cells + labelGap > from)) return
    taken.push([x, x + cells])
    surface.text(x, y, text, style)
  }
  label(at, theme.strong)
  label(first, theme.dim)
  label(last, theme.dim)
  if (!(last > first) || !Number.isFinite(last - first)) return
  const apart = labelSteps(timeline, Math.floor(width / (count(last).length + 2 * labelGap)))
  const most = Math.min(width, Math.floor((last - first) / apart))
  const from = Math.ceil(first / apart)
  for (let index = 0; index <= most; index++) if ((from + index) * apart <= last) label((from + index) * apart, theme.dim)
}

/** What is drawn in how many lines: the axis always, then steps, then events, then marks; hits get a line of their own last. */
function linesOf(height: number): { readonly marks: number; readonly axis: number; readonly hits: number; readonly inputs: number; readonly labels: number } {
  const none = -1
  if (height >= 5) {
    const top = (height - 5) >> 1
    return { marks: top, axis: top + 1, hits: top + 2, inputs: top + 3, labels: top + 4 }
  }
  if (height === 4) return { marks: 0, axis: 1, hits: 2, inputs: 2, labels: 3 }
  if (height === 3) return { marks: none, axis: 0, hits: 1, inputs: 1, labels: 2 }
  return { marks: none, axis: 0, hits: none, inputs: none, labels: height === 2 ? 1 : none }
}

function noteOf({ timeline }: PaneContext): string {
  const parts = [
    [timeline.keyframes.length, 'keyframe'],
    [timeline.inputs.length, 'input'],
    [timeline.hits.length, 'hit'],
  ] as const
  return parts
    .filter(([number]) => number > 0)
    .map(([number, name]) => `${count(number)} ${name}${number === 1 ? '' : 's'}`)
    .join(' · ')
}

export const timelinePane: Pane = {
  name: 'timeline',
  title: () => 'timeline',
  note: noteOf,
  draw: (surface, context) => {
    const { theme, timeline } = context
    const lines = linesOf(surface.height)
    drawMarks(surface, context, lines.marks)
    drawAxis(surface, context, lines.axis)
    drawHits(surface, context, lines.hits)
    drawSteps(surface, timeline, { y: lines.inputs, glyph: glyphs.input, style: theme.warn, steps: timeline.inputs })
    drawLabels(surface, context, lines.labels)
  },
  click: ({ timeline }, { x, width }) => ({ form: 'go', step: stepOf(timeline, x, width) }),
}
