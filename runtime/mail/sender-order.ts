import { frameWords } from '../ring/bulk.ts'
import { mailWord } from './layout.ts'

/** Puts mail into the order of its senders, that of one sender as it was sent. Its room is kept: sorting makes no garbage. */
export class SenderOrder {
  /** Where the messages begin, and room to merge runs of them. */
  private places = new Uint32Array(64)
  private merged = new Uint32Array(64)
  /** The messages as they lay. */
  private copy = new Uint32Array(1024)

  /** Sorts the messages in words [begin, end). */
  sort(words: Uint32Array, begin: number, end: number): void {
    let count = 0
    let sorted = true
    for (let at = begin, last = 0; at < end; at += frameWords(words[at])) {
      if (words[at + mailWord.from] < last) sorted = false
      last = words[at + mailWord.from]
      count++
    }
    if (sorted) return
    this.reserve(count, end - begin)
    const { copy, places } = this
    for (let i = begin; i < end; i++) copy[i - begin] = words[i]
    for (let at = 0, i = 0; i < count; at += frameWords(copy[at])) places[i++] = at
    this.merge(count)
    let to = begin
    for (let i = 0; i < count; i++) {
      const at = this.places[i]
      for (let k = at, last = at + frameWords(copy[at]); k < last; k++) words[to++] = copy[k]
    }
  }

  private reserve(messages: number, words: number): void {
    if (messages > this.places.length) {
      this.places = new Uint32Array(2 * messages)
      this.merged = new Uint32Array(2 * messages)
    }
    if (words > this.copy.length) this.copy = new Uint32Array(2 * words)
  }

  /** Sorts the places, stably: runs of one, two, four, ... messages are merged in pairs. */
  private merge(count: number): void {
    for (let width = 1; width < count; width *= 2) {
      for (let low = 0; low < count; low += 2 * width) this.mergePair(low, Math.min(low + width, count), Math.min(low + 2 * width, count))
      const { places, merged } = this
      this.places = merged
      this.merged = places
    }
  }

  private mergePair(low: number, middle: number, high: number): void {
    const { copy, places, merged } = this
    let a = low
    let b = middle
    for (let to = low; to < high; to++) {
      const isFirst = b === high || (a < middle && copy[places[a] + mailWord.from] <= copy[places[b] + mailWord.from])
      merged[to] = isFirst ? places[a++] : places[b++]
    }
  }
}
