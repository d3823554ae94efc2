const word = { next: 0, last: 1, stopped: 2, steps: 3 } as const

/** Where threads that replay spans agree on who does which, and on when it is enough. */
export class SpanBoard {
  private readonly words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory)
  }

  static createMemory(): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(16)
    new Int32Array(memory)[word.last] = 0x7fff_ffff
    return memory
  }

  /** The place of the next span to be done; beyond all places when it is enough. */
  take(): number {
    const place = Atomics.add(this.words, word.next, 1)
    return this.wants(place) ? place : 0x7fff_ffff
  }

  /** Spans after this place are not wanted any more; those before it are. */
  endAt(place: number): void {
    for (;;) {
      const last = Atomics.load(this.words, word.last)
      if (place >= last || Atomics.compareExchange(this.words, word.last, last, place) === last) return
    }
  }

  /** Nothing is wanted any more. */
  stop(): void {
    Atomics.store(this.words, word.stopped, 1)
  }

  /** Counts a step; false when the span at a place is not wanted any more. */
  countStep(place: number): boolean {
    Atomics.add(this.words, word.steps, 1)
    return this.wants(place)
  }

  /** Whether a span at a place was wanted to the end. */
  wasWanted(place: number): boolean {
    return place <= Atomics.load(this.words, word.last)
  }

  /** Steps done so far. */
  get steps(): number {
    return Atomics.load(this.words, word.steps)
  }

  private wants(place: number): boolean {
    return Atomics.load(this.words, word.stopped) === 0 && this.wasWanted(place)
  }
}
