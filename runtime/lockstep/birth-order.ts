import { PlaceOrder } from '../mail/place-order.ts'

/** Words of a birth: its kind, address of who asked, through which box, and where in it. */
const word = { kind: 0, from: 1, box: 2, at: 3, words: 4 } as const

/** Births of a step, to be put in their canonical order. */
export class BirthOrder {
  count = 0
  private births = new Uint32Array(64 * word.words)
  private readonly order = new PlaceOrder()

  /** Adds a birth of a kind. */
  add(kind: number, from: number, box: number, at: number): void {
    const place = this.count * word.words
    if (place === this.births.length) this.grow()
    this.births[place + word.kind] = kind
    this.births[place + word.from] = from
    this.births[place + word.box] = box
    this.births[place + word.at] = at
    this.count++
  }

  /** By kind, then by who asked, then as they were added: that is how the other getters number them. */
  sort(): void {
    const { order, births, count } = this
    order.reserve(count)
    for (let i = 0; i < count; i++) order.places[i] = i * word.words
    order.sort(births, word.from, count)
    order.sort(births, word.kind, count)
  }

  kind(i: number): number {
    return this.births[this.order.places[i] + word.kind]
  }

  box(i: number): number {
    return this.births[this.order.places[i] + word.box]
  }

  at(i: number): number {
    return this.births[this.order.places[i] + word.at]
  }

  private grow(): void {
    const births = new Uint32Array(2 * this.births.length)
    births.set(this.births)
    this.births = births
  }
}
