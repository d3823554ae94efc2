import { MetabonkError } from '../errors.ts'
import { lineWord, openingsWord, sideWord, sleepWord } from './layout.ts'
import { stateOf, type RingMemory } from './ring.ts'
import { rest, sliceMillis, spinsOf, spinsPerRest, spinsPerMilli, threadPort, type RingPort, type Waiting } from './wait.ts'

/** The two ends of a ring. */
export type Role = 'producer' | 'consumer'

/** Options of opening a side. */
export interface SideOptions {
  /** Default `spin-then-park`. */
  readonly waiting?: Waiting
  /** Default: threads of one process. */
  readonly port?: RingPort
}

const open = 1
const closed = 2
const dead = 3

/** The error of an index, a length or a sequence that no honest peer writes. */
export function brokenRing(ring: RingMemory, what: string): MetabonkError {
  return new MetabonkError({ code: 'ring', what: `ring ${ring.name} was damaged by its other side: ${what}`, todo: 'end that side and make a new ring' })
}

/** One side's part in a ring: it is there, it is gone, it sleeps, it is woken. */
export class Side {
  private readonly ring: RingMemory
  private readonly role: Role
  private readonly port: RingPort
  private readonly spins: number
  private readonly words: Int32Array
  private readonly own: number
  private readonly other: number
  private readonly ownSleep: number
  private readonly otherSleep: number
  private readonly opening: number
  /** Until `close`. */
  isOpen = true
  /** The other side's index as `await` saw it last. */
  last = 0
  private readonly otherRole: Role

  /** Takes the side. Throws `ring` when somebody has it; one whose process has died is taken over. Throws `usage` for a port that can't wait there. */
  constructor(ring: RingMemory, role: Role, { waiting = 'spin-then-park', port = threadPort }: SideOptions) {
    if (port === threadPort && !(ring.buffer instanceof SharedArrayBuffer)) {
      throw new MetabonkError({ code: 'usage', what: `ring ${ring.name} lies in memory that threads can't sleep on`, todo: 'give the side of a shared slab { port: processPort() }' })
    }
    this.ring = ring
    this.role = role
    this.otherRole = role === 'producer' ? 'consumer' : 'producer'
    this.port = port
    this.spins = spinsOf[waiting]
    this.words = ring.words
    this.own = lineWord[role]
    this.other = lineWord[this.otherRole]
    this.ownSleep = sleepWord[role]
    this.otherSleep = sleepWord[this.otherRole]
    this.take()
    this.opening = Atomics.add(ring.words, openingsWord[role], 1) + 1
  }

  private take(): void {
    const { words, own, port } = this
    const state = Atomics.load(words, own + sideWord.state)
    const pid = Atomics.load(words, own + sideWord.pid)
    // Who has noted its pid has the side, even before it says that it is open and until it has taken the pid away.
    const isTaken = pid === 0 ? state === open : this.isAlive(pid, own)
    // The pid is what two who come at once fight for; sides of one process have none and fight for the state.
    const word = port.pid === 0 ? sideWord.state : sideWord.pid
    const [before, after] = port.pid === 0 ? [state, open] : [pid, port.pid]
    if (isTaken || Atomics.compareExchange(words, own + word, before, after) !== before) {
      throw new MetabonkError({ code: 'ring', what: `ring ${this.ring.name} has a ${this.role} already${pid === 0 ? '' : `, process ${pid}`}`, todo: 'a ring has one of each: close the other first, or make a ring for each' })
    }
    Atomics.store(words, own + sideWord.namespace, port.namespace)
    Atomics.store(words, this.ownSleep, 0)
    Atomics.store(words, own + sideWord.state, open)
  }

  /** Wakes the other side if it sleeps. To be called after the own index was stored. */
  wake(): void {
    if (Atomics.load(this.words, this.otherSleep) !== 0) this.port.parker.wake(this.words, this.own + sideWord.index)
  }

