/**
 * Hashes of a run of consecutive steps, as one message holds them. A world mostly changes the same columns in every step, so
 * the set of columns is said once while it stays the same. All numbers are little-endian:
 *
 *     | first step f64 | steps u32 | bytes of the changes u32 | roots: low u32, high u32 a step | changes of each step |
 *
 *     change:  | sameSet                     | hashes |      the columns of the step before (none before the first)
 *              | count u8 | count x u16      | hashes |      those, without or with each of the columns named
 *              | wholeSet | bits, a column each | hashes |   these columns
 *
 * with the hashes of the columns of the set, in order: low u32, high u32. The shorter of the last two is taken.
 */
import { assert } from '../errors.ts'
import { grown } from './record-builder.ts'

const sameSet = 0
const wholeSet = 255
export const runHeadBytes = 16

/** Bytes of a set of columns, one bit each. */
function setBytesOf(columns: number): number {
  return (columns + 7) >>> 3
}

/** Collects the hashes of steps until they are written as one message. Allocates only to grow. */
export class HashRunBuilder {
  /** Steps collected. */
  count = 0
  readonly #setBytes: number
  readonly #columns: number
  #roots = new Uint32Array(2 * 1024)
  #changes = new Uint8Array(16 * 1024)
  #view = new DataView(this.#changes.buffer)
  #end = 0
  #first = 0
  /** The columns that changed in the step before, ascending. */
  readonly #set: Uint16Array
  #setCount = 0

  /** For a world of so many hashed columns. */
  constructor(columns: number) {
    assert(columns <= 0xffff, 'a world has at most 65535 columns')
    this.#columns = columns
    this.#setBytes = setBytesOf(columns)
    this.#set = new Uint16Array(columns)
  }

  /** First step collected. */
  get first(): number {
    return this.#first
  }

  /** Size of the message. */
  get bytes(): number {
    return runHeadBytes + 8 * this.count + this.#end
  }

  /** The most that a step with so many changed columns adds. */
  bytesOf(changedCount: number): number {
    return 8 + 1 + this.#setBytes + 8 * changedCount
  }

