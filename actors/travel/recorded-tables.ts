import { observationsOf } from '../../brain/index.ts'
import { MetabonkError, type ColumnArray, type ColumnType, type KindTable, type KindType, type SharedState } from '../../runtime/index.ts'
import { statePaths, type MachineBehaviour } from '../statechart/index.ts'

/** A kind of a recorded world, and what a recording of it can show of its agents. */
export interface RecordedKind {
  readonly type: KindType
  readonly hasMachine: boolean
  /** Observations of the kind's policy are written in every step. */
  readonly isObserved: boolean
  /** Each agent of the kind has a camera. */
  readonly hasCamera: boolean
}

/** A declared column in the memory of a state: the values of a row are `width` elements from `row * width` on. */
export interface RecordedColumn {
  readonly name: string
  readonly type: ColumnType
  readonly values: ColumnArray
}

/** All agents of a kind, in the memory of a state: nothing is copied. */
export interface RecordedTable {
  /** Rows ever used: live rows lie below. */
  readonly rows: number
  /** Births refused because the kind was full. */
  readonly refused: number
  /** 1 for a live row. */
  readonly alive: Uint8Array
  /** How many agents have lived in a row. */
  readonly generation: Uint32Array
  /** In the order of their declaration. */
  readonly columns: readonly RecordedColumn[]
  /** The state of a live row's machine, like `alive.hunting`; in a parallel state those of all regions, joined by ` & `. Undefined without a machine. */
  readonly stateOf: ((row: number) => string) | undefined
}

/** The kinds of a world, in their order. */
export function recordedKinds({ program }: SharedState): RecordedKind[] {
  return program.kinds.map((type, i) => ({
    type,
    hasMachine: program.behaviours[i] !== undefined,
    isObserved: program.stages.some(({ name, kind }) => name === 'observe' && kind === type),
    hasCamera: program.stages.some(({ name, kind }) => name === 'render' && kind === type),
  }))
}

/** A kind's table of a state; stays true while the memory of that state does. */
export function recordedTable({ program }: SharedState, table: KindTable): RecordedTable {
  const behaviour = program.behaviours[table.index] as MachineBehaviour | undefined
  const declared = table.columns.filter(({ name }) => !name.startsWith('$'))
  return {
    get rows() {
      return table.rows
    },
    get refused() {
      return table.refused
    },
    alive: table.alive,
    generation: table.generation,
    columns: declared.map(({ name, type, live }) => ({ name, type, values: live })),
    stateOf: behaviour === undefined ? undefined : statePaths(behaviour, table),
  }
}

/** What the agents of a kind observe: f32 [rowsMax, ...shape] in the order of rows. Throws `usage` for a kind that nobody observes for. */
export function recordedObservations(state: SharedState, kind: string): Float32Array {
  const observed = recordedKinds(state).find(({ type, isObserved }) => isObserved && type.name === kind)
  if (observed === undefined) throw new MetabonkError({ code: 'usage', what: `agents of kind '${kind}' observe nothing` })
  return observationsOf(state.stages, observed.type)
}
