/**
 * The hand-shake with those who look at frames beside the run: other threads, and whoever has attached the memory. The world shows a step when all
 * its frames are whole. A reader in lock-step asks for the next step and so lets the world go on from the last one; a free one takes what is
 * there and is told which steps it missed. Only the pace of a run depends on readers, never a state.
 *
 *   frames.shown    f64  [1]               the last step shown; meaningful once `shown` of the line below is not 0
 *   frames.readers  i32  [1 + 16, 16]      first line: shown (step + 1, lowest 32 bits), ended
 *                                          a line for each reader: mode (0 none, 1 lock-step, 2 being filled), done with (as shown), patience in waits, name (48 bytes, UTF-8)
 */
import { attachSlab, limits, MetabonkError, regionArray, type KindType, type RegionPlan, type Slab, type SlabMemory } from '../runtime/index.ts'
import { Frames } from './frames.ts'

const readersMax = 16
const lineWords = 16
const worldWord = { shown: 0, ended: 1 } as const
const readerWord = { mode: 0, done: 1, patience: 2, name: 4 } as const
const lockStep = 1
/** A line that a reader is about to fill. */
const taken = 2
const nameBytes = 4 * (lineWords - readerWord.name)
const timeoutDefault = 10_000

/** The shared regions of the hand-shake, of a world with cameras. */
export function readerRegions(): RegionPlan[] {
  return [
    { name: 'frames.shown', kind: 'counters', dtype: 'f64', shape: [1] },
    { name: 'frames.readers', kind: 'words', dtype: 'i32', shape: [1 + readersMax, lineWords] },
  ]
}

/** The words that world and readers share. */
class Board {
  readonly words: Int32Array
  private readonly step: Float64Array
  private readonly names: Uint8Array

  constructor(slab: Slab<SlabMemory>) {
    this.words = regionArray(slab, 'frames.readers', 'i32')
    this.step = regionArray(slab, 'frames.shown', 'f64')
    this.names = new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength)
  }

  /** The last step shown, -1 before the first. */
  get shownStep(): number {
    return Atomics.load(this.words, worldWord.shown) === 0 ? -1 : this.step[0]
  }

  get hasEnded(): boolean {
    return Atomics.load(this.words, worldWord.ended) === 1
  }

  show(step: number): void {
    this.step[0] = step
    Atomics.store(this.words, worldWord.shown, codeOf(step))
    Atomics.notify(this.words, worldWord.shown)
  }

  end(): void {
    Atomics.store(this.words, worldWord.ended, 1)
    Atomics.notify(this.words, worldWord.shown)
  }

  /** Sleeps for a moment, or until another step than that is shown. Returns whether the moment passed. */
  awaitShown(step: number): boolean {
    return Atomics.wait(this.words, worldWord.shown, codeOf(step), limits.waitSliceMillis) === 'timed-out'
  }

  word(reader: number, word: number): number {
    return (1 + reader) * lineWords + word
  }

  nameOf(reader: number): string {
    const from = 4 * this.word(reader, readerWord.name)
    const bytes = this.names.slice(from, from + nameBytes)
    const end = bytes.indexOf(0)
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
  }

  /** The line of a reader in lock-step of that name, -1 for none. */
  find(name: string): number {
    for (let reader = 0; reader < readersMax; reader++) {
      if (Atomics.load(this.words, this.word(reader, readerWord.mode)) === lockStep && this.nameOf(reader) === name) return reader
    }
    return -1
  }

  /** Takes a line for a new reader in lock-step: the world waits for it from the next step it shows. */
  enlist(kind: string, name: string | undefined, patience: number): number {
    for (let reader = 0; reader < readersMax; reader++) {
      if (Atomics.compareExchange(this.words, this.word(reader, readerWord.mode), 0, taken) !== 0) continue
      this.names.set(new TextEncoder().encode(name ?? `${kind} ${reader}`), 4 * this.word(reader, readerWord.name))
      this.words[this.word(reader, readerWord.patience)] = patience
      Atomics.store(this.words, this.word(reader, readerWord.done), codeOf(this.shownStep))
      Atomics.store(this.words, this.word(reader, readerWord.mode), lockStep)
      return reader
    }
    throw new MetabonkError({ code: 'limit', what: `there are ${readersMax} readers of frames in lock-step`, where: `frames of ${kind}`, todo: 'close one, or read in free mode' })
  }

  release(reader: number): void {
    this.names.fill(0, 4 * this.word(reader, readerWord.name), 4 * this.word(reader + 1, 0))
    Atomics.store(this.words, this.word(reader, readerWord.mode), 0)
    Atomics.notify(this.words, this.word(reader, readerWord.done))
  }

  /** A reader is done with a step. */
  finish(reader: number, step: number): void {
    Atomics.store(this.words, this.word(reader, readerWord.done), codeOf(step))
    Atomics.notify(this.words, this.word(reader, readerWord.done))
  }
}

