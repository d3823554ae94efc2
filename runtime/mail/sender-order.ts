import { frameWords } from '../ring/bulk.ts'
import { mailWord } from './layout.ts'
import { PlaceOrder } from './place-order.ts'

/** Puts mail into the order of its senders, that of one sender as it was sent. Its room is kept: sorting makes no garbage. */
export class SenderOrder {
  private readonly order = new PlaceOrder()
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
    if (end - begin > this.copy.length) this.copy = new Uint32Array(2 * (end - begin))
    const { copy, order } = this
    order.reserve(count)
    for (let i = begin; i < end; i++) copy[i - begin] = words[i]
    for (let at = 0, i = 0; i < count; at += frameWords(copy[at])) order.places[i++] = at
    order.sort(copy, mailWord.from, count)
    let to = begin
    for (let i = 0; i < count; i++) {
      const at = order.places[i]
      for (let k = at, last = at + frameWords(copy[at]); k < last; k++) words[to++] = copy[k]
    }
  }
}
