import type { Style } from '../screen/cells.ts'
import { drawNotice, scrolledTo, drawLines } from './lines.ts'
import { clamped, count } from './numbers.ts'
import type { LogLine, Pane, PaneContext } from './pane.ts'
import { drawScrollBar } from './scroll-bar.ts'
import { drawLeft, drawRight } from './text.ts'
import type { Theme } from '../screen/theme.ts'

const levelCells = 5
/** From so many cells on, levels are said in words. */
const wordsFrom = 50
const signs: Readonly<Record<LogLine['level'], string>> = { event: '·', info: 'i', warn: '!', error: '✗' }

function levelStyle({ dim, good, warn, bad }: Theme, level: LogLine['level']): Style {
  return { event: dim, info: good, warn, error: bad }[level]
}

/** Cells for the largest step there is. */
function stepCells({ timeline }: PaneContext): number {
  return Math.floor(clamped(count(timeline.last).length, 5, 11))
}

function drawLogLine(context: PaneContext, { step, level, text }: LogLine): Parameters<typeof drawLines>[1][number] {
  const { theme } = context
  const style = levelStyle(theme, level)
  return (line) => {
    const cells = stepCells(context)
    const isWide = line.width >= wordsFrom
    drawRight(line, { x: 0, y: 0, width: Math.min(cells, line.width) }, step === undefined ? '' : count(step), theme.dim)
    drawLeft(line, { x: cells + 1, y: 0, width: levelCells }, isWide ? level : signs[level], style)
    const x = cells + (isWide ? levelCells : 1) + 2
    drawLeft(line, { x, y: 0, width: line.width - x }, text, level === 'warn' || level === 'error' ? style : theme.text)
  }
}

export const logPane: Pane = {
  name: 'log',
  title: () => 'log',
  note: ({ log }) => (log.length === 0 ? '' : `${count(log.length)} lines`),
  draw: (surface, context) => {
    const { theme, log, chosen } = context
    if (log.length === 0) {
      drawNotice(surface, theme, 'nothing has been said yet')
      return
    }
    // Scrolled from the newest, which is at the bottom.
    const back = scrolledTo(log.length, surface.height, chosen.scroll.log)
    const first = Math.max(0, log.length - surface.height - back)
    const shown = log.slice(first, first + surface.height)
    const top = surface.height - shown.length
    drawLines(surface.part(0, top, surface.width - 1, shown.length), shown.map((line) => drawLogLine(context, line)))
    drawScrollBar(surface, { from: first, shown: surface.height, total: log.length }, theme)
  },
  lines: ({ log }) => log.length,
}
