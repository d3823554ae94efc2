import type { Style } from '../screen/cells.ts'
import type { AgentView } from '../model/model.ts'
import { drawLines, drawNotice, emptyLine, scrolledTo, type Line } from './lines.ts'
import { clamped, count } from './numbers.ts'
import type { Pane, PaneContext } from './pane.ts'
import { drawScrollBar } from './scroll-bar.ts'
import { widest } from './table.ts'
import { drawLeft, drawPieces, drawRight, wrapped, type Piece } from './text.ts'

type Field = AgentView['fields'][number]

/** Where names, types, values and those compared with stand. */
interface Places {
  readonly name: number
  /** 0: no room for types. */
  readonly type: number
  readonly value: number
  /** First cell of the values compared with, 0 when there are none. */
  readonly other: number
}

/** What a policy sees, gives, and is given, besides the agent's own. */
const ofPolicy: ReadonlySet<string> = new Set(['observation', 'action', 'actionMask', 'logProb', 'logits', 'probability', 'value', 'advantage', 'entropy', 'reward', 'terminated', 'truncated'])
const nameMost = 20
const typeMost = 14
/** From so many cells on there is room for types. */
const typedFrom = 44
const numberCells = 14
const wrapMost = 64
const signCells = 2
const stepCells = 9
const isNumeric = /^(?!vec\b)[ui]?(f?)(8|16|32|64)\b|^f(32|64)\b/

function placesOf(fields: readonly Field[], width: number, isCompared: boolean): Places {
  const name = Math.floor(clamped(widest(fields.map((field) => field.name), 6), 6, Math.min(nameMost, Math.max(6, width * 0.35))))
  const type = width >= typedFrom ? clamped(widest(fields.map((field) => field.type)), 3, typeMost) : 0
  const from = name + 1 + (type > 0 ? type + 1 : 0)
  const left = Math.max(0, width - from)
  if (!isCompared) return { name, type, value: left, other: 0 }
  const value = Math.floor((left - signCells) / 2)
  return { name, type, value: Math.max(0, value), other: from + value + signCells }
}

/** A value in lines, with its unit: numbers to the right of a column of their own, long ones broken. */
function valueLines({ type, value, unit }: Field, width: number): string[] {
  if (width <= 0) return []
  const behind = unit === undefined ? '' : ` ${unit}`
  if (isNumeric.test(type)) return [value.padStart(Math.min(numberCells, width - behind.length)) + behind]
  return wrapped(value.slice(0, wrapMost * width) + behind, width)
}

interface Compared {
  readonly field: Field
  readonly other: Field | undefined
  readonly isCompared: boolean
}

function fieldLines({ theme }: PaneContext, { field, other, isCompared }: Compared, places: Places): Line[] {
  const from = places.name + 1 + (places.type > 0 ? places.type + 1 : 0)
  const own = valueLines(field, places.value)
  const others = other === undefined ? [] : valueLines(other, places.value)
  const isSame = other?.value === field.value
  const valueStyle: Style = isCompared && !isSame ? theme.warn : theme.text
  return Array.from({ length: Math.max(1, own.length, others.length) }, (_, at) => (line) => {
    if (at === 0) {
      drawLeft(line, { x: 0, y: 0, width: places.name }, field.name, isCompared && !isSame ? theme.strong : theme.text)
      if (places.type > 0) drawLeft(line, { x: places.name + 1, y: 0, width: places.type }, field.type, theme.dim)
      if (isCompared && !isSame) line.text(from + places.value, 0, '≠', theme.warn)
    }
    drawLeft(line, { x: from, y: 0, width: places.value }, own.at(at) ?? '', valueStyle)
    if (isCompared) drawLeft(line, { x: places.other, y: 0, width: places.value }, others.at(at) ?? '', isSame ? theme.dim : theme.warn)
  })
}

function heading({ theme }: PaneContext, text: string): Line {
  return (line) => {
    const taken = drawLeft(line, { x: 0, y: 0, width: line.width }, `${text} `, theme.strong)
    for (let x = taken; x < line.width; x++) line.put(x, 0, 0x2500, theme.border)
  }
}

function headLine({ theme }: PaneContext, agent: AgentView): Line {
  const name: Piece = { text: `${agent.kind}[${String(agent.row)}]`, style: theme.strong }
  const life: Piece = agent.alive ? { text: `  ${agent.state ?? 'alive'}`, style: theme.good } : { text: '  dead', style: theme.bad }
  return (line) => {
    const taken = drawPieces(line, { x: 0, y: 0, width: line.width }, [name, life])
    const width = line.width - taken - 2
    const generation = count(agent.generation)
    drawRight(line, { x: taken + 2, y: 0, width }, width > generation.length + 'generation'.length ? `generation ${generation}` : `gen ${generation}`, theme.dim)
  }
}

