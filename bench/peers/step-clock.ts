interface Timeout {
  readonly run: () => void
  cleared: boolean
}

/** A clock that libraries set their timers by: it goes on when it is told, and its milliseconds are steps. */
export class StepClock {
  private now = 0
  private readonly due: Timeout[][] = []

  setTimeout(run: () => void, delay: number): Timeout {
    const timeout = { run, cleared: false }
    const due = (this.due[this.now + delay] ??= [])
    due.push(timeout)
    return timeout
  }

  clearTimeout(timeout: Timeout): void {
    timeout.cleared = true
  }

  /** Goes on to a step and runs what is due. */
  advance(step: number): void {
    this.now = step
    const due = this.due.at(step)
    if (due === undefined) return
    for (const timeout of due) if (!timeout.cleared) timeout.run()
    this.due[step] = []
  }
}
