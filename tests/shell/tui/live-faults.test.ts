import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { prepareWorld, verifyRecording, type RunOptions } from '../../../actors/index.ts'
import { OwnRuns } from '../../../shell/tui/app/own-runs.ts'
import { discoverRuns, openRemoteSession } from '../../../shell/tui/model/remote-session.ts'
import { built, commandLine } from '../command.ts'
import { ownFolder, realScreen, startRun, type RealRun, type RealScreen } from './real-run.ts'

const folder = ownFolder()
const { start, folder: elsewhere } = commandLine()

const bomb = `import { defineWorld, kind, u32, system } from 'metabonk'
const K = kind('k', { columns: { n: u32 } })
export default defineWorld({ name: 'bomb', kinds: [K], init: ({ spawn }) => { for (let i = 0; i < 30; i++) spawn(K, {}) }, systems: [
  system({ name: 's', kind: K, run(rows, world) {
    if (world.step === 200) throw new Error('boom')
    for (let row = rows.begin; row < rows.end; row++) rows.write.n[row] = world.step
  } }),
] })
`

async function watchedArena(options: Partial<RunOptions>): Promise<RealRun & { readonly opened: RealScreen }> {
  const run = await startRun({ world: await prepareWorld('arena', { overrides: ['agents=8'] }), seed: 3, workers: 1, ...options })
  return { ...run, opened: await realScreen([run.sessions.open()], run.own) }
}

describe.skipIf(!built)('a run on the screen (needs the build)', () => {
  it('whose world throws has ended, and can be looked at up to there', async () => {
    writeFileSync(join(folder, 'bomb.ts'), bomb)
    const record = join(folder, 'bomb.mcap')
    const { own, sessions, result } = await startRun({ world: await prepareWorld(join(folder, 'bomb.ts')), seed: 1, workers: 2, record })
    const failed = expect(result).rejects.toThrow(/boom/)
    const { press, until, said, app } = await realScreen([sessions.open()], own)
    await press(' ')
    await failed
    await until(() => app.desk.playhead.mode === 'ended')
    expect(said()).toMatch(/the run has ended: the world threw: boom \(step 200, /)
    await press(',')
    await until(() => app.desk.playhead.at === 199)
    await press(':set n=3\r')
    expect(said()).toContain('the past can not be changed')
    await app.close()
    await own.end()
  })

  it.skipIf(!existsSync('/dev/full'))('that can not be recorded any more says why', async () => {
    const { own, opened: { press, until, said, app }, result } = await watchedArena({ record: '/dev/full' })
    const failed = expect(result).rejects.toThrow(/no space is left on the disk/)
    await press(' ')
    await failed
    await until(() => app.desk.playhead.mode === 'ended')
    expect(said()).toMatch(/the run has ended: .*no space is left on the disk/)
    await app.close()
    await own.end()
  })

  it('whose recording is deleted ends, and says why', async () => {
    const record = join(folder, 'gone.mcap')
    const { own, opened: { press, until, said, app }, result } = await watchedArena({ record })
    await press('>')
    await until(() => app.desk.playhead.at === 60)
    await press(',')
    await until(() => app.desk.playhead.at === 59)
    rmSync(record)
    const failed = expect(result).rejects.toThrow(/recording cannot be written/)
    await press('G')
    await press(' ')
    await failed
    await until(() => app.desk.playhead.mode === 'ended')
    await press('g80\r')
    expect(said()).toMatch(/the run has ended: recording cannot be written: .*gone\.mcap[^]*error: recording does not exist/)
    await app.close()
    await own.end()
  })
})

describe.skipIf(!built)('what is left of a run on the screen (needs the build)', () => {
  it('that is recorded in parts goes back into all of them', async () => {
    const record = join(folder, 'parts.mcap')
    const { own, opened: { press, until, said, seen, app }, result } = await watchedArena({ record, steps: 800, rotate: { bytes: 100_000 }, seekBudgetMillis: 2, channels: ['logs', 'states'] })
    await press(' ')
    await until(() => app.desk.playhead.mode === 'ended')
    const { parts } = await result
    expect(parts.length).toBeGreaterThan(2)
    for (const step of [799, 3, 400, 0, 650]) {
      await press(`g${String(step)}\r`)
      await until(() => app.desk.playhead.at === step)
    }
    await app.close()
    await own.end()
    expect(said()).not.toContain('error')
    expect(new Set(seen.map(([step, hash]) => `${String(step)} ${hash}`)).size).toBe(new Set(seen.map(([step]) => step)).size)
    for (const part of [parts[0], parts[parts.length >> 1], parts[parts.length - 1]]) await verifyRecording(part, { workers: 1 })
  })

  it('of another process that is killed has ended; its past is there, wherever it was started', async () => {
    const run = start('run', 'arena', 'agents=8', '--workers', '1', '--record', 'killed.mcap', '--log', 'info')
    await run.said(/metabonk top can attach/)
    const [{ path }] = await discoverRuns()
    const own = new OwnRuns()
    const { press, until, said, shows, app } = await realScreen([await openRemoteSession(path)], own)
    const { playhead } = app.desk
    expect(playhead.about.recording).toBe(join(elsewhere, 'killed.mcap'))
    await until(() => playhead.at > 200)
    await press('g50\r')
    await until(() => playhead.at === 50)
    await press('G')
    run.child.kill('SIGKILL')
    await run.ended
    await until(() => shows('ended'))
    expect(said()).toContain('the run has ended: its process does not answer any more')
    await press(':set enemy[2].health=3\r')
    await press('g40\r')
    await until(() => playhead.at === 40)
    await press(',')
    await until(() => playhead.at === 39)
    await app.close()
    await own.end()
  })
})
