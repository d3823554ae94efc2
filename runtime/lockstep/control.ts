import { limits } from '../limits.ts'

/** Words of the control slab that all threads share. */
export const controlWord = { release: 0, arrived: 1, command: 2, argument: 3, stop: 4, pause: 5, keyframeSteps: 6, held: 7, bell: 8, credits: 9, halted: 10 } as const
/** Steps between keyframes until somebody has measured how long steps take. */
const keyframeStepsInitial = 100
/** Most steps that can be granted at a time. */
const creditsMax = 0x3fff_ffff
const laneWords = 16
const laneWord = { phase: 0, mailWords: 1, dropped: 2, mailLow: 3, mailHigh: 4, fault: 5 } as const

/** What the coordinator asks of the other threads when it releases them. */
export const command = { move: 1, finish: 2, prepare: 3, quit: 4 } as const
export type Command = (typeof command)[keyof typeof command]

/** Where everything of the control slab lies, for a number of threads, kinds and columns. */
export interface ControlShape {
  readonly workers: number
  readonly kinds: number
  readonly columns: number
}

export function createControlMemory(shape: ControlShape): SharedArrayBuffer {
  const words = 64 + laneWords * shape.workers + 2 * shape.kinds * shape.workers + 2 * shape.columns * shape.workers
  return new SharedArrayBuffer(16 * 8 + words * 4)
}

/** The control slab: barrier words, liveness, row ranges and each thread's share of the hash. Decides nothing. */
export class Control {
  readonly words: Int32Array
  private readonly lanes: Int32Array
  private readonly ranges: Uint32Array
  private readonly sums: Uint32Array
  private readonly clock: Float64Array
  private readonly shape: ControlShape

  constructor(memory: SharedArrayBuffer, shape: ControlShape) {
    this.shape = shape
    this.clock = new Float64Array(memory, 0, 16)
    let at = 128
    const take = (words: number): number => {
      const offset = at
      at += words * 4
      return offset
    }
    this.words = new Int32Array(memory, take(64), 64)
    this.lanes = new Int32Array(memory, take(laneWords * shape.workers), laneWords * shape.workers)
    this.ranges = new Uint32Array(memory, take(2 * shape.kinds * shape.workers), 2 * shape.kinds * shape.workers)
    this.sums = new Uint32Array(memory, take(2 * shape.columns * shape.workers), 2 * shape.columns * shape.workers)
  }

  get step(): number {
    return this.clock[0]
  }

  set step(step: number) {
    this.clock[0] = step
  }

  /** Last step whose hash was sealed; what observers show. */
  get sealedStep(): number {
    return this.clock[1]
  }

  set sealedStep(step: number) {
    this.clock[1] = step
  }

  /** Notes what belongs to the state of `sealedStep`: its hash, and how many messages were dropped until then. */
  noteSeal(low: number, high: number, dropped: number): void {
    this.clock[3] = low
    this.clock[4] = high
    this.clock[5] = dropped
  }

  /** What {@link noteSeal} noted. */
  get seal(): { readonly low: number; readonly high: number; readonly dropped: number } {
    return { low: this.clock[3], high: this.clock[4], dropped: this.clock[5] }
  }

  get workers(): number {
    return this.shape.workers
  }

  /** Fewest steps between keyframes. Whoever watches the run sets it by what a replay of them costs; no state depends on it. */
  get keyframeSteps(): number {
    const steps = Atomics.load(this.words, controlWord.keyframeSteps)
    return steps === 0 ? keyframeStepsInitial : steps
  }

  set keyframeSteps(steps: number) {
    Atomics.store(this.words, controlWord.keyframeSteps, steps)
  }

  /** Size of the last keyframe; 0 before the first. */
  get keyframeBytes(): number {
    return this.clock[2]
  }

  set keyframeBytes(bytes: number) {
    this.clock[2] = bytes
  }

  begin(kind: number, lane: number): number {
    return this.ranges[2 * (lane * this.shape.kinds + kind)]
  }

  end(kind: number, lane: number): number {
    return this.ranges[2 * (lane * this.shape.kinds + kind) + 1]
  }

  /** Deals the blocks of a kind to the threads: contiguous, as even as whole blocks allow. Returns true when that changed anything. */
  deal(kind: number, rows: number): boolean {
    const blocks = Math.ceil(rows / limits.blockRows)
    let changed = false
    for (let lane = 0; lane < this.shape.workers; lane++) {
      const begin = Math.min(Math.floor((blocks * lane) / this.shape.workers) * limits.blockRows, rows)
      const end = Math.min(Math.floor((blocks * (lane + 1)) / this.shape.workers) * limits.blockRows, rows)
      const at = 2 * (lane * this.shape.kinds + kind)
      changed ||= this.ranges[at] !== begin || this.ranges[at + 1] !== end
      this.ranges[at] = begin
      this.ranges[at + 1] = end
    }
    return changed
  }

  setSum(lane: number, column: number, low: number, high: number): void {
    const at = 2 * (lane * this.shape.columns + column)
    this.sums[at] = low
    this.sums[at + 1] = high
  }

  /** Sum over threads of their shares of a column's hash, into `out`. */
  readSum(column: number, out: Uint32Array, at: number): void {
    let low = 0
    let high = 0
    for (let lane = 0; lane < this.shape.workers; lane++) {
      const from = 2 * (lane * this.shape.columns + column)
      low = (low + this.sums[from]) | 0
      high = (high + this.sums[from + 1]) | 0
    }
    out[at] = low
    out[at + 1] = high
  }

