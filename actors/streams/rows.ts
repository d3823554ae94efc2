/**
 * Streams of columns: one message a step holds the live rows of a kind.
 *
 *     step f64 | rows u32 | 0 u32 | numbers of the rows u32 [rows] | first column | second column | ...
 *
 * Row numbers and every column are padded with zeros to a multiple of 8 bytes; a column is contiguous, row after row. The schema is JSON that
 * names kind and columns.
 */
import { observationsOf } from '../../brain/index.ts'
import { elementArray, elementBytes, MetabonkError, recordingEncoding, type ColumnArray, type ColumnType, type KindTable, type RecordedMessage, type SharedState, type StreamDeclaration } from '../../runtime/index.ts'
import { padded, Scratch, type Emit, type Stream } from './stream.ts'

/** A column of a stream, as its schema says it. */
interface ColumnSchema {
  readonly name: string
  readonly dtype: ColumnType['dtype']
  /** `bool`: 0 or 1. */
  readonly form: ColumnType['form'] | 'space'
  /** Of one row. */
  readonly shape: readonly number[]
}

interface RowsSchema {
  readonly kind: string
  readonly layout: string
  readonly columns: readonly ColumnSchema[]
}

const layout = 'step f64; rows u32; 0 u32; row numbers u32 [rows]; then each column [rows, ...shape]; row numbers and columns padded to 8 bytes'
const headBytes = 16

/** A column to be recorded: what it is, and where its rows lie. */
interface SourceColumn extends ColumnSchema {
  readonly source: ColumnArray
}

function widthOf({ shape }: ColumnSchema): number {
  return shape.reduce((product, extent) => product * extent, 1)
}

function rowBytesOf(column: ColumnSchema): number {
  return widthOf(column) * elementBytes[column.dtype]
}

/** Bytes of a message with so many rows, whose columns take so many bytes a row. */
function messageBytes(rowBytes: readonly number[], rows: number): number {
  let bytes = headBytes + padded(4 * rows)
  for (let i = 0; i < rowBytes.length; i++) bytes += padded(rows * rowBytes[i])
  return bytes
}

/** One column on its way from the world's memory to messages, in u32 where whole words make up a row, else in bytes. */
class ColumnCopy {
  private readonly source: Uint32Array | Uint8Array
  private readonly units: number
  /** All rows up to the last copy's count. */
  private all: Uint32Array | Uint8Array

  constructor(column: SourceColumn) {
    const { buffer, byteOffset, byteLength } = column.source
    const rowBytes = rowBytesOf(column)
    const isWords = rowBytes % 4 === 0
    this.source = isWords ? new Uint32Array(buffer, byteOffset, byteLength / 4) : new Uint8Array(buffer, byteOffset, byteLength)
    this.units = isWords ? rowBytes / 4 : rowBytes
    this.all = this.source.subarray(0, 0)
  }

  /** Copies `rows` rows, those that `numbers` names from place 4 on, to byte `at`. */
  copy(memory: Scratch['memory'], at: number, rows: number): void {
    const { source, units } = this
    const isWords = source instanceof Uint32Array
    const target = isWords ? memory.u32 : memory.u8
    let to = isWords ? at / 4 : at
    const numbers = memory.u32
    if (rows > 0 && numbers[headBytes / 4 + rows - 1] === rows - 1) {
      if (this.all.length !== rows * units) this.all = source.subarray(0, rows * units)
      target.set(this.all, to)
      return
    }
    for (let i = 0; i < rows; i++) {
      for (let from = numbers[headBytes / 4 + i] * units, end = from + units; from < end; from++) target[to++] = source[from]
    }
  }
}

/** Columns of the live rows of a kind, each step. */
export class RowStream implements Stream {
  readonly declaration: StreamDeclaration
  private readonly table: KindTable
  private readonly rowBytes: readonly number[]
  private readonly copies: readonly ColumnCopy[]
  private readonly scratch = new Scratch()

