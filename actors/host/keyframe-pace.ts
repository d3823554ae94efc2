import type { Control } from '../../runtime/index.ts'

/** Longest that one thread shall need to replay the steps between two keyframes, unless something else is asked for. */
const seekBudgetMillisDefault = 100
/** What keyframes may bring to the disk: so much a step, or so much a millisecond where that is more. Large states get them further apart. */
const bytesPerStepMax = 1024
const bytesPerMilliMax = 4096
/** Share of a new measurement: steps do not all take the same. */
const share = 0.25

/**
 * Spaces the keyframes of a run by what it costs to replay the steps between them, so that every step can be sought in about the same
 * time. It measures a clock, and decides nothing but the spacing.
 */
export class KeyframePace {
  private readonly control: Control
  private readonly workers: number
  private readonly budgetMillis: number
  private step: number
  private millis: number | undefined
  private stepMillis: number | undefined

  constructor(control: Control, workers: number, budgetMillis = seekBudgetMillisDefault) {
    this.control = control
    this.workers = workers
    this.budgetMillis = budgetMillis
    this.step = control.sealedStep
  }

  /** Called now and then. Time counts from the first step on: before it, threads and worlds are loaded. */
  measure(now: number): void {
    const { control } = this
    const { sealedStep } = control
    const steps = sealedStep - this.step
    if (steps === 0) return
    // What steps take is not to be seen while somebody holds the run.
    if (control.paused) {
      this.step = sealedStep
      this.millis = undefined
      return
    }
    if (this.millis !== undefined) {
      const measured = (now - this.millis) / steps
      this.stepMillis = this.stepMillis === undefined ? measured : this.stepMillis + share * (measured - this.stepMillis)
      control.keyframeSteps = this.stepsBetween(this.stepMillis)
    }
    this.step = sealedStep
    this.millis = now
  }

  /** A replay runs on one thread, so a step takes it about as long as all workers together. */
  private stepsBetween(stepMillis: number): number {
    const { keyframeBytes } = this.control
    const replayed = this.budgetMillis / (this.workers * stepMillis)
    const written = Math.min(keyframeBytes / bytesPerStepMax, keyframeBytes / (bytesPerMilliMax * stepMillis))
    return Math.min(0x7fff_ffff, Math.max(1, Math.floor(Math.max(replayed, written))))
  }
}
