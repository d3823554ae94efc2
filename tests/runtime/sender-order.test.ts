import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mailAddressBytes, mailHeaderWords, mailWord } from '../../runtime/mail/layout.ts'
import { SenderOrder } from '../../runtime/mail/sender-order.ts'
import { counts, testSeed } from '../counts.ts'

/** Words of a message with so many pairs of payload, all of them `mark`. */
function message(from: number, pairs: number, mark: number): number[] {
  const words = new Array<number>(mailHeaderWords + 2 * pairs).fill(mark)
  words[mailWord.length] = mailAddressBytes + 8 * pairs
  words[mailWord.from] = from
  return words
}

it('mail lies in the order of its senders, that of one sender as it was sent, and all else where it was', () => {
  const order = new SenderOrder()
  const mail = fc.array(fc.record({ from: fc.integer({ min: 0, max: 40 }), pairs: fc.integer({ min: 0, max: 3 }) }), { maxLength: 300, size: 'max' })
  fc.assert(
    fc.property(mail, fc.integer({ min: 0, max: 5 }), (sent, margin) => {
      const messages = sent.map(({ from, pairs }, i) => message(from, pairs, i))
      const edge = new Array<number>(margin).fill(7)
      const words = Uint32Array.from([...edge, ...messages.flat(), ...edge])
      order.sort(words, margin, words.length - margin)
      const sorted = messages.toSorted((a, b) => a[mailWord.from] - b[mailWord.from])
      expect([...words]).toEqual([...edge, ...sorted.flat(), ...edge])
    }),
    { seed: testSeed('mail by sender', 12), numRuns: counts(200, 5_000) },
  )
})
