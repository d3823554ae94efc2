import { describe, expect, it } from 'vitest'
import {
  agentId,
  bool,
  bytes,
  createSlab,
  enumOf,
  f32,
  f64,
  findRing,
  i32,
  message,
  MessageConsumer,
  MessageProducer,
  messageRegion,
  readCounters,
  ringRegion,
  u16,
  u32,
  u8,
  vec,
  type AgentId,
  type MessageType,
  type PayloadFields,
  type SideOptions,
  type Slab,
  type WhenFull,
} from '../../runtime/host/slabs.ts'

const allFields = { target: agentId, energy: f64, damage: f32, depth: i32, count: u32, short: u16, byte: u8, armed: bool, mood: enumOf('calm', 'angry'), at: vec(f32, 2), path: vec(i32, 3), name: bytes(7) }
const All = message('All', allFields)
/** 16 bytes, a power of two; and 24, which is none. */
const Even = message('Even', { number: u32, half: f32, rest: f64 })
const Odd = message('Odd', { number: u32, half: f32, rest: f64, more: f64 })

interface Pair<F extends PayloadFields> {
  readonly slab: Slab
  readonly producer: MessageProducer<F>
  readonly consumer: MessageConsumer<F>
}

function pairOf<F extends PayloadFields>(type: MessageType<string, F>, capacity: number, options: SideOptions & { readonly whenFull?: WhenFull } = {}): Pair<F> {
  const slab = createSlab([messageRegion('ring', type, { capacity })])
  return { slab, producer: new MessageProducer(slab, 'ring', type, options), consumer: new MessageConsumer(slab, 'ring', type, options) }
}

/** The numbers of all messages that are there. */
function numbers(consumer: MessageConsumer<typeof Even.fields>): number[] {
  const found: number[] = []
  for (let values = consumer.receive(); values !== undefined; values = consumer.receive()) found.push(values.number)
  return found
}

describe('send and receive', () => {
  it('carry all types of fields', () => {
    const { producer, consumer } = pairOf(All, 4)
    const given = { target: (3 * 4294967296 + 9) as AgentId, energy: -0.1, damage: 0.5, depth: -7, count: 4294967295, short: 65535, byte: 255, armed: true, mood: 'angry', at: [1.5, -2], path: [-1, 0, 1], name: 'añb' } as const
    expect(producer.send(given)).toBe(true)
    expect(producer.send({})).toBe(true)
    expect(consumer.receive()).toEqual({ ...given, name: new Uint8Array([97, 0xc3, 0xb1, 98, 0, 0, 0]) })
    expect(consumer.receive()).toEqual({ target: 0, energy: 0, damage: 0, depth: 0, count: 0, short: 0, byte: 0, armed: false, mood: 'calm', at: [0, 0], path: [0, 0, 0], name: new Uint8Array(7) })
    expect(consumer.receive()).toBeUndefined()
  })

  it('give values of their own, which later messages leave alone', () => {
    const { producer, consumer } = pairOf(All, 1)
    producer.send({ at: [1, 2], name: 'first' })
    const first = consumer.receive()
    producer.send({ at: [3, 4], name: 'second' })
    expect(first).toMatchObject({ at: [1, 2], name: new Uint8Array([102, 105, 114, 115, 116, 0, 0]) })
    expect(consumer.receive()?.at).toEqual([3, 4])
  })

  it('go round and round a ring, of records of any size', () => {
    for (const type of [Even, Odd]) {
      const { slab, producer, consumer } = pairOf<typeof Even.fields>(type, 4)
      for (let number = 0; number < 50; number++) {
        expect(producer.send({ number, half: number / 2, rest: -number })).toBe(true)
        if (number % 3 !== 2) continue
        for (let taken = number - 2; taken <= number; taken++) expect(consumer.receive()).toMatchObject({ number: taken, half: taken / 2, rest: -taken })
      }
      expect(numbers(consumer)).toEqual([48, 49])
      expect(readCounters(findRing(slab, 'ring'))).toMatchObject({ messages: 50, taken: 50, bytes: 50 * type.codec.bytes, waiting: 0, stalls: 0, drops: 0 })
    }
  })

  it('refuse values that are none of the type, and go on', () => {
    const { producer, consumer } = pairOf(Even, 2)
    expect(() => producer.send({ number: -1 })).toThrow("field 'number': expected an integer from 0 to 4294967295, got -1")
    expect(() => producer.send({ numbre: 1 } as object)).toThrow("there is no field 'numbre'")
    producer.send({ number: 1 })
    expect(numbers(consumer)).toEqual([1])
  })
})

