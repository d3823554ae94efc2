import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProgressLine } from '../../shell/progress.ts'

const clear = '\r\u001b[K'
const before = { isTTY: process.stderr.isTTY, columns: process.stderr.columns }
let written: string[] = []

function terminal(isTTY: boolean, columns: number): void {
  Object.assign(process.stderr, { isTTY, columns })
}

beforeEach(() => {
  written = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
})

afterEach(() => {
  vi.restoreAllMocks()
  Object.assign(process.stderr, before)
})

describe('ProgressLine', () => {
  it('shows the share, the rate and the time left, and clears its line once', () => {
    terminal(true, 100)
    const progress = new ProgressLine('arena')
    for (const [step, seconds] of [[0, 0], [0, 1], [10, 2], [500, 4]]) progress.draw({ step, steps: 2_000, seconds })
    progress.end()
    progress.end()
    expect(written.slice(3)).toEqual([`${clear}arena  [${'█'.repeat(7)}${'·'.repeat(21)}]  step 500/2000  245 steps/s  6 s left`, clear])
  })

  it('shows the rate alone when a run has no last step', () => {
    terminal(true, 100)
    const progress = new ProgressLine('meadow')
    for (const [step, seconds] of [[10, 1], [30, 3]]) progress.draw({ step, steps: undefined, seconds })
    expect(written.at(-1)).toBe(`${clear}meadow  step 30  10 steps/s`)
  })

  it('measures the rate anew for a span that begins at a keyframe', () => {
    terminal(true, 100)
    const progress = new ProgressLine('verify')
    for (const [step, seconds] of [[10, 1], [1_000, 10], [0, 0.1], [1_000, 1], [1_010, 2]]) progress.draw({ step, steps: 2_000, seconds })
    expect(written.at(-1)).toContain('  10 steps/s  99 s left')
  })

  it.each([[30, 29], [0, 79]])('never wraps on a terminal of %i columns', (columns, cells) => {
    terminal(true, columns)
    new ProgressLine('x'.repeat(200)).draw({ step: 1, steps: 2, seconds: 1 })
    expect(written).toEqual([`${clear}${'x'.repeat(cells)}`])
  })

  it('draws nothing where there is no terminal', () => {
    terminal(false, 100)
    const progress = new ProgressLine('arena')
    progress.draw({ step: 1, steps: 2, seconds: 1 })
    progress.end()
    expect(written).toEqual([])
  })
})