  setMail(lane: number, mail: { words: number; dropped: number; low: number; high: number }): void {
    const at = lane * laneWords
    this.lanes[at + laneWord.mailWords] = mail.words
    this.lanes[at + laneWord.dropped] = mail.dropped
    this.lanes[at + laneWord.mailLow] = mail.low
    this.lanes[at + laneWord.mailHigh] = mail.high
  }

  mailWords(lane: number): number {
    return this.lanes[lane * laneWords + laneWord.mailWords] >>> 0
  }

  /** Sum over threads of the hash of undelivered mail, into `out`; returns the messages they dropped. */
  readMail(out: Uint32Array, at: number): number {
    let low = 0
    let high = 0
    let dropped = 0
    for (let lane = 0; lane < this.shape.workers; lane++) {
      low = (low + this.lanes[lane * laneWords + laneWord.mailLow]) | 0
      high = (high + this.lanes[lane * laneWords + laneWord.mailHigh]) | 0
      dropped += this.lanes[lane * laneWords + laneWord.dropped]
    }
    out[at] = low
    out[at + 1] = high
    return dropped
  }

  /** What a thread is doing, as an index into the program's phase names: lets a stuck one be named. */
  enter(lane: number, phase: number): void {
    this.lanes[lane * laneWords + laneWord.phase] = phase
  }

  phaseOf(lane: number): number {
    return Atomics.load(this.lanes, lane * laneWords + laneWord.phase)
  }

  /** Notes that a thread's part of a step threw, and in what phase. */
  setFault(lane: number): void {
    Atomics.store(this.lanes, lane * laneWords + laneWord.fault, this.phaseOf(lane) + 1)
  }

  /**
   * Clears all faults and returns the thread whose one comes first when a single thread does everything: by phase, then by rows;
   * -1 when there is none.
   */
  takeFault(): number {
    let first = -1
    let least = Infinity
    for (let lane = 0; lane < this.shape.workers; lane++) {
      const phase = Atomics.exchange(this.lanes, lane * laneWords + laneWord.fault, 0) - 1
      if (phase < 0) continue
      // Publishing comes last of all, though its phase is named first.
      const order = phase === 1 ? Number.MAX_SAFE_INTEGER : phase
      if (order >= least) continue
      least = order
      first = lane
    }
    return first
  }

  /** A number that changes whenever the coordinator gets on: steps sealed and phases entered. */
  get progress(): number {
    return this.clock[1] * 1024 + Atomics.load(this.words, controlWord.release) + this.phaseOf(0) / 1024
  }

  /** Asks the coordinator to stop at the next step boundary. */
  requestStop(): void {
    Atomics.store(this.words, controlWord.stop, 1)
    this.ring()
  }

  get stopRequested(): boolean {
    return Atomics.load(this.words, controlWord.stop) !== 0
  }

  /** Ends every wait at once: a thread died, or the host gives up. */
  abandon(): void {
    Atomics.store(this.words, controlWord.stop, 2)
    Atomics.add(this.words, controlWord.release, 1)
    Atomics.notify(this.words, controlWord.release)
    Atomics.notify(this.words, controlWord.arrived)
    this.ring()
  }

  get abandoned(): boolean {
    return Atomics.load(this.words, controlWord.stop) === 2
  }

  /** Pauses or resumes at the next step boundary. Steps that were granted and not run are taken back. */
  setPause(paused: boolean): void {
    Atomics.store(this.words, controlWord.credits, 0)
    Atomics.store(this.words, controlWord.pause, paused ? 1 : 0)
    this.ring()
  }

  get paused(): boolean {
    return Atomics.load(this.words, controlWord.pause) === 1
  }

  /** Lets a paused run go on by so many steps more. */
  grant(steps: number): void {
    // More than anybody waits for, and never beyond the word.
    Atomics.add(this.words, controlWord.credits, Math.min(steps, creditsMax - this.credits))
    this.ring()
  }

  /** Steps that were granted and not run. */
  get credits(): number {
    return Atomics.load(this.words, controlWord.credits)
  }

  /** Uses up one granted step; false when there is none. */
  takeCredit(): boolean {
    for (let credits = this.credits; credits > 0; credits = this.credits) {
      if (Atomics.compareExchange(this.words, controlWord.credits, credits, credits - 1) === credits) return true
    }
    return false
  }

  /** Coordinator: holds the run at this boundary, paused or not, whatever is granted, until {@link goOn}. */
  halt(): void {
    Atomics.store(this.words, controlWord.halted, 1)
  }

  /** Ends what {@link halt} began; a run that is paused besides stays so. */
  goOn(): void {
    Atomics.store(this.words, controlWord.halted, 0)
    this.ring()
  }

  get halted(): boolean {
    return Atomics.load(this.words, controlWord.halted) === 1
  }

  /** Tells the coordinator, at its next step boundary or while it waits there, that there is something for it. */
  ring(): void {
    Atomics.add(this.words, controlWord.bell, 1)
    Atomics.notify(this.words, controlWord.bell)
  }

  /** How often it was rung for the coordinator. */
  get bell(): number {
    return Atomics.load(this.words, controlWord.bell)
  }

  /** Coordinator: sleeps until it is rung for after `bell`, a slice long at most. */
  awaitBell(bell: number): void {
    Atomics.wait(this.words, controlWord.bell, bell, limits.waitSliceMillis)
  }

  /** Whether somebody who keeps step with the run holds it at a step boundary. */
  get held(): boolean {
    return Atomics.load(this.words, controlWord.held) === 1
  }

  set held(held: boolean) {
    Atomics.store(this.words, controlWord.held, held ? 1 : 0)
  }
}
