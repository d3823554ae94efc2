import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameConsumer, FrameProducer, markDead, payloadMax, readCounters, type Role } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { anySchema, countsOf, guardedRing, starts, type GuardedRing } from './ring-sample.ts'

const seed = testSeed('ring of frames', 32)
const park = { waiting: 'park' } as const

interface Frame {
  readonly length: number
  readonly tag: number
  /** Where its room ends, counted from the start of the ring's life. */
  readonly end: number
}

/** The queue that a ring of frames says it is, beside the ring. */
class FrameModel {
  private readonly guarded: GuardedRing
  private readonly capacity: number
  private readonly bytes: Uint8Array
  private producer: FrameProducer
  private consumer: FrameConsumer
  private appended: Frame[] = []
  private readonly waiting: Frame[] = []
  private read = 0
  private end: number
  private head: number
  private messages = 0
  private payload = 0
  private taken = 0
  private stalls = 0

  constructor(capacity: number, start: number) {
    this.capacity = capacity
    this.guarded = guardedRing({ form: 'frames', capacity, recordBytes: 0 }, start)
    const { ring } = this.guarded
    this.bytes = new Uint8Array(ring.buffer, ring.byteOffset, ring.words.byteLength)
    this.producer = new FrameProducer(ring, anySchema, park)
    this.consumer = new FrameConsumer(ring, anySchema, park)
    this.end = start
    this.head = start
  }

  /** Claims; appends so much of it, or lets it be. */
  write(share: number, part: number): void {
    const claimed = Math.floor(share * payloadMax(this.guarded.ring))
    const whole = 8 + Math.ceil(claimed / 8) * 8
    const untilEnd = this.capacity - (this.end % this.capacity)
    const padding = whole > untilEnd ? untilEnd : 0
    const fits = padding + whole <= this.capacity - (this.end - this.head)
    expect(this.producer.claim(claimed)).toBe(fits)
    if (!fits || part === 0) return
    const tag = (this.messages + this.appended.length) >>> 0
    const length = Math.floor(claimed * part)
    this.bytes.fill(tag, this.producer.at, this.producer.at + length)
    this.producer.append(length, tag)
    expect(() => this.producer.append(0, 0)).toThrow(/0 are claimed/)
    this.end += padding + 8 + Math.ceil(length / 8) * 8
    this.appended.push({ length, tag, end: this.end })
  }

  publish(): void {
    this.producer.publish()
    this.messages += this.appended.length
    this.payload += this.appended.reduce((sum, { length }) => sum + length, 0)
    this.waiting.push(...this.appended)
    this.appended = []
  }

  next(): void {
    const frame = this.waiting.at(this.read)
    expect(this.consumer.next()).toBe(frame !== undefined)
    if (frame === undefined) return
    const { at, length, tag } = this.consumer
    expect({ length, tag }).toEqual({ length: frame.length, tag: frame.tag })
    expect(this.bytes.subarray(at, at + length).every((byte) => byte === (tag & 255))).toBe(true)
    this.read++
  }

  release(): void {
    this.consumer.release()
    const released = this.waiting.splice(0, this.read)
    this.head = released.at(-1)?.end ?? this.head
    this.taken += this.read
    this.read = 0
  }

  replace(role: Role, end: 'close' | 'die'): void {
    const { ring } = this.guarded
    if (end === 'die') markDead(ring, role)
    else (role === 'producer' ? this.producer : this.consumer).close()
    if (role === 'producer') {
      if (this.waiting.length > this.read) this.next()
      else if (end === 'die') expect(() => this.consumer.nextOrWait()).toThrow(expect.objectContaining({ code: 'peer-dead' }) as Error)
      else expect([this.consumer.nextOrWait(), this.consumer.isOver]).toEqual([false, true])
      this.producer = new FrameProducer(ring, anySchema, park)
      this.end = this.waiting.at(-1)?.end ?? this.head
      this.appended = []
    } else {
      this.consumer = new FrameConsumer(ring, anySchema, park)
      this.read = 0
    }
  }

  /** Waits for room that nobody makes: publishes, and counts the stall. */
  stall(): void {
    this.release()
    if (this.capacity - (this.end - this.head) >= this.capacity / 2) return
    const isThere = this.producer.claimOrWait(payloadMax(this.guarded.ring), 0)
    if (isThere) return
    this.publish()
    this.stalls++
  }

  check(): void {
    const { highWater, ...others } = countsOf(this.guarded.ring)
    const tail = this.waiting.at(-1)?.end ?? this.head
    expect(others).toEqual({ messages: this.messages, bytes: this.payload, taken: this.taken, stalls: this.stalls, drops: 0, waiting: tail - this.head })
    expect(this.messages).toBe(this.taken + this.waiting.length)
    expect(highWater).toBeLessThanOrEqual(this.capacity)
    expect(this.guarded.isIntact()).toBe(true)
  }
}

type Step = (model: FrameModel) => void
const share = fc.oneof(fc.double({ min: 0, max: 0.3, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(share, fc.constantFrom(1, 1, 0.5, 0.1, 0)).map(([size, part]): Step => (model) => model.write(size, part)) },
  { weight: 4, arbitrary: fc.constant<Step>((model) => model.publish()) },
  { weight: 5, arbitrary: fc.constant<Step>((model) => model.next()) },
  { weight: 3, arbitrary: fc.constant<Step>((model) => model.release()) },
  { weight: 1, arbitrary: fc.constant<Step>((model) => model.stall()) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom<Role>('producer', 'consumer'), fc.constantFrom<'close' | 'die'>('close', 'die')).map(([role, end]): Step => (model) => model.replace(role, end)) },
)

describe('FrameProducer and FrameConsumer', () => {
  it('are a queue: in order, each once, counted, whatever they do, wherever the indices stand', () => {
    fc.assert(
      fc.property(fc.constantFrom(64, 128, 512), fc.constantFrom(...starts), fc.array(step, { maxLength: 80 }), (capacity, start, steps) => {
        const model = new FrameModel(capacity, start)
        for (const each of steps) {
          each(model)
          model.check()
        }
      }),
      { seed, numRuns: counts(200, 10_000) },
    )
  })

  it('take the longest payload wherever the tail stands, and nothing longer', () => {
    for (let offset = 0; offset < 256; offset += 8) {
      const { ring } = guardedRing({ form: 'frames', capacity: 256, recordBytes: 0 }, offset)
      const [producer, consumer] = [new FrameProducer(ring, undefined), new FrameConsumer(ring, undefined)]
      expect(producer.claim(payloadMax(ring))).toBe(true)
      producer.append(payloadMax(ring), 1)
      producer.publish()
      expect([consumer.next(), consumer.length, consumer.next()]).toEqual([true, payloadMax(ring), false])
      for (const length of [payloadMax(ring) + 1, -1, 0.5, NaN]) expect(() => producer.claim(length)).toThrow(expect.objectContaining({ code: 'limit' }) as Error)
    }
  })

  it('publish no padding for a claim that came to nothing', () => {
    const { ring } = guardedRing({ form: 'frames', capacity: 64, recordBytes: 0 }, 48)
    const [producer, consumer] = [new FrameProducer(ring, undefined), new FrameConsumer(ring, undefined)]
    expect(producer.claim(20)).toBe(true)
    producer.publish()
    expect([consumer.next(), readCounters(ring).waiting]).toEqual([false, 0])
  })
})
