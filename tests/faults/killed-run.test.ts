import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createSimulation, prepareWorld, recordingInfo, resumeRun, runWorld, verifyRecording } from '../../actors/index.ts'
import { counts, testSeed } from '../counts.ts'

const door = fileURLToPath(new URL('../../dist/actors/index.js', import.meta.url))
const village = fileURLToPath(new URL('../determinism/worlds/village.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the village in a process of its own, and kills it after a while. Gives the last step that the run said it had done. */
async function killAfter(record: string, millis: number, fsync: 'never' | 'step', parts = ''): Promise<number> {
  const script = join(folder, `run-${fsync}.mjs`)
  writeFileSync(script, `import { prepareWorld, runWorld } from ${JSON.stringify(`file://${door}`)}
const world = await prepareWorld(${JSON.stringify(village)}, { overrides: ['villagers=60'] })
console.log(0)
await runWorld({ world, seed: 3, steps: 100000, workers: 1, record: process.argv[2], fsync: '${fsync}', ${parts} onProgress: ({ step }) => console.log(step) })
`)
  const child = spawn(process.execPath, [script, record], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  let timer: NodeJS.Timeout | undefined
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString()
    if (parts === '' || existsSync(record.replace('.mcap', '.1.mcap'))) timer ??= setTimeout(() => child.kill('SIGKILL'), millis)
  })
  await new Promise((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  return Number(said.trim().split('\n').at(-1))
}

function nextMoment(state: number): number {
  return (Math.imul(state, 1664525) + 1013904223) >>> 0
}

describe.skipIf(!existsSync(door))('kill -9 of a recorded run (needs the build)', () => {
  it.each(['never', 'step'] as const)('at any moment leaves a file that is proved, and gone on with to the states of a run that was not killed (fsync %s)', async (fsync) => {
    const world = await prepareWorld(village, { overrides: ['villagers=60'] })
    let moment = testSeed('killed runs', 11)
    let opened = 0
    for (let round = 0; round < counts(2, 100); round++) {
      moment = nextMoment(moment)
      const record = join(folder, `killed-${fsync}-${String(round)}.mcap`)
      const said = await killAfter(record, 150 + (moment % 1500), fsync)
      const torn = tornOrInfo(record)
      // Killed before its first chunk was closed: there is nothing, and the file says so.
      if (torn === undefined) {
        expect([fsync, said]).toEqual([fsync, fsync === 'never' ? said : 0])
        continue
      }
      opened++
      expect(torn.complete).toBe(false)
      if (fsync === 'step') expect(torn.steps).toBeGreaterThanOrEqual(said)
      expect(await verifyRecording(record, { workers: 1 })).toMatchObject({ complete: false, steps: torn.steps })
      const steps = torn.steps + 30
      const straight = createSimulation({ world: world.definition, config: world.config, seed: 3, threads: 0 })
      straight.step(steps)
      expect((await resumeRun(record, { steps, workers: 1 + (round % 2) })).finalHash).toBe(straight.hash)
      expect(await verifyRecording(record, { workers: 1 })).toMatchObject({ complete: true, steps, finalHash: straight.hash })
      rmSync(record)
    }
    expect(opened).toBeGreaterThan(0)
  }, counts(120_000, 1_200_000))
})

describe.skipIf(!existsSync(door))('kill -9 of a run that is recorded in parts (needs the build)', () => {
  it('leaves parts that are whole, and a last one that is gone on with', async () => {
    const world = await prepareWorld(village, { overrides: ['villagers=60'] })
    let moment = testSeed('killed parts', 17)
    for (let round = 0; round < counts(1, 50); round++) {
      moment = nextMoment(moment)
      const own = join(folder, `parts-${String(round)}`)
      mkdirSync(own)
      const said = await killAfter(join(own, 'run.mcap'), moment % 800, 'step', 'seekBudgetMillis: 5, rotate: { bytes: 65536 },')
      const parts = readdirSync(own).filter((name) => name.endsWith('.mcap')).sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).map((name) => join(own, name))
      const infos = parts.map((path) => recordingInfo(path))
      for (const [place, info] of infos.entries()) expect([info.first, place === 0 || infos[place - 1].complete]).toEqual([infos.at(place - 1)?.steps === info.first || place === 0 ? info.first : -1, true])
      const last = parts[parts.length - 1]
      const steps = (infos.at(-1)?.steps ?? 0) + 30
      expect(steps - 30).toBeGreaterThanOrEqual(said)
      const straight = createSimulation({ world: world.definition, config: world.config, seed: 3, threads: 0 })
      straight.step(steps)
      const resumed = await resumeRun(last, { steps, workers: 1, rotate: { bytes: 65536 } })
      expect([resumed.finalHash, resumed.parts.slice(0, parts.length)]).toEqual([straight.hash, parts])
      for (const path of resumed.parts.slice(-2)) expect(await verifyRecording(path, { workers: 1 })).toMatchObject({ complete: true })
      console.log(`killed after ${String(said)} steps in part ${String(parts.length)}`)
      rmSync(own, { recursive: true })
    }
  }, counts(120_000, 1_200_000))
})

/** What a recording holds; undefined when it was cut before its first complete chunk, or never begun. */
function tornOrInfo(record: string): ReturnType<typeof recordingInfo> | undefined {
  if (!existsSync(record)) return undefined
  try {
    return recordingInfo(record)
  } catch (error) {
    expect(error).toMatchObject({ code: 'recording-torn' })
    return undefined
  }
}

describe.skipIf(!existsSync(door))('a disk that is full (needs the build)', () => {
  it('ends the run with an error that says so', async () => {
    if (!existsSync('/dev/full')) return
    const world = await prepareWorld(village)
    await expect(runWorld({ world, seed: 3, steps: 3_000, workers: 1, record: '/dev/full' })).rejects.toThrow(/no space is left on the disk/)
  })
})
