import type { Surface } from '../screen/cells.ts'
import type { KindView } from '../model/model.ts'
import { markerOf, seriesStyle } from './colours.ts'
import { drawLines, drawNotice, type Line } from './lines.ts'
import { count, decimals, measure } from './numbers.ts'
import type { Pane, PaneContext } from './pane.ts'
import { drawPlot, plotFrom } from './plot.ts'
import { afterNumber, statLine, statPlaces } from './stat.ts'
import { drawLeft, drawRight } from './text.ts'

type Learner = KindView & { readonly reward: NonNullable<KindView['reward']>; readonly index: number }

const plotLeast = 3
const plotWidthLeast = 20
const ofLearning = /loss|entropy/i

/** Kinds with a policy. */
function learnersOf({ view }: PaneContext): Learner[] {
  const learners: Learner[] = []
  for (const [index, kind] of (view?.kinds ?? []).entries()) if (kind.reward !== undefined) learners.push({ ...kind, reward: kind.reward, index })
  return learners
}

/** How many episodes ended, in as many words as there is room for. */
function endedText({ terminated, truncated }: Learner['reward'], width: number): string {
  const words = [`${count(terminated)} terminated · ${count(truncated)} truncated`, `${count(terminated)} + ${count(truncated)} ended`]
  return words.find((text) => text.length <= width) ?? ''
}

/** What the kind earned in this step, and how many of its episodes ended in it. */
function learnerLine({ theme, history }: PaneContext, { name, reward, index }: Learner, isPlotted: boolean): Line {
  const style = seriesStyle(theme, index)
  return (line) => {
    const places = statPlaces(line.width)
    const series = isPlotted ? [] : history.series(`reward/${name}`)
    const sign = `${markerOf(theme.name === 'none' ? index : 0)} ${name}`
    statLine({ name: { text: sign, style }, number: { text: decimals(reward.sum, 2), style: theme.text }, series, style }, places)(line)
    if (!isPlotted) return
    const x = afterNumber(places)
    const text = endedText(reward, line.width - x)
    drawLeft(line, { x, y: 0, width: line.width - x }, text, reward.terminated + reward.truncated > 0 ? theme.text : theme.dim)
  }
}

function numberLine({ theme, history }: PaneContext, name: string, value: number, series: string): Line {
  return (line) =>
    statLine({ name: { text: name, style: theme.dim }, number: { text: measure(value), style: theme.text }, series: history.series(series), style: theme.dim }, statPlaces(line.width))(line)
}

/** Steps a second, and what the report says of the learning itself. */
function numberLines(context: PaneContext): Line[] {
  const named = Object.entries(context.view?.report ?? {}).filter(([name]) => ofLearning.test(name))
  return [...named.map(([name, value]) => numberLine(context, name, value, `report/${name}`)), numberLine(context, 'steps/s', Math.round(10 * context.stepsPerSecond) / 10, 'steps/s')]
}

function drawRewards(surface: Surface, context: PaneContext, learners: readonly Learner[]): void {
  const { theme, history } = context
  const lines = learners.map(({ name, index }) => ({ values: history.series(`reward/${name}`), style: seriesStyle(theme, index), marker: markerOf(index) }))
  drawPlot(surface.part(0, 0, surface.width, surface.height - 1), lines, theme)
  const looks = Math.max(0, ...lines.map(({ values }) => values.length))
  const y = surface.height - 1
  const shown = Math.min(looks, 2 * Math.max(0, surface.width - plotFrom))
  drawLeft(surface, { x: plotFrom, y, width: surface.width - plotFrom - 4 }, `reward, ${shown === 1 ? '1 look' : `${count(shown)} looks`}`, theme.dim)
  drawRight(surface, { x: surface.width - 3, y, width: 3 }, 'now', theme.dim)
}

function drawLearning(surface: Surface, context: PaneContext, learners: readonly Learner[]): void {
  const numbers = numberLines(context)
  const { width, height } = surface
  const plot = width < plotWidthLeast ? 0 : Math.max(0, height - Math.min(learners.length + numbers.length, Math.floor(height / 2)))
  const isPlotted = plot > plotLeast
  const lines = [...learners.map((learner) => learnerLine(context, learner, isPlotted)), ...numbers]
  const top = isPlotted ? plot : 0
  if (isPlotted) drawRewards(surface.part(0, 0, width, plot), context, learners)
  drawLines(surface.part(0, top, width, height - top), lines, context.chosen.scroll.learning)
}

export const learningPane: Pane = {
  name: 'learning',
  title: () => 'learning',
  note: (context) => {
    const ended = learnersOf(context).reduce((sum, { reward }) => sum + reward.terminated + reward.truncated, 0)
    return ended > 0 ? `${count(ended)} episodes ended` : ''
  },
  draw: (surface, context) => {
    const { theme, view, about } = context
    const learners = learnersOf(context)
    if (learners.length > 0) drawLearning(surface, context, learners)
    else drawNotice(surface, theme, view === undefined ? 'waiting for the first step' : `${about.world} has no kind with a policy: nothing learns in it`)
  },
  lines: (context) => learnersOf(context).length + numberLines(context).length,
}
