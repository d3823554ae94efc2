import { attachShared, Coordinator, createSharedMemory, hashHex, MetabonkError, type Checker, type Journal, type Kernels, type Lane, type SharedState } from '../../runtime/index.ts'
import type { WorldDefinition } from '../world/define.ts'
import { keyframesUpTo, keyframeStepBefore, programOf, recordedHash, stepWithin, type OpenedRun } from './opened-run.ts'

/** A replay that came to another state than the recording. */
export class ReplayMismatch extends MetabonkError {
  /** The first step whose hash differs. */
  readonly step: number

  constructor({ path, recording }: OpenedRun, step: number, hash: string) {
    super({
      code: 'recording-mismatch',
      what: `the replay differs from the recording at step ${step}: ${hash} is not ${recordedHash(recording, step)}`,
      where: path,
      todo: 'run metabonk verify on it: that says which column of which agent',
    })
    this.step = step
  }
}

/** Options of a {@link Replica}. */
export interface ReplicaOptions {
  /** Bytes that states kept for the way back may take. 0 keeps none. Default 256 MiB. */
  readonly cacheBytes?: number
  /** Looks at the parts of every step. */
  readonly checker?: (lane: Lane) => Checker
  /**
   * What of a state is compared with the recording: all of it (default), or only the columns that changed in its step, which is for a world
   * with other settings: those are part of the state.
   */
  readonly compare?: 'states' | 'columns'
}

/** How to go to a step. */
export interface MoveOptions {
  /** What the stages of a step leave beside the state (pictures, observations) shall be there too: the step before is run for it. */
  readonly drawn?: boolean
  /** Every step from where the replica is shall be run: no nearer state is taken. */
  readonly onward?: boolean
}

const cacheBytesDefault = 256 * 1024 * 1024
/** Steps of a way that is gone in pieces. */
const stepsPerPiece = 16
/** States kept between two keyframes: a step back replays at most that part of the way between them. */
const keptPerSpan = 16

/**
 * The world of a recording in the calling thread, at any of its steps. A way there starts at the nearest state before: where the replica is, a state it
 * has kept, a keyframe, or `init`; every hash on the way is compared with the recorded one. States are kept on the way, so that
 * going back step by step costs about as much as going forward.
 */
export class Replica {
  private opened: OpenedRun
  private readonly kernels: Kernels
  private readonly options: ReplicaOptions
  private readonly kept = new Map<number, Uint8Array>()
  private keptBytes = 0
  private shared: SharedState
  private coordinator: Coordinator
  /** False before the first state, and after something threw in the middle of a step. */
  private whole = false
  /** The coordinator lacks inputs that were read since. */
  private lacksInputs = false

  constructor(run: OpenedRun, kernels: Kernels, options: ReplicaOptions = {}) {
    this.opened = run
    this.kernels = kernels
    this.options = options
    const made = this.make()
    this.shared = made.shared
    this.coordinator = made.coordinator
  }

  /** What it replays. */
  get run(): OpenedRun {
    return this.opened
  }

  /** Takes the run with the inputs that were recorded after its last step; what was kept of its states stays. */
  readOn(run: OpenedRun): void {
    if (this.whole) this.keep(this.step)
    this.opened = run
    this.lacksInputs = true
  }

  /** The step whose state this is. */
  get step(): number {
    return this.coordinator.step
  }

  /** Hash of the state: 16 hex digits. */
  get hash(): string {
    return hashHex(this.coordinator.hash.low, this.coordinator.hash.high)
  }

  /** The memory of the world. Another one may stand here after each move. */
  get state(): SharedState {
    return this.shared
  }

  /** Its world. */
  get definition(): WorldDefinition {
    return this.run.definition
  }

  /** The state as bytes. */
  keyframe(): Uint8Array {
    return this.coordinator.keyframe()
  }

  /**
   * Goes to a step. Throws {@link ReplayMismatch}, `usage` for a step that was not recorded, and what the world throws.
   */
  moveTo(step: number, options: MoveOptions = {}): void {
    const way = this.approach(step, options)
    while (way.next().done !== true);
  }

  /** As {@link moveTo}, in pieces: yields the step reached, for who has something else to do in between. */
  *approach(step: number, { drawn = false, onward = false }: MoveOptions = {}): Generator<number, void, void> {
    stepWithin(this.run, step)
    if (this.whole && this.step === step && !drawn) return
    if (drawn) this.requireDrawn(step)
    const before = drawn ? step - 1 : step
    this.startFor(before, onward)
    while (this.step < step) {
      this.runTo(Math.min(step, this.step + stepsPerPiece))
      yield this.step
    }
  }

