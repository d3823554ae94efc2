import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { built, commandLine, json } from './command.ts'

const { folder, metabonk } = commandLine()

describe.skipIf(!built)('commands of time travel (need the build)', () => {
  beforeAll(() => {
    metabonk('run', 'arena', 'enemies=20', 'agents=4', 'map=48', '--seed', '7', '--steps', '120', '--workers', '1', '--record', 'a.mcap')
  }, 60_000)

  it('say one JSON object each, that programs can go by', () => {
    const info = json(metabonk('info', 'a.mcap', '--json'))
    expect(info).toMatchObject({ steps: 120, complete: true, inputs: 0, manifest: { world: 'arena', until: 120 } })
    expect(json(metabonk('find', 'a.mcap', 'count(enemy) >= 0', '--json'))).toMatchObject({ hits: [{ row: -1, from: 0, to: 120 }], more: false })
    expect(json(metabonk('why', 'a.mcap', '120', 'killer[0].age', '--json'))).toMatchObject({ step: 119, kind: 'killer', row: 0, column: 'age', causes: [{ part: 'system score-killer' }] })
    const fork = json(metabonk('fork', 'a.mcap', 'difficulty=2', '--at', '99', '--set', 'killer[0].health=5', '--record', 'b.mcap', '--json'))
    expect(fork).toMatchObject({ since: 99, steps: 120, recording: 'b.mcap' })
    expect(json(metabonk('diff', 'a.mcap', 'b.mcap', '--json'))).toMatchObject({ same: false, step: 100, stepsA: 120, stepsB: 120 })
    expect(json(metabonk('diff', 'a.mcap', 'a.mcap', '--json'))).toMatchObject({ same: true })
    expect(json(metabonk('bisect', 'a.mcap', 'b.mcap', '--json'))).toMatchObject({ same: false, step: 100, columnsStep: 100 })
    expect(json(metabonk('bisect', 'a.mcap', 'difficulty=1', '--json'))).toMatchObject({ same: true, steps: 120 })
    expect(json(metabonk('resume', 'b.mcap', '--steps', '130', '--json'))).toMatchObject({ since: 120, steps: 130 })
    expect(json(metabonk('compress', 'b.mcap', '--out', 'c.mcap', '--json'))).toMatchObject({ out: 'c.mcap', steps: 130 })
    expect(json(metabonk('recover', 'c.mcap', '--out', 'd.mcap', '--json'))).toMatchObject({ steps: 130, reason: 'finished' })
    expect(json(metabonk('verify', 'd.mcap', '--json'))).toMatchObject({ verified: true, steps: 130 })
    expect(json(metabonk('run', 'arena', 'enemies=20', 'agents=4', 'map=48', '--seed', '7', '--steps', '130', '--inputs', 'b.mcap', '--no-record', '--json'))['finalHash']).toBe(json(metabonk('info', 'd.mcap', '--json'))['finalHash'])
  }, 120_000)

  it('say what is wrong as an object too', () => {
    const { code, out, err } = metabonk('find', 'a.mcap', 'killer[0].helth < 3', '--json')
    expect([code, err, JSON.parse(out)]).toMatchObject([2, '', { error: { code: 'usage' } }])
  })

  it.each([
    ['a misspelt column', ['find', 'a.mcap', 'killer[0].helth < 3'], /no column 'helth'.*did you mean health/],
    ['an expression that is none', ['find', 'a.mcap', 'killer[0].health <'], /column 19/],
    ['a number for a condition', ['find', 'a.mcap', 'killer[0].health'], /is a number and no condition/],
    ['an agent without a column', ['why', 'a.mcap', '3', 'killer[0]'], /names an agent and no column/],
    ['a step that was not recorded', ['why', 'a.mcap', '900', 'killer[0].health'], /step 900 is not in the recording/],
    ['a setting that is fixed at the start', ['fork', 'a.mcap', 'agents=9', '--at', '5', '--record', 'x.mcap'], /the setting 'agents' can't change during a run/],
    ['a fork without a step', ['fork', 'a.mcap', '--record', 'x.mcap'], /required option '--at <step>'/],
    ['nothing to hold against', ['bisect', 'a.mcap'], /nothing to compare the recording with/],
    ['three recordings', ['bisect', 'a.mcap', 'b.mcap', 'c.mcap'], /one recording too many/],
    ['a copy over itself', ['compress', 'a.mcap', '--out', 'a.mcap'], /over itself/],
    ['a key that is none', ['run', 'meadow', '--steps', '1', '--sign', 'nowhere.pem', '--no-record'], /the key can't be read/],
    ['a run that is done', ['resume', 'a.mcap'], /has its 120 steps already/],
  ])('%s is refused in one line, as wrong usage', (_, args, message) => {
    const { code, out, err } = metabonk(...args)
    expect(err).toMatch(message)
    expect([code, out, err.split('\n').length]).toEqual([2, '', 2])
    expect(existsSync(join(folder, 'x.mcap'))).toBe(false)
  })
})
