import type { RunProgress } from '../actors/index.ts'

const barCells = 28

/** A progress line on stderr, on a terminal only; anywhere else nothing is drawn. */
export class ProgressLine {
  private readonly label: string
  private drawn = false

  constructor(label: string) {
    this.label = label
  }

  /** Draws how far a run is. Called at most ten times a second. */
  readonly draw = ({ step, steps, seconds }: RunProgress): void => {
    if (!process.stderr.isTTY) return
    this.drawn = true
    const rate = seconds > 0 ? step / seconds : 0
    process.stderr.write(`\r\u001b[K${this.label} ${steps === undefined ? '' : `${bar(step / Math.max(1, steps))} `}step ${String(step)}${steps === undefined ? '' : `/${String(steps)}`}  ${rate.toFixed(0)} steps/s${eta(step, steps, rate)}`)
  }

  /** Clears the line. */
  end(): void {
    if (this.drawn) process.stderr.write('\r\u001b[K')
  }
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * barCells)
  return `[${'█'.repeat(full)}${'·'.repeat(barCells - full)}]`
}

function eta(step: number, steps: number | undefined, rate: number): string {
  return steps === undefined || rate === 0 ? '' : `  ${((steps - step) / rate).toFixed(0)} s left`
}
