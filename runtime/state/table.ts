import { assert, MetabonkError } from '../errors.ts'
import { hashText } from '../hash/text.ts'
import { limits } from '../limits.ts'
import type { ColumnPlan, KindType } from '../schema/kind.ts'
import { loadValue, storeValue, u32, u8, valueFault, vec, type AgentId, type ColumnArray, type ColumnType } from '../schema/types.ts'
import { elementBytes } from '../slab/element.ts'
import { attachSlab, createSlab, regionArray, findRegion, type RegionPlan, type Slab } from '../slab/slab.ts'
import { addressOf, idsOf } from './address.ts'

/** Element class of a column for the hash kernel: NaN is canonicalised in f32 (1) and f64 (2). */
function hashClass(type: ColumnType): number {
  return type.dtype === 'f32' ? 1 : type.dtype === 'f64' ? 2 : 0
}

/** One column of a kind over its memory. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** Place in the kind's list of columns. */
  readonly index: number
  /** Place in the world's list of columns: what recordings call the column. */
  readonly id: number
  readonly live: ColumnArray
  /** The copy that others read, or undefined for a private column. */
  readonly published: ColumnArray | undefined
  /** The view of `live` that was published last, kept because a view in every step would be garbage in every step. */
  readonly view: { begin: number; end: number; source: ColumnArray }
  /** u32 words from the start of the slab to row 0 of `live`. */
  readonly wordOffset: number
  /** u32 words of one block of rows. */
  readonly blockWords: number
  readonly hashClass: number
  /** Seed of the column's block hashes: a hash of `kind.column`. */
  readonly hashSeed: number
}

/** Words of a table's counters. */
const word = { rows: 0, alive: 1, refused: 2 } as const

const bookkeeping: readonly ColumnPlan[] = [
  { name: '$alive', type: u8, published: false },
  { name: '$generation', type: u32, published: false },
]

/** Everything a kind keeps: its declared columns, the runtime's hidden ones, and those its behaviour asks for. */
export interface TablePlan {
  readonly kind: KindType
  readonly index: number
  /** Hidden columns of the behaviour (machine configuration, timers); names start with `$`. */
  readonly hidden: readonly ColumnPlan[]
  /** Id of the first column of this table. */
  readonly firstColumn: number
  readonly workers: number
}

/** All columns of a table in order: bookkeeping, declared, hidden. */
export function tableColumns(plan: Pick<TablePlan, 'kind' | 'hidden'>): ColumnPlan[] {
  return [...bookkeeping, ...plan.kind.plan, ...plan.hidden]
}

function capacityOf(kind: KindType): number {
  return Math.ceil(kind.rowsMax / limits.blockRows) * limits.blockRows
}

function regionPlans(plan: TablePlan, columns: readonly ColumnPlan[]): RegionPlan[] {
  const rows = capacityOf(plan.kind)
  const regions: RegionPlan[] = [
    { name: '#counters', kind: 'counters', dtype: 'u32', shape: [16] },
    { name: '#dirty', kind: 'counters', dtype: 'u8', shape: [plan.workers, columns.length] },
  ]
  for (const column of columns) {
    const shape = [rows, column.type.width]
    regions.push({ name: column.name, kind: 'column', dtype: column.type.dtype, shape })
    if (column.published) regions.push({ name: `${column.name}#published`, kind: 'column', dtype: column.type.dtype, shape })
  }
  return regions
}

/** Rows of one kind over shared memory: columns, life and death, change marks. Every thread builds its own over the same slab. */
export class KindTable {
  readonly kind: KindType
  readonly index: number
  readonly slab: Slab
  /** The whole slab as u32 words, for the hash kernel. */
  readonly memory: Uint32Array
  readonly columns: readonly Column[]
  readonly alive: Uint8Array
  readonly generation: Uint32Array
  readonly idOfRow: (row: number) => AgentId
  private readonly byName: ReadonlyMap<string, Column>
  private readonly counters: Uint32Array
  private readonly dirty: Uint8Array
  /** The whole slab. */
  private readonly bytes: Uint8Array
  /** No row below is free. Rows are taken and freed by one thread, the director's. */
  private freeFrom = 0
  private readonly workers: number

