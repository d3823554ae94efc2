import { MetabonkError } from '../errors.ts'
import { limits } from '../limits.ts'
import { controlWord, type Command, type Control } from './control.ts'

/** How a thread waits for the others. */
export interface WaitPolicy {
  /** Iterations of looking before sleeping; 0 when threads outnumber cores. */
  readonly spins: number
  /** Slices of `limits.waitSliceMillis` a step may take before the run gives up and names who is late. */
  readonly stallSlices: number
}

/** Thrown in a thread whose run was abandoned: its loop ends quietly. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned'
}

/**
 * The two-sided barrier of a step: the coordinator releases the other threads with a command, they arrive when it is done.
 * Spinning costs 0.2 µs, sleeping about 50 µs; so look first, then sleep in slices and check that the run still lives.
 */
export class Barrier {
  private readonly control: Control
  private readonly words: Int32Array
  private readonly policy: WaitPolicy

  constructor(control: Control, policy: WaitPolicy) {
    this.control = control
    this.words = control.words
    this.policy = policy
  }

  /** Coordinator: lets the others go on with `what`. */
  release(what: Command, argument = 0): void {
    this.words[controlWord.command] = what
    this.words[controlWord.argument] = argument
    Atomics.store(this.words, controlWord.arrived, 0)
    Atomics.add(this.words, controlWord.release, 1)
    Atomics.notify(this.words, controlWord.release)
  }

  /** Worker: waits for a release later than `seen`; returns its number. Throws {@link Abandoned} when the run is given up. */
  awaitRelease(seen: number): number {
    for (let spin = 0; spin < this.policy.spins; spin++) {
      const now = Atomics.load(this.words, controlWord.release)
      if (now !== seen) return this.released(now)
    }
    for (;;) {
      const now = Atomics.load(this.words, controlWord.release)
      if (now !== seen) return this.released(now)
      if (this.control.abandoned) throw new Abandoned()
      Atomics.wait(this.words, controlWord.release, seen, limits.waitSliceMillis)
    }
  }

  private released(now: number): number {
    if (this.control.abandoned) throw new Abandoned()
    return now
  }

  get command(): Command {
    return this.words[controlWord.command] as Command
  }

  get argument(): number {
    return this.words[controlWord.argument]
  }

  /** Worker: its part is done. */
  arrive(): void {
    const others = this.control.workers - 1
    if (Atomics.add(this.words, controlWord.arrived, 1) + 1 === others) Atomics.notify(this.words, controlWord.arrived)
  }

  /** Coordinator: waits until all others arrived. `late` names who is missing when the wait runs out of slices. */
  awaitArrivals(late: () => string): void {
    const others = this.control.workers - 1
    for (let spin = 0; spin < this.policy.spins; spin++) if (Atomics.load(this.words, controlWord.arrived) === others) return
    for (let slice = 0; slice < this.policy.stallSlices; slice++) {
      const arrived = Atomics.load(this.words, controlWord.arrived)
      if (arrived === others) return
      if (this.control.abandoned) throw new Abandoned()
      // A wake-up before the last arrival is not sent, so a full slice without one means that time really passed.
      Atomics.wait(this.words, controlWord.arrived, arrived, limits.waitSliceMillis)
    }
    throw new MetabonkError({ code: 'worker-stuck', what: `a worker does not finish its part of the step`, where: late(), todo: 'look for an endless loop there, or raise stallSlices' })
  }
}