  /** Says that this side is done, and wakes the other. Once: what another has taken over in the meantime stays open. */
  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    if (Atomics.load(this.words, openingsWord[this.role]) !== this.opening) return
    // In this order: one killed in between leaves a pid that stands for nobody, not an open side that nobody has.
    Atomics.store(this.words, this.own + sideWord.state, closed)
    Atomics.store(this.words, this.own + sideWord.pid, 0)
    this.port.parker.wake(this.words, this.own + sideWord.index)
  }

  /** Throws `ring` when this side was closed: it may be somebody else's by now. */
  checkOpen(): void {
    if (!this.isOpen) throw new MetabonkError({ code: 'ring', what: `the ${this.role} of ring ${this.ring.name} is closed`, todo: 'open the side again' })
  }

  /**
   * Waits until the other side's index is no longer `seen`: true; false when the other side has closed or `millis` are over. One who would
   * rather have many rests between looks. Throws `peer-dead` when the other side has died. What it published before is there.
   */
  await(seen: number, millis: number, wantsMany = false): boolean {
    const { words } = this
    const index = this.other + sideWord.index
    const step = wantsMany ? spinsPerRest : 1
    const spins = Math.min(this.spins, millis * spinsPerMilli)
    for (let spin = 0, check = spinsPerMilli; spin < spins; spin += step) {
      this.last = Atomics.load(words, index)
      if (this.last !== seen) return true
      if (wantsMany) rest()
      if (spin < check) continue
      check += spinsPerMilli
      if (this.isOver(seen)) return this.hasMoved(seen)
    }
    if (this.spins !== Infinity) this.sleep(seen, millis)
    // Those that spin for less than a millisecond at a time want to hear of a death too.
    else this.isOver(seen)
    return this.hasMoved(seen)
  }

  private sleep(seen: number, millis: number): void {
    const { words } = this
    const index = this.other + sideWord.index
    Atomics.store(words, this.ownSleep, 1)
    try {
      for (let left = millis; Atomics.load(words, index) === seen; left -= sliceMillis) {
        if (this.isOver(seen) || left <= 0) break
        this.port.parker.park(words, index, seen, Math.min(sliceMillis, left))
      }
    } finally {
      Atomics.store(words, this.ownSleep, 0)
    }
  }

  private hasMoved(seen: number): boolean {
    this.last = Atomics.load(this.words, this.other + sideWord.index)
    return this.last !== seen
  }

  /** Whether nothing will come any more. Throws `peer-dead` when that is because of a death, and nothing is left to take. */
  private isOver(seen: number): boolean {
    const { words, other } = this
    const state = Atomics.load(words, other + sideWord.state)
    if (state === closed) return true
    const pid = Atomics.load(words, other + sideWord.pid)
    const isDead = state === dead || (pid !== 0 && !this.isAlive(pid, other))
    if (!isDead) return false
    // The index again, now that nobody can change it.
    if (Atomics.load(words, other + sideWord.index) !== seen) return true
    throw new MetabonkError({ code: 'peer-dead', what: `the ${this.otherRole} of ring ${this.ring.name} died${pid === 0 ? '' : ` (process ${pid})`}`, todo: 'start it again: it goes on where the ring stands' })
  }

  /** Whether the process that has noted itself in a line still runs. One of another container counts as running: its number means nothing here. */
  private isAlive(pid: number, line: number): boolean {
    return Atomics.load(this.words, line + sideWord.namespace) >>> 0 !== this.port.namespace || this.port.isAlive(pid)
  }

  /** Whether the other side has said that it is done. */
  get isOtherClosed(): boolean {
    return Atomics.load(this.words, this.other + sideWord.state) === closed
  }
}

/** Which opening of a side is meant now: the one that is open, or else the next. Tells its owner from a later one. */
export function openingOf(ring: RingMemory, role: Role): number {
  return Atomics.load(ring.words, openingsWord[role]) + (stateOf(ring.words, lineWord[role]) === 'open' ? 0 : 1)
}

/**
 * Notes that the thread of a side has died without closing it, or without ever opening it, and wakes the other. For whoever sees threads end;
 * the death of a process that had opened its side is seen without. With `opening`, nothing is done where it is not that one's turn any more.
 */
export function markDead(ring: RingMemory, role: Role, { port = threadPort, opening = openingOf(ring, role) }: { readonly port?: RingPort; readonly opening?: number } = {}): void {
  const line = lineWord[role]
  const state = stateOf(ring.words, line)
  if ((state !== 'open' && state !== 'nobody') || openingOf(ring, role) !== opening) return
  Atomics.store(ring.words, line + sideWord.state, dead)
  Atomics.store(ring.words, line + sideWord.pid, 0)
  port.parker.wake(ring.words, line + sideWord.index)
}
