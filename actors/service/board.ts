/** A service actor: its state, and the event and the step that led there. */
export interface ServiceActorState {
  readonly name: string
  readonly state: string
  readonly event: string
  readonly step: number
}

const headWords = 2
const headWord = { sequence: 0, bytes: 1 } as const
const textBytesMax = 4096
/** A writer needs microseconds for what it writes seldom. */
const triesMax = 1000

/**
 * What the service actors of a run are at, for other threads: text in shared memory under a sequence lock. It is written when an actor changes its
 * state, which is seldom and never once a step.
 */
export class ServiceBoard {
  private readonly head: Int32Array
  private readonly bytes: Uint8Array

  static createMemory(): SharedArrayBuffer {
    return new SharedArrayBuffer(headWords * 4 + textBytesMax)
  }

  constructor(memory: SharedArrayBuffer) {
    this.head = new Int32Array(memory, 0, headWords)
    this.bytes = new Uint8Array(memory, headWords * 4)
  }

  write(actors: readonly ServiceActorState[]): void {
    const text = new TextEncoder().encode(JSON.stringify(actors))
    Atomics.add(this.head, headWord.sequence, 1)
    this.bytes.set(text)
    Atomics.store(this.head, headWord.bytes, text.length)
    Atomics.add(this.head, headWord.sequence, 1)
  }

  /** The actors as they were written last; undefined before that, and while a writer that has died holds the lock. */
  read(): readonly ServiceActorState[] | undefined {
    for (let tries = 0; tries < triesMax; tries++) {
      const sequence = Atomics.load(this.head, headWord.sequence)
      if (sequence === 0) return undefined
      if (sequence % 2 !== 0) continue
      const text = this.bytes.slice(0, Atomics.load(this.head, headWord.bytes))
      if (Atomics.load(this.head, headWord.sequence) === sequence) return JSON.parse(new TextDecoder().decode(text)) as ServiceActorState[]
    }
    return undefined
  }
}
