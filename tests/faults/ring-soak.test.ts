import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { createSlab } from '../../runtime/index.ts'
import { counts } from '../counts.ts'
import { peerFolder } from '../native/peer-script.ts'
import { soakPlans, type SoakReport, type SoakTask } from './ring-soak-plans.ts'

const seconds = Number(process.env['METABONK_SOAK_SECONDS'] ?? counts(5, 600))
const formMillis = 125
const forms = 4
const folder = peerFolder(new URL('./ring-soak.ts', import.meta.url))

afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** By how much the least of the second half is above the least of the quarter before it: what comes and goes does not count. */
function growth(samples: readonly number[]): number {
  const half = samples.length >> 1
  return Math.min(...samples.slice(half)) - Math.min(...samples.slice(half >> 1, half))
}

describe('all forms of rings in turn between two threads', () => {
  it(`keep heap and resident memory flat for ${String(seconds)} s (METABONK_SOAK_SECONDS)`, { timeout: seconds * 2_000 + 60_000 }, async () => {
    const { buffer } = createSlab(soakPlans())
    const rounds = Math.max(2, Math.round((seconds * 1_000) / (formMillis * forms)))
    const resident: number[] = []
    const sides = (['write', 'read'] as const).map((role) => {
      const worker = new Worker(join(folder, 'peer.mjs'), { workerData: { buffer, role, rounds, formMillis } satisfies SoakTask })
      const reports: SoakReport[] = []
      worker.on('message', (report: SoakReport) => {
        reports.push(report)
        resident.push(process.memoryUsage().rss)
      })
      return { reports, ended: once(worker, 'exit') }
    })
    expect(await Promise.all(sides.map(({ ended }) => ended))).toEqual([[0], [0]])
    const [written, read] = sides.map(({ reports }) => reports.flatMap(({ messages }) => messages))
    expect(read).toEqual(written)
    expect(Math.min(...read)).toBeGreaterThan(0)
    const grown = { resident: growth(resident), heaps: sides.map(({ reports }) => growth(reports.map(({ heapUsed }) => heapUsed))) }
    console.log(`soak of ${String(seconds)} s: ${String(read.reduce((sum, each) => sum + each, 0))} messages, resident memory grew by ${String(grown.resident)} bytes, heaps by ${grown.heaps.join(' and ')}`)
    expect(grown.resident).toBeLessThan(8e6)
    for (const heap of grown.heaps) expect(heap).toBeLessThan(2e5)
  })
})
