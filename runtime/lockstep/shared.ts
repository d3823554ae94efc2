import { MetabonkError } from '../errors.ts'
import { exactJson, parseExactJson } from '../exact-json.ts'
import { createGridShape } from '../grid/shape.ts'
import { Grid } from '../grid/grid.ts'
import type { GridShape, Kernels } from '../kernels.ts'
import { createOutboxMemory, mailBytesMax, Outbox } from '../mail/outbox.ts'
import { attachSlab, createSlab, regionArray, type RegionPlan, type Slab } from '../slab/slab.ts'
import { hashHex } from '../hash/hex.ts'
import { hashPair } from '../hash/text.ts'
import type { ColumnType } from '../schema/types.ts'
import { StreamNames } from '../rng/streams.ts'
import { KindTable, tableColumns, type TablePlan } from '../state/table.ts'
import { Control, createControlMemory, type ControlShape } from './control.ts'
import type { ConfigValues, Program } from './program.ts'
import { createRequestMemory } from './requests.ts'

/** The memory of a running world: plain shared buffers, handed to every thread. */
export interface SharedMemory {
  readonly workers: number
  readonly tables: readonly SharedArrayBuffer[]
  readonly grids: readonly (SharedArrayBuffer | undefined)[]
  /** One for the director, then one for each thread. */
  readonly outboxes: readonly SharedArrayBuffer[]
  readonly inboxes: readonly SharedArrayBuffer[]
  readonly requests: readonly SharedArrayBuffer[]
  readonly control: SharedArrayBuffer
  readonly config: SharedArrayBuffer
  readonly stages: SharedArrayBuffer
}

/** Longest configuration, as JSON text. */
const configBytesMax = 1 << 16

/** Plans of the world's tables, columns numbered across kinds in order. */
function tablePlans(program: Program, workers: number): TablePlan[] {
  let firstColumn = 0
  return program.kinds.map((kind, index) => {
    const hidden = program.behaviours[index]?.hidden ?? []
    const plan = { kind, index, hidden, firstColumn, workers }
    firstColumn += tableColumns(plan).length
    return plan
  })
}

/** Shape of the control slab of a world on a number of threads. */
export function controlShape(program: Program, workers: number): ControlShape {
  const columns = tablePlans(program, workers).reduce((sum, plan) => sum + tableColumns(plan).length, 0)
  return { workers, kinds: program.kinds.length, columns }
}

/** Kind and name of every column of a world, in the order of their ids. */
export function worldColumns(program: Program): { readonly kind: string; readonly column: string; readonly type: ColumnType }[] {
  return tablePlans(program, 1).flatMap((plan) => tableColumns(plan).map((each) => ({ kind: plan.kind.name, column: each.name, type: each.type })))
}

/** Hash of how the state lies in memory: kinds, columns, types, messages. Replay is gated on it. */
export function layoutHash(program: Program): string {
  const columns = worldColumns(program).map(({ kind, column, type }) => `${kind}.${column}:${type.form}:${type.dtype}:${type.width}:${type.labels.join('|')}`)
  const messages = program.types.map(({ name, codec }) => `${name}:${hashHex(codec.hash.low, codec.hash.high)}`)
  const { low, high } = hashPair([...columns, ...messages].join(';'))
  return hashHex(low, high)
}

function gridPlans(program: Program, kind: number): RegionPlan[] | undefined {
  const { cell, rowsMax } = program.kinds[kind]
  if (cell === undefined) return undefined
  const shape = createGridShape(program.space, cell)
  return [
    { name: 'start', kind: 'words', dtype: 'u32', shape: [shape.columns * shape.lines + 1] },
    { name: 'sorted', kind: 'words', dtype: 'u32', shape: [rowsMax] },
  ]
}

/** Reserves the memory of a world for a number of threads; that of its stages unless it is given. */
export function createSharedMemory(program: Program, workers: number, stages: SharedArrayBuffer = createSlab(program.regions).buffer): SharedMemory {
  const { kinds } = program
  const plans = tablePlans(program, workers)
  const tables = plans.map((plan) => new KindTable(plan).slab.buffer)
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
  const memory = {
    workers,
    tables,
    grids: kinds.map((_, kind) => {
      const grid = gridPlans(program, kind)
      return grid === undefined ? undefined : createSlab(grid).buffer
    }),
    outboxes: times(workers + 1, () => createOutboxMemory(kinds)),
    inboxes: times(workers, () => new SharedArrayBuffer(mailBytesMax(kinds))),
    requests: times(workers + 1, () => createRequestMemory(kinds)),
    control: createControlMemory(controlShape(program, workers)),
    config: new SharedArrayBuffer(16 + configBytesMax),
    stages,
  }
  new SharedConfig(memory.config).write(program.config)
  return memory
}

