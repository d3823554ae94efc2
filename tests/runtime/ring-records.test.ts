import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markDead, readCounters, RecordConsumer, RecordProducer, type Role } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { anySchema, countsOf, guardedRing, starts, type GuardedRing } from './ring-sample.ts'

const seed = testSeed('ring of records', 31)
const recordBytes = 24
const park = { waiting: 'park' } as const

/** How a side ends before another is opened in its place. */
type End = 'close' | 'die'

/** The queue that a ring of records says it is, beside the ring. */
class RecordModel {
  private readonly guarded: GuardedRing
  private readonly capacity: number
  private readonly start: number
  private producer: RecordProducer
  private consumer: RecordConsumer
  private readonly waiting: number[] = []
  private published = 0
  private taken = 0
  private stalls = 0
  private drops = 0
  private most = 0
  private found = 0

  constructor(capacity: number, start: number) {
    this.capacity = capacity
    this.start = start
    this.guarded = guardedRing({ form: 'records', capacity, recordBytes }, start)
    this.producer = new RecordProducer(this.guarded.ring, anySchema, park)
    this.consumer = new RecordConsumer(this.guarded.ring, anySchema, park)
  }

  write(wanted: number, part: number): void {
    const room = this.capacity - this.waiting.length
    const untilEnd = this.capacity - ((this.start + this.published) % this.capacity)
    const count = this.producer.claim(wanted)
    expect(count).toBe(Math.min(wanted, room, untilEnd))
    const words = this.recordsAt(this.producer.at, count)
    words.forEach((_, at) => (words[at] = this.published + Math.floor(at / (recordBytes / 4))))
    const done = Math.floor(count * part)
    this.producer.publish(done)
    for (let i = 0; i < done; i++) this.waiting.push(this.published++)
    this.most = Math.max(this.most, this.waiting.length)
    expect(() => this.producer.publish(1)).toThrow(/can't be handed over, 0 are claimed/)
  }

  read(wanted: number, part: number): void {
    const untilEnd = this.capacity - ((this.start + this.taken) % this.capacity)
    const count = this.consumer.claim(wanted)
    expect(count).toBeLessThanOrEqual(Math.min(wanted, this.waiting.length, untilEnd))
    if (this.waiting.length > 0 && wanted > 0) expect(count).toBeGreaterThan(0)
    this.found = Math.max(this.found, count)
    const expected = this.waiting.slice(0, count).flatMap((each) => Array<number>(recordBytes / 4).fill(each))
    expect([...this.recordsAt(this.consumer.at, count)]).toEqual(expected)
    const done = Math.floor(count * part)
    this.consumer.release(done)
    this.waiting.splice(0, done)
    this.taken += done
    expect(() => this.consumer.release(1)).toThrow(/can't be handed over, 0 are claimed/)
  }

  replace(role: Role, end: End): void {
    const { ring } = this.guarded
    const side = role === 'producer' ? this.producer : this.consumer
    const open = (): RecordProducer | RecordConsumer => (role === 'producer' ? new RecordProducer(ring, anySchema, park) : new RecordConsumer(ring, anySchema, park))
    expect(open).toThrow(expect.objectContaining({ code: 'ring' }) as Error)
    side.claim(this.capacity)
    if (end === 'close') side.close()
    else markDead(ring, role)
    this.expectEnded(role, end)
    const next = open()
    if (next instanceof RecordProducer) this.producer = next
    else this.consumer = next
    expect(this.consumer.isOver).toBe(false)
    expect(readCounters(ring)).toMatchObject({ producer: 'open', consumer: 'open' })
  }

  /** All that was published is delivered; only then the end of the other side shows. */
  private expectEnded(role: Role, end: End): void {
    expect(readCounters(this.guarded.ring)[role]).toBe(end === 'close' ? 'closed' : 'dead')
    const [side, isIdle] = role === 'producer' ? [this.consumer, this.waiting.length === 0] : [this.producer, this.waiting.length === this.capacity]
    if (isIdle && role === 'consumer') this.stalls++
    if (isIdle && end === 'die') expect(() => side.claimOrWait(1)).toThrow(expect.objectContaining({ code: 'peer-dead' }) as Error)
    else expect(side.claimOrWait(1)).toBe(isIdle ? 0 : 1)
    if (role === 'producer') expect(this.consumer.isOver).toBe(end === 'close' && isIdle)
  }

  note(what: 'stall' | 'drop' | 'wait'): void {
    if (what === 'drop') {
      this.producer.noteDrop()
      this.drops++
    } else if (what === 'stall') {
      this.producer.noteStall()
      this.stalls++
    } else if (this.waiting.length === this.capacity) {
      expect(this.producer.claimOrWait(1, 0)).toBe(0)
      this.stalls++
    } else if (this.waiting.length === 0) expect(this.consumer.claimOrWait(1, 0)).toBe(0)
  }

  check(): void {
    const { highWater, ...others } = countsOf(this.guarded.ring)
    const messages = this.start + this.published
    expect(others).toEqual({ messages, bytes: messages * recordBytes, taken: this.start + this.taken, stalls: this.stalls, drops: this.drops, waiting: this.waiting.length })
    if (this.stalls > 0) expect(highWater).toBe(this.capacity)
    else {
      expect(highWater).toBeGreaterThanOrEqual(this.found)
      expect(highWater).toBeLessThanOrEqual(this.most)
    }
    expect(this.guarded.isIntact()).toBe(true)
  }

  private recordsAt(at: number, count: number): Int32Array {
    return this.guarded.ring.words.subarray(at / 4, (at + count * recordBytes) / 4)
  }
}

const amount = fc.oneof(fc.nat(5), fc.nat(40))
const part = fc.constantFrom(1, 1, 1, 0.5, 0.3, 0)
type Step = (model: RecordModel) => void
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(amount, part).map(([wanted, share]): Step => (model) => model.write(wanted, share)) },
  { weight: 6, arbitrary: fc.tuple(amount, part).map(([wanted, share]): Step => (model) => model.read(wanted, share)) },
  { weight: 1, arbitrary: fc.constantFrom('stall', 'drop', 'wait').map((what): Step => (model) => model.note(what)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom<Role>('producer', 'consumer'), fc.constantFrom<End>('close', 'die')).map(([role, end]): Step => (model) => model.replace(role, end)) },
)

