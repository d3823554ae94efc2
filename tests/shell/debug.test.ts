import { describe, expect, it } from 'vitest'
import { loadSharedMemory } from '../../native/index.ts'
import { createSharedSlab, processPort, type SharedSlabInfo } from '../../runtime/host/index.ts'
import { message, MessageProducer, messageRegion, u32 } from '../../runtime/index.ts'
import { ownerByte } from '../../runtime/slab/layout.ts'
import { built, commandLine, json } from './command.ts'

const isHere = built && loadSharedMemory() !== null && process.platform === 'linux'

describe.skipIf(!isHere)('metabonk debug slabs (skipped before npm run build, without the addon, and on other systems than Linux)', () => {
  const { metabonk } = commandLine()
  const plans = [{ name: 'words', kind: 'words', dtype: 'i32', shape: [16] }] as const
  const name = `shell-${String(process.pid)}`
  const list = (key: string, ...args: string[]): SharedSlabInfo[] => (json(metabonk('debug', 'slabs', '--json', ...args))[key] as SharedSlabInfo[]).filter((each) => each.name.startsWith(name))

  it('lists slabs, and removes those of dead processes', () => {
    const living = createSharedSlab(`${name}-a`, plans)
    const dead = createSharedSlab(`${name}-b`, plans)
    try {
      // As if another process had had this pid.
      new DataView(dead.buffer).setFloat64(ownerByte.start, 1, true)
      const of = (slab: typeof living, state: string) => ({ name: slab.name, bytes: slab.buffer.byteLength, pid: process.pid, state })
      expect(list('slabs')).toEqual([of(living, 'alive'), of(dead, 'dead')])
      expect(metabonk('debug', 'slabs').out).toMatch(new RegExp(`^alive +${name}-a, 320 bytes, made by process ${String(process.pid)}\ndead +${name}-b, `, 'm'))
      expect(list('removed', '--remove')).toEqual([of(dead, 'dead')])
      expect(list('slabs')).toEqual([of(living, 'alive')])
    } finally {
      for (const slab of [living, dead]) {
        slab.close()
        slab.unlink()
      }
    }
    expect(list('slabs')).toEqual([])
  })

  it('shows the regions of one, and what its rings have carried', () => {
    const Hit = message('Hit', { target: u32 })
    const slab = createSharedSlab(`${name}-c`, [...plans, messageRegion('hits', Hit, { capacity: 8 })])
    try {
      const producer = new MessageProducer(slab, 'hits', Hit, { port: processPort() })
      producer.send({ target: 7 })
      const { out, code } = metabonk('debug', 'slab', `${name}-c`)
      expect(code).toBe(0)
      expect(out).toBe('words  words i32 16, from byte 448\nhits   ring u8 320, from byte 512: 1 messages, 0 taken, 1 waiting, at most 0, 0 stalls, 0 drops; producer open, consumer nobody\n')
      expect(json(metabonk('debug', 'slab', `${name}-c`, '--json'))).toMatchObject({ name: `${name}-c`, regions: [{ name: 'words' }, { name: 'hits', ring: { messages: 1, producer: 'open' } }] })
      expect(metabonk('debug', 'slab', 'nobody-has-this')).toMatchObject({ code: 1, err: expect.stringContaining('there is no slab of that name') as string })
    } finally {
      slab.close()
      slab.unlink()
    }
  })

  it('explains itself', () => {
    expect(metabonk('debug', '--help')).toMatchObject({ code: 0, out: expect.stringContaining('slabs') as string })
    expect(metabonk('debug', 'slabs', '--help').out).toContain('Example:\n  $ metabonk debug slabs --remove')
    expect(metabonk('debug').code).toBe(2)
    expect(metabonk('debug', 'nothing').code).toBe(2)
  })
})