  constructor(plan: TablePlan, buffer?: SharedArrayBuffer) {
    const columns = tableColumns(plan)
    if (columns.length > limits.columnsMax) {
      throw new MetabonkError({ code: 'limit', what: `kind ${plan.kind.name} has ${columns.length} columns`, todo: `keep it to ${limits.columnsMax}` })
    }
    this.kind = plan.kind
    this.index = plan.index
    this.workers = plan.workers
    this.slab = buffer === undefined ? createSlab(regionPlans(plan, columns)) : attachSlab(buffer)
    this.memory = new Uint32Array(this.slab.buffer)
    this.bytes = new Uint8Array(this.slab.buffer)
    this.columns = columns.map((column, index) => this.columnOver(column, index, plan.firstColumn))
    this.byName = new Map(this.columns.map((column) => [column.name, column]))
    this.counters = regionArray(this.slab, '#counters', 'u32')
    this.dirty = regionArray(this.slab, '#dirty', 'u8')
    this.alive = this.column('$alive').live as Uint8Array
    this.generation = this.column('$generation').live as Uint32Array
    this.idOfRow = idsOf(this.generation, addressOf(this.index, 0))
  }

  private columnOver(plan: ColumnPlan, index: number, firstColumn: number): Column {
    const region = findRegion(this.slab, plan.name)
    const live = regionArray(this.slab, plan.name, plan.type.dtype)
    return {
      name: plan.name,
      type: plan.type,
      index,
      id: firstColumn + index,
      live,
      view: { begin: 0, end: -1, source: live },
      published: plan.published ? regionArray(this.slab, `${plan.name}#published`, plan.type.dtype) : undefined,
      wordOffset: region.byteOffset / 4,
      blockWords: (limits.blockRows * plan.type.width * elementBytes[plan.type.dtype]) / 4,
      hashClass: hashClass(plan.type),
      hashSeed: hashText(`${this.kind.name}.${plan.name}`),
    }
  }

  /** Rows ever used: live rows lie below this. */
  get rows(): number {
    return this.counters[word.rows]
  }

  get aliveCount(): number {
    return this.counters[word.alive]
  }

  /** Births refused because the kind was full. */
  get refused(): number {
    return this.counters[word.refused]
  }

  countRefused(): void {
    this.counters[word.refused]++
  }

  /** Sets the counters, when a state is restored. */
  restoreCounters(rows: number, alive: number, refused: number): void {
    this.freeFrom = 0
    this.counters[word.rows] = rows
    this.counters[word.alive] = alive
    this.counters[word.refused] = refused
  }

  /** Whether a row holds a living agent; no number of another kind does. */
  isAlive(row: number): boolean {
    return row < this.rows && this.alive[row] === 1
  }

  findColumn(name: string): Column | undefined {
    return this.byName.get(name)
  }

  column(name: string): Column {
    const column = this.byName.get(name)
    assert(column !== undefined, `kind ${this.kind.name} has the column ${name}`)
    return column
  }

  /** Notes that worker `worker` may have changed its rows of a column. */
  markDirty(column: number, worker: number): void {
    this.dirty[worker * this.columns.length + column] = 1
  }

  /** Notes that rows of a column may have changed, whoever owns them. */
  markDirtyAll(column: number): void {
    for (let worker = 0; worker < this.workers; worker++) this.dirty[worker * this.columns.length + column] = 1
  }

  /** Takes all marks away, to see what is marked from here on; {@link mergeDirty} puts them back. */
  takeDirty(): Uint8Array {
    const marks = this.dirty.slice()
    this.dirty.fill(0)
    return marks
  }

  mergeDirty(marks: Uint8Array): void {
    marks.forEach((mark, i) => {
      if (mark !== 0) this.dirty[i] = 1
    })
  }