/** The word that stands for a step; 0 for none. */
function codeOf(step: number): number {
  return (step + 1) | 0
}

/** What the world tells of its readers: seldom, never once a frame. */
export interface GateEvents {
  /** Frames are shown again, or for the first time. */
  shown(step: number): void
  /** The world waits for a reader. */
  stalled(step: number, reader: string): void
  /** It waits no more. */
  resumed(step: number): void
}

/** The world's side: shows steps, and waits for readers in lock-step. */
export class FrameGate {
  private readonly board: Board
  private readonly events: GateEvents
  private readonly isStopped: () => boolean
  private isTold = false

  /** `isStopped` says whether the run is to end, which ends every wait. */
  constructor(slab: Slab, events: GateEvents, isStopped: () => boolean) {
    this.board = new Board(slab)
    this.events = events
    this.isStopped = isStopped
  }

  /**
   * Shows a step whose frames are whole and returns when every reader in lock-step is done with it. A step that comes again after a fault
   * has been shown. Throws `reader-late` when a reader takes longer than it said.
   */
  show(step: number): void {
    const { board } = this
    if (step <= board.shownStep) return
    board.show(step)
    if (!this.isTold) this.events.shown(step)
    this.isTold = true
    for (let reader = 0; reader < readersMax; reader++) this.await(reader, step)
  }

  /** After a fault: the next step shown is news. */
  recovered(): void {
    this.isTold = false
  }

  /** Tells readers that there is nothing more to come. */
  end(): void {
    this.board.end()
  }

  private await(reader: number, step: number): void {
    const { words } = this.board
    const done = this.board.word(reader, readerWord.done)
    const mode = this.board.word(reader, readerWord.mode)
    let waits = 0
    while (Atomics.load(words, mode) === lockStep && !this.isStopped()) {
      const seen = Atomics.load(words, done)
      if (seen === codeOf(step)) break
      if (Atomics.wait(words, done, seen, limits.waitSliceMillis) !== 'timed-out') continue
      if (waits++ === 0) this.events.stalled(step, this.board.nameOf(reader))
      if (waits >= words[this.board.word(reader, readerWord.patience)]) throw this.late(reader, step, waits)
    }
    if (waits > 0) this.events.resumed(step)
  }

  private late(reader: number, step: number, waits: number): MetabonkError {
    return new MetabonkError({
      code: 'reader-late',
      what: `the reader ${this.board.nameOf(reader)} did not finish with the frames of step ${step} in ${waits * limits.waitSliceMillis} ms`,
      where: `step ${step}`,
      todo: 'let it call next or close, give it a longer timeoutMillis, or read in free mode',
    })
  }
}

/** Options of {@link openFrameReader}. */
export interface FrameReaderOptions {
  /** `lockstep`: the world waits for the reader at every step. `free`: it does not, and the reader may miss some. */
  readonly mode: 'lockstep' | 'free'
  /** What errors call the reader; up to 48 bytes. A reader in lock-step that was given a name, and is opened again under it, goes on where it was. Default: one of its own. */
  readonly name?: string
  /** How long the world waits for the reader in one step, and the reader for the world: rounded up to 50 ms. Default 10,000. */
  readonly timeoutMillis?: number
}

/** What there is to see. */
export interface ShownStep {
  readonly step: number
  /** The steps since the last one that were shown and not seen; undefined when there are none. */
  readonly missed: { readonly from: number; readonly to: number } | undefined
}

