import type { Style, Surface } from '../screen/cells.ts'
import type { ColumnAbout, KindAbout, TableRow, TableView } from '../model/model.ts'
import { seriesStyle } from './colours.ts'
import { drawNotice } from './lines.ts'
import { clamped, count } from './numbers.ts'
import type { Pane, PaneContext } from './pane.ts'
import { drawScrollBar } from './scroll-bar.ts'
import { drawCell, placed, widest, type Column } from './table.ts'
import { drawLeft } from './text.ts'

/** A column of the table, by what it is sorted. */
interface TableColumn extends Column {
  readonly by: string
  readonly sorts: boolean
  /** What a row says in it. */
  text(row: TableRow): string
}

interface Layout {
  readonly columns: readonly (TableColumn & { readonly x: number })[]
  /** Columns that there is no room for. */
  readonly dropped: number
}

const headLines = 1
const columnMost = 24
const stateMost = 18
const scalarCells: Readonly<Record<string, number>> = { bool: 5, u8: 4, i8: 4, u16: 6, i16: 6, u32: 10, i32: 11, f32: 10, f64: 12, enum: 10 }
const scalarDefault = 10
const vector = /^vec (\w+)\[(\d+)\]/

/** Rows of agents that a pane so high shows: as many as are to be asked for. */
export function agentRows(height: number): number {
  return Math.max(0, height - headLines)
}

/** Cells for values of a type: the same for all rows, so that columns stand still while one scrolls. */
function typeCells(type: string): number {
  const found = vector.exec(type)
  if (found === null) return scalarCells[type.split(' ')[0]] ?? scalarDefault
  return clamped(Number(found[2]) * (scalarCells[found[1]] ?? scalarDefault), 1, columnMost)
}

function fieldColumn({ name, type, isNumber }: ColumnAbout, at: number): TableColumn {
  const width = clamped(Math.max(widest([name]) + 1, typeCells(type)), 1, columnMost)
  return { head: name, width, isNumber, by: name, sorts: isNumber, text: ({ cells }) => cells.at(at) ?? '' }
}

function columnsOf({ view, chosen }: PaneContext, about: KindAbout): TableColumn[] {
  const digits = String(Math.max(0, about.rowsMax - 1)).length
  const states = view?.kinds.find(({ name }) => name === chosen.kind)?.states.map(({ state }) => state) ?? []
  const row: TableColumn = { head: 'row', width: clamped(digits, 4, scalarDefault), isNumber: true, by: 'row', sorts: true, text: (agent) => String(agent.row) }
  const state: TableColumn = { head: 'state', width: clamped(widest(states, 6), 6, stateMost), isNumber: false, by: 'state', sorts: true, text: (agent) => agent.state ?? '' }
  return [row, ...(about.hasMachine ? [state] : []), ...about.columns.map(fieldColumn)]
}

/** The columns that there is room for. The one that the table is sorted by is among them: where it would not fit, it comes before the other values. */
function fitting(columns: readonly TableColumn[], sorted: string, width: number): Layout['columns'] {
  const shown = placed(columns, width)
  if (shown.some(({ by }) => by === sorted)) return shown
  const rank = ({ by }: TableColumn): number => (by === 'row' || by === 'state' ? 0 : by === sorted ? 1 : 2)
  return placed([...columns].sort((a, b) => rank(a) - rank(b)), width)
}

function layoutOf(context: PaneContext, width: number): Layout {
  const about = context.about.kinds.find(({ name }) => name === context.chosen.kind)
  if (about === undefined) return { columns: [], dropped: 0 }
  const all = columnsOf(context, about)
  // The last cells are for the scroll bar, and for the sign of what is not shown.
  const columns = fitting(all, context.chosen.table.sort?.by ?? 'row', width - 2)
  return { columns, dropped: all.length - columns.length }
}

