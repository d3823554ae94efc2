import type { RunProgress } from '../actors/index.ts'

const barCells = 28
const columnsDefault = 80

/** A progress line on stderr, on a terminal only; anywhere else nothing is drawn. */
export class ProgressLine {
  private readonly label: string
  private first: RunProgress | undefined
  private lastSeconds = 0
  private drawn = false

  constructor(label: string) {
    this.label = label
  }

  /** Draws how far a run is. Called at most ten times a second. */
  readonly draw = (progress: RunProgress): void => {
    if (!process.stderr.isTTY) return
    const { step, steps } = progress
    const rate = this.rateAt(progress)
    const parts = [this.label, ...(steps === undefined ? [] : [bar(step / Math.max(1, steps))]), `step ${String(step)}${steps === undefined ? '' : `/${String(steps)}`}`, `${rate.toFixed(0)} steps/s${eta(step, steps, rate)}`]
    // A line that wraps could not be cleared. Some terminals don't know their width and say 0.
    const width = process.stderr.columns > 0 ? process.stderr.columns : columnsDefault
    const line = parts.join('  ').slice(0, width - 1)
    this.drawn = true
    process.stderr.write(`\r\u001b[K${line}`)
  }

  /** Clears the line. */
  end(): void {
    if (this.drawn) process.stderr.write('\r\u001b[K')
    this.drawn = false
  }

  /** Steps per second since the first step seen of a span: it may begin at a keyframe, and a verification has two spans. */
  private rateAt(progress: RunProgress): number {
    if (progress.seconds < this.lastSeconds) this.first = undefined
    this.lastSeconds = progress.seconds
    if (this.first === undefined && progress.step > 0) this.first = progress
    if (this.first === undefined || progress.seconds === this.first.seconds) return 0
    return (progress.step - this.first.step) / (progress.seconds - this.first.seconds)
  }
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * barCells)
  return `[${'█'.repeat(full)}${'·'.repeat(barCells - full)}]`
}

function eta(step: number, steps: number | undefined, rate: number): string {
  return steps === undefined || rate === 0 ? '' : `  ${((steps - step) / rate).toFixed(0)} s left`
}
