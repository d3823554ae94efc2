import { numberText, type Cell, type TableColumn, type TableWriter } from './cells.ts'
import type { OutputFile } from '../output-files.ts'

/** A number as JSON; what JSON has no word for is a text: `"NaN"`, `"Infinity"`, `"-Infinity"`. */
function numberJson(value: number): string {
  return Number.isFinite(value) ? numberText(value) : `"${numberText(value)}"`
}

function cellJson(cell: Cell): string {
  if (typeof cell === 'number') return numberJson(cell)
  return typeof cell === 'object' ? `[${cell.map(numberJson).join(',')}]` : JSON.stringify(cell)
}

/** One JSON object a line. */
export function jsonLinesWriter(file: OutputFile, columns: readonly TableColumn[]): TableWriter {
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`)
  return {
    write: (row) => {
      file.writeText(`{${row.map((cell, i) => keys[i] + cellJson(cell)).join(',')}}\n`)
    },
    finish: () => undefined,
  }
}
