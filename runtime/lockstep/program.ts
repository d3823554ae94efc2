import type { Grid } from '../grid/grid.ts'
import type { LiveIndex } from '../grid/live-index.ts'
import type { Kernels } from '../kernels.ts'
import type { Inbox } from '../mail/inbox.ts'
import type { SendingPort } from '../mail/sending.ts'
import type { Rng } from '../rng/rng.ts'
import type { ColumnPlan, FieldsOf, KindType } from '../schema/kind.ts'
import type { MessageType } from '../schema/message.ts'
import type { WorldSpace } from '../schema/spaces.ts'
import type { AgentId, ArrayOf, GivenOf, ValueOf, ValuesOf } from '../schema/types.ts'
import type { RegionPlan, Slab } from '../slab/slab.ts'
import type { KindTable } from '../state/table.ts'

/** A column that may be read and not written. */
export interface ReadColumn {
  readonly length: number
  readonly [index: number]: number
}

/** Configuration values by key. */
export type ConfigValues = Readonly<Record<string, number | string | boolean>>

/** Columns of a kind for reading, by name. */
export type ReadColumns<K> = { readonly [F in keyof FieldsOf<K>]: ReadColumn }
/** Columns of a kind for writing, by name. */
export type WriteColumns<K> = { readonly [F in keyof FieldsOf<K>]: ArrayOf<FieldsOf<K>[F]> }
/** Columns of a kind that others may read, by name. */
export type OtherColumns<K> = K extends KindType<string, infer P> ? { readonly [F in keyof P]: ReadColumn } : never
/** Some or all values of a kind's columns. */
export type SomeValues<K> = { readonly [F in keyof FieldsOf<K>]?: ValueOf<FieldsOf<K>[F]> }

/** The states of machines, for systems. Throws `world-invalid` for a state or tag that no state of the machine has. */
export interface StateReader {
  /** Whether the machine of a row is in the state of a path like `armed.reloading`. */
  matches(row: number, path: string): boolean
  /** Whether some active state of a row's machine has a tag. */
  hasTag(row: number, tag: string): boolean
  /** `meta` of a row's active states, by their ids. The same object for all rows in the same states. */
  meta(row: number): Readonly<Record<string, unknown>>
}

/** The rows a system works on: `begin` to `end` (exclusive), of which `alive[row] === 1` are alive. */
export interface Rows<K = KindType> {
  readonly begin: number
  readonly end: number
  readonly alive: ReadColumn
  /** Own columns, read only. Taking a column here promises not to write it; `--check` holds you to it. */
  readonly read: ReadColumns<K>
  /** Own columns, to be read and written at own rows only. Taking one here marks it changed. */
  readonly write: WriteColumns<K>
  id(row: number): AgentId
  /** The states of the rows' machines, as they are now. */
  readonly states: StateReader
  /** Calls `visit` for each message of `type` a row has received, in canonical order. The payload object is reused. */
  eachMail<M extends MessageType>(type: M, row: number, visit: (payload: ValuesOf<M['fields']>, sender: AgentId) => void): void
}

/** All rows of a kind, for a sequential system. Mail is read by parallel systems and machines. */
export type LiveRows<K = KindType> = Omit<Rows<K>, 'eachMail'>

/** Other agents as they may be read: as they were at the start of the step. */
export interface Others<K = KindType> {
  /** Rows ever used; look at `alive` before reading one. */
  readonly rows: number
  readonly alive: ReadColumn
  readonly columns: OtherColumns<K>
  id(row: number): AgentId
}

/** What every system is given beside its rows. */
export interface StepWorld<C = ConfigValues> {
  readonly step: number
  readonly seed: number
  readonly config: C
  readonly space: WorldSpace
  /** The generator of a named stream at an agent's row, at draw 0 of this step. The same object every time: use it before asking again. */
  rng(stream: string, row: number): Rng
  others<K extends KindType>(kind: K): Others<K>
  /** The neighbour grid of a kind that declares `cell`. */
  grid(kind: KindType): Grid
}

/** What a parallel system may do for its own rows. */
export interface ParallelWorld<C = ConfigValues> extends StepWorld<C> {
  /** Sends a message from an own row; it arrives in the next step. */
  send<M extends MessageType>(row: number, type: M, to: AgentId, payload: GivenOf<M['fields']>): void
  /** Asks for a birth on behalf of an own row; the newcomer acts in the next step. */
  spawn<K extends KindType>(row: number, kind: K, values: SomeValues<K>): void
  /** Ends an own row when the step settles. */
  kill(row: number): void
}

