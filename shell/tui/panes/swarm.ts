import type { Surface } from '../screen/cells.ts'
import type { KindView } from '../model/model.ts'
import type { Theme } from '../screen/theme.ts'
import { markerOf, seriesStyle } from './colours.ts'
import { drawGauge } from './gauge.ts'
import { drawLines, drawNotice, scrolledTo, type Line } from './lines.ts'
import { clamped, count, decimals, percent } from './numbers.ts'
import type { Pane, PaneAction, PaneContext } from './pane.ts'
import { drawSparkline } from './sparkline.ts'
import { statPlaces } from './stat.ts'
import { drawLeft, drawRight, type Piece } from './text.ts'

/** A line, and what a click on it asks for. */
interface SwarmLine {
  readonly draw: Line
  readonly action: PaneAction | undefined
}

/** What a line says. */
interface Share {
  readonly name: Piece
  readonly number: Piece
  /** Undefined for a number that is no part of anything. */
  readonly share: number | undefined
  readonly series: readonly number[]
  readonly colour: number
}

const percentCells = 5
const gaugeLeast = 6
const gaugeMost = 18
const sparklineLeast = 6

/** Cells of the gauge and of the sparkline in what is left of a line. */
function split(left: number): { readonly gauge: number; readonly sparkline: number } {
  if (left < gaugeLeast + 1 + sparklineLeast) return { gauge: 0, sparkline: Math.max(0, left) }
  const gauge = clamped(Math.floor(left / 2), gaugeLeast, gaugeMost)
  return { gauge, sparkline: left - gauge - 1 }
}

function shareLine({ name, number, share, series, colour }: Share, theme: Theme): Line {
  return (line: Surface) => {
    const places = statPlaces(line.width)
    const style = seriesStyle(theme, colour)
    drawLeft(line, { x: 0, y: 0, width: places.name }, name.text, name.style)
    drawRight(line, { x: places.name + 1, y: 0, width: Math.min(places.number, line.width - places.name - 1) }, number.text, number.style)
    let x = places.name + places.number + 2
    const { gauge, sparkline } = split(line.width - x - percentCells - 1)
    if (share !== undefined) {
      if (x + percentCells <= line.width) drawRight(line, { x, y: 0, width: percentCells }, percent(share), theme.dim)
      if (gauge > 0) drawGauge(line, { x: x + percentCells + 1, y: 0, width: gauge }, share, { theme, style })
    }
    x += percentCells + 1 + (gauge > 0 ? gauge + 1 : 0)
    drawSparkline(line, { x, y: 0, width: sparkline }, series, style)
  }
}

function kindLine({ theme, about, chosen, history }: PaneContext, kind: KindView, index: number): SwarmLine {
  const rowsMax = about.kinds.find(({ name }) => name === kind.name)?.rowsMax
  const sign = kind.name === chosen.kind ? '▸' : markerOf(theme.name === 'none' ? index : 0)
  const draw = shareLine(
    {
      name: { text: `${sign} ${kind.name}`, style: seriesStyle(theme, index, theme.strong.attributes) },
      number: { text: count(kind.agents), style: theme.strong },
      share: rowsMax === undefined ? undefined : kind.agents / rowsMax,
      series: history.series(`agents/${kind.name}`),
      colour: index,
    },
    theme,
  )
  return { draw, action: { form: 'kind', kind: kind.name } }
}

function stateLines({ theme, history }: PaneContext, kind: KindView): SwarmLine[] {
  return kind.states.map(({ state, agents }, index) => ({
    draw: shareLine(
      {
        name: { text: `  ${state}`, style: agents > 0 ? theme.text : theme.dim },
        number: { text: count(agents), style: agents > 0 ? theme.text : theme.dim },
        share: kind.agents > 0 ? agents / kind.agents : 0,
        series: history.series(`state/${kind.name}/${state}`),
        colour: index,
      },
      theme,
    ),
    action: { form: 'filter', kind: kind.name, filter: state },
  }))
}

function numberLine(theme: Theme, name: string, number: string, series: readonly number[]): SwarmLine {
  const line = shareLine({ name: { text: `  ${name}`, style: theme.dim }, number: { text: number, style: theme.text }, share: undefined, series, colour: 0 }, theme)
  return { draw: line, action: undefined }
}

/** Rewards, deaths, and births that found no room. */
function fateLines({ theme, history }: PaneContext, { name, reward, refused, deaths }: KindView): SwarmLine[] {
  const lines: SwarmLine[] = []
  if (reward !== undefined) lines.push(numberLine(theme, 'reward', decimals(reward.sum, 2), history.series(`reward/${name}`)))
  if (deaths > 0) lines.push(numberLine(theme, 'died', count(deaths), history.series(`deaths/${name}`)))
  if (refused > 0) {
    const text = `${count(refused)} births refused: it is full`
    lines.push({ draw: (line) => void drawLeft(line, { x: 2, y: 0, width: line.width - 2 }, text, theme.warn), action: undefined })
  }
  return lines
}

function swarmLines(context: PaneContext): SwarmLine[] {
  return (context.view?.kinds ?? []).flatMap((kind, index) => [kindLine(context, kind, index), ...stateLines(context, kind), ...fateLines(context, kind)])
}

export const swarmPane: Pane = {
  name: 'swarm',
  title: () => 'swarm',
  note: ({ view }) => (view === undefined ? '' : `${count(view.kinds.reduce((sum, { agents }) => sum + agents, 0))} agents`),
  draw: (surface, context) => {
    const lines = swarmLines(context)
    if (lines.length === 0) drawNotice(surface, context.theme, context.view === undefined ? 'waiting for the first step' : 'the world has no kinds')
    else drawLines(surface, lines.map(({ draw }) => draw), context.chosen.scroll.swarm)
  },
  click: (context, { y, height }) => {
    const lines = swarmLines(context)
    return lines.at(scrolledTo(lines.length, height, context.chosen.scroll.swarm) + y)?.action
  },
  lines: (context) => swarmLines(context).length,
}
