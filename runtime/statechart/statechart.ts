import type { MessageType } from '../schema/message.ts'

/** What a user's guard, assigner or action is called with. */
export interface MachineArgs {
  readonly context: object
  readonly event: { readonly type: string }
  readonly self: object
  readonly system: object
  readonly spawn: () => never
}

/** A user's guard, assigner or action. */
export type UserFunction = (args: MachineArgs, params: unknown) => unknown

/** A constant, or a function that makes it from context and event. */
export type OrMade = unknown

/** A test for a transition, in the words of XState. */
export type Guard =
  | { readonly form: 'call'; readonly run: UserFunction; readonly params: OrMade }
  | { readonly form: 'and' | 'or'; readonly parts: readonly Guard[] }
  | { readonly form: 'not'; readonly part: Guard }
  | { readonly form: 'constant'; readonly holds: boolean }

/** What a microstep does, in order. */
export type ActionPart =
  /** A user's function. */
  | { readonly form: 'call'; readonly run: UserFunction; readonly params: OrMade }
  /** `assign({ field: value })`: all values are made before any is stored. */
  | { readonly form: 'assign'; readonly fields: readonly (readonly [string, OrMade])[]; readonly params: OrMade }
  /** `assign(() => ({ ... }))`. */
  | { readonly form: 'update'; readonly run: UserFunction; readonly params: OrMade }
  | { readonly form: 'send'; readonly type: MessageType; readonly to: OrMade; readonly payload: OrMade }
  /** `sendTo`: an event whose type is a message's. */
  | { readonly form: 'sendTo'; readonly to: OrMade; readonly event: OrMade; readonly params: OrMade }
  /** `emit`: an event that goes to whoever receives the message of its name. */
  | { readonly form: 'emit'; readonly event: OrMade; readonly params: OrMade }
  /** Puts an event into the machine's own queue. */
  | { readonly form: 'raise'; readonly event: OrMade; readonly params: OrMade }
  /** `enqueueActions`: a function that says which actions follow. */
  | { readonly form: 'collect'; readonly gather: (args: MachineArgs, params: unknown, check: (guard: unknown) => boolean) => readonly unknown[]; readonly params: OrMade }
  | { readonly form: 'startTimer'; readonly timer: number; readonly delay: OrMade; readonly params: OrMade }
  | { readonly form: 'stopTimer'; readonly timer: number }
  /** A state is done: raises its event, with the output of its final state. */
  | { readonly form: 'done'; readonly type: string; readonly output: OrMade }
  /** The machine is done: its output is made, of the event of its last state, before its states are left. */
  | { readonly form: 'output'; readonly output: OrMade; readonly type: string; readonly last: OrMade }
  /** All is left: the output goes to columns. */
  | { readonly form: 'end' }
  /** A state with history is left: words of the states to come back to. */
  | { readonly form: 'remember'; readonly history: number; readonly words: Uint32Array }

/** What a microstep is asked for. */
export interface TraceQuery {
  readonly configuration: number
  /** undefined for eventless transitions. */
  readonly event: string | undefined
  /** Words of the histories that {@link Statechart.historiesOf} names, one after the other. */
  readonly remembered: Uint32Array
  /** What the guards asked so far said. */
  readonly outcomes: readonly boolean[]
}

/** What a microstep comes to. */
export interface Microstep {
  /** Some transition was taken. */
  readonly taken: boolean
  /** XState made a new snapshot: an eventless transition that makes none is not repeated. */
  readonly changed: boolean
  readonly actions: readonly ActionPart[]
  /** Index of the configuration after it. */
  readonly next: number
  /** It looked at and changed nothing but what {@link Statechart.classOf} goes by: all configurations of the class do the same. */
  readonly confined: boolean
}

/** Either a guard whose answer decides how it goes on, or all of the microstep. */
export type Trace = { readonly ask: Guard } | Microstep

/** A configuration as an executor needs it. */
export interface ConfigurationFacts {
  /** Place among the configurations met since they were last forgotten: says nothing outside this thread. */
  readonly index: number
  /** Words and order as columns keep them. */
  readonly state: Uint32Array
  readonly order: Uint8Array
  /** Some active state has a transition for STEP. */
  readonly handlesStep: boolean
  /** Some active state has an eventless transition. */
  readonly hasAlways: boolean
  readonly done: boolean
}

/** A machine, for an executor over columns: what its microsteps are, asked for when they are needed. Executors of one thread may share what is behind it. */
export interface Statechart {
  readonly name: string
  /** Microsteps one event may cause. */
  readonly microstepsMax: number
  /** u32 words of a configuration in `$state`. */
  readonly stateWords: number
  /** Most configurations that `$state` can tell apart. */
  readonly configurations: number
  /** u32 words of one history in `$history`. */
  readonly historyWords: number
  /** Events of the timers in `$timers`. */
  readonly timers: readonly string[]
  /** Branches of all cells of an executor; then they are forgotten, which costs time and nothing else: a table never fills the memory. */
  readonly branchesMax: number
  /** Whether so many configurations are known that all must be forgotten. */
  readonly full: boolean
  /** How often all were forgotten: what an executor knows of configurations holds for one epoch. */
  readonly epoch: number
  forget(): void
  /** The configuration at a row of `$state` and, when the machine has it, `$order`. */
  find(row: number, words: Uint32Array, order: Uint8Array | undefined): ConfigurationFacts
  facts(configuration: number): ConfigurationFacts
  /** Active leaves of a configuration, as people write them. */
  label(configuration: number): string
  /** Whether any state has eventless transitions. */
  readonly hasAlways: boolean
  /**
   * What of a configuration matters to an event: the states that could take it and all of the parallel regions they are in. Configurations of one
   * class differ in other regions only, and their numbers change alike. Undefined when each stands for itself.
   */
  classOf(configuration: number, event: string | undefined): string | undefined
  historiesOf(configuration: number, event: string | undefined): readonly number[]
  trace(query: TraceQuery): Trace
  initial(): Microstep
  /** Values that the machine's own initial context gives a newborn with these columns; undefined when it gives none. */
  readonly initialContext: ((columns: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) | undefined
  /** An action that a function asked for while it ran. */
  action(action: unknown): ActionPart
  /** A guard that a function asked while it ran; -1 is the configuration of a machine whose first states are being entered. */
  guard(guard: unknown, configuration: number): Guard
  /** Whole steps of a delay. */
  stepsOf(timer: number, delay: unknown): number
  /** The error for what a user's function threw, or ours with the place it happened. */
  fault(cause: unknown, where: { readonly step: number; readonly row: number; readonly state: string; readonly event: string }): Error
}
