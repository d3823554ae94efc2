import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openRecording, recordingInfo, verifyRecording } from '../../actors/index.ts'
import { contractVersion } from '../../runtime/index.ts'
import { built } from '../shell/command.ts'

/**
 * Recordings of earlier versions of this package. Every version must come to their states again, or follow another numerics contract and
 * say so. A change that breaks one breaks every recording that people have: it is mended, or the contract gets a new number.
 */
const golden = [
  { file: 'duel.mcap', steps: 200, complete: true, inputs: 3, finalHash: '487947c9d478c0b9' },
  { file: 'duel-compressed.mcap', steps: 200, complete: true, inputs: 3, finalHash: '487947c9d478c0b9' },
  { file: 'village.mcap', steps: 150, complete: true, inputs: 0, finalHash: 'b6dac1898692ae3b' },
  { file: 'village-torn.mcap', steps: 91, complete: false, inputs: 0, finalHash: '9eba31130ecb3917' },
]

function at(file: string): string {
  return fileURLToPath(new URL(`golden/${file}`, import.meta.url))
}

describe.skipIf(!built)('recordings of earlier versions (need the build)', () => {
  it.each(golden)('$file comes to its states again', async ({ file, ...expected }) => {
    expect(recordingInfo(at(file))).toMatchObject(expected)
    for (const workers of [1, 2]) expect(await verifyRecording(at(file), { workers })).toMatchObject({ steps: expected.steps, finalHash: expected.finalHash })
    const run = await openRecording(at(file))
    expect(run.stateAt(expected.steps).hash).toBe(expected.finalHash)
  })

  it('follow the numerics contract of this version', () => {
    for (const { file } of golden) expect([file, recordingInfo(at(file)).manifest.contract]).toEqual([file, contractVersion])
    expect(golden.reduce((sum, { file }) => sum + readFileSync(at(file)).length, 0)).toBeLessThan(200_000)
  })
})