  constructor(channel: string, table: KindTable, columns: readonly SourceColumn[]) {
    const { name } = table.kind
    const schema: RowsSchema = { kind: name, layout, columns: columns.map(({ name: column, dtype, form, shape }) => ({ name: column, dtype, form, shape })) }
    this.declaration = { topic: `${channel}/${name}`, encoding: recordingEncoding, schemaName: 'metabonk.Rows', schemaEncoding: recordingEncoding, schema: JSON.stringify(schema) }
    this.table = table
    this.rowBytes = columns.map(rowBytesOf)
    this.copies = columns.map((column) => new ColumnCopy(column))
  }

  take(step: number, emit: Emit | undefined): void {
    if (emit === undefined) return
    const { scratch, rowBytes } = this
    const rows = this.table.aliveCount
    const bytes = scratch.reserve(messageBytes(rowBytes, rows))
    const { f64, u32 } = scratch.memory
    let at = padded(headBytes + 4 * rows)
    // The padding is what everything else leaves.
    f64[at / 8 - 1] = 0
    f64[0] = step
    u32[2] = rows
    u32[3] = 0
    this.writeNumbers()
    for (let i = 0; i < this.copies.length; i++) {
      const begin = at
      at += padded(rows * rowBytes[i])
      if (at > begin) f64[at / 8 - 1] = 0
      this.copies[i].copy(scratch.memory, begin, rows)
    }
    emit(step, 0, bytes)
  }

  private writeNumbers(): void {
    const { alive, rows } = this.table
    const numbers = this.scratch.memory.u32
    let to = headBytes / 4
    for (let row = 0; row < rows; row++) if (alive[row] === 1) numbers[to++] = row
  }
}

function stored(table: KindTable, name: string, shape?: readonly number[]): SourceColumn {
  const { type, live } = table.column(name)
  return { name, dtype: type.dtype, form: type.form, shape: shape ?? (type.form === 'vec' ? [type.width] : []), source: live }
}

/** What the agents of a kind observe in each state, as their observer wrote it. */
export function observationStream(table: KindTable, { stages }: SharedState): Stream {
  const shape = table.kind.policy?.observation.shape ?? []
  return new RowStream('observations', table, [{ name: 'observation', dtype: 'f32', form: 'space', shape, source: observationsOf(stages, table.kind) }])
}

/** What their policy chose in each state, and the mask it chose under. */
export function actionStream(table: KindTable): Stream {
  const isMasked = table.findColumn('actionMask') !== undefined
  return new RowStream('actions', table, [stored(table, 'action'), ...(isMasked ? [stored(table, 'actionMask')] : [])])
}

/** What the step that led to each state brought them. */
export function rewardStream(table: KindTable): Stream {
  return new RowStream('rewards', table, ['reward', 'terminated', 'truncated'].map((name) => stored(table, name)))
}

/** Columns of the live rows of a kind at a step. */
export interface RowsMessage {
  readonly step: number
  /** Numbers of the rows, ascending. */
  readonly rows: Uint32Array
  /** One element of `shape` a row, row after row; see the schema of the topic. */
  readonly columns: Readonly<Record<string, ColumnArray>>
}

/** Reads the messages of a stream of columns by its schema. */
export function rowsReader(topic: string, schemaText: string): (message: RecordedMessage) => RowsMessage {
  const { columns } = JSON.parse(schemaText) as RowsSchema
  return ({ step, bytes }) => {
    // The views need a place that is aligned.
    const { buffer } = new Uint8Array(bytes)
    const rows = bytes.length < headBytes ? 0 : new Uint32Array(buffer, 8, 1)[0]
    if (bytes.length !== messageBytes(columns.map(rowBytesOf), rows)) throw new MetabonkError({ code: 'recording-invalid', what: `a message of ${topic} has ${bytes.length} bytes, which is not what its schema says`, where: `step ${step}`, todo: 'record the run again' })
    let at = padded(headBytes + 4 * rows)
    const read: Record<string, ColumnArray> = {}
    for (const column of columns) {
      const elements = rows * widthOf(column)
      read[column.name] = elementArray(column.dtype, buffer, at, elements)
      at += padded(elements * elementBytes[column.dtype])
    }
    return { step, rows: new Uint32Array(buffer, headBytes, rows), columns: read }
  }
}
