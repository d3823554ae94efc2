import { describe, expect, it } from 'vitest'
import { compileNativePeer, cppCompiler } from '../../bench/harness/native-peer.ts'
import { checkMessages, messageWords, writeMessages } from '../../bench/peers/message-words.ts'

describe('checkMessages', () => {
  it('passes what writeMessages wrote, also where the number of a message leaves 32 bits', () => {
    const words = new Int32Array(3 * messageWords)
    for (const message of [0, 7, 2 ** 31 - 2, 2 ** 32 - 1, 2 ** 33 + 5]) {
      writeMessages(words, 3, message)
      expect(() => {
        checkMessages(words, 3, message)
      }, `message ${message}`).not.toThrow()
    }
  })

  it('sees each single wrong bit, and messages in another order', () => {
    const words = new Int32Array(2 * messageWords)
    for (let at = 0; at < words.length; at++) {
      for (const bit of [1, 1 << 31]) {
        writeMessages(words, 2, 5)
        words[at] ^= bit
        expect(() => {
          checkMessages(words, 2, 5)
        }, `word ${at}`).toThrow(/did not arrive/)
      }
    }
    writeMessages(words, 2, 6)
    expect(() => {
      checkMessages(words, 2, 5)
    }).toThrow(/did not arrive/)
  })
})

describe('compileNativePeer', () => {
  it.skipIf(cppCompiler() === undefined)('measures ring, Boost where it is installed, and round trips (needs a C++ compiler)', async () => {
    const peer = await compileNativePeer()
    const stream = { recordBytes: 64, capacity: 1024, batch: 256, messages: 100_000 } as const
    expect(await peer?.ring(stream)).toBeGreaterThan(0)
    expect((await peer?.boost(stream)) ?? 1).toBeGreaterThan(0)
    const { nanosecondsP50 = 0, nanosecondsP99 = 0 } = (await peer?.roundTrips({ recordBytes: 16, capacity: 8, trips: 1_000 })) ?? {}
    expect(nanosecondsP50).toBeGreaterThan(0)
    expect(nanosecondsP99).toBeGreaterThanOrEqual(nanosecondsP50)
    await expect(peer?.ring({ ...stream, capacity: 1000 })).rejects.toThrow(/usage/)
    peer?.close()
    await expect(peer?.ring(stream)).rejects.toThrow(/ENOENT/)
  })

  it('is undefined without a compiler', async () => {
    const { CXX, PATH } = process.env
    try {
      process.env['CXX'] = 'no-such-compiler'
      process.env['PATH'] = ''
      expect(await compileNativePeer()).toBeUndefined()
    } finally {
      process.env['PATH'] = PATH
      if (CXX === undefined) delete process.env['CXX']
      else process.env['CXX'] = CXX
    }
  })
})