describe('a full ring', () => {
  it('lets `wait` wait until the consumer has closed', () => {
    const { slab, producer, consumer } = pairOf(Even, 2, { waiting: 'park' })
    expect([producer.send({ number: 1 }), producer.send({ number: 2 })]).toEqual([true, true])
    consumer.close()
    expect(producer.send({ number: 3 })).toBe(false)
    expect(readCounters(findRing(slab, 'ring'))).toMatchObject({ messages: 2, stalls: 1, drops: 0, producer: 'open', consumer: 'closed' })
  })

  it('makes `fail` say so, each time counted', () => {
    const { slab, producer, consumer } = pairOf(Even, 2, { whenFull: 'fail' })
    expect([1, 2, 3, 4].map((number) => producer.send({ number }))).toEqual([true, true, false, false])
    expect(numbers(consumer)).toEqual([1, 2])
    expect([producer.flush(), producer.send({ number: 5 })]).toEqual([true, true])
    expect(numbers(consumer)).toEqual([5])
    expect(readCounters(findRing(slab, 'ring'))).toMatchObject({ messages: 3, stalls: 2, drops: 0, highWater: 2 })
  })

  it('makes `latest` keep the last, and count the others', () => {
    const { slab, producer, consumer } = pairOf(Even, 2, { whenFull: 'latest' })
    expect([1, 2, 3, 4, 5].map((number) => producer.send({ number }))).toEqual([true, true, false, false, false])
    expect(producer.flush()).toBe(false)
    expect(readCounters(findRing(slab, 'ring'))).toMatchObject({ messages: 2, stalls: 3, drops: 2 })
    expect(numbers(consumer)).toEqual([1, 2])
    expect(producer.flush()).toBe(true)
    expect(numbers(consumer)).toEqual([5])
    expect([6, 7, 8].map((number) => producer.send({ number }))).toEqual([true, true, false])
    expect(consumer.receive()?.number).toBe(6)
    // Room for one: that is the kept, and the new one is kept in its place.
    expect(producer.send({ number: 9 })).toBe(false)
    expect(numbers(consumer)).toEqual([7, 8])
    producer.close()
    expect(numbers(consumer)).toEqual([9])
    expect(readCounters(findRing(slab, 'ring'))).toMatchObject({ messages: 7, taken: 7, drops: 2, waiting: 0 })
  })

  it('keeps with `latest` what was whole when the next is none of the type', () => {
    const { slab, producer, consumer } = pairOf(Even, 1, { whenFull: 'latest' })
    producer.send({ number: 1 })
    producer.send({ number: 2, half: 0.5 })
    expect(() => producer.send({ number: 3, half: 'a' as never })).toThrow("field 'half'")
    expect(numbers(consumer)).toEqual([1])
    expect(producer.flush()).toBe(true)
    expect(consumer.receive()).toEqual({ number: 2, half: 0.5, rest: 0 })
    expect(readCounters(findRing(slab, 'ring')).drops).toBe(0)
  })

  it('counts a message that is still kept when the producer closes', () => {
    const { slab, producer, consumer } = pairOf(Even, 1, { whenFull: 'latest' })
    expect([1, 2].map((number) => producer.send({ number }))).toEqual([true, false])
    producer.close()
    expect(readCounters(findRing(slab, 'ring'))).toMatchObject({ messages: 1, drops: 1, producer: 'closed' })
    expect(numbers(consumer)).toEqual([1])
    expect([consumer.receiveOrWait(), consumer.isOver]).toEqual([undefined, true])
  })
})

describe('fields of batches', () => {
  it('write and read records in place, of any size and across the end of the ring', () => {
    for (const type of [Even, Odd]) {
      const { producer, consumer } = pairOf<typeof Even.fields>(type, 8)
      const { fields: given } = producer
      const { fields: found } = consumer
      const { bytes: recordBytes } = type.codec
      let read = 0
      for (let written = 0; written < 100; ) {
        const room = producer.claim(5)
        for (let i = 0; i < room; i++, written++) {
          given.$at = producer.at + i * recordBytes
          given.number = written
          given.half = written / 2
          given.rest = -written
        }
        producer.publish(room)
        const ready = consumer.claim(8)
        for (let i = 0; i < ready; i++, read++) {
          found.$at = consumer.at + i * recordBytes
          expect([found.number, found.half, found.rest, found.$at]).toEqual([read, read / 2, -read, consumer.at + i * recordBytes])
        }
        consumer.release(ready)
      }
      expect(read).toBeGreaterThanOrEqual(92)
    }
  })

  it('are windows: bytes are seen in place, elements of vectors have names', () => {
    const { producer, consumer } = pairOf(All, 2)
    producer.claim(1)
    producer.fields.$at = producer.at
    producer.fields.name = new Uint8Array([1, 2, 3])
    producer.fields.path_2 = -5
    producer.fields.mood = 'angry'
    producer.publish(1)
    consumer.claim(1)
    consumer.fields.$at = consumer.at
    expect([...consumer.fields.name]).toEqual([1, 2, 3, 0, 0, 0, 0])
    expect(consumer.fields.name.buffer).toBe(consumer.ring.buffer)
    expect([consumer.fields.path, consumer.fields.mood]).toEqual([[0, 0, -5], 'angry'])
  })
})

describe('what is no ring of the type', () => {
  it('is refused on both sides', () => {
    const Other = message('Even', { number: u32, half: f32, rest: i32, more: u32 })
    const slab = createSlab([messageRegion('ring', Even, { capacity: 4 }), ringRegion('frames', { form: 'frames', capacity: 64, recordBytes: 0, schema: Even.codec.hash })])
    expect(Other.codec.bytes).toBe(Even.codec.bytes)
    for (const Side of [MessageProducer, MessageConsumer]) {
      expect(() => new Side(slab, 'ring', Other)).toThrow('ring ring holds another message type, or another version of it')
      expect(() => new Side(slab, 'frames', Even)).toThrow('ring frames holds frames, not records')
      expect(() => new Side(slab, 'rung', Even)).toThrow("the slab has no region 'rung'")
      expect(new Side(slab, 'ring', Even)).toBeInstanceOf(Side)
      expect(() => new Side(slab, 'ring', Even)).toThrow(/ring ring has a (producer|consumer) already/)
    }
  })

  it('is not made either', () => {
    expect(() => messageRegion('ring', Even, { capacity: 3 })).toThrow('a capacity of 3 is not a power of two')
    expect(() => messageRegion('ring', message('Nothing', {}), { capacity: 4 })).toThrow("records can't have 0 bytes")
    expect(() => messageRegion('ring', Even, { capacity: 2 ** 27 })).toThrow('its 2147483904 bytes are more than')
  })
})
