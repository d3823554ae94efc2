import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManyRing, readCounters } from '../../runtime/index.ts'
import { failuresWord, lineWord } from '../../runtime/ring/layout.ts'
import { counts, testSeed } from '../counts.ts'
import { anySchema, guardedRing, starts, type GuardedRing } from './ring-sample.ts'

const seed = testSeed('ring of many', 33)
const sides = 3
type Stage = 'claimed' | 'published' | 'taken' | 'released'

/** A bounded queue of records, each of which is claimed, published, taken and released, by sides that are interrupted anywhere. */
class ManyModel {
  private readonly guarded: GuardedRing
  private readonly capacity: number
  private readonly start: number
  private readonly writers: ManyRing[]
  private readonly readers: ManyRing[]
  /** What each side holds: the number of a message. */
  private readonly writing = Array<number>(sides).fill(-1)
  private readonly reading = Array<number>(sides).fill(-1)
  private readonly stages: Stage[] = []
  private head = 0
  private stalls = 0

  constructor(capacity: number, start: number) {
    this.capacity = capacity
    this.start = start
    this.guarded = guardedRing({ form: 'many', capacity, recordBytes: 8 }, start)
    const open = (): ManyRing => new ManyRing(this.guarded.ring, anySchema)
    this.writers = Array.from({ length: sides }, open)
    this.readers = Array.from({ length: sides }, open)
  }

  write(side: number): void {
    const { words } = this.guarded.ring
    const [writer, held] = [this.writers[side], this.writing[side]]
    if (held >= 0) {
      writer.publish()
      this.stages[held] = 'published'
      this.writing[side] = -1
      return
    }
    const index = this.stages.length
    const isFree = index < this.capacity || this.stages[index - this.capacity] === 'released'
    expect(writer.claim()).toBe(isFree)
    if (!isFree) this.stalls++
    else {
      words[writer.at / 4] = index
      words[writer.at / 4 + 1] = ~index
      this.writing[side] = index
      this.stages.push('claimed')
    }
  }

  read(side: number): void {
    const { words } = this.guarded.ring
    const [reader, held] = [this.readers[side], this.reading[side]]
    if (held >= 0) {
      expect([words[reader.at / 4], words[reader.at / 4 + 1]]).toEqual([held, ~held])
      reader.release()
      this.stages[held] = 'released'
      this.reading[side] = -1
      return
    }
    const isThere = this.stages.at(this.head) === 'published'
    expect(reader.next()).toBe(isThere)
    if (!isThere) return
    this.reading[side] = this.head
    this.stages[this.head++] = 'taken'
  }

  check(): void {
    const messages = this.start + this.stages.length
    const taken = this.start + this.head
    expect(readCounters(this.guarded.ring)).toMatchObject({ messages, taken, waiting: messages - taken, bytes: messages * 8, stalls: this.stalls, drops: 0, producer: 'nobody' })
    expect(this.guarded.isIntact()).toBe(true)
  }
}

type Step = (model: ManyModel) => void
const step: fc.Arbitrary<Step> = fc.tuple(fc.boolean(), fc.nat(sides - 1)).map(([writes, side]): Step => (model) => (writes ? model.write(side) : model.read(side)))

describe('ManyRing', () => {
  it('is a queue of many sides that are interrupted anywhere, wherever the indices stand', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 4, 16), fc.constantFrom(...starts, 2 ** 32 - 3), fc.array(step, { maxLength: 150 }), (capacity, start, steps) => {
        const model = new ManyModel(capacity, start)
        for (const each of steps) {
          each(model)
          model.check()
        }
      }),
      { seed, numRuns: counts(200, 10_000) },
    )
  })

  it('counts stalls beyond the word that it counts them in', () => {
    const { ring } = guardedRing({ form: 'many', capacity: 2, recordBytes: 8 })
    const many = new ManyRing(ring, undefined)
    while (many.claim()) many.publish()
    ring.words[lineWord.producer + failuresWord] = -1
    for (let at = 0; at < 2; at++) expect(many.claim()).toBe(false)
    expect(readCounters(ring).stalls).toBe(2 ** 32 + 1)
  })
})