  // eslint-disable-next-line max-params -- called every step: an object for the root would be garbage
  add(step: number, lo: number, hi: number, changed: Uint32Array, changedCount: number): void {
    if (this.count === 0) this.#first = step
    const root = this.count * 2
    if (root === this.#roots.length) {
      const larger = new Uint32Array(root * 2)
      larger.set(this.#roots)
      this.#roots = larger
    }
    this.#roots[root] = lo
    this.#roots[root + 1] = hi
    this.count += 1
    const needed = this.#end + this.bytesOf(changedCount)
    if (needed > this.#changes.length) {
      this.#changes = grown(this.#changes, needed)
      this.#view = new DataView(this.#changes.buffer)
    }
    this.#putSet(changed, changedCount)
    const view = this.#view
    let at = this.#end
    for (let word = 0; word < changedCount * 3; word += 3) {
      view.setUint32(at, changed[word + 1], true)
      view.setUint32(at + 4, changed[word + 2], true)
      at += 8
    }
    this.#end = at
  }

  /** Lays the message out at `at`, {@link bytes} long, and starts anew. */
  put(bytes: Uint8Array, view: DataView, at: number): void {
    view.setFloat64(at, this.#first, true)
    view.setUint32(at + 8, this.count, true)
    view.setUint32(at + 12, this.#end, true)
    const rootsAt = at + runHeadBytes
    for (let word = 0; word < this.count * 2; word++) view.setUint32(rootsAt + word * 4, this.#roots[word], true)
    bytes.set(this.#changes.subarray(0, this.#end), rootsAt + this.count * 8)
    this.count = 0
    this.#end = 0
    this.#setCount = 0
  }

  /** Says which columns change. */
  #putSet(changed: Uint32Array, changedCount: number): void {
    const codeAt = this.#end
    if (this.#isSet(changed, changedCount)) {
      this.#changes[codeAt] = sameSet
      this.#end = codeAt + 1
      return
    }
    for (let place = 0; place < changedCount; place++) {
      const isNext = changed[place * 3] < this.#columns && (place === 0 || changed[place * 3] > changed[place * 3 - 3])
      assert(isNext, 'changed columns ascend, and are columns of the world')
    }
    this.#changes[codeAt] = this.#putNews(changed, changedCount)
    for (let place = 0; place < changedCount; place++) this.#set[place] = changed[place * 3]
    this.#setCount = changedCount
  }

  #isSet(changed: Uint32Array, changedCount: number): boolean {
    if (changedCount !== this.#setCount) return false
    for (let place = 0; place < changedCount; place++) if (changed[place * 3] !== this.#set[place]) return false
    return true
  }

  /** Lays out what is new in the set, behind the place of its code, by the shorter way; returns the code. */
  #putNews(changed: Uint32Array, changedCount: number): number {
    const start = this.#end + 1
    const most = Math.min(wholeSet - 1, Math.max(0, this.#setBytes - 1) >>> 1)
    let news = 0
    let before = 0
    let now = 0
    while (news <= most && (before < this.#setCount || now < changedCount)) {
      const left = before < this.#setCount ? this.#set[before] : 0x1_0000
      const right = now < changedCount ? changed[now * 3] : 0x1_0000
      if (left <= right) before += 1
      if (right <= left) now += 1
      if (left === right) continue
      if (news < most) this.#view.setUint16(start + 2 * news, Math.min(left, right), true)
      news += 1
    }
    if (news > most) return this.#putWhole(changed, changedCount)
    this.#end = start + 2 * news
    return news
  }

  #putWhole(changed: Uint32Array, changedCount: number): number {
    const start = this.#end + 1
    this.#changes.fill(0, start, start + this.#setBytes)
    for (let place = 0; place < changedCount; place++) {
      const column = changed[place * 3]
      this.#changes[start + (column >>> 3)] |= 1 << (column & 7)
    }
    this.#end = start + this.#setBytes
    return wholeSet
  }
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
  return count > 0 && runHeadBytes + 8 * count + view.getUint32(at + 12, true) === bytes ? count : undefined
}

/** Reads the run in a message of a world with so many columns; undefined when it is broken. Its head has been checked. */
export function readRun(view: DataView, columns: number): HashRun | undefined {
  const count = view.getUint32(8, true)
  const run = { first: view.getFloat64(0, true), count, sets: new Uint32Array(count), places: new Uint32Array(count), columns: [new Uint16Array(0)] as Uint16Array[], view }
  const end = view.byteLength
  const bits = new Uint8Array(setBytesOf(columns))
  let at = runHeadBytes + 8 * count
  for (let step = 0; step < count; step++) {
    if (at >= end) return undefined
    const code = view.getUint8(at)
    if (code !== sameSet) {
      const next = code === wholeSet ? takeWhole(view, at + 1, bits) : takeNews(view, at + 1, code, bits)
      const set = next < 0 ? undefined : columnsOf(bits, columns)
      if (set === undefined) return undefined
      run.columns.push(set)
      at = next
    } else {
      at += 1
    }
    run.sets[step] = run.columns.length - 1
    run.places[step] = at
    at += 8 * run.columns[run.columns.length - 1].length
  }
  return at === end ? run : undefined
}

function takeWhole(view: DataView, at: number, bits: Uint8Array): number {
  if (at + bits.length > view.byteLength) return -1
  for (let byte = 0; byte < bits.length; byte++) bits[byte] = view.getUint8(at + byte)
  return at + bits.length
}

function takeNews(view: DataView, at: number, count: number, bits: Uint8Array): number {
  if (at + 2 * count > view.byteLength) return -1
  for (let place = 0; place < count; place++) {
    const column = view.getUint16(at + 2 * place, true)
    if (column >>> 3 >= bits.length) return -1
    bits[column >>> 3] ^= 1 << (column & 7)
  }
  return at + 2 * count
}

/** The columns whose bits are set; undefined when there is one that the world has not. */
function columnsOf(bits: Uint8Array, columns: number): Uint16Array | undefined {
  const found: number[] = []
  for (let column = 0; column < bits.length * 8; column++) {
    if ((bits[column >>> 3] & (1 << (column & 7))) !== 0) found.push(column)
  }
  return found.length > 0 && found[found.length - 1] >= columns ? undefined : Uint16Array.from(found)
}