/** What a sequential system, the only one running, may do. */
export interface SequentialWorld<C = ConfigValues> extends StepWorld<C> {
  /** All rows of a kind the system names, live. */
  rows<K extends KindType>(kind: K): LiveRows<K>
  /** Live rows in the system's order: ascending, or shuffled by seed and step when it asks for `seeded`. */
  order(kind: KindType): Uint32Array
  /** Index of the live positions of a kind, kept up to date by its own methods. */
  occupancy(kind: KindType): LiveIndex
  send<M extends MessageType>(type: M, to: AgentId, payload: GivenOf<M['fields']>): void
  spawn<K extends KindType>(kind: K, values: SomeValues<K>): void
  /** Ends a row at once. */
  kill(kind: KindType, row: number): void
}

/** Runs over a range of own rows, every step, on all threads. */
export interface ParallelSystem {
  readonly form: 'parallel'
  readonly name: string
  readonly kind: KindType
  /** What it returns is only looked at to refuse promises. */
  run(rows: Rows, world: ParallelWorld): unknown
}

/** Runs alone, over live rows of the kinds it names. */
export interface SequentialSystem {
  readonly form: 'sequential'
  readonly name: string
  readonly kinds: readonly KindType[]
  readonly order: 'rows' | 'seeded'
  run(world: SequentialWorld): unknown
}

export type System = ParallelSystem | SequentialSystem

/** What `init` of a world is given. */
export interface InitWorld<C = ConfigValues> {
  readonly config: C
  readonly space: WorldSpace
  /** Generator of the stream `init`, advancing. */
  readonly rng: Rng
  readonly spawn: <K extends KindType>(kind: K, values: SomeValues<K>) => AgentId
}

/** What a behaviour may touch, in the thread it runs on. */
export interface BehaviourPort extends SendingPort {
  readonly table: KindTable
  /** Of all kinds. */
  readonly tables: readonly KindTable[]
  readonly kindIndex: number
  readonly inbox: Inbox
  readonly types: readonly MessageType[]
  readonly lane: number
  readonly stepMillis: number
  readonly config: () => ConfigValues
  readonly step: () => number
  /** A number in [0, 1) for a name: the same however often it is asked in a step. */
  roll(row: number, name: string): number
}

/** How the agents of a kind decide. Bound once per thread. */
export interface BoundBehaviour {
  /** Brings a newborn row, which acts from `step` on, into its first state; its columns are set. */
  born(row: number, step: number): void
  /** Due timers, mail and the clock, for live rows of [begin, end). */
  decide(begin: number, end: number): void
}

/** Behaviour of a kind before it is bound: which hidden columns it needs. */
export interface Behaviour {
  readonly hidden: readonly ColumnPlan[]
  states(table: KindTable): StateReader
  bind(port: BehaviourPort): BoundBehaviour
}

/** What a stage after settling may touch: it reads any live row and writes only what belongs to its own rows. */
export interface StagePort {
  readonly tables: readonly KindTable[]
  readonly world: StepWorld
  /** Regions the program asked for, shared by all threads. */
  readonly slab: Slab
  readonly lane: number
  readonly kernels: Kernels
  /** Counts the rounds of stages in this thread: what one stage makes for others is good until it changes. */
  pass(): number
}

/** A stage of the step after settling: drawing, observing, thinking. */
export interface Stage {
  readonly name: string
  readonly kind: KindType
  /** Columns of the kind it writes. */
  readonly writes: readonly string[]
  bind(port: StagePort): (begin: number, end: number) => void
}

/** A world ready to be run: what the runtime needs to know and nothing about where it came from. */
export interface Program {
  readonly name: string
  /** Sorted by name: the order of kinds everywhere. */
  readonly kinds: readonly KindType[]
  /** By kind. */
  readonly behaviours: readonly (Behaviour | undefined)[]
  /** Sorted by name. */
  readonly types: readonly MessageType[]
  readonly systems: readonly System[]
  readonly stages: readonly Stage[]
  /** Shared regions for the stages. */
  readonly regions: readonly RegionPlan[]
  readonly space: WorldSpace
  readonly config: ConfigValues
  readonly seed: number
  readonly stepMillis: number
  init(world: InitWorld): unknown
}