describe('RecordProducer and RecordConsumer', () => {
  it('are a queue: in order, each once, counted, whatever they do, wherever the indices stand', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 4, 8, 32), fc.constantFrom(...starts), fc.array(step, { maxLength: 60 }), (capacity, start, steps) => {
        const model = new RecordModel(capacity, start)
        for (const each of steps) {
          each(model)
          model.check()
        }
      }),
      { seed, numRuns: counts(200, 10_000) },
    )
  })

  it('keep what is written and not yet published when more is claimed', () => {
    const { ring } = guardedRing({ form: 'records', capacity: 4, recordBytes: 8 })
    const [producer, consumer] = [new RecordProducer(ring, undefined), new RecordConsumer(ring, undefined)]
    producer.publish(producer.claim(4))
    consumer.claim(2)
    consumer.release(2)
    expect(producer.claim(2)).toBe(2)
    const written = ring.words.subarray(producer.at / 4, producer.at / 4 + 4).fill(7)
    consumer.claim(2)
    consumer.release(2)
    expect([producer.claim(4), ...written]).toEqual([4, 7, 7, 7, 7])
  })

  it('claim and hand over whole records only', () => {
    const { ring } = guardedRing({ form: 'records', capacity: 8, recordBytes: 8 })
    const [producer, consumer] = [new RecordProducer(ring, undefined, park), new RecordConsumer(ring, undefined, park)]
    expect([2.5, -3, NaN, 0.5].map((wanted) => producer.claim(wanted))).toEqual([2, 0, 0, 0])
    producer.publish(producer.claim(Infinity))
    expect([consumer.claimOrWait(0.5), consumer.claimOrWait(NaN), consumer.claim(4)]).toEqual([0, 0, 4])
    for (const count of [2.5, -1, NaN, 5]) expect(() => { consumer.release(count) }).toThrow(/can't be handed over/)
    consumer.release(4)
    expect(readCounters(ring)).toMatchObject({ messages: 8, taken: 4, waiting: 4 })
  })

  it('refuse rings of another form and of other messages', () => {
    const { ring } = guardedRing({ form: 'records', capacity: 4, recordBytes })
    const frames = guardedRing({ form: 'frames', capacity: 64, recordBytes: 0 }).ring
    for (const open of [() => new RecordProducer(frames, undefined), () => new RecordConsumer(ring, { low: 7, high: 8 })]) expect(open).toThrow(expect.objectContaining({ code: 'schema' }) as Error)
    expect(readCounters(ring)).toMatchObject({ producer: 'nobody', consumer: 'nobody' })
  })

  it('set counters right that a killed side had moved before its index', () => {
    const { ring } = guardedRing({ form: 'records', capacity: 4, recordBytes }, 2 ** 32 - 8)
    const [producer, consumer] = [new RecordProducer(ring, undefined), new RecordConsumer(ring, undefined)]
    producer.publish(producer.claim(4))
    consumer.release(consumer.claim(1))
    const { messages, taken } = readCounters(ring)
    ring.doubles[10] += 3
    ring.doubles[18] += 2
    for (const role of ['producer', 'consumer'] as const) markDead(ring, role)
    expect([new RecordProducer(ring, undefined).claim(9), new RecordConsumer(ring, undefined).claim(9)]).toEqual([1, 3])
    expect(readCounters(ring)).toMatchObject({ messages, taken, waiting: 3 })
  })
})
