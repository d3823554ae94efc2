import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { nativeStatus } from '../../native/index.ts'
import { bool, bytes, createSharedSlab, enumOf, f32, findRing, message, MessageConsumer, MessageProducer, messageRegion, numpyDtype, processPort, readCounters, u32, vec, type SharedSlab } from '../../runtime/host/slabs.ts'

const script = fileURLToPath(new URL('../../docs/slab_peer.py', import.meta.url))
const Hit = message('Hit', { target: u32, damage: f32, at: vec(f32, 2), how: enumOf('cut', 'burn'), critical: bool, name: bytes(16) })

function whyNot(): string | undefined {
  const { state, detail } = nativeStatus()
  if (state !== 'loaded') return detail
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs Linux on x64'
  return spawnSync('python3', ['-c', 'import numpy']).status === 0 ? undefined : 'needs python3 with numpy'
}
const reason = whyNot()

describe(`docs/slab_peer.py${reason === undefined ? '' : ` (skipped: ${reason})`}`, { skip: reason !== undefined }, () => {
  let slab: SharedSlab

  afterEach(() => {
    slab.close()
    slab.unlink()
  })

  const runPeer = (...args: string[]): { status: number | null; stdout: string; stderr: string } => spawnSync('python3', [script, ...args], { encoding: 'utf8', timeout: 60_000 })

  it('takes messages from one ring and puts them into another, round and round', () => {
    const name = `test-peer-${String(process.pid)}`
    slab = createSharedSlab(name, [messageRegion('there', Hit, { capacity: 2 }), messageRegion('back', Hit, { capacity: 2 })])
    const side = { port: processPort() }
    const there = new MessageProducer(slab, 'there', Hit, side)
    const back = new MessageConsumer(slab, 'back', Hit, side)
    for (let target = 1; target <= 3; target++) {
      const values = { target, damage: 0.5, at: [1, -2], how: 'burn', critical: true } as const
      there.send({ ...values, name: 'añ' })
      const { status, stdout, stderr } = runPeer(name, 'there', 'back', numpyDtype(Hit))
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toBe(`{'target': ${String(target)}, 'damage': 0.5, 'at': [1.0, -2.0], 'how': 1, 'critical': True, 'name': [97, 195, 177${', 0'.repeat(13)}]}\n`)
      expect(back.receiveOrWait(1_000)).toEqual({ ...values, name: new Uint8Array([97, 195, 177, ...new Array<number>(13).fill(0)]) })
    }
    expect([readCounters(findRing(slab, 'there')).waiting, readCounters(findRing(slab, 'back')).waiting]).toEqual([0, 0])
  })

  it('refuses a slab of another version, and a ring of other records', () => {
    const name = `test-peer-${String(process.pid)}`
    slab = createSharedSlab(name, [messageRegion('there', Hit, { capacity: 2 })])
    expect(runPeer(name, 'there', 'there', numpyDtype(message('Other', { number: u32 }))).stderr).toContain('there is no ring of such records')
    new Uint32Array(slab.buffer)[1] = 1
    expect(runPeer(name, 'there', 'there', numpyDtype(Hit)).stderr).toContain('no slab of this version')
  })
})
