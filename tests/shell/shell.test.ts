import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { McapIndexedReader } from '@mcap/core'
import { describe, expect, it } from 'vitest'
import { built, commandLine, json, main } from './command.ts'

const { folder, metabonk } = commandLine()

describe.skipIf(!built)('metabonk (needs the build)', () => {
  it('--help lists the everyday commands, and every command has an example', () => {
    const help = metabonk('--help')
    expect(help.code).toBe(0)
    expect(help.out).toMatch(/Everyday commands:[^]*run [^]*verify [^]*replay [^]*seek [^]*new [^]*doctor /)
    for (const command of ['run', 'top', 'verify', 'replay', 'seek', 'diff', 'bisect', 'find', 'why', 'export', 'new', 'doctor']) {
      const { code, out } = metabonk(command, '--help')
      expect([code, out.includes('Example:\n  $ metabonk ')]).toEqual([0, true])
    }
  })

  it('run, verify, replay and seek agree on one recording', () => {
    const run = json(metabonk('run', 'meadow', 'sheep=50', '--seed', '7', '--steps', '150', '--workers', '2', '--record', 'out/meadow', '--json'))
    expect(run).toMatchObject({ world: 'meadow', seed: 7, steps: 150, workers: 2, recording: 'out/meadow.mcap', agents: { sheep: 50 } })
    expect(json(metabonk('verify', 'out/meadow.mcap', '--workers', '1', '--json'))).toMatchObject({ verified: true, steps: 150, finalHash: run['finalHash'], complete: true })
    expect(json(metabonk('replay', 'out/meadow.mcap', '--json'))).toMatchObject({ steps: 150, finalHash: run['finalHash'], report: run['report'] })
    expect(json(metabonk('seek', 'out/meadow.mcap', '150', '--agent', 'sheep:3', '--json'))).toMatchObject({ step: 150, finalHash: run['finalHash'] })
    expect(metabonk('run', 'meadow', 'sheep=50', '--seed', '7', '--steps', '150', '--workers', '1', '--no-record').out).toContain(String(run['finalHash']))
  })

  it('writes recordings that @mcap/core reads with checksums on', async () => {
    metabonk('run', 'meadow', '--steps', '120', '--record', 'core.mcap')
    const bytes = readFileSync(join(folder, 'core.mcap'))
    const readable = { size: () => Promise.resolve(BigInt(bytes.length)), read: (offset: bigint, length: bigint) => Promise.resolve(new Uint8Array(bytes.subarray(Number(offset), Number(offset + length)))) }
    const reader = await McapIndexedReader.Initialize({ readable })
    const topics = new Map<string, number>()
    for await (const record of reader.readMessages({ validateCrcs: true })) {
      const topic = String(reader.channelsById.get(record.channelId)?.topic)
      // A message of hashes holds a run of steps.
      const count = topic === 'hashes' ? new DataView(record.data.buffer, record.data.byteOffset).getUint32(8, true) : 1
      topics.set(topic, (topics.get(topic) ?? 0) + count)
    }
    expect([topics.get('hashes'), [...topics.keys()].sort()]).toEqual([121, ['hashes', 'keyframes']])
    expect(reader.header.profile).toBe('metabonk')
  })

  it('a flipped byte in a keyframe is reported as what it is', () => {
    metabonk('run', 'meadow', '--steps', '120', '--record', 'flipped.mcap')
    const bytes = readFileSync(join(folder, 'flipped.mcap'))
    const at = bytes.lastIndexOf('MBKF') + 5_000
    bytes[at] ^= 1
    writeFileSync(join(folder, 'flipped.mcap'), bytes)
    const { code, err } = metabonk('verify', 'flipped.mcap')
    expect(code).toBe(1)
    expect(err).toMatch(/keyframe at step \d+ is damaged: checksum of its chunk does not match/)
  })

  it('new writes a world that runs, is proved and stays clean under --check', () => {
    expect(metabonk('new', 'demo').code).toBe(0)
    expect(json(metabonk('run', 'demo/world.ts', '--steps', '60', '--record', 'demo.mcap', '--json'))).toMatchObject({ steps: 60, agents: { firefly: 200 } })
    expect(metabonk('verify', 'demo.mcap', '--workers', '1').code).toBe(0)
    expect(metabonk('run', 'demo/world.ts', '--steps', '20', '--check', '--no-record').code).toBe(0)
    expect(metabonk('new', 'demo')).toMatchObject({ code: 2, err: 'metabonk: demo exists already; choose another name, or move it away\n' })
  })

  it('doctor finds this machine fit', () => {
    const { code, out } = metabonk('doctor', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ healthy: true })
  })
})

describe.skipIf(!built)('metabonk given bad input (needs the build)', () => {
  it.each([
    [['run', 'medow'], 2, /there is no world 'medow'; .* did you mean meadow\?/],
    [['run', 'meadow', 'shep=3'], 2, /there is no setting 'shep'; did you mean sheep\?/],
    [['run', 'meadow', 'sheep=-3'], 2, /setting 'sheep' can't be -3/],
    [['run', 'meadow', '--seed', 'x'], 2, /--seed.*Give a whole number from 0/],
    [['run', 'meadow', '--workers', '0'], 2, /--workers.*Give a whole number from 1 to 64/],
    [['run', 'meadow', '--stepz', '3'], 2, /unknown option '--stepz'/],
    [['rum'], 2, /unknown command 'rum'/],
    [['verify', 'nothing.mcap'], 1, /recording does not exist/],
    [['verify', main], 1, /main\.js/],
    [['seek', 'core.mcap', '500'], 2, /step 500 is not in the recording .*; give a step from 0 to 120/],
    [['seek', 'core.mcap', '5', '--agent', 'cow:1'], 2, /there is no kind 'cow'/],
    [['run', 'meadow', '--steps', '5', '--record', '/dev/null/x.mcap'], 1, /metabonk: recording cannot be opened/],
  ] as const)('%j fails with exit code %i and one line', (args, code, message) => {
    const result = metabonk(...args)
    expect(result.err).toMatch(message)
    expect(result.code).toBe(code)
    expect(result.err).not.toMatch(/\n\s+at /)
  })

  it('--json gives errors as an object', () => {
    expect(json(metabonk('run', 'medow', '--json'))).toMatchObject({ error: { code: 'world-not-found' } })
  })
})
