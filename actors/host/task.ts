import type { MessagePort } from 'node:worker_threads'
import type { ConfigValues, ErrorParts, SharedMemory, TimedInput, WaitPolicy } from '../../runtime/index.ts'
import type { Executor } from '../statechart/index.ts'
import type { StreamChannel } from '../streams/index.ts'
import type { LoadedWorld } from './load-world.ts'

/** What a simulation thread needs to take part in a run: plain data and shared memory. */
export interface SimulationTask {
  /** 0 is the coordinator. */
  readonly index: number
  readonly world: LoadedWorld
  readonly seed: number
  readonly config: ConfigValues
  readonly memory: SharedMemory
  /** Memory of the fault board. */
  readonly faults: SharedArrayBuffer
  readonly wait: WaitPolicy
  /** Feed of the recorder thread, when the run is recorded. */
  readonly feed: SharedArrayBuffer | undefined
  /** The run ends before this step. */
  readonly until: number
  readonly inputs: readonly TimedInput[]
  /** Keyframe to start from instead of `init`. */
  readonly from: Uint8Array | undefined
  /** Hashes to compare with, two u32 a step from step `first`; the run stops at the first that differs. */
  readonly expected: { readonly first: number; readonly roots: SharedArrayBuffer } | undefined
  readonly check: boolean
  readonly machines: Executor
  /** Whether the outcome carries the last state as a keyframe. */
  readonly wantState: boolean
  /** The recording holds the states up to that of `from` already. */
  readonly goesOn: boolean
  /** What is recorded beside hashes, inputs and keyframes. */
  readonly channels: readonly StreamChannel[]
  /** Of a run that somebody watches: where the host asks the coordinator, and memory of the board of its service actors. */
  readonly live: { readonly port: MessagePort; readonly board: SharedArrayBuffer } | undefined
}

/** What came of a run, as the coordinator's thread reports it. */
export interface SimulationOutcome {
  /** Step of the last sealed state. */
  readonly step: number
  readonly hash: { readonly low: number; readonly high: number }
  /** First step whose hash was not the expected one. */
  readonly mismatch: number | undefined
  readonly state: Uint8Array | undefined
  readonly error: ErrorParts | undefined
  readonly report: Readonly<Record<string, number>>
  /** Why there is no report, although the run went well. */
  readonly reportError: ErrorParts | undefined
  /** Live agents by kind. */
  readonly agents: Readonly<Record<string, number>>
}
