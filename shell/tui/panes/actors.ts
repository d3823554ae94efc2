import type { ServiceActorState } from '../../../actors/index.ts'
import type { Style, Surface } from '../screen/cells.ts'
import { seriesStyle } from './colours.ts'
import { drawLines, type Line } from './lines.ts'
import { clamped, count } from './numbers.ts'
import { isLive } from './mode.ts'
import type { Pane, PaneContext } from './pane.ts'
import { drawLeft, drawPieces, drawRight } from './text.ts'

const root = 'supervisor'
const fault = /fail|fault|error|lost|broken|crash|stall/i
const nameMost = 18
const nameLeast = 8
const stepLeast = 4
/** From so many cells on there is room for what led to a state. */
const eventFrom = 38
const ended = /^(done|ended|stopped|closed|off|idle)/i

function stateStyle({ theme }: PaneContext, { state, event }: ServiceActorState): Style {
  if (isFault({ state, event })) return theme.bad
  return ended.test(state) ? theme.dim : theme.good
}

function isFault({ state, event }: Pick<ServiceActorState, 'state' | 'event'>): boolean {
  return fault.test(state) || fault.test(event)
}

function nameCells({ width }: Surface): number {
  return clamped(Math.round(width * 0.34), nameLeast, nameMost)
}

/** A line of the tree: branch and name, state, what led there and when. */
function actorLine(context: PaneContext, branch: string, actor: ServiceActorState): Line {
  const { theme } = context
  const sign = isFault(actor) ? '✗' : '●'
  return (line) => {
    const name = nameCells(line)
    const step = Math.max(stepLeast, count(context.timeline.last).length)
    const room = line.width - name - step - 2
    const state = line.width < eventFrom ? Math.max(0, room) : clamped(Math.round(line.width * 0.27), nameLeast, nameMost)
    drawPieces(line, { x: 0, y: 0, width: name }, [
      { text: branch, style: theme.border },
      { text: actor.name, style: theme.text },
    ])
    const style = stateStyle(context, actor)
    drawLeft(line, { x: name + 1, y: 0, width: state }, `${sign} ${actor.state}`, style)
    const from = name + state + 2
    const to = Math.max(from, line.width - step)
    drawLeft(line, { x: from, y: 0, width: to - from - 1 }, actor.event, isFault(actor) ? style : theme.dim)
    if (to > from) drawRight(line, { x: to, y: 0, width: line.width - to }, count(actor.step), theme.dim)
  }
}

function kindLine({ theme }: PaneContext, branch: string, kind: { readonly name: string; readonly agents: number; readonly index: number }): Line {
  return (line) => {
    const name = nameCells(line)
    drawPieces(line, { x: 0, y: 0, width: name }, [
      { text: branch, style: theme.border },
      { text: kind.name, style: seriesStyle(theme, kind.index) },
    ])
    drawLeft(line, { x: name + 1, y: 0, width: line.width - name - 1 }, `${count(kind.agents)} agents`, theme.dim)
  }
}

/** Kinds whose agents are machines. */
function machinesOf({ about, view }: PaneContext): { name: string; agents: number; index: number }[] {
  return about.kinds
    .map(({ name, hasMachine }, index) => ({ name, hasMachine, index, agents: view?.kinds.find((kind) => kind.name === name)?.agents ?? 0 }))
    .filter(({ hasMachine }) => hasMachine)
}

function linesOf(context: PaneContext): Line[] {
  const { theme, vitals } = context
  const actors = vitals?.actors ?? []
  const top = actors.find(({ name }) => name === root)
  const others = actors.filter((actor) => actor !== top)
  const kinds = machinesOf(context)
  const head: Line = top === undefined ? (line) => void drawLeft(line, { x: 0, y: 0, width: line.width }, isLive(context) ? 'no service actor seen yet' : 'no service actors in a recording', theme.dim) : actorLine(context, '', top)
  return [
    head,
    ...others.map((actor, at) => actorLine(context, at + 1 < others.length || kinds.length > 0 ? '├─ ' : '└─ ', actor)),
    ...(kinds.length === 0 ? [] : [(line: Parameters<Line>[0]) => void drawPieces(line, { x: 0, y: 0, width: line.width }, [{ text: '└─ ', style: theme.border }, { text: 'machines', style: theme.text }])]),
    ...kinds.map((kind, at) => kindLine(context, at + 1 < kinds.length ? '   ├─ ' : '   └─ ', kind)),
  ]
}

function noteOf({ vitals }: PaneContext): string {
  const faults = (vitals?.actors ?? []).filter(isFault).length
  return faults === 0 ? '' : `${count(faults)} at fault`
}

export const actorsPane: Pane = {
  name: 'actors',
  title: () => 'actors',
  note: noteOf,
  draw: (surface, context) => drawLines(surface, linesOf(context), context.chosen.scroll.actors),
  lines: (context) => linesOf(context).length,
}
