/** What tables of an export are made of, whatever file they go to. */
import type { ColumnType } from '../../runtime/index.ts'

/** What a value of a column is. `integer` is a whole number of up to 53 bits. */
export type CellType = ColumnType['dtype'] | 'bool' | 'text' | 'integer'

/** A value of a row; a list in columns that have a length. */
export type Cell = number | boolean | string | readonly number[]

/** A column of an exported table. */
export interface TableColumn {
  readonly name: string
  readonly type: CellType
  /** Elements of the list that each value is; 0 for a single value. */
  readonly length: number
}

/** Writes a table row by row, each with a cell for every column. */
export interface TableWriter {
  write(row: readonly Cell[]): void
  /** Writes what is left, and the end of the file. */
  finish(): void
}

/** A column of single values. */
export function single(name: string, type: CellType): TableColumn {
  return { name, type, length: 0 }
}

/** How a column of a world is exported. */
export function exported(name: string, { form, dtype, width }: ColumnType): TableColumn {
  switch (form) {
    case 'bool':
      return single(name, 'bool')
    case 'enum':
      return single(name, 'text')
    case 'id':
      return single(name, 'integer')
    case 'vec':
      return { name, type: dtype, length: width }
    case 'number':
      return single(name, dtype)
  }
}

/** A number as text that gives the same number back: `0.1`, `-0`, `NaN`, `-Infinity`. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