/** A reader of the frames of one kind. */
export interface FrameReader {
  /** The frames. In free mode take them by `copy`, which refuses what is overwritten meanwhile. */
  readonly frames: Frames
  /**
   * Done with the last step; waits for the next one that is shown. Undefined when the run has ended. Throws `reader-late` when none is
   * shown in time.
   */
  next(): ShownStep | undefined
  /** Lets the world go on without it. */
  close(): void
}

function checkReader(kind: string, { mode, name = kind, timeoutMillis = timeoutDefault }: FrameReaderOptions): void {
  const where = `frames of ${kind}`
  const bytes = new TextEncoder().encode(name).length
  if (bytes === 0 || bytes > nameBytes) throw new MetabonkError({ code: 'usage', what: `a reader of frames can't be named '${name}'`, where, todo: `give 1 to ${nameBytes} bytes of text` })
  if (!(timeoutMillis > 0)) throw new MetabonkError({ code: 'usage', what: `a reader of frames can't wait ${timeoutMillis} ms`, where, todo: 'give a positive number' })
  if ((mode as string) !== 'lockstep' && (mode as string) !== 'free') throw new MetabonkError({ code: 'usage', what: `frames can't be read in mode '${mode}'`, where, todo: "give 'lockstep' or 'free'" })
}

class BoardReader implements FrameReader {
  readonly frames: Frames
  private readonly board: Board
  private readonly name: string
  private readonly patience: number
  /** Its line, -1 in free mode. */
  private readonly line: number
  /** The step it saw last, -1 for none. */
  private seen: number

  constructor(slab: Slab<SlabMemory>, kind: Pick<KindType, 'name'>, options: FrameReaderOptions) {
    const { mode, name, timeoutMillis = timeoutDefault } = options
    checkReader(kind.name, options)
    this.board = new Board(slab)
    this.frames = new Frames(slab, kind)
    this.patience = Math.min(Math.ceil(timeoutMillis / limits.waitSliceMillis), 0x7fffffff)
    const known = mode === 'lockstep' && name !== undefined ? this.board.find(name) : -1
    this.line = mode === 'lockstep' && known < 0 ? this.board.enlist(kind.name, name, this.patience) : known
    this.name = name ?? (this.line < 0 ? kind.name : this.board.nameOf(this.line))
    const { shownStep } = this.board
    // A step that is shown, and that the world waits with, has yet to be seen.
    this.seen = known >= 0 && this.board.words[this.board.word(known, readerWord.done)] !== codeOf(shownStep) ? shownStep - 1 : shownStep
  }

  next(): ShownStep | undefined {
    const { board, seen } = this
    if (this.line >= 0 && seen >= 0) board.finish(this.line, seen)
    for (let waits = 0; board.shownStep <= seen; ) {
      if (board.hasEnded) return undefined
      if (board.awaitShown(seen) && ++waits >= this.patience) throw this.late(waits)
    }
    const step = board.shownStep
    this.seen = step
    return { step, missed: seen >= 0 && step > seen + 1 ? { from: seen + 1, to: step - 1 } : undefined }
  }

  close(): void {
    if (this.line >= 0) this.board.release(this.line)
  }

  private late(waits: number): MetabonkError {
    return new MetabonkError({
      code: 'reader-late',
      what: `the world showed the reader ${this.name} no step after ${this.seen} in ${waits * limits.waitSliceMillis} ms`,
      where: `reader ${this.name}`,
      todo: 'see whether the run still goes on, or give a longer timeoutMillis',
    })
  }
}

/**
 * Opens the frames of a kind for a thread beside the run; `memory` is what `runWorld` gave to `onFrames`. A reader in lock-step that is opened
 * there, and again under its name in its thread, misses no step. Throws `schema` when the kind has no camera, `limit` when there are too
 * many readers in lock-step, `usage` for options that can't be.
 */
export function openFrameReader(memory: SlabMemory, kind: string, options: FrameReaderOptions): FrameReader {
  return new BoardReader(attachSlab(memory), { name: kind }, options)
}
