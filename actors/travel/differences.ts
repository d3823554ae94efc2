import { elementBytes, exactJson, type Column, type KindTable } from '../../runtime/index.ts'

/** A value of an agent that two states do not agree on. */
export interface Difference {
  readonly kind: string
  readonly row: number
  readonly column: string
  /** Both values as JSON. */
  readonly a: string
  readonly b: string
}

/**
 * The values two states differ in, by kind, row and column, at most `most`. Kinds and columns go by name; those only one of the
 * states has are left out.
 */
export function differencesOf(a: readonly KindTable[], b: readonly KindTable[], most: number): Difference[] {
  const found: Difference[] = []
  for (const table of a) {
    const other = b.find((each) => each.kind.name === table.kind.name)
    if (other !== undefined) collect(table, other, { found, most })
  }
  return found
}

function collect(a: KindTable, b: KindTable, { found, most }: { readonly found: Difference[]; readonly most: number }): void {
  const columns = a.columns.map((column) => [column, b.findColumn(column.name)] as const).filter((pair): pair is readonly [Column, Column] => pair[1] !== undefined)
  const suspects = columns.filter(([left, right]) => !sameRows(left, right, Math.max(a.rows, b.rows)))
  for (let row = 0; row < Math.max(a.rows, b.rows) && found.length < most; row++) {
    for (const [left, right] of suspects) {
      if (found.length >= most || sameBits(left, right, row)) continue
      found.push({ kind: a.kind.name, row, column: left.name, a: exactJson(a.get(left, row)), b: exactJson(b.get(right, row)) })
    }
  }
}

function bytesOf({ type, live }: Column, from: number, to: number): Uint8Array {
  const width = type.width * elementBytes[type.dtype]
  return new Uint8Array(live.buffer, live.byteOffset + from * width, Math.max(0, Math.min((to - from) * width, live.byteLength - from * width)))
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function sameRows(a: Column, b: Column, rows: number): boolean {
  return equalBytes(bytesOf(a, 0, rows), bytesOf(b, 0, rows))
}

function sameBits(a: Column, b: Column, row: number): boolean {
  return equalBytes(bytesOf(a, row, row + 1), bytesOf(b, row, row + 1))
}
