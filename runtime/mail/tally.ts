/** How many messages of a type each sender has sent, in arrays: a map makes an object of every address, in every step. */
export class Tally {
  /** Addresses, 0 where a slot is free; it stays half empty. */
  private senders = new Uint32Array(1024)
  private codes = new Uint16Array(1024)
  private counts = new Uint32Array(1024)
  private used = 0

  /** The count of a sender, whose address is not 0, for the type with a code. */
  get(sender: number, code: number): number {
    return this.counts[this.slot(sender, code)]
  }

  set(sender: number, code: number, count: number): void {
    const slot = this.slot(sender, code)
    this.counts[slot] = count
    if (this.senders[slot] !== 0) return
    this.senders[slot] = sender
    this.codes[slot] = code
    if (++this.used * 2 > this.senders.length) this.grow()
  }

  /** Forgets all counts. */
  clear(): void {
    if (this.used === 0) return
    this.senders.fill(0)
    this.counts.fill(0)
    this.used = 0
  }

  /** Where a count is, or where there is room for it. */
  private slot(sender: number, code: number): number {
    const { senders, codes } = this
    const last = senders.length - 1
    let slot = (Math.imul(sender, 0x9e3779b1) >>> 7) + code & last
    while (senders[slot] !== 0 && (senders[slot] !== sender || codes[slot] !== code)) slot = (slot + 1) & last
    return slot
  }

  private grow(): void {
    const { senders, codes, counts } = this
    this.senders = new Uint32Array(2 * senders.length)
    this.codes = new Uint16Array(2 * senders.length)
    this.counts = new Uint32Array(2 * senders.length)
    this.used = 0
    for (let slot = 0; slot < senders.length; slot++) if (senders[slot] !== 0) this.set(senders[slot], codes[slot], counts[slot])
  }
}
