import { mailWord } from '../mail/layout.ts'
import { frameWords } from '../ring/bulk.ts'
import { kindOfAddress } from '../state/address.ts'
import type { SharedState } from './shared.ts'

/** The undelivered mail of all threads in canonical order: kinds, rows, senders. */
export class GatheredMail {
  private readonly state: SharedState
  private readonly inboxes: readonly Uint32Array[]
  /** How far each inbox was copied. */
  private readonly heads: Uint32Array

  constructor(state: SharedState) {
    this.state = state
    this.inboxes = state.memory.inboxes.map((memory) => new Uint32Array(memory))
    this.heads = new Uint32Array(this.inboxes.length)
  }

  /** How many words it has now. */
  get words(): number {
    let words = 0
    for (let lane = 0; lane < this.inboxes.length; lane++) words += this.state.control.mailWords(lane)
    return words
  }

  /** Copies all words to `target` from place `at` on. */
  copyTo(target: Uint32Array, at: number): void {
    this.heads.fill(0)
    let to = at
    // Each inbox is ordered by kind, then row; threads own ascending rows: they are merged kind by kind.
    for (let kind = 0; kind < this.state.tables.length; kind++) {
      for (let lane = 0; lane < this.inboxes.length; lane++) to = this.copyKind(kind, lane, target, to)
    }
  }

  private copyKind(kind: number, lane: number, target: Uint32Array, to: number): number {
    const words = this.inboxes[lane]
    const end = this.state.control.mailWords(lane)
    let at = this.heads[lane]
    while (at < end && kindOfAddress(words[at + mailWord.to]) === kind) {
      for (const next = at + frameWords(words[at]); at < next; at++) target[to++] = words[at]
    }
    this.heads[lane] = at
    return to
  }
}
