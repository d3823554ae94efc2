import { setImmediate as breathe } from 'node:timers/promises'
import { hostKernels } from '../../runtime/host/index.ts'
import { loadRow, MetabonkError, type KindTable, type RecordingManifest, type TimedInput } from '../../runtime/index.ts'
import { stateCounts, type KindStates } from '../statechart/index.ts'
import { keyframeStepBefore, recordedHash, stepWithin } from '../travel/opened-run.ts'
import { Replica, type ReplicaOptions } from '../travel/replica.ts'
import { summarise } from '../world/summary.ts'
import { openRun, stopped, type LoadedRun, type ReplayOptions } from './recorded.ts'

/** Options of {@link openRecording}. */
export type OpenOptions = Pick<ReplicaOptions, 'cacheBytes'> & Pick<ReplayOptions, 'world'>

/** A moment of a recorded run: valid until its run is asked for another one. */
export interface RecordedState {
  readonly step: number
  readonly hash: string
  /** Step of the keyframe before it; 0 for `init`. */
  readonly keyframeStep: number
  readonly report: Readonly<Record<string, number>>
  /** Live agents by kind. */
  readonly agents: Readonly<Record<string, number>>
  /** All columns of a live row, as people write their values. Throws `usage` when there is no such agent. */
  agent(kind: string, row: number): Record<string, unknown>
  /** How many agents are in each state of their machine, for every kind that has one. */
  states(): KindStates[]
  /** The whole state as bytes. */
  keyframe(): Uint8Array
}

/** A recorded run, at any of its steps again. */
export class RecordedRun {
  readonly path: string
  readonly manifest: RecordingManifest
  /** The last step. */
  readonly steps: number
  /** False for a torn file: it holds its steps up to the last complete chunk. */
  readonly complete: boolean
  /** Everything that came from outside, in canonical order. */
  readonly inputs: readonly TimedInput[]
  private readonly run: LoadedRun
  private readonly replica: Replica

  constructor(run: LoadedRun, options: OpenOptions) {
    const { recording } = run
    this.run = run
    this.path = run.path
    this.manifest = recording.manifest
    this.steps = recording.steps
    this.complete = recording.complete
    this.inputs = run.inputs
    this.replica = new Replica(run, hostKernels(), options)
  }

  /** The recorded hash of the state at a step: 16 hex digits. Nothing is replayed for it. */
  hashAt(step: number): string {
    return recordedHash(this.run.recording, stepWithin(this.run, step))
  }

  /**
   * The state at a step: from the nearest keyframe or state that was kept on an earlier way, replayed in this thread with every hash
   * compared. Throws `usage` for a step that was not recorded and `recording-mismatch` when the replay comes to another state.
   */
  stateAt(step: number): RecordedState {
    this.replica.moveTo(step)
    return this.here()
  }

  /** As {@link stateAt}; the calling thread gets to do other things on the way. Throws `stopped` when the signal ends it. */
  async seek(step: number, { signal, onProgress }: Pick<ReplayOptions, 'signal' | 'onProgress'> = {}): Promise<RecordedState> {
    const isStopped = (): boolean => signal?.aborted === true
    if (isStopped()) throw stopped(this.path, this.replica.step)
    const begin = performance.now()
    for (const reached of this.replica.approach(step)) {
      if (isStopped()) throw stopped(this.path, reached)
      onProgress?.({ step: reached, steps: step, seconds: (performance.now() - begin) / 1000 })
      await breathe()
    }
    return this.here()
  }

  private here(): RecordedState {
    const { replica, run } = this
    const { step, state } = replica
    const here = (): readonly KindTable[] => {
      if (replica.step === step && replica.state === state) return state.tables
      throw new MetabonkError({ code: 'usage', what: `the state of step ${step} is gone: the run has moved to step ${replica.step}`, where: run.path, todo: 'ask for stateAt again, or open the recording twice' })
    }
    return {
      step,
      hash: replica.hash,
      keyframeStep: Math.max(0, keyframeStepBefore(run.recording, step)),
      ...summarise(run.definition, state),
      agent: (kind, row) => agentOf(here(), kind, row),
      states: () => here().flatMap((table) => stateCounts(state.program.behaviours[table.index], table)),
      keyframe: () => (here(), replica.keyframe()),
    }
  }
}

function agentOf(tables: readonly KindTable[], kind: string, row: number): Record<string, unknown> {
  const table = tables.find((each) => each.kind.name === kind)
  if (table === undefined) throw new MetabonkError({ code: 'usage', what: `there is no kind '${kind}'`, todo: `choose from ${tables.map((each) => each.kind.name).join(', ')}` })
  if (!(row >= 0 && row < table.rows) || table.alive[row] !== 1) throw new MetabonkError({ code: 'usage', what: `${kind} ${row} is not alive`, todo: `${table.aliveCount} of ${table.rows} rows are` })
  return loadRow(table, row)
}

/**
 * Opens a recording with its world. Throws `recording-*` errors, and `world-not-found` when the world's file is not where the
 * recording says.
 */
export async function openRecording(path: string, options: OpenOptions = {}): Promise<RecordedRun> {
  return new RecordedRun(await openRun(path, options), options)
}
