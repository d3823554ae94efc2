import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BirthOrder } from '../../runtime/lockstep/birth-order.ts'
import { counts, testSeed } from '../counts.ts'

it('births come by kind, then by who asked, then as they were added', () => {
  const order = new BirthOrder()
  const birth = fc.record({ kind: fc.integer({ min: 0, max: 3 }), from: fc.integer({ min: 0, max: 0xffff_ffff }), box: fc.integer({ min: 0, max: 5 }) })
  const near = fc.record({ kind: fc.integer({ min: 0, max: 3 }), from: fc.integer({ min: 0, max: 9 }), box: fc.integer({ min: 0, max: 5 }) })
  fc.assert(
    fc.property(fc.array(fc.oneof(near, birth), { maxLength: 300, size: 'max' }), (asked) => {
      order.count = 0
      asked.forEach(({ kind, from, box }, at) => {
        order.add(kind, from, box, at)
      })
      order.sort()
      const sorted = asked.map((each, at) => ({ ...each, at })).sort((a, b) => a.kind - b.kind || a.from - b.from)
      expect(asked.map((_, i) => [order.kind(i), order.box(i), order.at(i)])).toEqual(sorted.map(({ kind, box, at }) => [kind, box, at]))
    }),
    { seed: testSeed('births in order', 5), numRuns: counts(200, 5_000) },
  )
})
