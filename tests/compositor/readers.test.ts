import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { FrameGate, openFrameReader, type GateEvents } from '../../compositor/index.ts'
import { openMeadow, scout, type Meadow } from './meadow.ts'

const small = { camera: { width: 16, height: 16 } } as const

function gateOf(meadow: Meadow, isStopped = () => false): { readonly gate: FrameGate; readonly told: string[] } {
  const told: string[] = []
  const events: GateEvents = {
    shown: (step) => told.push(`shown ${step}`),
    stalled: (step, reader) => told.push(`stalled ${step} ${reader}`),
    resumed: (step) => told.push(`resumed ${step}`),
  }
  return { gate: new FrameGate(meadow.slab, events, isStopped), told }
}

/** A thread that, after a while, finishes the steps that a reader is waited for. */
function finisher(meadow: Meadow, afterMillis: number): Worker {
  const code = `const { workerData } = require('node:worker_threads')
    const words = new Int32Array(workerData.buffer, workerData.offset, 272)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData.millis)
    Atomics.store(words, 17, Atomics.load(words, 0))
    Atomics.notify(words, 17)`
  const { byteOffset } = meadow.slab.regions.find(({ name }) => name === 'frames.readers') ?? { byteOffset: 0 }
  return new Worker(code, { eval: true, workerData: { buffer: meadow.slab.buffer, offset: byteOffset, millis: afterMillis } })
}

describe('openFrameReader: a free reader', () => {
  it('gets the steps shown, and is told what it missed', () => {
    const meadow = openMeadow(small)
    const { gate, told } = gateOf(meadow)
    const reader = openFrameReader(meadow.slab.buffer, scout.name, { mode: 'free' })
    gate.show(0)
    expect(reader.next()).toEqual({ step: 0, missed: undefined })
    expect(reader.frames.frame(3, 0).step).toBe(0)
    for (let step = 1; step <= 4; step++) {
      meadow.step()
      gate.show(step)
    }
    expect(reader.next()).toEqual({ step: 4, missed: { from: 1, to: 3 } })
    gate.end()
    expect(reader.next()).toBeUndefined()
    expect(told).toEqual(['shown 0'])
  })

  it('waits no longer than it said', () => {
    const { slab } = openMeadow(small)
    const reader = openFrameReader(slab.buffer, scout.name, { mode: 'free', name: 'viewer', timeoutMillis: 60 })
    expect(() => reader.next()).toThrow(/the world showed the reader viewer no step after -1 in 100 ms/)
    expect(() => reader.next()).toThrow(expect.objectContaining({ code: 'reader-late' }))
  })

  it('refuses what can not be', () => {
    const { slab } = openMeadow(small)
    expect(() => openFrameReader(slab.buffer, 'gem', { mode: 'free' })).toThrow(/no region 'frames\.gem\.rgb'/)
    expect(() => openFrameReader(slab.buffer, scout.name, { mode: 'free', timeoutMillis: 0 })).toThrow(/can't wait 0 ms/)
    expect(() => openFrameReader(slab.buffer, scout.name, { mode: 'free', name: 'x'.repeat(49) })).toThrow(/give 1 to 48 bytes/)
    for (let i = 0; i < 16; i++) openFrameReader(slab.buffer, scout.name, { mode: 'lockstep', name: `reader ${i}` })
    expect(() => openFrameReader(slab.buffer, scout.name, { mode: 'lockstep', name: 'one more' })).toThrow(/there are 16 readers/)
  })
})

describe('openFrameReader: a reader in lock-step', () => {
  it('holds the world until it is done, however late', async () => {
    const meadow = openMeadow(small)
    const { gate, told } = gateOf(meadow)
    openFrameReader(meadow.slab.buffer, scout.name, { mode: 'lockstep', name: 'viewer' })
    const thread = finisher(meadow, 200)
    gate.show(0)
    expect(told).toEqual(['shown 0', 'stalled 0 viewer', 'resumed 0'])
    await thread.terminate()
  })

  it('that takes too long is named, with the step and how long', () => {
    const meadow = openMeadow(small)
    const { gate } = gateOf(meadow)
    openFrameReader(meadow.slab.buffer, scout.name, { mode: 'lockstep', name: 'viewer', timeoutMillis: 100 })
    expect(() => {
      gate.show(0)
    }).toThrow(/the reader viewer did not finish with the frames of step 0 in 100 ms \(step 0\)/)
  })

  it('misses nothing when it is opened before the run, and holds nothing once it is closed', () => {
    const meadow = openMeadow(small)
    const { gate } = gateOf(meadow, () => true)
    const options = { mode: 'lockstep', name: 'viewer', timeoutMillis: 50 } as const
    openFrameReader(meadow.slab.buffer, scout.name, options)
    // A run that is to stop waits for nobody.
    gate.show(0)
    const reader = openFrameReader(meadow.slab.buffer, scout.name, options)
    expect(reader.next()).toEqual({ step: 0, missed: undefined })
    reader.close()
    gateOf(meadow).gate.show(1)
    expect(gateOf(meadow).told).toEqual([])
  })

  it('is not shown again what comes again after a fault', () => {
    const meadow = openMeadow(small)
    const { gate, told } = gateOf(meadow)
    for (const step of [0, 1, 2]) gate.show(step)
    gate.recovered()
    for (const step of [1, 2, 3]) gate.show(step)
    expect(told).toEqual(['shown 0', 'shown 3'])
  })
})