  markAllDirty(): void {
    this.dirty.fill(1)
  }

  isDirty(column: number, worker: number): boolean {
    return this.dirty[worker * this.columns.length + column] !== 0
  }

  clearDirty(worker: number): void {
    const begin = worker * this.columns.length
    this.dirty.fill(0, begin, begin + this.columns.length)
  }

  /** The value of a column at a row, as people write it. */
  get(column: Column, row: number): unknown {
    return loadValue(column.type, column.live, row * column.type.width)
  }

  /** Checks and stores a value. Throws a `schema` error that names kind, column and row. */
  set(column: Column, row: number, value: unknown): void {
    const fault = valueFault(column.type, value)
    if (fault !== undefined) throw new MetabonkError({ code: 'schema', what: `${this.kind.name}.${column.name}: ${fault}`, where: `row ${row}` })
    storeValue(column.type, column.live, row * column.type.width, value)
    this.markDirtyAll(column.index)
  }

  /**
   * Brings the lowest free row to life with a new generation, zeroed. Returns -1 when `rowsMax` rows are alive.
   * A row whose generations are used up is never free again.
   */
  takeRow(): number {
    const rows = this.rows
    let row = rows
    if (this.aliveCount < rows) row = this.lowestFree(rows)
    if (row >= this.kind.rowsMax) return -1
    if (row === rows) this.counters[word.rows] = rows + 1
    this.counters[word.alive]++
    this.alive[row] = 1
    this.generation[row]++
    this.markDirtyAll(0)
    this.markDirtyAll(1)
    return row
  }

  /** Writes the record at a byte of `from`, as the kind's codec made it, to a new row. */
  fillRow(row: number, from: Uint8Array, at: number): void {
    const { bytes, columns, kind } = this
    for (let i = 0; i < kind.codec.fields.length; i++) {
      const { type, byteOffset } = kind.codec.fields[i]
      const column = columns[bookkeeping.length + i]
      const length = type.width * elementBytes[type.dtype]
      const to = column.wordOffset * 4 + row * length
      for (let k = 0; k < length; k++) bytes[to + k] = from[at + byteOffset + k]
      this.markDirtyAll(column.index)
    }
  }

  private lowestFree(rows: number): number {
    let row = this.alive.indexOf(0, this.freeFrom)
    while (row >= 0 && row < rows && this.generation[row] >= limits.generationMax) row = this.alive.indexOf(0, row + 1)
    const free = row < 0 ? rows : Math.min(row, rows)
    this.freeFrom = free
    return free
  }

  /** Ends a row: all its columns but the generation become zero. */
  freeRow(row: number): void {
    assert(this.alive[row] === 1, 'only a live row dies')
    this.freeFrom = Math.min(this.freeFrom, row)
    this.counters[word.alive]--
    for (let i = 0; i < this.columns.length; i++) {
      const column = this.columns[i]
      if (column.name === '$generation') continue
      column.live.fill(0, row * column.type.width, (row + 1) * column.type.width)
      this.markDirtyAll(column.index)
    }
  }

  /** Copies rows of every published column from live to published, where changed or when `all`. */
  publish(begin: number, end: number, worker: number, all: boolean): void {
    for (let i = 0; i < this.columns.length; i++) {
      const column = this.columns[i]
      if (column.published === undefined || !(all || this.isDirty(column.index, worker))) continue
      const { view } = column
      const from = begin * column.type.width
      if (view.begin !== begin || view.end !== end) {
        view.source = column.live.subarray(from, end * column.type.width)
        view.begin = begin
        view.end = end
      }
      column.published.set(view.source, from)
    }
  }
}

/** A hidden vector column of u32 words. */
export function hiddenWords(name: string, words: number): ColumnPlan {
  return { name, type: vec(u32, words), published: false }
}


/** All columns of a row, as people write their values. */
export function loadRow(table: KindTable, row: number): Record<string, unknown> {
  return Object.fromEntries(table.columns.map((column) => [column.name, table.get(column, row)]))
}
