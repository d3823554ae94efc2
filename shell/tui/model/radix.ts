/** Sorts places by numbers, fast enough for every row of a large table: a radix sort from the least digit, stable, over the bits of f64. */

const digitBits = 11
const digits = 1 << digitBits
/** Where a digit of the key lies: in its lower or upper word, and from which bit on. */
const passes = [[0, 0], [0, 11], [0, 22], [1, 0], [1, 11], [1, 22]] as const

/** Turns the bits of each number into a pair of words whose order as whole numbers is that of the numbers, or the reverse; NaN is last in both. */
function orderBits(keys: Float64Array, words: Uint32Array, count: number, descending: boolean): void {
  const flip = descending ? 0xffffffff : 0
  for (let i = 0; i < count; i++) {
    const key = keys[i]
    if (Number.isNaN(key)) {
      words[2 * i] = 0xffffffff
      words[2 * i + 1] = 0xffffffff
      continue
    }
    // Both zeros are one number.
    keys[i] = key + 0
    const high = words[2 * i + 1]
    const mask = high >>> 31 === 1 ? 0xffffffff : 0
    words[2 * i] ^= mask ^ flip
    words[2 * i + 1] = high ^ (mask | 0x80000000) ^ flip
  }
}

/** A sorter that keeps its memory from one sort to the next. */
export class PlaceSorter {
  private keys = new Float64Array(0)
  private words = new Uint32Array(0)
  private order = new Uint32Array(0)
  private next = new Uint32Array(0)
  private readonly counts = new Uint32Array(digits)

  /** Room for the numbers of so many places: fill it, then call {@link sorted}. */
  room(count: number): Float64Array {
    if (this.keys.length < count) {
      this.keys = new Float64Array(count + (count >> 1))
      this.words = new Uint32Array(this.keys.buffer)
      this.order = new Uint32Array(this.keys.length)
      this.next = new Uint32Array(this.keys.length)
    }
    return this.keys
  }

  /** The places 0 to `count - 1` by their numbers, equal ones in their own order; valid until the next sort. */
  sorted(count: number, descending: boolean): Uint32Array {
    orderBits(this.keys, this.words, count, descending)
    for (let i = 0; i < count; i++) this.order[i] = i
    for (const [word, shift] of passes) this.pass(count, word, shift)
    return this.order.subarray(0, count)
  }

  private pass(count: number, word: number, shift: number): void {
    const { words, counts, order, next } = this
    const mask = digits - 1
    counts.fill(0)
    for (let i = 0; i < count; i++) counts[(words[2 * i + word] >>> shift) & mask]++
    // Nothing is moved by a digit that all have.
    if (count === 0 || counts[(words[word] >>> shift) & mask] === count) return
    let begin = 0
    for (let digit = 0; digit < digits; digit++) {
      const size = counts[digit]
      counts[digit] = begin
      begin += size
    }
    for (let i = 0; i < count; i++) {
      const place = order[i]
      next[counts[(words[2 * place + word] >>> shift) & mask]++] = place
    }
    this.order = next
    this.next = order
  }
}
