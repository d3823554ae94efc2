import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { built, commandLine, json, type Running } from '../command.ts'

const runtime = mkdtempSync(join(tmpdir(), 'mb-'))
const runtimeBefore = process.env['XDG_RUNTIME_DIR']

beforeAll(() => {
  process.env['XDG_RUNTIME_DIR'] = runtime
})

afterAll(() => {
  if (runtimeBefore === undefined) delete process.env['XDG_RUNTIME_DIR']
  else process.env['XDG_RUNTIME_DIR'] = runtimeBefore
  rmSync(runtime, { recursive: true, force: true })
})

const { folder, metabonk, start } = commandLine()
const runs: Running[] = []

/** A run that goes on until it is stopped. */
async function running(...args: string[]): Promise<Running> {
  const run = start('run', ...args, '--workers', '1', '--log', 'info')
  runs.push(run)
  await run.said(/metabonk top can attach/)
  return run
}

afterAll(async () => {
  for (const { child, ended } of runs) {
    child.kill('SIGKILL')
    await ended
  }
})

describe.skipIf(!built)('metabonk top without a screen (needs the build)', () => {
  it('says how to start a run where there is none, and how to look', () => {
    expect(metabonk('top', '--once')).toMatchObject({ code: 2, err: expect.stringMatching(/no run is going on; start one/) as string })
    expect(metabonk('top', 'arena', '--once').err).toMatch(/no run is going on \(arena\)/)
    expect(metabonk('top')).toMatchObject({ code: 2, err: expect.stringMatching(/--once .* --stream/) as string })
    expect(metabonk('top', '--once', '--stream')).toMatchObject({ code: 2 })
    expect(metabonk('top', 'none.mcap', '--once').code).not.toBe(0)
  })

  it('shows a run that goes on, and ends with it', async () => {
    const run = await running('meadow', '--record', 'm.mcap', '--seed', '4')
    const shown = json(metabonk('top', '--once', '--json'))
    expect(shown).toMatchObject({ form: 'live', world: 'meadow', seed: 4, workers: 1, pid: run.child.pid, recording: 'm.mcap', paused: false, ended: null })
    expect(shown['hash']).toMatch(/^[0-9a-f]{16}$/)
    expect(shown['stepsPerSecond']).toBeGreaterThan(0)
    expect(shown['agentStepsPerSecond']).toBeGreaterThan(0)
    expect(metabonk('top', 'meadow', '--once').out).toMatch(/^world +meadow, seed 4, process \d+\nstep +\d+, live\nspeed /)
    const stream = start('top', String(run.child.pid), '--stream')
    let lines = 0
    stream.child.stdout?.on('data', (piece: Buffer) => {
      lines += piece.toString().split('\n').length - 1
      if (lines === 2) run.child.kill('SIGINT')
    })
    const { code, out, err } = await stream.ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const steps = out.trim().split('\n').map((line) => (JSON.parse(line) as { readonly step: number }).step)
    expect(steps.length).toBeGreaterThanOrEqual(2)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect((await run.ended).code).toBe(0)
    // What was looked at came out as it would have otherwise.
    expect(metabonk('verify', 'm.mcap').code).toBe(0)
    const last = json(metabonk('top', 'm', '--once', '--json'))
    expect(last).toMatchObject({ form: 'recorded', world: 'meadow', seed: 4, stepsPerSecond: null, pid: null })
    expect(last).toMatchObject({ hash: json(metabonk('info', 'm.mcap', '--json'))['finalHash'] })
  })
})

describe.skipIf(!built)('metabonk top among several runs (needs the build)', () => {
  it('asks which of several, and tells worlds apart', async () => {
    const [a, b] = [await running('arena', '--no-record'), await running('flocking', '--no-record')]
    expect(metabonk('top', '--once')).toMatchObject({ code: 2, err: expect.stringMatching(/2 runs are going on: \d+ \(\w+, seed 0, step \d+\), \d+ /) as string })
    expect(json(metabonk('top', 'flocking', '--once', '--json'))).toMatchObject({ world: 'flocking', pid: b.child.pid })
    expect(json(metabonk('top', String(a.child.pid), '--once', '--json'))).toMatchObject({ world: 'arena' })
    expect(metabonk('top', 'meadow', '--once')).toMatchObject({ code: 2, err: expect.stringMatching(/no run is called 'meadow'; choose from/) as string })
    a.child.kill('SIGKILL')
    await a.ended
    expect(json(metabonk('top', '--once', '--json'))).toMatchObject({ world: 'flocking' })
    const stream = start('top', '--stream')
    await new Promise((resolve) => stream.child.stdout?.once('data', resolve))
    stream.child.kill('SIGINT')
    expect(await stream.ended).toMatchObject({ code: 0, err: '' })
    b.child.kill('SIGINT')
    expect((await b.ended).code).toBe(0)
  })

  it('lets a run go on that can\'t announce itself', () => {
    const before = process.env['XDG_RUNTIME_DIR']
    const bad = join(folder, 'x')
    mkdirSync(join(bad, 'metabonk'), { recursive: true, mode: 0o755 })
    process.env['XDG_RUNTIME_DIR'] = bad
    try {
      const run = metabonk('run', 'meadow', '--steps', '5', '--no-record', '--log', 'info')
      expect(run.code).toBe(0)
      expect(run.err).toMatch(/metabonk top can't attach/)
    } finally {
      process.env['XDG_RUNTIME_DIR'] = before
    }
  })
})
