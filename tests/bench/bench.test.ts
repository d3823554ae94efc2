import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tableText } from '../../bench/harness/report.ts'
import { metricOf, quantileOf } from '../../bench/harness/suite.ts'
import { loadNative } from '../../native/index.ts'

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

/** Some figures of each suite. */
const figures: Readonly<Record<string, readonly string[]>> = {
  // Where the addon is not built, this has little but notes.
  compositor: ['twin_64_frames_per_s', ...(loadNative() === null ? [] : ['own_64_frames_per_cpu_s', 'own_128_frames_per_cpu_s', 'two_threads_over_one', 'allocated_bytes_per_frame', 'arena_pixel_steps_per_s'])],
  core: ['agent_steps_per_s', 'arena_steps_per_s'],
  recording: [
    'writer_messages_over_mcap_core', 'writer_frames_over_mcap_core', 'tax_default', 'seek_p50_ms', 'seek_p99_ms', 'step_back_p50_ms', 'bytes_100k_mb', 'bytes_per_step',
    'bisect_ms', 'verify_over_run', 'verify_over_run_two_workers',
  ],
  slab: ['round_trip_p50'],
  statechart: ['events_per_s'],
  tui: ['frame_p50_ms', 'frame_p99_ms', 'slowdown_one_worker', 'arena_frame_p50_ms', 'scroll_p99_ms'],
}

describe('npm run bench', () => {
  it.each(Object.keys(figures))('%s --quick --json prints one report, every metric a number within its spread', (name) => {
    const { status, stdout, stderr } = bench(name, '--quick', '--json')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const { suite, machine, commit, metrics } = JSON.parse(stdout) as Report
    expect(suite).toBe(name)
    expect([machine, commit].every((text) => text.length > 0 && !text.includes('/'))).toBe(true)
    expect(Object.keys(metrics)).toEqual(expect.arrayContaining(figures[name].map((figure) => `${name}.${figure}`)))
    for (const [metric, { value, unit, min, max }] of Object.entries(metrics)) {
      expect(metric.startsWith(`${name}.`) && unit.length > 0, metric).toBe(true)
      expect([value, min, max].every(Number.isFinite) && min <= value && value <= max, metric).toBe(true)
    }
  })

  it.each([['a suite that is not there', 'nope', "there is no suite 'nope'"], ['an option that is not there', '--fast', "Unknown option '--fast'"]])('refuses %s with status 2 and the list of suites', (_what, argument, message) => {
    const { status, stdout, stderr } = bench(argument)
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(stderr).toContain(`suites: ${Object.keys(figures).join(', ')}`)
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

describe('quantileOf', () => {
  it('gives the least value that so large a share is not above, with least and most', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect(quantileOf(hundred, 0.99, 'ms')).toEqual({ value: 99, unit: 'ms', min: 1, max: 100 })
    expect(quantileOf(hundred, 0.5, 'ms').value).toBe(50)
    expect(quantileOf([7], 0.99, 'ms').value).toBe(7)
  })
})

describe('tableText', () => {
  const report = { suite: 'one', machine: 'a machine', commit: 'abc', notes: [] }

  it('has a column for what was wanted where anything was', () => {
    const metrics = { 'one.plain': metricOf([1], 's'), 'one.wished': { ...metricOf([20], 'ms'), wanted: '<= 30' } }
    expect(tableText({ ...report, metrics }).split('\n')).toEqual([
      'one at abc on a machine',
      'metric      median  unit  min .. max  wanted',
      'one.plain        1  s     1 .. 1',
      'one.wished      20  ms    20 .. 20    <= 30',
    ])
    expect(tableText({ ...report, metrics: { 'one.plain': metricOf([1], 's') } })).not.toContain('wanted')
  })

  it('ends with what was left out', () => {
    const text = tableText({ ...report, metrics: { 'one.plain': metricOf([1], 's') }, notes: ['peer skipped: not here'] })
    expect(text.split('\n').at(-1)).toBe('peer skipped: not here')
  })
})
