/**
 * Hashes of a run of consecutive steps, as one message holds them. All numbers are little-endian:
 *
 *     | first step f64 | steps u32 | bytes of the sets u32 | roots: low u32, high u32 a step | sets | hashes: low u32, high u32 each |
 *
 * The sets say which columns changed in each step; the hashes are those of these columns, step by step, in order. A world changes much the same columns
 * in every step, so the sets are bits of an adaptive coder: one whether the set is that of the step before (none before the first); if not, one for
 * every column, in a context of its own for each, and for whether it was in the set before.
 */
import { assert } from '../errors.ts'
import { BitDecoder, BitEncoder } from './bit-coder.ts'

export const runHeadBytes = 16
/** The context of the bit that says whether a set is that of the step before; those of the columns follow. */
const sameContext = 0

function contextsOf(columns: number): number {
  return 1 + 2 * columns
}

function columnContext(column: number, before: number): number {
  return 1 + 2 * column + before
}

/** Collects the hashes of steps until they are written as one message. Allocates only to grow. */
export class HashRunBuilder {
  /** Steps collected. */
  count = 0
  readonly #columns: number
  readonly #sets: BitEncoder
  #roots = new Uint32Array(2 * 1024)
  #hashes = new Uint32Array(4 * 1024)
  #hashWords = 0
  #first = 0
  /** By column: whether it changed in the step before, and in this one. */
  #before: Uint8Array
  #now: Uint8Array

  /** For a world of so many hashed columns. */
  constructor(columns: number) {
    assert(columns <= 0xffff, 'a world has at most 65535 columns')
    this.#columns = columns
    this.#sets = new BitEncoder(contextsOf(columns))
    this.#before = new Uint8Array(columns)
    this.#now = new Uint8Array(columns)
  }

  /** First step collected. */
  get first(): number {
    return this.#first
  }

  /** Size of the message. */
  get bytes(): number {
    return runHeadBytes + 8 * this.count + this.#sets.bytes + 4 * this.#hashWords
  }

  /** The most that a step with so many changed columns adds: the rarest bit takes less than a byte. */
  bytesOf(changedCount: number): number {
    return 8 + 1 + this.#columns + 8 * changedCount
  }

  // eslint-disable-next-line max-params -- called every step: an object for the root would be garbage
  add(step: number, lo: number, hi: number, changed: Uint32Array, changedCount: number): void {
    if (this.count === 0) this.#first = step
    const root = this.count * 2
    this.#roots = roomFor(this.#roots, root + 2)
    this.#roots[root] = lo
    this.#roots[root + 1] = hi
    this.count += 1
    this.#putSet(changed, changedCount)
    this.#hashes = roomFor(this.#hashes, this.#hashWords + 2 * changedCount)
    for (let place = 0; place < changedCount; place++) {
      this.#hashes[this.#hashWords++] = changed[3 * place + 1]
      this.#hashes[this.#hashWords++] = changed[3 * place + 2]
    }
  }

  /** Lays the message out at `at`, {@link bytes} long, and starts anew. */
  put(bytes: Uint8Array, view: DataView, at: number): void {
    const setBytes = this.#sets.bytes
    view.setFloat64(at, this.#first, true)
    view.setUint32(at + 8, this.count, true)
    view.setUint32(at + 12, setBytes, true)
    const setsAt = putWords(view, at + runHeadBytes, this.#roots, 2 * this.count)
    this.#sets.finish(bytes, setsAt)
    putWords(view, setsAt + setBytes, this.#hashes, this.#hashWords)
    this.count = 0
    this.#hashWords = 0
    this.#before.fill(0)
  }

  /** Says which columns change. */
  #putSet(changed: Uint32Array, changedCount: number): void {
    const now = this.#now.fill(0)
    for (let place = 0; place < changedCount; place++) {
      const column = changed[3 * place]
      assert(column < this.#columns && (place === 0 || column > changed[3 * place - 3]), 'changed columns ascend, and are columns of the world')
      now[column] = 1
    }
    const before = this.#before
    const isSame = isEqual(before, now)
    this.#sets.put(sameContext, isSame ? 1 : 0)
    if (isSame) return
    for (let column = 0; column < now.length; column++) this.#sets.put(columnContext(column, before[column]), now[column])
    this.#now = before
    this.#before = now
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The words, or a larger copy of them. */
function roomFor(words: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  if (needed <= words.length) return words
  const larger = new Uint32Array(Math.max(needed, 2 * words.length))
  larger.set(words)
  return larger
}

/** Lays words out at `at`; returns where they end. */
function putWords(view: DataView, at: number, words: Uint32Array, count: number): number {
  for (let word = 0; word < count; word++) view.setUint32(at + 4 * word, words[word], true)
  return at + 4 * count
}

/** A run of hashes, read. */
export interface HashRun {
  readonly first: number
  readonly count: number
  /** Of each step: which of the sets, and where in the bytes its hashes start. */
  readonly sets: Uint32Array
  readonly places: Uint32Array
  /** The sets of columns, ascending. */
  readonly columns: readonly Uint16Array[]
  readonly view: DataView
}

/** Steps in the run that a message holds, when its head is right for its size; undefined otherwise. */
export function runSteps(view: DataView, at: number, bytes: number): number | undefined {
  if (bytes < runHeadBytes) return undefined
  const count = view.getUint32(at + 8, true)
  const hashBytes = bytes - runHeadBytes - 8 * count - view.getUint32(at + 12, true)
  return count > 0 && hashBytes >= 0 && hashBytes % 8 === 0 ? count : undefined
}

/** Reads the run in a message of a world with so many columns; undefined when it is broken. Its head has been checked. */
export function readRun(view: DataView, columns: number): HashRun | undefined {
  const count = view.getUint32(8, true)
  const run = { first: view.getFloat64(0, true), count, sets: new Uint32Array(count), places: new Uint32Array(count), columns: [new Uint16Array(0)] as Uint16Array[], view }
  const setsAt = runHeadBytes + 8 * count
  const setsEnd = setsAt + view.getUint32(12, true)
  const sets = new BitDecoder(contextsOf(columns), view, setsAt, setsEnd)
  const set = new Uint8Array(columns)
  let at = setsEnd
  for (let step = 0; step < count; step++) {
    if (sets.take(sameContext) === 0) {
      for (let column = 0; column < columns; column++) set[column] = sets.take(columnContext(column, set[column]))
      run.columns.push(columnsOf(set))
    }
    run.sets[step] = run.columns.length - 1
    run.places[step] = at
    at += 8 * run.columns[run.columns.length - 1].length
    if (at > view.byteLength) return undefined
  }
  return at === view.byteLength && sets.isDone ? run : undefined
}

function columnsOf(set: Uint8Array): Uint16Array {
  const found: number[] = []
  for (let column = 0; column < set.length; column++) if (set[column] === 1) found.push(column)
  return Uint16Array.from(found)
}
