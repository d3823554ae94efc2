import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Tally } from '../../runtime/mail/tally.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('tally', 20_261_122)
/** Few senders, whose counts are set again, and many, for which it grows; addresses of all 32 bits. */
const sender = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0x400_0000, max: 0x400_0000 + 5_000 }), fc.integer({ min: 1, max: 0xffff_ffff }))

it('a tally counts as a map does, also after it was cleared', () => {
  const tally = new Tally()
  fc.assert(
    fc.property(fc.array(fc.tuple(sender, fc.integer({ min: 0, max: 1_023 }), fc.integer({ min: 1, max: 1_000 })), { maxLength: 3_000, size: 'max' }), (entries) => {
      tally.clear()
      const map = new Map<string, number>()
      for (const [from, code, count] of entries) {
        expect(tally.get(from, code)).toBe(map.get(`${from}.${code}`) ?? 0)
        tally.set(from, code, count)
        map.set(`${from}.${code}`, count)
      }
      for (const [from, code] of entries) expect(tally.get(from, code)).toBe(map.get(`${from}.${code}`))
    }),
    { seed, numRuns: counts(30, 500) },
  )
})