  /** What the first state of a part showed was left by a step of the part before. */
  private requireDrawn(step: number): void {
    const { path, recording } = this.run
    if (step > recording.first || recording.first === 0) return
    throw new MetabonkError({ code: 'usage', what: `what was seen at step ${step} is not in this part of the run, which begins with it`, where: path, todo: `look in ${recording.manifest.follows?.recording ?? 'the run it comes from'}, or from step ${step + 1} on` })
  }

  /** Starts at the nearest state before a step, unless the replica is there or beyond it already. */
  private startFor(step: number, onward: boolean): void {
    const base = this.baseFor(step)
    if (!this.whole || this.lacksInputs || this.step > step || (this.step < base && !onward)) this.startAt(base)
  }

  /** Goes to where a keyframe was recorded, from its bytes; to the state after `init` from below 0. */
  startAt(step: number): void {
    if (step < 0) {
      const { shared, coordinator } = this.make()
      this.shared = shared
      this.coordinator = coordinator
      this.coordinator.start()
    } else {
      const { recording, inputs } = this.run
      this.coordinator.restore(this.kept.get(step) ?? recording.loadKeyframe(step), inputs.filter((each) => each.step >= step))
      this.compare(step, this.coordinator.hash.low, this.coordinator.hash.high)
    }
    this.whole = true
    this.lacksInputs = false
  }

  /** Runs on to a later step. */
  runTo(step: number): void {
    while (this.step < step) {
      const stop = Math.min(step, this.nextKept())
      this.whole = false
      this.coordinator.runTo(stop)
      this.whole = true
      this.keep(stop)
    }
  }

  private make(): { readonly shared: SharedState; readonly coordinator: Coordinator } {
    const { inputs } = this.run
    const program = programOf(this.run)
    const shared = attachShared(program, createSharedMemory(program, 1), this.kernels)
    const journal: Journal = {
      // eslint-disable-next-line max-params -- the form of a journal, which is called every step
      hash: (step, low, high, changed, count) => {
        if (this.options.compare === 'columns') this.compareColumns(step, changed.subarray(0, 3 * count))
        else this.compare(step, low, high)
      },
      input: () => undefined,
    }
    return { shared, coordinator: new Coordinator(shared, { wait: { spins: 0, stallSlices: 0 }, journal, inputs, checker: this.options.checker }) }
  }

  private compare(step: number, low: number, high: number): void {
    const { lo, hi } = this.run.recording.hashAt(step)
    if (lo === low && hi === high) return
    this.whole = false
    throw new ReplayMismatch(this.run, step, hashHex(low, high))
  }

  private compareColumns(step: number, changed: Uint32Array): void {
    const recorded = this.run.recording.changedAt(step).flatMap(({ column, lo, hi }) => [column, lo, hi])
    if (recorded.length === changed.length && recorded.every((word, i) => word === changed[i])) return
    this.whole = false
    throw new ReplayMismatch(this.run, step, this.hash)
  }

  /** The nearest state before a step that can be started from; -1 for `init`. */
  private baseFor(step: number): number {
    let base = keyframeStepBefore(this.run.recording, step)
    for (const kept of this.kept.keys()) if (kept <= step && kept > base) base = kept
    return base
  }

  /** The next step after this one whose state is kept. */
  private nextKept(): number {
    if (this.options.cacheBytes === 0) return Infinity
    const { recording } = this.run
    const count = keyframesUpTo(recording, this.step)
    const from = recording.keyframes[count - 1]?.step ?? 0
    const to = recording.keyframes[count]?.step ?? recording.steps
    const stride = Math.max(1, Math.ceil((to - from) / keptPerSpan))
    return from + (Math.floor((this.step - from) / stride) + 1) * stride
  }

  private keep(step: number): void {
    const most = this.options.cacheBytes ?? cacheBytesDefault
    if (most === 0 || this.kept.has(step)) return
    const bytes = this.coordinator.keyframe()
    if (bytes.length > most) return
    this.kept.set(step, bytes)
    this.keptBytes += bytes.length
    while (this.keptBytes > most) this.forgetFarthest()
  }

  private forgetFarthest(): void {
    let farthest = this.step
    for (const step of this.kept.keys()) if (Math.abs(step - this.step) > Math.abs(farthest - this.step)) farthest = step
    this.keptBytes -= this.kept.get(farthest)?.length ?? 0
    this.kept.delete(farthest)
  }
}
