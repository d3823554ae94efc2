import { assert, MetabonkError } from '../errors.ts'
import { LiveIndex } from '../grid/live-index.ts'
import type { Inbox } from '../mail/inbox.ts'
import { mailHeaderWords, mailWord } from '../mail/layout.ts'
import { frameWords } from '../ring/bulk.ts'
import { createRng, type Rng } from '../rng/rng.ts'
import type { KindType } from '../schema/kind.ts'
import type { MessageType } from '../schema/message.ts'
import { describe, type AgentId, type ColumnArray } from '../schema/types.ts'
import { addressOf, directorAddress, idOf } from '../state/address.ts'
import type { KindTable } from '../state/table.ts'
import type { Outbox } from '../mail/outbox.ts'
import type { Requests } from './requests.ts'
import type { LiveRows, Others, ParallelSystem, ParallelWorld, Rows, SequentialSystem, SequentialWorld, Stage, StateReader, StepWorld } from './program.ts'
import type { Grids, SharedState } from './shared.ts'

/** What contexts need of the thread they are bound to. */
export interface LaneParts {
  readonly state: SharedState
  readonly index: number
  readonly inbox: Inbox
  readonly outbox: Outbox
  readonly requests: Requests
  begin(kind: number): number
  end(kind: number): number
}

/** A parallel system bound to a thread. */
export interface ParallelContext {
  /** Runs the system over this thread's rows. */
  run(): void
  /** Runs the system over some of this thread's rows, for `--check`. */
  runOver(begin: number, end: number): void
}

/** What a world's function gave back where nothing is waited for: a promise would go on when its step is long over. */
export function refusePromise(what: string, returned: unknown): void {
  if (typeof returned !== 'object' || returned === null || !('then' in returned)) return
  throw new MetabonkError({ code: 'world-invalid', what: `${what} returned a promise`, todo: 'write a plain function: nothing in a step waits' })
}

/** Index of a kind of the program, by name. Throws `world-invalid` when the world has no such kind. */
export function kindIndexOf(state: SharedState, kind: KindType, where: string): number {
  const { kinds } = state.program
  for (let i = 0; i < kinds.length; i++) if (kinds[i].name === kind.name) return i
  throw new MetabonkError({ code: 'world-invalid', what: `the world has no kind ${kind.name}`, where, todo: 'list it in the kinds of defineWorld' })
}

/** An object with one getter per column; `pick` says what a getter returns. */
function columnGetters(table: KindTable, pick: (column: number) => ColumnArray): Record<string, ColumnArray> {
  const getters: Record<string, ColumnArray> = {}
  for (const column of table.columns) {
    if (!column.name.startsWith('$')) Object.defineProperty(getters, column.name, { enumerable: true, get: () => pick(column.index) })
  }
  return getters
}

type MutableRows = { -readonly [K in keyof LiveRows]: LiveRows[K] }

/** The mail-reading part of `Rows`. */
function mailReader(state: SharedState, inbox: Inbox, kind: number): Rows['eachMail'] {
  const payloads = new Map<MessageType, Record<string, unknown>>()
  return (type, row, visit) => {
    const code = state.program.types.indexOf(type)
    const payload = payloads.get(type) ?? {}
    payloads.set(type, payload)
    const { words, memory } = inbox
    for (let at = inbox.begin(kind, row), end = inbox.end(kind, row); at < end; at += frameWords(words[at])) {
      if (words[at + mailWord.type] !== code) continue
      type.codec.decode(memory, (at + mailHeaderWords) * 4, payload)
      visit(payload as never, idOf(words[at + mailWord.from], words[at + mailWord.fromGeneration]))
    }
  }
}

/** What systems are told that ask for the states of a kind without a machine. */
function withoutMachine({ kind }: KindTable): StateReader {
  const refuse = (): never => {
    throw new MetabonkError({ code: 'world-invalid', what: `kind ${kind.name} has no machine to be in a state`, todo: `give it one: ${kind.name}.with(machine)` })
  }
  return { matches: refuse, hasTag: refuse, meta: refuse }
}

/** States of own rows only: those of others change while the system runs. */
function ownStates(states: StateReader, own: (row: number, what: string) => void): StateReader {
  const ask = (row: number): number => {
    own(row, 'asks for the state of')
    return row
  }
  return {
    matches: (row, path) => states.matches(ask(row), path),
    hasTag: (row, tag) => states.hasTag(ask(row), tag),
    meta: (row) => states.meta(ask(row)),
  }
}

/** Rows of a table as a system sees them; `lane` is whose change marks a taken column sets, -1 for everybody's. */
function rowsOver(state: SharedState, table: KindTable, lane: number): MutableRows {
  const states = state.program.behaviours[table.index]?.states(table) ?? withoutMachine(table)
  return {
    states,
    begin: 0,
    end: 0,
    alive: table.alive,
    read: columnGetters(table, (column) => table.columns[column].live),
    write: columnGetters(table, (column) => {
      if (lane < 0) table.markDirtyAll(column)
      else table.markDirty(column, lane)
      return table.columns[column].live
    }),
    id: table.idOfRow,
  }
}

