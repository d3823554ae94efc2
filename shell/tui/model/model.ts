/** What the terminal shows of a run, whether it is live, in another process, or recorded: plain data that can be sent. */
import type { Input, LiveVitals } from '../../../actors/index.ts'

/** A column of a kind, as its declaration says it. */
export interface ColumnAbout {
  readonly name: string
  /** Like `f32`, `vec f32[2]`, `enum`. */
  readonly type: string
  /** More or less is a meaning: it can be sorted by, and numbers stand to the right. */
  readonly isNumber: boolean
  readonly published: boolean
}

/** A kind of agents of the world. */
export interface KindAbout {
  readonly name: string
  readonly rowsMax: number
  readonly columns: readonly ColumnAbout[]
  readonly hasMachine: boolean
  readonly hasCamera: boolean
  readonly hasPolicy: boolean
}

/** What stays the same while a run is looked at. */
export interface RunAbout {
  readonly world: string
  readonly seed: number
  /** The recording: of a live run the one it writes, undefined where it writes none. */
  readonly recording: string | undefined
  readonly workers: number
  /** Process of a live run. */
  readonly pid: number | undefined
  readonly config: Readonly<Record<string, unknown>>
  readonly kinds: readonly KindAbout[]
  /** Names of what a thread can be doing; 0 is waiting. */
  readonly phases: readonly string[]
  /** The step a run is to end before, when that was said. */
  readonly until: number | undefined
  readonly stepMillis: number
  /** Edges of the space; undefined for a world without one. */
  readonly space: { readonly width: number; readonly height: number } | undefined
}

/** Rows of a kind in an order. */
export interface TableQuery {
  readonly kind: string
  /** First place, and how many rows from there. */
  readonly from: number
  readonly count: number
  /** A column, `row`, or `state`; by rows when absent. */
  readonly sort: { readonly by: string; readonly descending: boolean } | undefined
  /** A condition of the query language, or a part of a state's name; empty for all. */
  readonly filter: string
}

export type CameraChannel = 'rgb' | 'depth' | 'segmentation'

/** What panes want to see of a moment. What is absent is not made. */
export interface ViewQuery {
  readonly table?: TableQuery
  readonly agent?: { readonly kind: string; readonly row: number }
  /** The arena from above, in so many dots across and down. */
  readonly map?: { readonly width: number; readonly height: number }
  /** What an agent sees, in at most so many pixels. */
  readonly camera?: { readonly kind: string; readonly row: number; readonly channel: CameraChannel; readonly width: number; readonly height: number }
}

/** A row of a table. */
export interface TableRow {
  readonly row: number
  /** Undefined for a kind without a machine. */
  readonly state: string | undefined
  /** In the order of the kind's columns, as people write values. */
  readonly cells: readonly string[]
}

export interface TableView {
  readonly kind: string
  /** Rows that the filter lets through. */
  readonly total: number
  readonly from: number
  readonly rows: readonly TableRow[]
  /** Why the filter could not be read. */
  readonly fault: string | undefined
}

/** One agent, whole. */
export interface AgentView {
  readonly kind: string
  readonly row: number
  readonly alive: boolean
  /** How many agents have lived in this row. */
  readonly generation: number
  readonly state: string | undefined
  readonly fields: readonly { readonly name: string; readonly type: string; readonly value: string; readonly unit?: string | undefined }[]
  /** Undelivered messages to it: type, sender, payload. */
  readonly inbox: readonly string[]
}

/** A dot holds `kinds` 0 for nobody, else the number of the kind whose agents are most there, from 1. */
export interface MapView {
  readonly width: number
  readonly height: number
  readonly kinds: Uint8Array
  /** Agents in each dot, at most 65,535. */
  readonly counts: Uint16Array
  /** The dot of the agent asked for. */
  readonly at: { readonly x: number; readonly y: number } | undefined
}

