import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSlab, findRing, readCounters, type RingMemory, type Slab, type Waiting } from '../../runtime/index.ts'
import { watchThread } from '../../runtime/host/slabs.ts'
import { counts } from '../counts.ts'
import { peerFolder } from '../native/peer-script.ts'
import { recordPlans } from './ring-records.ts'
import type { ThreadReport, ThreadTask } from './ring-thread.ts'

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

describe('rings between threads', () => {
  const workers: Worker[] = []
  let folder = ''
  let slab: Slab
  let ring: RingMemory

  beforeAll(() => {
    folder = peerFolder(new URL('./ring-thread.ts', import.meta.url))
  })

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  const begin = (capacity: number): void => {
    slab = createSlab(recordPlans(capacity))
    ring = findRing(slab, 'ring')
  }
  /** Starts a side, whose death is noted; `told` is its report. */
  const thread = (task: ThreadTask['task'], options: Partial<ThreadTask>): { worker: Worker; told: Promise<ThreadReport>; ended: Promise<unknown> } => {
    const workerData: ThreadTask = { buffer: slab.buffer, task, waiting: 'spin-then-park', batch: 64, total: Infinity, ending: 'close', pause: 0, ...options }
    const worker = new Worker(join(folder, 'peer.mjs'), { workerData })
    workers.push(worker)
    watchThread(worker, ring, task === 'consume' ? 'consumer' : 'producer')
    // The error of a thread may arrive before what it told.
    const told = new Promise<ThreadReport>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', (error) => options.ending === 'throw' || reject(error))
    })
    return { worker, told, ended: new Promise((resolve) => worker.once('exit', resolve)) }
  }
  const untilWorking = async (): Promise<void> => {
    while (readCounters(ring).taken === 0) await sleep(1)
  }

  const strategies: Waiting[] = availableParallelism() >= 2 ? ['park', 'spin-then-park', 'spin'] : ['park', 'spin-then-park']
  it.each(strategies)('carry all messages in order, waiting by %s, on rings that are mostly full or empty', async (waiting) => {
    // Where others use the cores, who spins waits for its next turn at each hand-over.
    const handOvers = counts(waiting === 'spin' ? 30 : 1_000, waiting === 'spin' ? 1_000 : 20_000)
    for (const [capacity, batch] of [[1, 1], [2, 3], [64, 7], [1024, 256]]) {
      const messages = handOvers * capacity
      begin(capacity)
      const sides = [thread('consume', { waiting, batch: batch + 2 }), thread('produce', { waiting, batch, total: messages })]
      const reports = await Promise.all(sides.map(({ told }) => told))
      await Promise.all(sides.map(({ ended }) => ended))
      expect(reports.map((report) => report.messages)).toEqual([messages, messages])
      expect(readCounters(ring)).toMatchObject({ messages, taken: messages, waiting: 0, producer: 'closed', consumer: 'closed' })
    }
  })

  it.each(['produce', 'drop'] as const)('hold a consumer that is 1,000 times slower, memory flat, counts adding up: %s', async (task) => {
    begin(64)
    const rssBefore = process.memoryUsage().rss
    // 64 records each 5 ms are 13 thousand a second.
    const total = task === 'drop' ? counts(1_000_000, 100_000_000) : counts(5_000, 200_000)
    const sides = [thread('consume', { pause: 5 }), thread(task, { total, batch: 64 })]
    await Promise.all(sides.map(({ told }) => told))
    const { messages, taken, drops, stalls, waiting, highWater } = readCounters(ring)
    expect({ taken, waiting, offered: messages + drops }).toEqual({ taken: messages, waiting: 0, offered: total })
    expect(task === 'drop' ? drops : stalls).toBeGreaterThan(0)
    expect(highWater).toBe(64)
    // Two threads of Node take some 20 MB by themselves.
    expect(process.memoryUsage().rss - rssBefore).toBeLessThan(100e6)
  })

  /** Ends one side as told, and gives the milliseconds until the other knew. */
  const lose = async (victim: 'produce' | 'consume', ending: 'throw' | 'exit' | 'terminate'): Promise<number> => {
    begin(256)
    const survivor = thread(victim === 'produce' ? 'consume' : 'produce', {})
    const { worker, told } = thread(victim, ending === 'terminate' ? {} : { total: 10_000, ending })
    await untilWorking()
    let ended = now()
    if (ending === 'terminate') await worker.terminate()
    else ({ ended } = await told)
    const { named } = await survivor.told
    const { messages, taken, waiting } = readCounters(ring)
    if (victim === 'produce') expect({ taken, waiting }).toEqual({ taken: messages, waiting: 0 })
    else expect(taken + waiting).toBe(messages)
    return named - ended
  }

  it.each([['produce', 'throw'], ['produce', 'exit'], ['produce', 'terminate'], ['consume', 'terminate']] as const)('name a thread that dies (%s: %s), having delivered what it published', async (victim, ending) => {
    const delays: number[] = []
    for (let at = 0; at < counts(3, 20); at++) delays.push(await lose(victim, ending))
    delays.sort((a, b) => a - b)
    const [median, worst] = [delays[delays.length >> 1], delays[delays.length - 1]]
    console.log(`${victim} ended by ${ending}: named after ${median.toFixed(1)} ms (median), ${worst.toFixed(1)} ms (worst)`)
    // Of few the quickest: a machine that runs other tests beside delays most of them.
    expect(counts(delays[0], median)).toBeLessThan(20)
  })
})
