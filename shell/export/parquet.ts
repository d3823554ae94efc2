import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { Cell, CellType, TableColumn, TableWriter } from './cells.ts'
import type { OutputFile } from '../output-files.ts'

/** Values that are held before they go out as a row group. */
const groupValues = 1 << 18

const types: Readonly<Record<CellType, Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  f32: { type: 'FLOAT' },
  f64: { type: 'DOUBLE' },
  i32: { type: 'INT32' },
  u32: { type: 'INT32', converted_type: 'UINT_32' },
  u16: { type: 'INT32', converted_type: 'UINT_16' },
  u8: { type: 'INT32', converted_type: 'UINT_8' },
  bool: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
}

function schemaOf(columns: readonly TableColumn[]): SchemaElement[] {
  const fields = columns.flatMap(({ name, type, length }): SchemaElement[] => {
    if (length === 0) return [{ name, repetition_type: 'REQUIRED', ...types[type] }]
    return [
      { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'REQUIRED', ...types[type] },
    ]
  })
  return [{ name: 'root', num_children: columns.length }, ...fields]
}

/** Bytes of the format on their way to a file: what is laid out goes out with every row group. */
class FileBytes extends ByteWriter {
  private readonly file: OutputFile

  constructor(file: OutputFile) {
    super()
    this.file = file
  }

  flush(): void {
    this.file.write(this.getBytes())
    this.index = 0
  }

  override finish(): void {
    this.flush()
  }
}

/** An Apache Parquet file in row groups of bounded size. Every column is required; vectors are lists. */
export function parquetWriter(file: OutputFile, columns: readonly TableColumn[]): TableWriter {
  const writer = new ParquetWriter({ writer: new FileBytes(file), schema: schemaOf(columns), createdBy: 'metabonk' })
  const perRow = columns.reduce((sum, { length }) => sum + Math.max(1, length), 0)
  const rowsMax = Math.max(1, Math.floor(groupValues / perRow))
  const held = columns.map((): (Cell | bigint)[] => [])
  const flush = (): void => {
    if (held[0].length === 0) return
    // A dictionary would take -0 for 0.
    const columnData = columns.map(({ name, type }, i) => ({ name, data: held[i], offsetIndex: false, ...(type === 'f32' || type === 'f64' ? { encoding: 'PLAIN' as const } : {}) }))
    void writer.write({ columnData, rowGroupSize: rowsMax })
    for (const values of held) values.length = 0
  }
  return {
    write: (row) => {
      row.forEach((cell, i) => held[i].push(columns[i].type === 'integer' ? BigInt(cell as number) : cell))
      if (held[0].length >= rowsMax) flush()
    },
    finish: () => {
      flush()
      void writer.finish()
    },
  }
}
