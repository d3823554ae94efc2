import { MetabonkError, type Control } from '../../runtime/index.ts'

const tickMillis = 10
/** Steps of so many seconds are made up for when timers come late, and no more. */
const burstSeconds = 0.1

/** Holds a run: paused, step by step, or at a number of steps a second. A breakpoint may halt it besides. No state depends on it. */
export class LivePace {
  private readonly control: Control
  private timer: NodeJS.Timeout | undefined
  private stepsPerSecond: number | undefined
  private since = 0
  /** Steps that are due, with the part of one. */
  private due = 0
  /** Who has paused it: it goes on when none of them holds it any more. */
  private readonly holders = new Set<number>()

  constructor(control: Control) {
    this.control = control
  }

  get paused(): boolean {
    return this.holders.size > 0 || this.control.halted
  }

  /** Steps a second; undefined for as fast as it can. */
  get pace(): number | undefined {
    return this.stepsPerSecond
  }

  /** Pauses it for somebody, or lets it go on, whoever paused it and whatever it stands at. */
  setPaused(paused: boolean, by: number): void {
    if (paused) this.holders.add(by)
    else this.holders.clear()
    this.hold()
    if (!paused && this.control.halted) this.control.goOn()
  }

  /** Takes back a pause of somebody: those of others and breakpoints hold it still. */
  release(by: number): void {
    if (this.holders.delete(by)) this.hold()
  }

  /** Lets a paused run go on for so many steps; from a breakpoint on it is paused by who does that. */
  step(steps: number, by: number): void {
    if (!(Number.isSafeInteger(steps) && steps >= 1 && steps <= 0x3fff_ffff)) throw new MetabonkError({ code: 'usage', what: `a run can't be stepped by ${steps}`, todo: 'give a whole number from 1' })
    const { halted } = this.control
    if (!this.paused) throw new MetabonkError({ code: 'usage', what: 'a run that is not paused can\'t be stepped', todo: 'pause it first' })
    // Of what was granted before a breakpoint came, nothing is left.
    if (halted) {
      this.holders.add(by)
      this.hold()
    }
    this.control.grant(steps)
    if (halted) this.control.goOn()
  }

  setPace(stepsPerSecond: number | undefined): void {
    if (stepsPerSecond !== undefined && !(stepsPerSecond > 0 && stepsPerSecond <= 1e6)) {
      throw new MetabonkError({ code: 'usage', what: `a run can't be held to ${stepsPerSecond} steps a second`, todo: 'give a number above 0, up to 1,000,000' })
    }
    this.stepsPerSecond = stepsPerSecond
    this.hold()
  }

  end(): void {
    clearInterval(this.timer)
  }

  private hold(): void {
    const { stepsPerSecond } = this
    const isPaused = this.holders.size > 0
    clearInterval(this.timer)
    this.control.setPause(isPaused || stepsPerSecond !== undefined)
    if (isPaused || stepsPerSecond === undefined) return
    this.since = performance.now()
    this.due = 0
    this.timer = setInterval(() => {
      this.grantDue(stepsPerSecond)
    }, tickMillis)
    this.timer.unref()
  }

  private grantDue(stepsPerSecond: number): void {
    const now = performance.now()
    const burst = Math.max(1, stepsPerSecond * burstSeconds)
    this.due = Math.min(this.due + ((now - this.since) / 1000) * stepsPerSecond, burst)
    this.since = now
    const steps = Math.min(Math.floor(this.due), Math.ceil(burst) - this.control.credits)
    if (steps < 1) return
    this.due -= steps
    this.control.grant(steps)
  }
}
