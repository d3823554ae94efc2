import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bisectRecordings, compressRecording, createSimulation, diffRecordings, forkRun, openRecording, prepareWorld, recordedInputs, recordingInfo, recoverRecording, resumeRun, runWorld, verifyRecording, type PreparedWorld } from '../../actors/index.ts'
import type { TimedInput } from '../../runtime/index.ts'
import { counts } from '../counts.ts'
import { built } from '../shell/command.ts'

const duel = fileURLToPath(new URL('../determinism/worlds/duel.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const steps = 300
const inputs: TimedInput[] = [
  { step: 100, source: 0, sequence: 0, input: { form: 'set', kind: 'fighter', row: 1, column: 'health', value: 500 } },
  { step: 200, source: 0, sequence: 0, input: { form: 'kill', kind: 'fighter', row: 5 } },
  { step: 200, source: 0, sequence: 1, input: { form: 'config', key: 'force', value: 0.5 } },
]

let world: PreparedWorld
const at = (name: string): string => join(folder, name)

/** A copy of the whole recording, cut to a share of its bytes. */
function torn(name: string, share: number): string {
  copyFileSync(at('whole.mcap'), at(name))
  truncateSync(at(name), Math.floor(readFileSync(at(name)).length * share))
  return at(name)
}

beforeAll(async () => {
  if (!built) return
  world = await prepareWorld(duel)
  await runWorld({ world, seed: 3, steps, workers: 1, inputs, record: at('whole.mcap') })
}, 60_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!built)('resume (needs the build)', () => {
  it('goes on with a torn recording to the states an uninterrupted run comes to, with the inputs it has', async () => {
    // Before a fifth of the file there is no complete step: its head is as long.
    const shares = [0.3, 0.55, 0.8, 0.97, ...Array.from({ length: counts(0, 20) }, (_, i) => 0.26 + i * 0.036)]
    for (const [i, share] of shares.entries()) {
      const path = torn(`torn-${i}.mcap`, share)
      const before = recordingInfo(path)
      // Where only the index is cut off, nothing is missing.
      if (before.complete) continue
      // A cut behind the last step takes only the end.
      expect([before.steps < steps || share > 0.9, before.manifest.until]).toEqual([true, steps])
      // Inputs that were not recorded yet are lost with the rest.
      const known = recordedInputs(path)
      const straight = createSimulation({ world: world.definition, seed: 3, threads: 0, inputs: known })
      straight.step(steps)
      const resumed = await resumeRun(path, { workers: 1 + (i % 3) })
      expect([share, resumed.finalHash]).toEqual([share, straight.hash])
      expect(recordingInfo(path)).toMatchObject({ complete: true, steps, finalHash: straight.hash, inputs: known.length })
      if (known.length === inputs.length) expect(bisectRecordings(at('whole.mcap'), path)).toMatchObject({ step: undefined, columns: [] })
      expect(recordedInputs(path)).toEqual(known)
      expect((await verifyRecording(path, { workers: 2 })).complete).toBe(true)
      expect(existsSync(`${path}.lock`)).toBe(false)
    }
  }, counts(60_000, 300_000))

  it('goes on with a run that has ended, also twice', async () => {
    const path = torn('longer.mcap', 1)
    await resumeRun(path, { steps: 350, workers: 2 })
    await resumeRun(path, { steps: 420, workers: 1 })
    const straight = createSimulation({ world: world.definition, seed: 3, threads: 0, inputs })
    straight.step(420)
    expect(recordingInfo(path)).toMatchObject({ steps: 420, until: 420, complete: true, finalHash: straight.hash, manifest: { until: steps } })
    // The plan that counts is the last one, also when the run is killed on its way there.
    while (recordingInfo(path).steps === 420) truncateSync(path, readFileSync(path).length - 200)
    expect(recordingInfo(path).until).toBe(420)
    expect(await resumeRun(path, { workers: 1 })).toMatchObject({ finalHash: straight.hash, outcome: { step: 420 } })
    expect(await verifyRecording(path, { workers: 1 })).toMatchObject({ steps: 420 })
  })

  it('leaves a recording as it was that it can not go on with', async () => {
    const path = torn('left.mcap', 0.9)
    const before = readFileSync(path)
    await expect(resumeRun(path, { steps: 1 })).rejects.toMatchObject({ code: 'usage' })
    writeFileSync(`${path}.lock`, readFileSync('/proc/self/stat', 'utf8').length > 0 ? JSON.stringify({ pid: process.pid, started: startOfThis(), host: hostOfThis(), thread: 0 }) : '')
    await expect(resumeRun(path)).rejects.toThrow(/is writing it/)
    rmSync(`${path}.lock`)
    expect(readFileSync(path).equals(before)).toBe(true)
    const whole = torn('done.mcap', 1)
    await expect(resumeRun(whole)).rejects.toThrow(/has its 300 steps already/)
    const stop = AbortSignal.abort()
    await expect(resumeRun(path, { workers: 1, signal: stop })).rejects.toMatchObject({ code: 'stopped' })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect((await resumeRun(path, { workers: 1 })).outcome.step).toBe(steps)
  })
})

function startOfThis(): string {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function hostOfThis(): string {
  return readFileSync('/proc/sys/kernel/hostname', 'utf8').trim()
}

describe.skipIf(!built)('fork (needs the build)', () => {
  it('shares the past and goes its own way: the counterfactual is its difference from the parent', async () => {
    const path = at('fork.mcap')
    await forkRun(at('whole.mcap'), { at: 150, record: path, sets: ['fighter[2].health=9', 'fighter[2].at[1]=7', 'fighter[2].at[0]=6'], overrides: ['force=4'], workers: 2 })
    const info = recordingInfo(path)
    expect(info).toMatchObject({ steps, complete: true, inputs: inputs.length + 4, manifest: { parent: { recording: 'whole.mcap', step: 150 } } })
    const diff = await diffRecordings(at('whole.mcap'), path)
    expect(diff).toMatchObject({ step: 151 })
    expect(diff.apart?.values.filter(({ row }) => row === 2).map(({ column, b }) => [column, b])).toContainEqual(['at', '[6,7]'])
    expect(diff.inputs.b).toHaveLength(4)
    const expected = createSimulation({ world: world.definition, seed: 3, threads: 0, inputs: recordedInputs(path) })
    expected.step(steps)
    expect(info.finalHash).toBe(expected.hash)
    expect(await verifyRecording(path, { workers: 2 })).toMatchObject({ steps, complete: true })
    const run = await openRecording(path)
    expect(run.stateAt(151).agent('fighter', 2)).toMatchObject({ at: [6, 7] })
    expect(run.stateAt(149).hash).toBe((await openRecording(at('whole.mcap'))).hashAt(149))
  })

  it('does without an input, and is a run of its own that can be forked, resumed and compressed', async () => {
    await forkRun(at('whole.mcap'), { at: 200, record: at('without.mcap'), dropInputs: [1], steps: 250, workers: 1 })
    expect(recordedInputs(at('without.mcap')).map(({ input }) => input.form)).toEqual(['set', 'config'])
    expect((await openRecording(at('without.mcap'))).stateAt(250).agent('fighter', 5)).toHaveProperty('health')
    await forkRun(at('without.mcap'), { at: 220, record: at('twice.mcap'), overrides: ['force=0'], workers: 1 })
    await resumeRun(at('twice.mcap'), { steps: 270, workers: 2 })
    const packed = await compressRecording(at('twice.mcap'), at('packed.mcap'))
    expect(packed.bytes).toBeLessThan(packed.bytesBefore)
    expect(await verifyRecording(at('packed.mcap'), { workers: 2 })).toMatchObject({ steps: 270, finalHash: packed.finalHash })
  })

  it('refuses what is no fork, and writes nothing then', async () => {
    const record = at('never.mcap')
    const from = at('whole.mcap')
    await expect(forkRun(from, { at: 100, record, overrides: ['rats=0.5'] })).rejects.toThrow(/the setting 'rats' can't change during a run/)
    await expect(forkRun(from, { at: 100, record, overrides: ['farce=1'] })).rejects.toThrow(/did you mean force/)
    await expect(forkRun(from, { at: 100, record, overrides: ['force=11'] })).rejects.toThrow(/from 0 to 10/)
    await expect(forkRun(from, { at: 100, record, sets: ['fighter[2].helth=3'] })).rejects.toThrow(/no column 'helth'/)
    await expect(forkRun(from, { at: 100, record, sets: ['fighter[40].health=3'] })).rejects.toThrow(/fighter 40 is not alive/)
    await expect(forkRun(from, { at: 100, record, sets: ['fighter[2].health=much'] })).rejects.toThrow(/expected a number/)
    await expect(forkRun(from, { at: 150, record, dropInputs: [0] })).rejects.toThrow(/fork at step 100 or earlier/)
    await expect(forkRun(from, { at: 100, record, dropInputs: [9] })).rejects.toThrow(/its inputs are 0 to 2/)
    await expect(forkRun(from, { at: 301, record })).rejects.toThrow(/is not in the recording/)
    await expect(forkRun(from, { at: 100, record, steps: 50 })).rejects.toThrow(/can't end before step 50/)
    await expect(forkRun(from, { at: 100, record: from })).rejects.toThrow(/over the run it comes from/)
    expect(existsSync(record)).toBe(false)
  })
})

describe.skipIf(!built)('what a run depends on (needs the build)', () => {
  it('is recorded from its start: inputs that are still to come are not lost with the end of a file', async () => {
    const late: TimedInput[] = [{ step: 280, source: 0, sequence: 0, input: { form: 'set', kind: 'fighter', row: 1, column: 'health', value: 500 } }]
    const { finalHash } = await runWorld({ world, seed: 3, steps, workers: 1, inputs: late, record: at('late.mcap') })
    truncateSync(at('late.mcap'), Math.floor(readFileSync(at('late.mcap')).length * 0.4))
    expect(recordingInfo(at('late.mcap')).steps).toBeLessThan(280)
    expect((await resumeRun(at('late.mcap'), { workers: 2 })).finalHash).toBe(finalHash)
  })

  it('goes on compressed too, and not at the price of a signature', async () => {
    await compressRecording(at('whole.mcap'), at('small.mcap'))
    await resumeRun(at('small.mcap'), { steps: 320, workers: 1 })
    expect(await verifyRecording(at('small.mcap'))).toMatchObject({ steps: 320, complete: true })
    const signKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    await runWorld({ world, seed: 1, steps: 20, workers: 1, record: at('own.mcap'), signKey })
    await expect(resumeRun(at('own.mcap'), { steps: 30 })).rejects.toThrow(/would take its signature away/)
    await resumeRun(at('own.mcap'), { steps: 30, signKey })
    expect((await verifyRecording(at('own.mcap'))).signedBy).not.toBe(undefined)
    expect((await compressRecording(at('own.mcap'), at('own-small.mcap'))).signatureLost).toBe(true)
  })

  it('is not kept outside its columns: verify sees that on one thread too', async () => {
    const file = at('outside.ts')
    writeFileSync(file, `import { defineWorld, kind, system, u32 } from 'metabonk'
let outside = 0
const K = kind('k', { columns: { n: u32 } })
export default defineWorld({ name: 'outside', kinds: [K], init: ({ spawn }) => { spawn(K, {}) }, systems: [
  system({ name: 's', kind: K, run: (rows, world) => { outside++; let m = 1; for (let i = 0; i < 200_000; i++) m = Math.imul(m, 3); if (world.step > 40) rows.write.n[0] = outside + (m & 1) } }),
] })
`)
    const outside = await prepareWorld(file)
    await runWorld({ world: outside, seed: 1, steps: 400, workers: 1, record: at('outside.mcap') })
    expect(recordingInfo(at('outside.mcap')).keyframes.length).toBeGreaterThan(2)
    await expect(verifyRecording(at('outside.mcap'), { workers: 1 })).rejects.toMatchObject({ code: 'recording-mismatch' })
    const before = readFileSync(at('outside.mcap'))
    await expect(resumeRun(at('outside.mcap'), { steps: 410 })).rejects.toMatchObject({ code: 'recording-mismatch' })
    expect(readFileSync(at('outside.mcap')).equals(before)).toBe(true)
  })
})

describe.skipIf(!built)('files (need the build)', () => {
  it('a torn recording is made whole', async () => {
    const path = torn('cut.mcap', 0.5)
    const { steps: kept } = recordingInfo(path)
    const recovered = await recoverRecording(path, at('recovered.mcap'))
    expect(recovered).toMatchObject({ steps: kept })
    expect(recovered.reason).toMatch(/^recovered/)
    expect(await verifyRecording(at('recovered.mcap'), { workers: 1 })).toMatchObject({ steps: kept, complete: true })
    await expect(recoverRecording(path, path)).rejects.toThrow(/over itself/)
    // A copy may take the place of a recording, and of nothing else.
    writeFileSync(at('notes.txt'), 'mine')
    await expect(compressRecording(at('whole.mcap'), at('notes.txt'))).rejects.toThrow(/no finished recording is already there/)
    await expect(compressRecording(at('whole.mcap'), folder)).rejects.toThrow(/the path is a folder/)
    expect(readFileSync(at('notes.txt'), 'utf8')).toBe('mine')
    await compressRecording(at('whole.mcap'), at('recovered.mcap'))
    expect(recordingInfo(at('recovered.mcap')).steps).toBe(steps)
  })

  it('of a copy that is stopped nothing is left, and what a killed one left is in nobody\'s way', async () => {
    const stop = new AbortController()
    const copy = compressRecording(at('whole.mcap'), at('stopped.mcap'), { signal: stop.signal })
    stop.abort()
    await expect(copy).rejects.toMatchObject({ code: 'stopped' })
    expect(readdirSync(folder).filter((name) => name.startsWith('stopped'))).toEqual([])
    writeFileSync(at('stopped.mcap.part'), 'half of a copy')
    await compressRecording(at('whole.mcap'), at('stopped.mcap'))
    expect(readdirSync(folder).filter((name) => name.startsWith('stopped'))).toEqual(['stopped.mcap'])
    expect(recordingInfo(at('stopped.mcap')).steps).toBe(steps)
  })

  it('a signature is proved by its key, and by no other', async () => {
    const keys = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')]
    const [own, other] = keys.map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }).toString('base64'))
    const signKey = keys[0].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    await runWorld({ world, seed: 1, steps: 20, workers: 1, record: at('signed.mcap'), signKey, fsync: 'step' })
    expect(await verifyRecording(at('signed.mcap'), { publicKey: own })).toMatchObject({ signedBy: own })
    await expect(verifyRecording(at('signed.mcap'), { publicKey: other })).rejects.toThrow(/signed with another key/)
    await expect(verifyRecording(at('whole.mcap'), { publicKey: own })).rejects.toThrow(/not signed/)
    await expect(runWorld({ world, seed: 1, steps: 2, workers: 1, record: at('unsigned.mcap'), signKey: 'no key' })).rejects.toThrow(/no Ed25519 private key/)
  })
})
