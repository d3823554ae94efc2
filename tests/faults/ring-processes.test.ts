import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { nativeStatus } from '../../native/index.ts'
import { createRng, findRing, readCounters, regionArray, type RingMemory } from '../../runtime/index.ts'
import { createSharedSlab, processPort, type SharedSlab } from '../../runtime/host/index.ts'
import { counts, testSeed } from '../counts.ts'
import { peerFolder } from '../native/peer-script.ts'
import { note, recordPlans } from './ring-records.ts'

const { state, detail } = nativeStatus()
const isHere = state === 'loaded' && process.platform === 'linux'
const reason = isHere ? '' : ` (skipped: ${process.platform === 'linux' ? detail : 'needs Linux'})`
const seed = testSeed('rings between processes', 35)

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

async function until(isSo: () => boolean, millis: number, what: string): Promise<void> {
  for (const end = now() + millis; !isSo(); ) {
    if (now() > end) throw new Error(`${what} did not happen in ${String(millis)} ms`)
    await sleep(1)
  }
}

describe(`rings between processes${reason}`, { skip: !isHere }, () => {
  const children: ChildProcess[] = []
  let folder = ''
  let slab: SharedSlab
  let ring: RingMemory
  let notes: Float64Array

  beforeAll(() => {
    folder = peerFolder(new URL('./ring-peer.ts', import.meta.url))
  })

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    slab.close()
    slab.unlink()
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  const begin = (capacity: number): void => {
    slab = createSharedSlab(`test-ring-${String(process.pid)}`, recordPlans(capacity))
    ring = findRing(slab, 'ring')
    notes = regionArray(slab, 'notes', 'f64')
  }
  /** Starts a side; `ended` gives its status and what it complained of. */
  const peer = (task: string, total: number, batch: number, seconds: number): { child: ChildProcess; ended: Promise<string> } => {
    const child = spawn(process.execPath, [join(folder, 'peer.mjs'), task, String(slab.name), String(total), String(batch), String(seconds)], { stdio: ['ignore', 'ignore', 'pipe'] })
    children.push(child)
    let complaint = ''
    child.stderr.on('data', (text) => (complaint += String(text)))
    return { child, ended: once(child, 'exit').then(([status, signal]) => `${String(status ?? signal)}${complaint}`) }
  }
  const messages = counts(1_000_000, 100_000_000)

  it(`${String(messages)} messages of 16 bytes arrive, none lost, out of order or torn`, async () => {
    begin(8192)
    const sides = [peer('consume', messages, 0, 100), peer('produce', messages, 1024, 100)]
    expect(await Promise.all(sides.map(({ ended }) => ended))).toEqual(['0', '0'])
    const seconds = (notes[note.lastMillis] - notes[note.firstMillis]) / 1_000
    console.log(`between processes: ${(messages / seconds / 1e6).toFixed(1)} M messages a second, written and verified, as the consumer saw it`)
    expect(readCounters(ring)).toMatchObject({ messages, taken: messages, bytes: messages * 16, waiting: 0, producer: 'closed', consumer: 'closed' })
    expect(notes[note.acknowledged]).toBe(messages)
  })

  /** Kills one side again and again at random moments; the other stays. Gives the milliseconds from each kill until the other named it. */
  const killRounds = async (victim: 'produce' | 'consume', kills: number): Promise<number[]> => {
    begin(64)
    const seconds = 10 + kills / 2
    const rng = createRng(seed, victim === 'produce' ? 1 : 2)
    const witness = peer(victim === 'produce' ? 'consume' : 'produce', 2 ** 40, 0, seconds)
    const delays: number[] = []
    for (let at = 0; at < kills; at++) {
      const { child, ended } = peer(victim, 2 ** 40, 0, seconds)
      const before = readCounters(ring).taken
      await until(() => readCounters(ring).taken > before, 20_000, `the work of ${victim} ${String(at)}`)
      const patience = rng.unit() * 10
      for (const end = now() + patience; now() < end; ) if (patience > 5) await sleep(1)
      const named = notes[note.named]
      const killed = now()
      child.kill('SIGKILL')
      expect(await ended).toBe('SIGKILL')
      await until(() => notes[note.named] > named, 5_000, 'the naming of the dead')
      delays.push(notes[note.namedMillis] - killed)
    }
    const last = peer(victim, 2 ** 40, 0, seconds)
    const before = readCounters(ring).taken
    await until(() => readCounters(ring).taken > before, 20_000, 'the work of the last')
    notes[note.stop] = 1
    expect(await Promise.all([witness.ended, last.ended])).toEqual(['0', '0'])
    return delays
  }

  it.each([['producer', 'produce'], ['consumer', 'consume']] as const)('a %s that is killed at any moment is named, and the next takes over: nothing acknowledged comes again, nothing else is lost', async (role, task) => {
    const delays = (await killRounds(task, counts(5, 100))).sort((a, b) => a - b)
    const [median, worst] = [delays[delays.length >> 1], delays[delays.length - 1]]
    const { messages: published, taken, waiting, stalls } = readCounters(ring)
    console.log(`${role} killed ${String(delays.length)} times: named after ${median.toFixed(1)} ms (median), ${worst.toFixed(1)} ms (worst); ${String(taken)} messages, ${String(stalls)} stalls`)
    expect({ again: notes[note.again], missed: notes[note.missed], waiting, left: published - taken, lost: notes[note.acknowledged] - taken }).toEqual({ again: 0, missed: 0, waiting: 0, left: 0, lost: 0 })
    // Of few the quickest: a machine that runs other tests beside delays most of them.
    expect(counts(delays[0], median)).toBeLessThan(20)
  })
})

describe(`processPort${reason}`, { skip: !isHere }, () => {
  it('takes numbers that are of no process, or of a thread, for dead', () => {
    const { isAlive } = processPort()
    const thread = readdirSync('/proc/self/task').map(Number).find((id) => id !== process.pid)
    expect([process.pid, process.ppid].map(isAlive)).toEqual([true, true])
    expect([-1, -(2 ** 31), 0, 2 ** 31 - 1, Number(thread)].map(isAlive)).toEqual(Array<boolean>(5).fill(false))
  })
})