/** The configuration as all threads see it: live keys change at a step boundary. */
export class SharedConfig {
  private readonly head: Int32Array
  private readonly bytes: Uint8Array
  private seen = -1
  private values: ConfigValues = {}

  constructor(memory: SharedArrayBuffer) {
    this.head = new Int32Array(memory, 0, 4)
    this.bytes = new Uint8Array(memory, 16)
  }

  /** The values in force; the same object until they change. */
  get current(): ConfigValues {
    if (this.head[0] !== this.seen) {
      this.seen = this.head[0]
      this.values = Object.freeze(parseExactJson(this.text))
    }
    return this.values
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes.slice(0, this.head[1]))
  }

  /** The bytes of a configuration. Throws `limit` when they are too many to be written. */
  static encode(values: ConfigValues): Uint8Array {
    const bytes = new TextEncoder().encode(exactJson(values))
    if (bytes.length <= configBytesMax) return bytes
    throw new MetabonkError({ code: 'limit', what: `the configuration is ${bytes.length} bytes of JSON`, todo: `keep it to ${configBytesMax}` })
  }

  write(values: ConfigValues): void {
    const bytes = SharedConfig.encode(values)
    this.bytes.set(bytes)
    this.head[1] = bytes.length
    this.head[0]++
  }
}

/** The neighbour grid of a kind, searched by published positions (in systems) or by live ones (after settling). */
export interface Grids {
  readonly published: Grid
  readonly live: Grid
  /** Live positions: x, y pairs by row. */
  readonly at: Float32Array
}

/** The shared memory of a world as one thread sees it. */
export interface SharedState {
  readonly program: Program
  readonly kernels: Kernels
  readonly tables: readonly KindTable[]
  readonly grids: readonly (Grids | undefined)[]
  readonly outboxes: readonly Outbox[]
  readonly control: Control
  readonly config: SharedConfig
  /** Random streams in use: two of one number are refused. */
  readonly streams: StreamNames
  readonly stages: Slab
  readonly memory: SharedMemory
}

/** Attaches a thread to the memory of a world. */
export function attachShared(program: Program, memory: SharedMemory, kernels: Kernels): SharedState {
  const plans = tablePlans(program, memory.workers)
  const tables = plans.map((plan, i) => new KindTable(plan, memory.tables[i]))
  return {
    program,
    kernels,
    tables,
    grids: gridsOver(program, tables, memory.grids),
    outboxes: memory.outboxes.map((buffer) => new Outbox(buffer, program.kinds, program.types)),
    control: new Control(memory.control, controlShape(program, memory.workers)),
    config: new SharedConfig(memory.config),
    streams: new StreamNames(),
    stages: attachSlab(memory.stages),
    memory,
  }
}

/** The grids of all kinds that have one. Those with equal cells share their shape, by which a search in several of them knows it. */
function gridsOver({ space }: Program, tables: readonly KindTable[], memory: SharedMemory['grids']): (Grids | undefined)[] {
  const shapes = new Map<number, GridShape>()
  return memory.map((buffer, kind) => {
    if (buffer === undefined) return undefined
    const { cell = 1 } = tables[kind].kind
    const shape = shapes.get(cell) ?? createGridShape(space, cell)
    shapes.set(cell, shape)
    return gridOver(tables[kind], shape, buffer)
  })
}

function gridOver(table: KindTable, shape: GridShape, buffer: SharedArrayBuffer): Grids {
  const at = table.findColumn('at')
  if (at?.published === undefined || at.type.dtype !== 'f32' || at.type.width !== 2) {
    throw new MetabonkError({ code: 'world-invalid', what: `kind ${table.kind.name} declares a cell but no position`, todo: 'publish a column at: vec(f32, 2)' })
  }
  const slab = attachSlab(buffer)
  const start = regionArray(slab, 'start', 'u32')
  const sorted = regionArray(slab, 'sorted', 'u32')
  return { published: new Grid(shape, start, sorted, at.published as Float32Array), live: new Grid(shape, start, sorted, at.live as Float32Array), at: at.live as Float32Array }
}

/** Rebuilds the neighbour grid of every kind that has one, from live positions. */
export function buildGrids(state: SharedState): void {
  for (let kind = 0; kind < state.tables.length; kind++) {
    const grid = state.grids[kind]
    if (grid === undefined) continue
    const table = state.tables[kind]
    state.kernels.buildGrid(grid.live.shape, grid.at, table.alive, table.rows, grid.live.start, grid.live.sorted)
  }
}

/** Deals every kind's rows to the threads. */
export function dealRows(state: SharedState): void {
  for (let kind = 0; kind < state.tables.length; kind++) {
    const table = state.tables[kind]
    // A row may have changed hands: its new owner has no earlier share of the hash to keep.
    if (state.control.deal(kind, table.rows)) table.markAllDirty()
  }
}

