import type { Surface } from '../screen/cells.ts'
import type { Theme } from '../screen/theme.ts'
import { hasShades, seriesStyle } from './colours.ts'
import { drawLines, drawNotice, emptyLine, type Line } from './lines.ts'
import { clamped, count, percent } from './numbers.ts'
import { isLive } from './mode.ts'
import type { Pane, PaneContext } from './pane.ts'
import { drawStack, type StackPart } from './stack.ts'
import { drawCell, drawHeads, placed, type PlacedColumn } from './table.ts'
import { drawLeft, drawRight } from './text.ts'

/** A phase of the step and its share of each worker's time, and of all of them together. */
interface Phase {
  readonly index: number
  readonly name: string
  readonly isWaiting: boolean
  readonly shares: readonly number[]
  readonly mean: number
}

const workerCells = 4
const percentCells = 6
const barsMost = 8
const nameLeast = 10
const block = 0x2588
const firstLetter = 0x61
const letters = 26
const waitingGlyph = 0xb7

function sharesOf(counts: readonly number[]): number[] {
  const sum = counts.reduce((total, number) => total + clamped(number, 0, Number.MAX_VALUE), 0)
  return counts.map((number) => (sum > 0 ? clamped(number, 0, Number.MAX_VALUE) / sum : 0))
}

/** The largest first, waiting last. */
function phasesOf({ about, vitals }: PaneContext): Phase[] {
  const workers = (vitals?.phases ?? []).map(sharesOf)
  const all = about.phases.map((name, index) => {
    const shares = workers.map((worker) => worker.at(index) ?? 0)
    const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
    return { index, name, isWaiting: index === 0, shares, mean }
  })
  return all.sort((a, b) => Number(a.isWaiting) - Number(b.isWaiting) || b.mean - a.mean || a.index - b.index)
}

function styleOf(theme: Theme, { index, isWaiting }: Phase): StackPart['style'] {
  return isWaiting ? theme.border : seriesStyle(theme, index - 1)
}

/** A letter for each phase, where colours do not tell them apart. */
function glyphOf({ index, isWaiting }: Phase): number {
  return isWaiting ? waitingGlyph : firstLetter + ((index - 1) % letters)
}

function barLine(theme: Theme, phases: readonly Phase[], worker: number): Line {
  // Waiting is what is left of the bar.
  const parts = phases.filter(({ isWaiting }) => !isWaiting).map((phase) => ({ name: phase.name, share: phase.shares[worker], style: styleOf(theme, phase), glyph: glyphOf(phase) }))
  const busy = parts.reduce((sum, { share }) => sum + share, 0)
  return (line) => {
    drawLeft(line, { x: 0, y: 0, width: workerCells - 1 }, `w${String(worker)}`, theme.dim)
    const width = line.width - workerCells - percentCells - 1
    if (width > 0) drawStack(line, { x: workerCells, y: 0, width }, parts, theme)
    drawRight(line, { x: Math.max(workerCells, line.width - percentCells), y: 0, width: percentCells }, percent(busy), theme.text)
  }
}

function columnsOf(width: number, workers: number): PlacedColumn[] {
  const name = clamped(Math.floor(width * 0.45), nameLeast, 28)
  const each = Array.from({ length: Math.min(workers, width) }, (_, worker) => ({ head: `w${String(worker)}`, width: percentCells, isNumber: true }))
  return placed([{ head: 'phase', width: name, isNumber: false }, { head: workers === 1 ? 'share' : 'mean', width: percentCells, isNumber: true }, ...(workers > 1 ? each : [])], width)
}

function phaseLine(theme: Theme, phase: Phase, columns: readonly PlacedColumn[]): Line {
  const { name, shares, mean, isWaiting } = phase
  const style = isWaiting || mean === 0 ? theme.dim : theme.text
  return (line) => {
    for (const [at, column] of columns.entries()) {
      if (at === 0) {
        line.put(0, 0, isWaiting || !hasShades(theme) ? glyphOf(phase) : block, styleOf(theme, phase))
        drawLeft(line, { x: 2, y: 0, width: column.width - 2 }, name, style)
      } else drawCell(line, column, { y: 0, text: percent(at === 1 ? mean : shares[at - 2]), style: at === 1 ? style : theme.dim })
    }
  }
}

function linesOf(context: PaneContext, surface: { readonly width: number; readonly height: number }): Line[] {
  const { theme } = context
  const workers = context.vitals?.phases.length ?? 0
  const phases = phasesOf(context)
  const bars = Math.min(workers, clamped(Math.floor(surface.height / 3), 1, barsMost))
  const columns = columnsOf(surface.width, workers)
  const lines = Array.from({ length: bars }, (_, worker) => barLine(theme, phases, worker))
  if (surface.height > bars + phases.length + 1) lines.push(emptyLine)
  return [...lines, (line) => drawHeads(line, 0, columns, theme.dim), ...phases.map((phase) => phaseLine(theme, phase, columns))]
}

export const phasesPane: Pane = {
  name: 'phases',
  title: () => 'phases of the step',
  note: ({ vitals }) => (vitals === undefined ? '' : `share of time · ${count(vitals.phases.length)} workers`),
  draw: (surface: Surface, context) => {
    const { theme, vitals } = context
    if (vitals === undefined) drawNotice(surface, theme, isLive(context) ? 'no thread has been seen yet' : 'a recording has no phases: they are measured while a run is live')
    else if (vitals.phases.length === 0) drawNotice(surface, theme, 'no thread has been seen yet')
    else drawLines(surface, linesOf(context, surface), context.chosen.scroll.phases)
  },
  lines: (context) => (context.vitals === undefined ? 0 : linesOf(context, { width: 0, height: 3 * barsMost }).length),
}