export interface CameraView {
  readonly width: number
  readonly height: number
  /** RGB8, line by line. */
  readonly rgb: Uint8Array
  readonly kind: string
  readonly row: number
  readonly channel: CameraChannel
  /** The step whose picture it is: of a live run perhaps some after that of the view. */
  readonly step: number
}

/** How a kind fares. */
export interface KindView {
  readonly name: string
  readonly agents: number
  /** Rows ever used. */
  readonly rows: number
  /** Agents of it that have died since the start. */
  readonly deaths: number
  /** Births refused because it was full. */
  readonly refused: number
  /** In document order; empty without a machine. */
  readonly states: readonly { readonly state: string; readonly agents: number }[]
  /** Sums over its agents in this step, of a kind with a policy. */
  readonly reward: { readonly sum: number; readonly terminated: number; readonly truncated: number } | undefined
}

/** A moment of a run, as far as it was asked for. */
export interface View {
  readonly step: number
  readonly hash: string
  readonly kinds: readonly KindView[]
  readonly report: Readonly<Record<string, number>>
  readonly table: TableView | undefined
  readonly agent: AgentView | undefined
  readonly map: MapView | undefined
  readonly camera: CameraView | undefined
}

/** A run that is looked at. Everything may reject with a MetabonkError; nothing changes a result but `send`. */
export interface Session {
  readonly form: 'live' | 'recorded'
  readonly about: RunAbout
  /** What there is to see: of a live run the newest whole state, of a recording the step it was last moved to. Asked again only when answered. */
  look(query: ViewQuery): Promise<View>
  /** Ends what the session holds; a run goes on. */
  close(): Promise<void>
}

/** A run in this process or another. */
export interface LiveSession extends Session {
  readonly form: 'live'
  vitals(): Promise<LiveVitals>
  /** Pauses the run for this session, which `close` leaves so; or lets it go on, whoever paused it, also from a breakpoint. */
  setPaused(paused: boolean): Promise<void>
  /** Takes back a pause of this session: those of others and breakpoints hold the run still. */
  release(): Promise<void>
  /** Runs so many steps of a paused run; one that stood at a breakpoint is paused by this session from then on. */
  step(steps: number): Promise<void>
  /** Holds it to so many steps a second; undefined: as fast as it can. */
  setPace(stepsPerSecond: number | undefined): Promise<void>
  /**
   * Has the run stop at each step from now on at which a condition holds; undefined takes that back, and leaves the run as it is. Each session has one breakpoint,
   * which `close` takes away: a run that stands for it alone goes on. Gives the number that `stops` of the vitals call this session by. Rejects with
   * `usage` for what is no condition on this world, which changes nothing.
   */
  setBreakpoint(expression: string | undefined): Promise<number>
  /** Changes the state, recorded. Gives the step whose boundary takes it. */
  send(input: Input): Promise<number>
  /** Brings what was recorded to the file, so that the recording can be opened up to the last step. */
  flush(): Promise<void>
}

/** A stretch of steps at which something holds. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** A recording. */
export interface RecordedSession extends Session {
  readonly form: 'recorded'
  readonly first: number
  readonly last: number
  /** The step it was moved to last; before that the first. */
  readonly at: number
  /** Steps of its keyframes, and of its inputs. */
  readonly keyframes: readonly number[]
  readonly inputs: readonly number[]
  /** What happened in a step, a line each. Rejects with `stopped` when another part of the run, without that step, is looked at by now. */
  events(step: number): Promise<readonly string[]>
  /** Goes to a step. Rejects with `stopped` when another `goTo` came meanwhile. */
  goTo(step: number): Promise<void>
  /** Reads what was recorded since: there may be more steps, keyframes and inputs then. Rejects when the file is another one by now. */
  readOn(): Promise<void>
  /** Turns to another part of the run, and stands at its first step; what was kept of the one before is gone. */
  turnTo(path: string): Promise<void>
}