/** Over the two columns: which is which. */
function comparedLine({ theme, view, chosen }: PaneContext, places: Places): Line {
  const from = places.other - signCells - places.value
  const other = chosen.other
  const name = other?.agent === undefined ? `${other?.name ?? ''}: not there` : `${other.name}${other.agent.alive ? '' : ': dead'}`
  return (line) => {
    drawLeft(line, { x: from, y: 0, width: places.value }, `step ${count(view?.step)}`, theme.dim)
    drawLeft(line, { x: places.other, y: 0, width: line.width - places.other }, name, theme.warn)
  }
}

/** State and generation are compared like columns. */
function lifeFields({ state, generation, alive }: AgentView): Field[] {
  return [
    { name: 'state', type: 'machine', value: alive ? (state ?? 'alive') : 'dead' },
    { name: 'generation', type: 'u32', value: String(generation) },
  ]
}

function sectionLines(context: PaneContext, fields: readonly Field[], others: readonly Field[], places: Places): Line[] {
  const isCompared = context.chosen.other !== undefined
  return fields.flatMap((field) => fieldLines(context, { field, other: others.find(({ name }) => name === field.name), isCompared }, places))
}

function inboxLines(context: PaneContext, agent: AgentView): Line[] {
  const { theme } = context
  if (agent.inbox.length === 0) return []
  return [emptyLine, heading(context, `inbox ${count(agent.inbox.length)}`), ...agent.inbox.map((message): Line => (line) => void drawLeft(line, { x: 0, y: 0, width: line.width }, message, theme.text))]
}

/** States that its machine was seen in, the newest first. */
function transitionLines(context: PaneContext): Line[] {
  const { theme } = context
  const { transitions } = context.chosen
  if (transitions.length < 2) return []
  const lines = transitions.map(({ step, state }): Line => (line) => {
    drawRight(line, { x: 0, y: 0, width: stepCells }, count(step), theme.dim)
    drawLeft(line, { x: stepCells + 1, y: 0, width: line.width - stepCells - 1 }, state, theme.text)
  })
  return [emptyLine, heading(context, 'states seen, from step'), ...lines.reverse()]
}

function linesOf(context: PaneContext, agent: AgentView, width: number): Line[] {
  const { other } = context.chosen
  const places = placesOf(agent.fields, width, other !== undefined)
  const others = other?.agent === undefined ? [] : [...lifeFields(other.agent), ...other.agent.fields]
  const policy = agent.fields.filter(({ name }) => ofPolicy.has(name))
  const own = agent.fields.filter(({ name }) => !ofPolicy.has(name))
  return [
    headLine(context, agent),
    ...(agent.alive ? [] : [deadLine(context)]),
    ...(other === undefined ? [] : [comparedLine(context, places), ...sectionLines(context, lifeFields(agent), others, places)]),
    ...sectionLines(context, own, others, places),
    ...(policy.length === 0 ? [] : [emptyLine, heading(context, 'policy'), ...sectionLines(context, policy, others, places)]),
    ...transitionLines(context),
    ...inboxLines(context, agent),
  ]
}

function deadLine({ theme }: PaneContext): Line {
  return (line) => void drawLeft(line, { x: 0, y: 0, width: line.width }, 'nobody lives in this row now: what it left behind', theme.dim)
}

function noteOf({ view, chosen }: PaneContext): string {
  if (chosen.other !== undefined) return `against ${chosen.other.name}`
  return view?.agent === undefined ? '' : `${view.agent.kind}[${String(view.agent.row)}]`
}

export const inspectorPane: Pane = {
  name: 'inspector',
  title: () => 'inspector',
  note: noteOf,
  draw: (surface, context) => {
    const { theme, view, chosen } = context
    if (view?.agent === undefined) {
      drawNotice(surface, theme, chosen.row === undefined ? 'no agent is chosen: enter on a row of the table' : `waiting for ${chosen.kind}[${String(chosen.row)}]`)
      return
    }
    const lines = linesOf(context, view.agent, surface.width - 1)
    const from = scrolledTo(lines.length, surface.height, chosen.scroll.inspector)
    drawLines(surface.part(0, 0, surface.width - 1, surface.height), lines, from)
    drawScrollBar(surface, { from, shown: surface.height, total: lines.length }, theme)
  },
  lines: (context) => (context.view?.agent === undefined ? 0 : linesOf(context, context.view.agent, typedFrom).length),
}
