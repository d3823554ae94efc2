import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { prepareWorld, runWorld } from '../../actors/index.ts'
import { counts } from '../counts.ts'

const built = existsSync(fileURLToPath(new URL('../../dist/actors/index.js', import.meta.url)))
const village = fileURLToPath(new URL('./worlds/village.ts', import.meta.url))
const steps = counts(80, 10_000)

describe.skipIf(!built)('a world with machines (needs the build)', () => {
  it.each([
    ['arena', ['agents=24', 'enemies=120', 'map=60']],
    ['meadow', []],
    ['village', []],
  ])('%s comes to one hash, compiled, watched and interpreted, on 1, 2 and 3 workers', { timeout: counts(60_000, 3_600_000) }, async (name, overrides) => {
    const world = await prepareWorld(name === 'village' ? village : name, { overrides })
    const hashes = new Map<string, string>()
    for (const machines of ['compiled', 'interpreted', 'watched'] as const) {
      for (const workers of machines === 'watched' ? [2] : [1, 2, 3]) {
        hashes.set(`${machines} on ${String(workers)}`, (await runWorld({ world, seed: 7, steps, workers, machines })).finalHash)
      }
    }
    expect([...hashes].filter(([, hash]) => hash !== hashes.get('compiled on 1'))).toEqual([])
  })
})
