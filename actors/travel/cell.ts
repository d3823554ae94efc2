import { exactJson, type SharedState } from '../../runtime/index.ts'
import { stateValueOf, type MachineBehaviour } from '../statechart/index.ts'

/** A column of an agent; `state` with {@link Cell.isState} is the state of its machine. */
export interface Cell {
  readonly kind: string
  readonly row: number
  readonly column: string
  /** The state of the agent's machine is meant. */
  readonly isState: boolean
  /** Which number of a vector; undefined for the whole column. */
  readonly element?: number | undefined
}

/** The column that holds a cell. */
export function columnOf({ column, isState }: Cell): string {
  return isState ? '$state' : column
}

/** A cell as it is now. */
export interface CellNow {
  /** The row's generation; 0 while nobody lives there. */
  readonly life: number
  /** The value as JSON. */
  readonly value: string
}

/** Reads a cell of a state. */
export function readCell({ program, tables }: SharedState, cell: Cell): CellNow {
  const table = tables[program.kinds.findIndex((each) => each.name === cell.kind)]
  const { row } = cell
  if (!table.isAlive(row)) return { life: 0, value: 'null' }
  const behaviour = program.behaviours[table.index]
  const value = cell.isState && behaviour !== undefined ? stateValueOf(behaviour as MachineBehaviour, table, row) : table.get(table.column(columnOf(cell)), row)
  return { life: table.generation[row], value: exactJson(cell.element === undefined ? value : (value as readonly number[])[cell.element]) }
}
