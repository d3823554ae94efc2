import { describe, expect, it } from 'vitest'
import { controlRegion, ControlReceiver, ControlSender, createSlab, findRing, FrameProducer, readCounters, type Slab } from '../../runtime/host/slabs.ts'
import { createRng } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('control messages', 36)

function slabOf(bytes: number): Slab {
  return createSlab([controlRegion('control', { bytes })])
}

/** Puts bytes into the ring as they are, as a sender of another make would. */
function rawSender(slab: Slab): (payload: readonly number[]) => void {
  const ring = findRing(slab, 'control')
  const frames = new FrameProducer(ring, ring.schema)
  const bytes = new Uint8Array(ring.buffer, ring.byteOffset)
  return (payload) => {
    frames.claim(payload.length)
    bytes.set(payload, frames.at)
    frames.append(payload.length, 1)
    frames.publish()
  }
}

describe('ControlSender and ControlReceiver', () => {
  it('carry plain values there and back, round and round', () => {
    const slab = createSlab([controlRegion('there', { bytes: 512 }), controlRegion('back', { bytes: 512 })])
    const [there, thence] = [new ControlSender(slab, 'there'), new ControlReceiver(slab, 'there')]
    const [back, hence] = [new ControlSender(slab, 'back'), new ControlReceiver(slab, 'back')]
    const values = [null, true, 0, -1.5, 2 ** 40, 'añ', [], [1, ['two', null]], { task: 'start', seed: 7, nested: { list: [1, 2], none: null } }, new Uint8Array([1, 2, 3])]
    for (const value of [...values, ...values, ...values]) {
      expect(there.send(value)).toBe(true)
      expect(back.send(thence.receive())).toBe(true)
      const found = hence.receive(1_000)
      expect(value instanceof Uint8Array ? [...(found as Uint8Array)] : found).toEqual(value instanceof Uint8Array ? [...value] : value)
    }
    expect(readCounters(findRing(slab, 'there'))).toMatchObject({ messages: 30, taken: 30, waiting: 0 })
  })

  it('say when nothing came, when there is no room, and when the other side has closed', () => {
    const slab = slabOf(64)
    const [sender, receiver] = [new ControlSender(slab, 'control'), new ControlReceiver(slab, 'control')]
    expect([receiver.receive(), receiver.receive(2)]).toEqual([undefined, undefined])
    expect([1, 2, 3, 4, 5].map((value) => sender.send(value, 0))).toEqual([true, true, true, true, false])
    sender.close()
    expect(receiver.isOver).toBe(false)
    expect([1, 2, 3, 4, 5].map(() => receiver.receive(Infinity))).toEqual([1, 2, 3, 4, undefined])
    expect(receiver.isOver).toBe(true)
    receiver.close()
    expect(readCounters(findRing(slab, 'control'))).toMatchObject({ messages: 4, taken: 4, stalls: 1, producer: 'closed', consumer: 'closed' })
  })

  it('refuse a value that is too large, and a ring of something else', () => {
    const slab = createSlab([controlRegion('control', { bytes: 256 }), { name: 'words', kind: 'words', dtype: 'u8', shape: [512] }])
    const [sender, receiver] = [new ControlSender(slab, 'control'), new ControlReceiver(slab, 'control')]
    expect(() => sender.send('x'.repeat(200))).toThrow('a payload of 202 bytes does not fit ring control; send at most 120 bytes')
    expect(sender.send('x'.repeat(100))).toBe(true)
    expect(receiver.receive()).toBe('x'.repeat(100))
    expect(() => new ControlSender(slab, 'words')).toThrow("region 'words' is no usable ring")
    expect(() => new ControlSender(slab, 'control')).toThrow('has a producer already')
  })

  it('name a message that is no MessagePack, and go on with the next', () => {
    const slab = slabOf(512)
    const [send, receiver] = [rawSender(slab), new ControlReceiver(slab, 'control')]
    for (const payload of [[], [0x92, 1], [1, 2], [0xdd, 255, 255, 255, 255], [0xdb, 0, 0, 1, 0, 65]]) {
      send(payload)
      send([42])
      expect(() => receiver.receive(), JSON.stringify(payload)).toThrow('ring control: a message is no MessagePack')
      expect(receiver.receive()).toBe(42)
    }
  })

  it('survive any bytes', () => {
    const slab = slabOf(1024)
    const [send, receiver] = [rawSender(slab), new ControlReceiver(slab, 'control')]
    const rng = createRng(seed, 1)
    for (let at = 0; at < counts(20_000, 1_000_000); at++) {
      const payload = Array.from({ length: Math.floor(rng.unit() * 24) }, () => Math.floor(rng.unit() * 256))
      send(payload)
      try {
        receiver.receive()
      } catch (error) {
        expect(error, JSON.stringify(payload)).toMatchObject({ code: 'schema' })
      }
      expect(receiver.receive(), JSON.stringify(payload)).toBeUndefined()
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
