import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRecording, prepareWorld, runWorld, type RecordedRun } from '../../actors/index.ts'
import { built } from '../shell/command.ts'

const duel = fileURLToPath(new URL('../determinism/worlds/duel.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const path = join(folder, 'duel.mcap')
let run: RecordedRun

beforeAll(async () => {
  if (!built) return
  await runWorld({ world: await prepareWorld(duel), seed: 5, steps: 60, workers: 1, record: path })
  run = await openRecording(path)
}, 60_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!built)('a moment of a run, asked an expression (needs the build)', () => {
  it('gives the rows for which a condition holds', () => {
    const state = run.stateAt(40)
    const { alive, columns } = state.table('fighter')
    const health = columns.find(({ name }) => name === 'health')?.values ?? []
    const weak = Array.from(health, (value, row) => ({ value, row })).filter(({ value, row }) => alive[row] === 1 && value < 60).map(({ row }) => row)
    expect(weak.length).toBeGreaterThan(0)
    expect(state.query('fighter.health < 60')).toEqual({ holds: true, value: undefined, kind: 'fighter', rows: weak })
    expect(state.query('fighter.health > 1000')).toEqual({ holds: false, value: undefined, kind: 'fighter', rows: [] })
  })

  it('says whether a condition on the state holds, and what a number or a text comes to', () => {
    const state = run.stateAt(40)
    expect(state.query('step == 40')).toEqual({ holds: true, value: true, kind: undefined, rows: [] })
    expect(state.query('step < 40')).toMatchObject({ holds: false, value: false })
    expect(state.query('report.rats')).toEqual({ holds: false, value: state.report['rats'], kind: undefined, rows: [] })
    expect(state.query('fighter[3].health').value).toBe(state.agent('fighter', 3)['health'])
    expect(state.query('rat[31].age').value).toBeUndefined()
  })

  it('keeps what it has read, and asks the memory as it is then', () => {
    for (const step of [3, 55, 12, 60, 0]) expect(run.stateAt(step).query('step').value).toBe(step)
    for (let i = 0; i < 200; i++) expect(run.stateAt(7).query(`step + ${i}`).value).toBe(7 + i)
  })

  it('refuses what the world can\'t be asked, and a state that is gone', () => {
    const state = run.stateAt(5)
    expect(() => state.query('fighter.helth < 5')).toThrow(/no column 'helth'/)
    expect(() => state.query('fighter.health')).toThrow(/has a value for each fighter/)
    run.stateAt(6)
    expect(() => state.query('step')).toThrow(/the state of step 5 is gone/)
  })
})
