import type { Control } from './control.ts'

/** Whether the next step may begin: hears at step boundaries who rings there, and holds the run while it is halted, or paused and no step of it granted. */
export class Turns {
  private readonly control: Control
  private readonly asked: ((isRung: boolean) => boolean) | undefined
  private bellHeard = 0
  private isPaused = false
  /** Somebody wants to look at every step boundary. */
  private isWatched = false

  /** `asked` is called for who rings; see `CoordinatorOptions.asked`. */
  constructor(control: Control, asked: ((isRung: boolean) => boolean) | undefined) {
    this.control = control
    this.asked = asked
  }

  /** Waits for the turn of a step. False when the run is to stop. */
  await(): boolean {
    if (this.control.bell === this.bellHeard && !this.isPaused && !this.isWatched) return true
    return this.stand(false)
  }

  /** After the last step: who looks at every boundary looks at this one, too. */
  end(): void {
    if (this.isWatched) this.stand(true)
  }

  /** Stands at a step boundary until nothing holds the run there; after the last step only a halt does. */
  private stand(isLast: boolean): boolean {
    const { control } = this
    while (!control.stopRequested) {
      this.listen()
      // Who ends a halt may have paused the run before: that is looked at afterwards, as it is then.
      if (!control.halted && (isLast || !control.paused || control.takeCredit())) break
      control.held = true
      control.awaitBell(this.bellHeard)
    }
    control.held = false
    return !control.stopRequested
  }

  private listen(): void {
    const { bell, paused } = this.control
    const isRung = bell !== this.bellHeard
    if (!isRung && !this.isWatched) return
    this.bellHeard = bell
    this.isPaused = paused
    this.isWatched = this.asked?.(isRung) ?? false
  }
}
