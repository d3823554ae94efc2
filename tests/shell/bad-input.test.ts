import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RecordingWriter } from '../../runtime/recording/recording-writer.ts'
import { MemorySink, sampleManifest } from '../runtime/recording-sample.ts'
import { built, commandLine, json } from './command.ts'

const { folder, metabonk } = commandLine()

const head = `import { assign, setup } from 'xstate'
import { defineWorld, kind, system, u32 } from 'metabonk'
`

function world(body: string, { options = '', machine = 'K' } = {}): string {
  return `${head}const K = kind('k', { columns: { n: u32 }, ${options} })
export default defineWorld({ name: 'bad', kinds: [${machine}], init: ({ spawn }) => { for (let i = 0; i < 300; i++) spawn(K, {}) }, systems: [
  system({ name: 's', kind: K, run(rows, world) {
    ${body}
  } }),
] })
`
}

describe.skipIf(!built)('a world that (needs the build)', () => {
  it.each([
    ['throws while it loads', `${head}throw new Error('early')\n`, /the world threw while it was loaded: early \(bad\.ts:3:7\)/],
    ['throws in a step', world("if (world.step === 3) throw new Error('boom')"), /the world threw: boom \(step 3, bad\.ts:6:33\)/],
    ['does not compile', `${head}export default {{{`, /the world does not compile: .* \(bad\.ts:3:\d+\)/],
    ['imports node:fs', `import 'node:fs'\n${world('')}`, /the world imports node:fs \(bad\.ts:1:\d+\)/],
    ['draws from Math.random', world('Math.random()'), /Math\.random is not available .*; use world\.rng/],
    ['reaches a limit', world('world.spawn(rows.begin, K, {})', { options: 'rowsMax: 310' }), /kind k has reached its rowsMax of 310 \(step \d+\)/],
    ['hangs', world('if (world.step === 3) for (;;) {}'), /\(step 3, .*system s\)/],
    ['invokes', world('', { machine: "K.with(setup({ types: K.types }).createMachine({ id: 'm', context: K.context, invoke: { src: 'x' } }))" }), /invoke/],
    ['has a context field without a column', world('', { machine: "K.with(setup({ types: K.types }).createMachine({ id: 'm', context: { ...K.context, ghost: 1 } }))" }), /ghost/],
  ])('%s ends as failed with one line', (_, text, message) => {
    writeFileSync(join(folder, 'bad.ts'), text)
    const { code, out, err } = metabonk('run', 'bad.ts', '--steps', '20', '--workers', '1', '--stall', '1', '--no-record')
    expect(err).toMatch(message)
    expect([code, out, err.split('\n').length]).toEqual([1, '', 2])
  })
})

describe.skipIf(!built)('a recording that (needs the build)', () => {
  it('was cut off is proved up to its last complete chunk', () => {
    metabonk('run', 'meadow', 'sheep=50', '--steps', '400', '--workers', '1', '--record', 'whole.mcap')
    const whole = readFileSync(join(folder, 'whole.mcap'))
    writeFileSync(join(folder, 'torn.mcap'), whole.subarray(0, whole.length / 2))
    const proof = json(metabonk('verify', 'torn.mcap', '--workers', '1', '--json'))
    expect(proof).toMatchObject({ verified: true, complete: false })
    expect(proof['steps']).toBeGreaterThan(0)
  })

  it.each([
    ['is another file', () => 'not a recording', 'recording-invalid'],
    ['is empty', () => '', 'recording-torn'],
    ['follows another contract', () => written({ contract: 99 }), 'recording-contract'],
    ['is of a changed world', () => written({}), 'recording-mismatch'],
    ['is of a world that is gone', () => written({ worldSource: 'gone.ts' }), 'world-not-found'],
  ])('%s is refused by name', (_, content, error) => {
    writeFileSync(join(folder, 'given.mcap'), content())
    const result = metabonk('verify', 'given.mcap', '--json')
    expect(json(result)).toMatchObject({ error: { code: error } })
    expect(result.err).toBe('')
  })

  it.skipIf(!existsSync('/dev/full'))('meets a full disk ends the run with an error that says so', () => {
    symlinkSync('/dev/full', join(folder, 'full.mcap'))
    const { code, err } = metabonk('run', 'meadow', '--steps', '3000', '--workers', '1', '--record', 'full.mcap')
    expect([code, /^metabonk: .*no space is left on the disk/.test(err)]).toEqual([1, true])
  })
})

function written(changes: Partial<typeof sampleManifest>): Uint8Array {
  const sink = new MemorySink()
  const writer = new RecordingWriter(sink, { ...sampleManifest, config: {}, ...changes })
  writer.hash(0, 1, 1, new Uint32Array(0), 0)
  writer.close({ steps: 0, finalHash: '', reason: 'steps' })
  return sink.bytes()
}
