import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attachSlab, BlockReceiver, BlockSender, blockRegions, createSlab, findRing, markDead, readCounters, regionArray, type RingMemory, type Slab } from '../../runtime/index.ts'
import { entryByte, entryBytes, headerBytes } from '../../runtime/slab/layout.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('blocks', 34)
const blockBytes = 64
const park = { waiting: 'park' } as const

function pool(count: number): { slab: Slab; lent: RingMemory; back: RingMemory } {
  const slab = createSlab(blockRegions('pool', { count, blockBytes }))
  return { slab, lent: findRing(slab, 'pool.lent'), back: findRing(slab, 'pool.back') }
}

type Place = 'free' | 'claimed' | 'sent' | 'lent' | 'held' | 'returned' | 'lost'

/** Blocks that go back and forth beside a list of where each of them is. */
class BlockModel {
  private readonly pool: ReturnType<typeof pool>
  private sender: BlockSender
  private receiver: BlockReceiver
  private readonly places: Place[]
  /** All that was published, and how many of it the receiver has seen. */
  private readonly published: { block: number; stamp: number }[] = []
  private seen = 0
  private unpublished: { block: number; stamp: number }[] = []
  private readonly releases: number[] = []
  private stamp = 0

  constructor(count: number) {
    this.pool = pool(count)
    this.sender = new BlockSender(this.pool.slab, 'pool', park)
    this.receiver = new BlockReceiver(this.pool.slab, 'pool', park)
    this.places = Array<Place>(count).fill('free')
  }

  claim(): void {
    let block = this.sender.claim()
    if (block < 0) {
      this.receiver.publish()
      block = this.sender.claim()
    }
    if (block < 0) for (const place of ['free', 'returned']) expect(this.places).not.toContain(place)
    else {
      expect(['free', 'returned']).toContain(this.places[block])
      this.places[block] = 'claimed'
    }
  }

  send(): void {
    const block = this.places.lastIndexOf('claimed')
    if (block < 0) return
    const length = this.stamp % (blockBytes + 1)
    this.sender.blocks[block].fill(this.stamp, 0, length)
    this.sender.send(block, length)
    expect(() => this.sender.send(block, 0)).toThrow(expect.objectContaining({ code: 'ring' }) as Error)
    this.places[block] = 'sent'
    this.unpublished.push({ block, stamp: this.stamp++ })
    // Where the ring's end is reached, those before are published.
    this.note(readCounters(this.pool.lent).messages - this.published.length)
  }

  publish(): void {
    this.sender.publish()
    this.note(this.unpublished.length)
  }

  private note(count: number): void {
    for (const each of this.unpublished.splice(0, count)) {
      this.places[each.block] = 'lent'
      this.published.push(each)
    }
  }

  next(): void {
    const expected = this.published.at(this.seen)
    expect(this.receiver.next()).toBe(expected !== undefined)
    if (expected === undefined) return
    const { block, length, blocks } = this.receiver
    expect({ block, length }).toEqual({ block: expected.block, length: expected.stamp % (blockBytes + 1) })
    expect(blocks[block].subarray(0, length).every((byte) => byte === (expected.stamp & 255))).toBe(true)
    this.places[block] = 'held'
    this.seen++
  }

  release(which: number): void {
    const held = this.places.flatMap((place, block) => (place === 'held' ? [block] : []))
    if (held.length === 0) return
    const block = held[which % held.length]
    this.receiver.release(block)
    this.places[block] = 'returned'
    this.releases.push(block)
  }

  loseSender(): void {
    for (const [ring, role] of [[this.pool.lent, 'producer'], [this.pool.back, 'consumer']] as const) markDead(ring, role)
    this.sender = new BlockSender(this.pool.slab, 'pool', park)
    for (const { block } of this.unpublished.splice(0)) this.places[block] = 'lost'
    this.places.forEach((place, block) => (this.places[block] = place === 'claimed' ? 'free' : place))
  }

  /** What was not taken for good comes again; what was, and is not given back, is out of use. */
  loseReceiver(): void {
    const { lent, back } = this.pool
    for (const [ring, role] of [[lent, 'consumer'], [back, 'producer']] as const) markDead(ring, role)
    this.receiver = new BlockReceiver(this.pool.slab, 'pool', park)
    for (const block of this.releases.splice(readCounters(back).messages)) this.places[block] = 'lost'
    this.places.forEach((place, block) => (this.places[block] = place === 'held' ? 'lost' : place))
    this.seen = readCounters(lent).taken
    for (const { block } of this.published.slice(this.seen)) this.places[block] = 'lent'
  }
}

