import type { Style, Surface } from '../screen/cells.ts'
import { textCells } from '../screen/cells.ts'
import { drawLeft, drawRight, type Field, type Piece } from './text.ts'

/** A column of a table. Numbers stand to the right. */
export interface Column {
  readonly head: string
  readonly width: number
  readonly isNumber: boolean
}

export interface PlacedColumn extends Column {
  readonly x: number
}

/** Cells between columns. */
const columnGap = 2

/** Columns side by side: each that fits beside those before it. The first one is shown in any case. */
export function placed<C extends Column>(columns: readonly C[], width: number): (C & { readonly x: number })[] {
  const shown: (C & { readonly x: number })[] = []
  let x = 0
  for (const column of columns) {
    if (shown.length > 0 && x + column.width > width) continue
    shown.push({ ...column, x, width: Math.min(column.width, Math.max(0, width)) })
    x += column.width + columnGap
  }
  return shown
}

/** Writes into the field of a column. */
export function drawCell(surface: Surface, { x, width, isNumber }: PlacedColumn, { y, text, style }: Piece & { readonly y: number }): void {
  const field: Field = { x, y, width }
  if (isNumber) drawRight(surface, field, text, style)
  else drawLeft(surface, field, text, style)
}

/** The names of the columns. */
export function drawHeads(surface: Surface, y: number, columns: readonly PlacedColumn[], style: Style): void {
  for (const column of columns) drawCell(surface, column, { y, text: column.head, style })
}

/** Cells of the widest of some texts. */
export function widest(texts: Iterable<string>, least = 0): number {
  let most = least
  for (const text of texts) most = Math.max(most, textCells(text))
  return most
}
