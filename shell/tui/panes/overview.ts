import type { Surface } from '../screen/cells.ts'
import { markerOf, seriesStyle } from './colours.ts'
import { drawGauge } from './gauge.ts'
import { drawLines, drawNotice, emptyLine, type Line } from './lines.ts'
import { count, measure, percent } from './numbers.ts'
import { isLive, isPaused } from './mode.ts'
import type { Pane, PaneContext } from './pane.ts'
import { statLine, statPlaces, wordsLine, type StatPlaces } from './stat.ts'
import { drawPieces, drawRight, type Piece } from './text.ts'

/** From so many cells on, what the run is and what it counts stand side by side. */
const sideBySide = 68
const sideGap = 3
const wordsAt = 11
const percentCells = 5

/** How the run goes, by a sign and a colour. */
function modePiece(context: PaneContext): Piece {
  const { mode, theme } = context
  if (isPaused(context)) return { text: `‖ ${mode}`, style: theme.warn }
  return mode.startsWith('live') ? { text: `● ${mode}`, style: theme.good } : { text: `○ ${mode}`, style: theme.strong }
}

function nameLine(context: PaneContext): Line {
  const { theme, about } = context
  const mode = modePiece(context)
  return (line) => {
    const taken = drawPieces(line, { x: 0, y: 0, width: line.width }, [
      { text: about.world, style: theme.strong },
      { text: '  seed ', style: theme.dim },
      { text: String(about.seed), style: theme.text },
    ])
    drawRight(line, { x: taken + 1, y: 0, width: line.width - taken - 1 }, mode.text, mode.style)
  }
}

function stepOf({ vitals, view }: PaneContext): number | undefined {
  return view?.step ?? vitals?.step
}

/** How far a run is that is to end some time. */
function progressLine(context: PaneContext, until: number): Line {
  const { theme } = context
  const share = (stepOf(context) ?? 0) / until
  return (line) => {
    const width = line.width - percentCells - 1
    drawGauge(line, { x: 0, y: 0, width }, share, { theme, style: seriesStyle(theme, 0) })
    drawRight(line, { x: width + 1, y: 0, width: percentCells }, percent(share), theme.text)
  }
}

function stepLines(context: PaneContext, places: StatPlaces): Line[] {
  const { theme, about } = context
  const line: Line = (surface) => {
    statLine({ name: { text: 'step', style: theme.dim }, number: { text: count(stepOf(context)), style: theme.strong }, series: [], style: theme.text }, places)(surface)
    const from = places.name + places.number + 2
    if (about.until !== undefined) drawPieces(surface, { x: from, y: 0, width: surface.width - from }, [{ text: `/ ${count(about.until)}`, style: theme.dim }])
  }
  return about.until === undefined ? [line] : [line, progressLine(context, about.until)]
}

function agentsOf({ view }: PaneContext): number {
  return (view?.kinds ?? []).reduce((sum, { agents }) => sum + agents, 0)
}

function rateLines(context: PaneContext, places: StatPlaces): Line[] {
  const { theme, stepsPerSecond, history } = context
  const rates = [
    ['steps/s', stepsPerSecond],
    ['agent-steps/s', stepsPerSecond * agentsOf(context)],
  ] as const
  return rates.map(([name, rate]) => {
    const number = rate >= 100 || Number.isNaN(rate) ? count(rate) : measure(Math.round(10 * rate) / 10)
    return statLine({ name: { text: name, style: theme.dim }, number: { text: number, style: theme.text }, series: history.series(name), style: seriesStyle(theme, 0) }, places)
  })
}

function paceText(context: PaneContext): string {
  const { vitals } = context
  if (vitals === undefined) return isLive(context) ? 'not seen yet' : 'as recorded'
  if (vitals.ended !== undefined) return `ended: ${vitals.ended}`
  return vitals.pace === undefined ? 'as fast as it can' : `${measure(vitals.pace)} steps/s`
}

function factLines(context: PaneContext): Line[] {
  const { theme, about, view } = context
  const facts: readonly (readonly [string, string])[] = [
    ['hash', view?.hash ?? 'not seen yet'],
    ['pace', paceText(context)],
    ['workers', about.pid === undefined ? count(about.workers) : `${count(about.workers)}  pid ${String(about.pid)}`],
    ['recording', about.recording ?? 'none'],
  ]
  return facts.map(([name, text]) => wordsLine(name, { text, style: theme.text }, { theme, at: wordsAt }))
}

function kindLines({ theme, view, history }: PaneContext, places: StatPlaces): Line[] {
  return (view?.kinds ?? []).map(({ name, agents }, index) => {
    const style = seriesStyle(theme, index)
    const sign: Piece = { text: `${markerOf(theme.name === 'none' ? index : 0)} ${name}`, style }
    return statLine({ name: sign, number: { text: count(agents), style: theme.text }, series: history.series(`agents/${name}`), style }, places)
  })
}

function reportLines({ theme, view, history }: PaneContext, places: StatPlaces): Line[] {
  return Object.entries(view?.report ?? {}).map(([name, value]) =>
    statLine({ name: { text: name, style: theme.dim }, number: { text: measure(value), style: theme.text }, series: history.series(`report/${name}`), style: theme.dim }, places),
  )
}

function runLines(context: PaneContext, width: number): Line[] {
  const places = statPlaces(width)
  return [nameLine(context), ...stepLines(context, places), ...rateLines(context, places), ...factLines(context)]
}

function numberLines(context: PaneContext, width: number): Line[] {
  const places = statPlaces(width)
  const [kinds, report] = [kindLines(context, places), reportLines(context, places)]
  return kinds.length > 0 && report.length > 0 ? [...kinds, emptyLine, ...report] : [...kinds, ...report]
}

function drawBeside(surface: Surface, context: PaneContext): void {
  const left = Math.floor((surface.width - sideGap) / 2)
  const scroll = context.chosen.scroll.overview
  drawLines(surface.part(0, 0, left, surface.height), runLines(context, left))
  const right = surface.part(left + sideGap, 0, surface.width - left - sideGap, surface.height)
  if (context.view === undefined) drawNotice(right, context.theme, 'waiting for the first step')
  else drawLines(right, numberLines(context, right.width), scroll)
}

function allLines(context: PaneContext, width: number): Line[] {
  const numbers = numberLines(context, width)
  return numbers.length > 0 ? [...runLines(context, width), emptyLine, ...numbers] : runLines(context, width)
}

export const overviewPane: Pane = {
  name: 'overview',
  title: () => 'overview',
  note: ({ view }) => (view === undefined ? '' : view.kinds.length === 1 ? '1 kind' : `${count(view.kinds.length)} kinds`),
  draw: (surface, context) => {
    if (surface.width >= sideBySide) drawBeside(surface, context)
    else drawLines(surface, allLines(context, surface.width), context.chosen.scroll.overview)
  },
  lines: (context) => allLines(context, 0).length,
}