type Step = (model: BlockModel) => void
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>((model) => model.claim()) },
  { weight: 5, arbitrary: fc.constant<Step>((model) => model.send()) },
  { weight: 3, arbitrary: fc.constant<Step>((model) => model.publish()) },
  { weight: 6, arbitrary: fc.constant<Step>((model) => model.next()) },
  { weight: 5, arbitrary: fc.nat(20).map((which): Step => (model) => model.release(which)) },
  { weight: 1, arbitrary: fc.constantFrom<Step>((model) => model.loseSender(), (model) => model.loseReceiver()) },
)

function code(value: string): Error {
  return expect.objectContaining({ code: value }) as Error
}

describe('BlockSender and BlockReceiver', () => {
  it('have each block on one side only, deliver what was published in order, and again what a receiver had not taken', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 8), fc.array(step, { maxLength: 100 }), (count, steps) => {
        const model = new BlockModel(count)
        for (const each of steps) each(model)
      }),
      { seed, numRuns: counts(300, 10_000) },
    )
  })

  it('go on after a sender that died while it took blocks back', () => {
    const { slab, lent, back } = pool(2)
    const [sender, receiver] = [new BlockSender(slab, 'pool', park), new BlockReceiver(slab, 'pool', park)]
    for (let at = 0; at < 2; at++) sender.send(sender.claim(), 8)
    sender.publish()
    while (receiver.next()) receiver.release(receiver.block)
    receiver.publish()
    // As far as it came: it has noted a block, and not yet said so in the ring.
    regionArray(slab, 'pool.owners', 'u32')[0] = 0
    markDead(lent, 'producer')
    markDead(back, 'consumer')
    const next = new BlockSender(slab, 'pool', park)
    expect([next.claim(), next.claim(), next.claim()].sort()).toEqual([-1, 0, 1])
  })

  it('end as they are told: by closing, by a death, by time', () => {
    const { slab, lent } = pool(1)
    const [sender, receiver] = [new BlockSender(slab, 'pool', park), new BlockReceiver(slab, 'pool', park)]
    expect([receiver.nextOrWait(0), receiver.isOver]).toEqual([false, false])
    sender.send(sender.claimOrWait(), 1)
    expect(sender.claimOrWait(0)).toBe(-1)
    markDead(lent, 'producer')
    expect(receiver.nextOrWait()).toBe(true)
    expect(() => receiver.nextOrWait()).toThrow(code('peer-dead'))
    receiver.close()
    expect(sender.claimOrWait()).toBe(-1)
    sender.close()
    expect(receiver.isOver).toBe(true)
  })

  it('refuse a pool whose directory says other than its rings', () => {
    const { slab } = pool(4)
    const view = new DataView(slab.buffer)
    const patch = (region: number, at: number, ...values: number[]): void => values.forEach((value, i) => view.setFloat64(headerBytes + region * entryBytes + at + i * 8, value, true))
    const open = (): BlockSender => new BlockSender(attachSlab(slab.buffer), 'pool')
    for (const [shape, strides] of [[[2 ** 40, 2 ** 40], [0, 0]], [[8, 32], [32, 1]], [[4, 0], [64, 1]]] as const) {
      patch(0, entryByte.shape, ...shape)
      patch(0, entryByte.strides, ...strides)
      expect(open).toThrow(code('schema'))
    }
    patch(0, entryByte.shape, 4, 64)
    patch(0, entryByte.strides, 64, 1)
    expect(open().blocks).toHaveLength(4)
    expect(() => new BlockReceiver(createSlab([{ name: 'pool', kind: 'tensor', dtype: 'u8', shape: [4] }]), 'pool')).toThrow(code('schema'))
  })

  it('refuse lengths that a block does not have', () => {
    const sender = new BlockSender(pool(1).slab, 'pool', park)
    const block = sender.claim()
    for (const length of [-1, blockBytes + 1, NaN]) expect(() => sender.send(block, length)).toThrow(code('limit'))
  })
})