/** Other agents' published columns: the copies of the start of the step, or the live ones for stages after settling. */
function othersOf(table: KindTable, live: boolean): Others {
  const columns: Record<string, ColumnArray> = {}
  for (const column of table.columns) if (column.published !== undefined) columns[column.name] = live ? column.live : column.published
  return {
    get rows() {
      return table.rows
    },
    alive: table.alive,
    columns: columns,
    id: table.idOfRow,
  }
}

interface WorldParts {
  readonly state: SharedState
  /** Kind and system of the random streams. */
  readonly kind: string
  readonly system: string
  /** Others' columns live (after settling) or as published. */
  readonly live: boolean
}

/** The part of a world that every system and stage has. */
function stepWorld({ state, kind, system, live }: WorldParts): StepWorld {
  const streams = new Map<string, Rng>()
  const others = state.tables.map((table) => othersOf(table, live))
  const byKind = new Map<KindType, number>()
  const indexOf = (each: KindType): number => {
    const known = byKind.get(each) ?? kindIndexOf(state, each, `system ${system}`)
    byKind.set(each, known)
    return known
  }
  const stream = (name: string): Rng => {
    if (typeof name !== 'string') throw new MetabonkError({ code: 'world-invalid', what: `${describe(name)} names no random stream`, where: `system ${system}`, todo: 'give a text' })
    const rng = streams.get(name) ?? createRng(state.program.seed, state.streams.register(kind, system, name))
    streams.set(name, rng)
    return rng
  }
  return {
    get step() {
      return state.control.step
    },
    get config() {
      return state.config.current
    },
    seed: state.program.seed,
    space: state.program.space,
    rng: (name, row) => stream(name).at(state.control.step, row),
    others: (each) => others[indexOf(each)],
    grid: (each) => {
      const grids = gridsOf(state, indexOf(each), system)
      return live ? grids.live : grids.published
    },
  }
}

function gridsOf(state: SharedState, kind: number, system: string): Grids {
  const grid = state.grids[kind]
  if (grid !== undefined) return grid
  throw new MetabonkError({
    code: 'world-invalid',
    what: `kind ${state.program.kinds[kind].name} has no neighbour grid`,
    where: `system ${system}`,
    todo: 'declare its cell size: kind(name, { cell: 5, ... })',
  })
}

/** Adds members to a world object without freezing its getters to today's values. */
function extend<B extends object, M extends object>(base: B, members: M): B & M {
  return Object.defineProperties(base, Object.getOwnPropertyDescriptors(members)) as B & M
}

/** What a stage after settling reads, or whoever looks at a state between two steps. */
export function stageWorld(state: SharedState, stage: Pick<Stage, 'name' | 'kind'>): StepWorld {
  return stepWorld({ state, kind: stage.kind.name, system: stage.name, live: true })
}

/**
 * Sends from a row of a parallel system. V8 inlines functions of up to 27 bytes of bytecode wherever they are called, so that the receiver's id, a double,
 * becomes no object on the heap. This one has 27: names that are parameters need no check that they are defined, and what is returned takes no statement.
 */
function senderOf(receiver: { id: number }, post: (row: number, type: MessageType, payload: Record<string, unknown>) => void): ParallelWorld['send'] {
  return (row, type, to, payload) => {
    receiver.id = to
    // eslint-disable-next-line @typescript-eslint/no-confusing-void-expression -- a statement would be a byte too many
    return post(row, type, payload)
  }
}

/** Binds a parallel system to a thread. */
export function parallelContext(lane: LaneParts, system: ParallelSystem): ParallelContext {
  const { state } = lane
  const where = `system ${system.name}`
  const kind = kindIndexOf(state, system.kind, where)
  const table = state.tables[kind]
  const rows = Object.assign(rowsOver(state, table, lane.index), { eachMail: mailReader(state, lane.inbox, kind) })
  /** Whatever is done in the name of another row would depend on which thread does it. */
  const own = (row: number, what: string): void => {
    if (row >= rows.begin && row < rows.end && Number.isInteger(row)) return
    throw new MetabonkError({ code: 'foreign-write', what: `system ${system.name} ${what} row ${String(row)} of ${table.kind.name}, which is outside the rows it was given`, todo: 'act for own rows only, and tell others by message' })
  }
  rows.states = ownStates(rows.states, own)
  const post = (row: number, type: MessageType, payload: Record<string, unknown>): void => {
    own(row, 'sends in the name of')
    lane.outbox.send(addressOf(kind, row), table.generation[row], type, payload)
  }
  const world: ParallelWorld = extend(stepWorld({ state, kind: table.kind.name, system: system.name, live: false }), {
    send: senderOf(lane.outbox.receiver, post),
    spawn: ((row: number, newKind: KindType, values: Record<string, unknown>) => {
      own(row, 'asks for a birth in the name of')
      lane.requests.askBirth(kindIndexOf(state, newKind, where), addressOf(kind, row), values)
    }),
    kill: (row: number) => {
      own(row, 'ends')
      lane.requests.askDeath(kind, row)
    },
  })
  const runOver = (begin: number, end: number): void => {
    rows.begin = begin
    rows.end = end
    refusePromise(where, system.run(rows, world))
  }
  return {
    runOver,
    run: () => {
      if (lane.begin(kind) < lane.end(kind)) runOver(lane.begin(kind), lane.end(kind))
    },
  }
}

