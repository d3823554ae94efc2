import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { choice, int, prepareWorld, real, text, toggle } from '../../actors/index.ts'
import { isLive } from '../../actors/config/index.ts'
import { resolveConfig } from '../../actors/host/resolve-config.ts'

const settings = {
  agents: int(16, { min: 1, max: 4096 }),
  difficulty: real(1, { min: 0, live: true }),
  obs: choice(['vector', 'pixels']),
  title: text('none'),
  fast: toggle(false),
}

it('resolveConfig takes defaults, then the file, then overrides, in the order of the declaration', () => {
  const config = resolveConfig(settings, { file: { obs: 'pixels', agents: 3 }, overrides: ['agents=5', 'title=12', 'fast=true', 'difficulty=2.5'] })
  expect(Object.entries(config)).toEqual([['agents', 5], ['difficulty', 2.5], ['obs', 'pixels'], ['title', '12'], ['fast', true]])
  expect(resolveConfig(settings)).toEqual({ agents: 16, difficulty: 1, obs: 'vector', title: 'none', fast: false })
  expect(Object.isFrozen(config)).toBe(true)
})

it.each([
  ['agnets=3', "there is no setting 'agnets'; did you mean agents? The settings are agents, difficulty, obs, title, fast"],
  ['agents=many', "setting 'agents' can't be 'many' (agents=many); give a whole number from 1 to 4096"],
  ['agents=0', "setting 'agents' can't be 0 (agents=0); give a whole number from 1 to 4096"],
  ['agents=1.5', "setting 'agents' can't be 1.5 (agents=1.5); give a whole number from 1 to 4096"],
  ['difficulty=-1', "setting 'difficulty' can't be -1 (difficulty=-1); give a number from 0"],
  ['difficulty=.nan', "setting 'difficulty' can't be NaN (difficulty=.nan); give a number from 0"],
  ['obs=sound', "setting 'obs' can't be 'sound' (obs=sound); give one of vector, pixels"],
  ['fast=perhaps', "setting 'fast' can't be 'perhaps' (fast=perhaps); give true or false"],
  ['agents', "'agents' is no setting; write key=value"],
  ['__proto__=1', "there is no setting '__proto__'; choose from agents, difficulty, obs, title, fast"],
])('resolveConfig refuses %s by name', (override, message) => {
  expect(() => resolveConfig(settings, { overrides: [override] })).toThrow(message)
})

it('isLive tells which settings may change during a run', () => {
  expect([isLive(settings, 'agents'), isLive(settings, 'difficulty')]).toEqual([false, true])
})

it('a settings file with an error is named with line and column', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
  const file = join(folder, 'settings.yaml')
  writeFileSync(file, 'agents: 3\n  obs: [\n')
  await expect(prepareWorld('meadow', { configFile: file })).rejects.toThrow(/the settings file is no YAML: .*\(.*settings\.yaml:\d+:\d+\)/)
  rmSync(folder, { recursive: true })
})
