import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSlab, findRing, markDead, MessageConsumer, MessageProducer, messageRegion, messagesOf, readCounters, watchThread, type RingMemory, type Role, type SideOptions, type Slab } from '../../runtime/host/slabs.ts'
import { peerFolder } from '../native/peer-script.ts'
import { Count, type ThreadTask } from './thread-messages.ts'

const waitings = ['spin', 'spin-then-park', 'park'] as const

function ringOf(capacity: number): { readonly slab: Slab; readonly ring: RingMemory } {
  const slab = createSlab([messageRegion('ring', Count, { capacity })])
  return { slab, ring: findRing(slab, 'ring') }
}

/** The numbers of all messages until the ring ends, and the code of the error that ended it. */
async function drain(consumer: MessageConsumer<typeof Count.fields>): Promise<(number | string | undefined)[]> {
  const found: (number | string | undefined)[] = []
  try {
    for await (const { number } of messagesOf(consumer)) found.push(number)
  } catch (error) {
    found.push((error as { readonly code?: string }).code)
  }
  return found
}

describe('messagesOf', () => {
  const pairOf = (capacity: number, options: SideOptions = {}): { readonly ring: RingMemory; readonly producer: MessageProducer<typeof Count.fields>; readonly consumer: MessageConsumer<typeof Count.fields> } => {
    const { slab, ring } = ringOf(capacity)
    return { ring, producer: new MessageProducer(slab, 'ring', Count, { whenFull: 'fail' }), consumer: new MessageConsumer(slab, 'ring', Count, options) }
  }

  it.each(waitings)('waits for what is sent later, and ends when the producer has closed and all is taken (%s)', async (waiting) => {
    const { producer, consumer } = pairOf(4, { waiting })
    const all = drain(consumer)
    for (let number = 1; number <= 6; number++) {
      while (!producer.send({ number })) await sleep(1)
      await sleep(number)
    }
    producer.close()
    expect(await all).toEqual([1, 2, 3, 4, 5, 6])
    expect(consumer.isOver).toBe(true)
  })

  it('takes a message when it is asked for, so that a slow loop holds its producer back', async () => {
    const { ring, producer, consumer } = pairOf(4)
    const messages = messagesOf(consumer)
    let number = 0
    while (producer.send({ number })) number++
    for (let taken = 0; taken < 10; taken++) {
      expect(await messages.next()).toEqual({ done: false, value: { number: taken } })
      await sleep(1)
      expect([producer.send({ number: number++ }), producer.send({ number })]).toEqual([true, false])
    }
    await messages.return()
    expect(readCounters(ring)).toMatchObject({ messages: 14, taken: 10, waiting: 4, highWater: 4 })
  })

  it.each(waitings)('gives what was published before a death, then names it (%s)', async (waiting) => {
    const { ring, producer, consumer } = pairOf(4, { waiting })
    producer.send({ number: 7 })
    markDead(ring, 'producer')
    expect(await drain(consumer)).toEqual([7, 'peer-dead'])
  })
})

describe('watchThread', () => {
  const workers: Worker[] = []
  let folder = ''

  beforeAll(() => {
    folder = peerFolder(new URL('./thread-peer.ts', import.meta.url))
  })

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  const watched = (role: Role, ring: RingMemory, task: Omit<ThreadTask, 'memory'>): Worker => {
    const worker = new Worker(join(folder, 'peer.mjs'), { workerData: { memory: ring.buffer as SharedArrayBuffer, ...task } satisfies ThreadTask })
    worker.on('error', () => undefined)
    workers.push(worker)
    watchThread(worker, ring, role)
    return worker
  }

  it.each(['return', 'throw', 'exit'] as const)('names a producer that ends by %s, after what it had published', async (ending) => {
    const { slab, ring } = ringOf(4)
    const consumer = new MessageConsumer(slab, 'ring', Count)
    watched('producer', ring, { task: 'produce', ending })
    expect(await drain(consumer)).toEqual([1, 2, 3, 'peer-dead'])
    expect(readCounters(ring).producer).toBe('dead')
  })

  it('names a producer that is terminated, and the next goes on', async () => {
    const { slab, ring } = ringOf(4)
    const worker = watched('producer', ring, { task: 'produce', ending: 'stay' })
    while (readCounters(ring).waiting < 3) await sleep(1)
    expect(() => new MessageProducer(slab, 'ring', Count)).toThrow('ring ring has a producer already')
    await worker.terminate()
    const producer = new MessageProducer(slab, 'ring', Count)
    producer.send({ number: 4 })
    producer.close()
    expect(await drain(new MessageConsumer(slab, 'ring', Count))).toEqual([1, 2, 3, 4])
  })

  it('names a thread that ended before it opened its side', async () => {
    const { slab, ring } = ringOf(4)
    watched('producer', ring, { task: 'nothing', ending: 'throw' })
    expect(await drain(new MessageConsumer(slab, 'ring', Count))).toEqual(['peer-dead'])
  })

  it('names a consumer, whose producer finds no room any more', async () => {
    const { slab, ring } = ringOf(2)
    const producer = new MessageProducer(slab, 'ring', Count)
    watched('consumer', ring, { task: 'consume', ending: 'exit' })
    let sent = 0
    const send = async (): Promise<void> => {
      for (const end = performance.now() + 20_000; performance.now() < end; ) {
        await sleep(1)
        if (producer.claimOrWait(1, 0) === 0) continue
        producer.publish(1)
        sent++
      }
    }
    await expect(send()).rejects.toThrow('the consumer of ring ring died')
    expect(sent).toBe(4)
    expect(readCounters(ring)).toMatchObject({ messages: 4, taken: 2, waiting: 2, consumer: 'dead' })
  })
})
