import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { metricOf } from '../../bench/harness/suite.ts'

const entry = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url))

function bench(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [entry, ...args], { encoding: 'utf8' })
}

interface Report {
  readonly suite: string
  readonly machine: string
  readonly commit: string
  readonly metrics: Record<string, { readonly value: number; readonly unit: string; readonly min: number; readonly max: number }>
}

describe('npm run bench', () => {
  it('--quick --json prints one report a suite, every metric a number within its spread', () => {
    const { status, stdout, stderr } = bench('--quick', '--json')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const reports = stdout.trim().split('\n').map((line) => JSON.parse(line) as Report)
    expect(reports.map(({ suite }) => suite)).toEqual(['core', 'slab', 'statechart'])
    for (const { suite, machine, commit, metrics } of reports) {
      expect([machine, commit].every((text) => text.length > 0 && !text.includes('/'))).toBe(true)
      expect(Object.keys(metrics).length).toBeGreaterThan(0)
      for (const [name, { value, unit, min, max }] of Object.entries(metrics)) {
        expect(name.startsWith(`${suite}.`) && unit.length > 0, name).toBe(true)
        expect([value, min, max].every(Number.isFinite) && min <= value && value <= max, name).toBe(true)
      }
    }
  })

  it.each([['a suite that is not there', 'nope', "there is no suite 'nope'"], ['an option that is not there', '--fast', "Unknown option '--fast'"]])('refuses %s with status 2 and the list of suites', (_what, argument, message) => {
    const { status, stdout, stderr } = bench(argument)
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(stderr).toContain('suites: core, slab, statechart')
  })
})

describe('metricOf', () => {
  it('gives the median of an odd and an even number of samples, with least and most', () => {
    expect(metricOf([3, 1, 2], 's')).toEqual({ value: 2, unit: 's', min: 1, max: 3 })
    expect(metricOf([4, 1, 2, 3], 's')).toEqual({ value: 2.5, unit: 's', min: 1, max: 4 })
  })

  it('refuses to sum up nothing', () => {
    expect(() => metricOf([], 's')).toThrow(/needs a sample/)
  })
})
