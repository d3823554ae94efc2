import { numberText, type Cell, type TableColumn, type TableWriter } from './cells.ts'
import type { OutputFile } from '../output-files.ts'

/** Names of the columns as a line has them: a list has one for each element, `at_0,at_1`, or `at.0,at.1` where that is taken. */
function headings(columns: readonly TableColumn[]): string[] {
  const taken = new Set(columns.filter(({ length }) => length === 0).map(({ name }) => name))
  return columns.flatMap(({ name, length }) => {
    if (length === 0) return [name]
    const places = Array.from({ length }, (_, i) => String(i))
    const joint = places.some((place) => taken.has(`${name}_${place}`)) ? '.' : '_'
    return places.map((place) => name + joint + place)
  })
}

function cellText(cell: Cell): string {
  if (typeof cell === 'number') return numberText(cell)
  if (typeof cell === 'string') return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
  return typeof cell === 'boolean' ? String(cell) : cell.map(numberText).join(',')
}

/** Comma-separated values as in RFC 4180, with a line of headings; lines end in a line feed. */
export function csvWriter(file: OutputFile, columns: readonly TableColumn[]): TableWriter {
  file.writeText(`${headings(columns).join(',')}\n`)
  return {
    write: (row) => {
      file.writeText(`${row.map(cellText).join(',')}\n`)
    },
    finish: () => undefined,
  }
}
