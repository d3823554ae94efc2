import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { prepareWorld, recordingInfo, runWorld, verifyRecording } from '../../actors/index.ts'
import { counts } from '../counts.ts'

const door = fileURLToPath(new URL('../../dist/actors/index.js', import.meta.url))
const village = fileURLToPath(new URL('../determinism/worlds/village.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the village in a process of its own, and kills it once its recording has `bytes` bytes. */
async function killAt(record: string, bytes: number): Promise<void> {
  const script = join(folder, 'run.mjs')
  writeFileSync(script, `import { prepareWorld, runWorld } from ${JSON.stringify(`file://${door}`)}\nawait runWorld({ world: await prepareWorld(${JSON.stringify(village)}), seed: 3, steps: 100000, workers: 1, record: ${JSON.stringify(record)} })\n`)
  const child = spawn(process.execPath, [script], { stdio: 'ignore' })
  await new Promise<void>((resolve) => {
    child.on('exit', () => {
      resolve()
    })
    const timer = setInterval(() => {
      if (!existsSync(record) || statSync(record).size < bytes) return
      clearInterval(timer)
      child.kill('SIGKILL')
    }, 10)
  })
}

describe.skipIf(!existsSync(door))('kill -9 of a recorded run (needs the build)', () => {
  it('leaves a file that opens to its last complete chunk, and whose steps are proved', async () => {
    for (let round = 0; round < counts(1, 10); round++) {
      const record = join(folder, `killed-${String(round)}.mcap`)
      await killAt(record, 60_000 + round * 20_000)
      const info = recordingInfo(record)
      expect(info.complete).toBe(false)
      const verified = await verifyRecording(record, { workers: 2 })
      expect(verified).toMatchObject({ complete: false, steps: info.steps })
      expect(info.steps).toBeGreaterThan(5)
    }
  })
})

describe.skipIf(!existsSync(door))('a disk that is full (needs the build)', () => {
  it('ends the run with an error that says so', async () => {
    if (!existsSync('/dev/full')) return
    const world = await prepareWorld(village)
    await expect(runWorld({ world, seed: 3, steps: 3_000, workers: 1, record: '/dev/full' })).rejects.toThrow(/no space is left on the disk/)
  })
})