function drawHead(surface: Surface, { theme, chosen }: PaneContext, { columns, dropped }: Layout): void {
  const { sort } = chosen.table
  for (const column of columns) {
    const isSorted = column.by === (sort?.by ?? 'row')
    const arrow = isSorted ? (sort?.descending === true ? '▼' : '▲') : ''
    drawCell(surface, column, { y: 0, text: column.isNumber ? arrow + column.head : column.head + arrow, style: isSorted ? theme.strong : theme.dim })
  }
  if (dropped > 0) surface.text(surface.width - 1, 0, '›', theme.warn)
}

function stateStyles({ theme, view, chosen }: PaneContext): ReadonlyMap<string, Style> {
  const states = view?.kinds.find(({ name }) => name === chosen.kind)?.states ?? []
  return new Map(states.map(({ state }, index) => [state, seriesStyle(theme, index)]))
}

function drawRows(surface: Surface, context: PaneContext, table: TableView, { columns }: Layout): void {
  const { theme, chosen } = context
  const styles = stateStyles(context)
  const shown = Math.min(surface.height, table.rows.length)
  for (let y = 0; y < shown; y++) {
    const row = table.rows[y]
    const isCursor = table.from + y === chosen.cursor
    const isInspected = row.row === chosen.row
    if (isCursor) surface.fill(theme.selected, undefined, { x: 0, y, width: surface.width - 1, height: 1 })
    for (const column of columns) {
      const style = column.by === 'state' ? (styles.get(row.state ?? '') ?? theme.text) : isInspected ? theme.strong : column.by === 'row' ? theme.dim : theme.text
      drawCell(surface, column, { y, text: column.text(row), style: isCursor ? theme.selected : style })
    }
    if (isInspected) surface.text(surface.width - 2, y, '◂', isCursor ? theme.selected : theme.strong)
  }
}

function emptyText({ view, about, chosen }: PaneContext): string | undefined {
  if (about.kinds.length === 0) return 'the world has no kinds'
  if (view?.table === undefined) return 'waiting for the first rows'
  if (view.table.rows.length > 0) return undefined
  return chosen.table.filter === '' ? `no ${chosen.kind} is alive` : `no ${chosen.kind} matches ${chosen.table.filter}`
}

function drawTable(surface: Surface, context: PaneContext, table: TableView): void {
  const layout = layoutOf(context, surface.width)
  drawHead(surface, context, layout)
  const body = surface.part(0, headLines, surface.width, surface.height - headLines)
  drawRows(body, context, table, layout)
  drawScrollBar(body, { from: table.from, shown: body.height, total: table.total }, context.theme)
}

function noteOf({ view, chosen }: PaneContext): string {
  const table = view?.table
  if (table === undefined) return ''
  const all = view?.kinds.find(({ name }) => name === table.kind)?.agents
  if (chosen.table.filter === '') return count(table.total)
  return `/${chosen.table.filter}  ${count(table.total)}${all === undefined ? '' : ` of ${count(all)}`}`
}

export const agentsPane: Pane = {
  name: 'agents',
  title: ({ chosen }) => (chosen.kind === '' ? 'agents' : `agents: ${chosen.kind}`),
  note: noteOf,
  draw: (surface, context) => {
    const { theme, view } = context
    const fault = view?.table?.fault
    const bottom = fault === undefined ? 0 : 1
    const body = surface.part(0, 0, surface.width, surface.height - bottom)
    const empty = emptyText(context)
    if (view?.table === undefined || empty !== undefined) drawNotice(body, theme, fault === undefined ? (empty ?? '') : 'the filter can not be read')
    else drawTable(body, context, view.table)
    if (fault !== undefined) drawLeft(surface, { x: 0, y: surface.height - 1, width: surface.width }, fault, theme.bad)
  },
  click: (context, { x, y, width }) => {
    if (y < headLines) {
      const column = layoutOf(context, width).columns.find((one) => x < one.x + one.width + 1)
      return column?.sorts === true ? { form: 'sort', by: column.by } : undefined
    }
    const table = context.view?.table
    const at = y - headLines
    return table !== undefined && at < table.rows.length ? { form: 'cursor', place: table.from + at } : undefined
  },
  lines: ({ view }) => view?.table?.total ?? 0,
}
