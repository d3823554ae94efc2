/** Sleep and wake on words of memory. Threads have {@link threadParker}; processes have futexes of the host. */
export interface Parker {
  /** Sleeps while the word is `expected`, at most `millis` milliseconds; may return early. */
  readonly park: (words: Int32Array, index: number, expected: number, millis: number) => void
  /** Wakes all that sleep on the word. */
  readonly wake: (words: Int32Array, index: number) => void
}

/** Sleeping on a SharedArrayBuffer, between the threads of one process. */
export const threadParker: Parker = {
  park: (words, index, expected, millis) => {
    Atomics.wait(words, index, expected, millis)
  },
  wake: (words, index) => {
    Atomics.notify(words, index)
  },
}

/** How a side waits: looking all the time, looking for a while before it sleeps, or sleeping at once. */
export type Waiting = 'spin' | 'spin-then-park' | 'park'

/** Looks before a side sleeps. One takes about 10 ns, a sleep costs some 50 µs: so look about as long as a sleep would take. */
export const spinsOf: Readonly<Record<Waiting, number>> = { spin: Infinity, 'spin-then-park': 5_000, park: 0 }

/** Longest sleep, after which the other side is looked after: one that died without a word is named this soon. */
export const sliceMillis = 5
/** Looks in about a millisecond, after which a spinning side looks after the other. */
export const spinsPerMilli = 100_000

const restTurns = 500
/** Looks that take as long as a rest. */
export const spinsPerRest = 45

/**
 * Passes some tenths of a microsecond without a look at the other side's line, which stays with its writer meanwhile. A producer that
 * publishes each message by itself gets on three times as fast (5 -> 15 M a second) when the consumer does not ask for the line after each.
 */
export function rest(): void {
  for (let turn = 0; turn < restTurns; turn++);
}

/** What a side needs of the system it runs on. */
export interface RingPort {
  readonly parker: Parker
  /** Number of this process, noted in the ring, and of the namespace in which it means something; 0 where sides share a process. */
  readonly pid: number
  readonly namespace: number
  /** Whether a process of that namespace still runs; true where that can't be told. */
  readonly isAlive: (pid: number) => boolean
}

/** The sides are threads of one process. Whoever sees one end says so with `markDead`. */
export const threadPort: RingPort = { parker: threadParker, pid: 0, namespace: 0, isAlive: () => true }