/** How a sequential system ends a row at once, and how the director lets agents be born. */
export interface DirectorPort {
  kill(kind: number, row: number): void
}

/** Binds a sequential system to the coordinator. */
export function sequentialContext(lane: LaneParts, system: SequentialSystem, director: DirectorPort): () => void {
  const { state } = lane
  const where = `system ${system.name}`
  const kinds = system.kinds.map((kind) => kindIndexOf(state, kind, where))
  const named = (kind: KindType): number => {
    const index = kindIndexOf(state, kind, where)
    if (kinds.includes(index)) return index
    throw new MetabonkError({ code: 'world-invalid', what: `system ${system.name} does not name the kind ${kind.name}`, todo: 'list it in the kinds of the system' })
  }
  const rows = new Map(kinds.map((kind) => [kind, rowsOver(state, state.tables[kind], -1)]))
  const live = new LiveKinds(state, system)
  const world: SequentialWorld = extend(stepWorld({ state, kind: '', system: system.name, live: false }), {
    rows: ((kind: KindType) => {
      const index = named(kind)
      const view = rows.get(index)
      assert(view !== undefined, 'a named kind has rows')
      view.end = state.tables[index].rows
      return view
    }),
    order: (kind: KindType) => live.order(named(kind)),
    occupancy: (kind: KindType) => live.occupancy(named(kind)),
    send: ((type: MessageType, to: AgentId, payload: Record<string, unknown>) => {
      state.outboxes[0].receiver.id = to
      state.outboxes[0].send(directorAddress, 0, type, payload)
    }),
    spawn: ((kind: KindType, values: Record<string, unknown>) => {
      lane.requests.askBirth(kindIndexOf(state, kind, where), directorAddress, values)
    }),
    kill: (kind: KindType, row: number) => {
      const index = named(kind)
      if (!(Number.isInteger(row) && row >= 0 && row < state.tables[index].rows)) throw new MetabonkError({ code: 'world-invalid', what: `system ${system.name} ends row ${String(row)} of ${kind.name}, which has ${state.tables[index].rows}`, todo: 'name a row below rows(kind).end' })
      director.kill(index, row)
      live.removed(index, row)
    },
  })
  return () => {
    live.open()
    refusePromise(where, system.run(world))
  }
}

/** Orders and occupancy of the kinds a sequential system names, built when first asked for in a step. */
class LiveKinds {
  private readonly state: SharedState
  private readonly system: SequentialSystem
  private readonly rng: Rng
  private readonly indices = new Map<number, LiveIndex>()
  private readonly fresh = new Set<number>()

  constructor(state: SharedState, system: SequentialSystem) {
    this.state = state
    this.system = system
    this.rng = createRng(state.program.seed, state.streams.register('', system.name, '$order'))
  }

  open(): void {
    // A set that is cleared gets new memory, if it was empty, too.
    if (this.fresh.size > 0) this.fresh.clear()
  }

  /** Takes a row that just ended out of the index of live positions. */
  removed(kind: number, row: number): void {
    if (this.fresh.has(kind)) this.indices.get(kind)?.remove(row)
  }

  order(kind: number): Uint32Array {
    const table = this.state.tables[kind]
    const order = new Uint32Array(table.aliveCount)
    for (let row = 0, count = 0; row < table.rows; row++) if (table.alive[row] === 1) order[count++] = row
    if (this.system.order === 'seeded') this.rng.at(this.state.control.step, kind).shuffle(order)
    return order
  }

  occupancy(kind: number): LiveIndex {
    const table = this.state.tables[kind]
    const at = table.column('at').live as Float32Array
    const index = this.indices.get(kind) ?? new LiveIndex(gridsOf(this.state, kind, this.system.name).live.shape, table.kind.rowsMax)
    this.indices.set(kind, index)
    if (!this.fresh.has(kind)) index.build(at, table.alive, table.rows)
    this.fresh.add(kind)
    return index
  }
}
