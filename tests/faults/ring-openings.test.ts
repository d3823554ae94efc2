import { getHeapSpaceStatistics } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { attachSlab, BlockReceiver, BlockSender, createSlab, f64, findRing, FrameConsumer, FrameProducer, ManyRing, message, MessageConsumer, MessageProducer, messageRegion, RecordConsumer, RecordProducer, u32 } from '../../runtime/index.ts'
import { garbageCollector } from '../collect.ts'
import { recordSchema } from './ring-records.ts'
import { soakPlans } from './ring-soak-plans.ts'

const Hit = message('Hit', { count: u32, damage: f64 })
const slab = attachSlab(createSlab([...soakPlans(), messageRegion('hits', Hit, { capacity: 64 })]).buffer)
const options = { waiting: 'park' } as const
const collect = garbageCollector()
/** What a collection of young objects leaves alone. */
const oldSpaces = /^(old|map)_space$/

type Openings = Readonly<Record<string, () => unknown>>

const plain: Openings = {
  'a producer of records': () => new RecordProducer(findRing(slab, 'records'), recordSchema, options).close(),
  'a consumer of records': () => new RecordConsumer(findRing(slab, 'records'), recordSchema, options).close(),
  'a producer of frames': () => new FrameProducer(findRing(slab, 'frames'), recordSchema, options).close(),
  'a consumer of frames': () => new FrameConsumer(findRing(slab, 'frames'), recordSchema, options).close(),
  'a ring of many': () => new ManyRing(findRing(slab, 'many'), recordSchema),
  'a sender of blocks': () => new BlockSender(slab, 'pool', options).close(),
  'a receiver of blocks': () => new BlockReceiver(slab, 'pool', options).close(),
}

/** These generate the code of their cursors, which V8 puts beside what is old at once. */
const generating: Openings = {
  'a producer of messages': () => new MessageProducer(slab, 'hits', Hit, options).close(),
  'a consumer of messages': () => new MessageConsumer(slab, 'hits', Hit, options).close(),
}

function bytesUsed(spaces: RegExp): number {
  return getHeapSpaceStatistics().reduce((sum, { space_name, space_used_size }) => sum + (spaces.test(space_name) ? space_used_size : 0), 0)
}

/**
 * Bytes of one opening of many that are still used when all garbage is collected, and bytes that only such a collection can free. V8 compiles
 * now and then, so of some measurements the least of what is kept, and the middle of what has aged, which a collection in between takes away.
 */
function bytesLeft(open: () => unknown): { readonly kept: number; readonly aged: number } {
  const count = 4_000
  const measured = Array.from({ length: 3 }, () => {
    collect()
    const [all, old] = [bytesUsed(/./), bytesUsed(oldSpaces)]
    for (let i = 0; i < count; i++) open()
    const aged = bytesUsed(oldSpaces) - old
    collect()
    return { kept: (bytesUsed(/./) - all) / count, aged: aged / count }
  })
  const aged = measured.map((each) => each.aged).toSorted((a, b) => a - b)
  return { kept: Math.min(...measured.map(({ kept }) => kept)), aged: aged[aged.length >> 1] }
}

describe('opening and closing again and again', () => {
  it.each(Object.entries(plain))('%s keeps nothing, and leaves no garbage that lies until all is collected', (_, open) => {
    const { kept, aged } = bytesLeft(open)
    expect(kept).toBeLessThan(30)
    expect(aged).toBeLessThan(150)
  })

  it.each(Object.entries(generating))('%s keeps nothing', (_, open) => {
    expect(bytesLeft(open).kept).toBeLessThan(30)
  })
})
