import {
  BlockReceiver,
  BlockSender,
  blockRegions,
  findRing,
  FrameConsumer,
  FrameProducer,
  ManyRing,
  RecordConsumer,
  RecordProducer,
  ringRegion,
  type RegionPlan,
  type Slab,
} from '../../runtime/index.ts'
import { ringHeaderBytes } from '../../runtime/ring/layout.ts'

const schema = { low: 1, high: 2 }
const park = { waiting: 'park' } as const
const guard = (name: string): RegionPlan => ({ name, kind: 'words', dtype: 'u8', shape: [256] })
/** One of each form, and regions between them that nobody may touch. */
export const plans: readonly RegionPlan[] = [
  guard('first'),
  ringRegion('records', { form: 'records', capacity: 8, recordBytes: 16, schema }),
  guard('second'),
  ringRegion('frames', { form: 'frames', capacity: 128, recordBytes: 0, schema }),
  guard('third'),
  ringRegion('many', { form: 'many', capacity: 4, recordBytes: 8, schema }),
  guard('fourth'),
  ...blockRegions('pool', { count: 4, blockBytes: 64 }),
  guard('last'),
]

/** Both sides of a form at work in one thread. */
export interface Form {
  /** Opens both sides and gives what each does in a turn. */
  readonly open: (slab: Slab) => { readonly write: () => void; readonly read: () => void }
  /** What they may touch. */
  readonly regions: readonly string[]
}

function openRecords(slab: Slab): ReturnType<Form['open']> {
  const ring = findRing(slab, 'records')
  const [producer, consumer] = [new RecordProducer(ring, schema, park), new RecordConsumer(ring, schema, park)]
  const touch = (at: number, count: number, value: number): unknown => ring.words.fill(value, at / 4, at / 4 + count * 4)
  return {
    write: () => {
      const count = producer.claimOrWait(3, 0)
      touch(producer.at, count, 1)
      producer.publish(count)
    },
    read: () => {
      const count = consumer.claimOrWait(5, 0)
      if (count > 5) throw new Error(`${String(count)} records were claimed`)
      touch(consumer.at, count, 2)
      consumer.release(count)
    },
  }
}

function openFrames(slab: Slab): ReturnType<Form['open']> {
  const ring = findRing(slab, 'frames')
  const [producer, consumer] = [new FrameProducer(ring, schema, park), new FrameConsumer(ring, schema, park)]
  const bytes = new Uint8Array(ring.buffer, ring.byteOffset, ring.words.byteLength)
  let round = 0
  return {
    write: () => {
      const length = (round++ * 7) % 50
      if (!producer.claimOrWait(length, 0)) return
      bytes.fill(1, producer.at, producer.at + length)
      producer.append(length, round)
      producer.publish()
    },
    read: () => {
      for (let at = 0; at < 3 && consumer.nextOrWait(0); at++) {
        if (consumer.at < ringHeaderBytes || consumer.at + consumer.length > bytes.length) throw new Error(`a frame of ${String(consumer.length)} bytes at ${String(consumer.at)} is outside`)
        bytes.fill(2, consumer.at, consumer.at + consumer.length)
      }
      consumer.release()
    },
  }
}

function openMany(slab: Slab): ReturnType<Form['open']> {
  const ring = findRing(slab, 'many')
  const [writer, reader] = [new ManyRing(ring, schema), new ManyRing(ring, schema)]
  return {
    write: () => {
      if (!writer.claim()) return
      ring.words.fill(1, writer.at / 4, writer.at / 4 + 2)
      writer.publish()
    },
    read: () => {
      if (!reader.next()) return
      ring.words.fill(2, reader.at / 4, reader.at / 4 + 2)
      reader.release()
    },
  }
}

function openBlocks(slab: Slab): ReturnType<Form['open']> {
  const [sender, receiver] = [new BlockSender(slab, 'pool', park), new BlockReceiver(slab, 'pool', park)]
  return {
    write: () => {
      const block = sender.claimOrWait(0)
      if (block < 0) return
      sender.blocks[block].fill(1)
      sender.send(block, sender.blocks[block].length)
      sender.publish()
    },
    read: () => {
      if (!receiver.nextOrWait(0)) return
      receiver.blocks[receiver.block].fill(2, 0, receiver.length)
      receiver.release(receiver.block)
    },
  }
}

export const forms = {
  records: { open: openRecords, regions: ['records'] },
  frames: { open: openFrames, regions: ['frames'] },
  many: { open: openMany, regions: ['many'] },
  blocks: { open: openBlocks, regions: ['pool', 'pool.owners', 'pool.lent', 'pool.back'] },
} as const satisfies Readonly<Record<string, Form>>
