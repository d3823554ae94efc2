import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodePng } from '../../actors/host/png.ts'
import { openRecording, type RecordedRun, type RunEvent } from '../../actors/index.ts'
import { isBlack } from '../../compositor/index.ts'
import { built, commandLine, json } from './command.ts'
import { decodePng } from './png.ts'

it('PNG files hold what they were given', () => {
  for (const [width, height] of [[1, 1], [3, 2], [5, 7], [64, 64]]) {
    const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37 + (i >> 3)) & 255)
    expect(decodePng(Buffer.from(encodePng({ width, height, rgb })))).toEqual({ width, height, rgb })
  }
})

describe.skipIf(!built)('metabonk evidence (needs the build)', () => {
  const { metabonk, folder } = commandLine()
  const lanterns = fileURLToPath(new URL('../determinism/worlds/lanterns.ts', import.meta.url))
  const steps = 60
  let run: RecordedRun

  /** What a row saw at a step, and whether it lived then. */
  function seen(row: number, step: number): Uint8Array | undefined {
    return [...run.messages('frames/seer', step, step)].find((each) => each.row === row)?.rgb
  }

  beforeAll(async () => {
    expect(metabonk('run', lanterns, '--steps', String(steps), '--record', 'a.mcap', '--channels', 'frames,logs, rewards').code).toBe(0)
    run = await openRecording(join(folder, 'a.mcap'))
    expect(run.topics.map((each) => [each.topic, each.dropped])).toEqual([['rewards/seer', 0], ['logs', 0], ['frames/seer', 0]])
  })

  it('keeps what is seen around every reward, but black pictures, with the events of those steps', () => {
    const result = json(metabonk('evidence', 'a.mcap', '--around', '1', '--most', '25', '--json'))
    const rewarded = [...run.messages('rewards/seer')].map(({ rows, columns }) => new Set([...rows].filter((_, i) => columns['reward'][i] !== 0)))
    // By step and row: those that earn a reward and did not in the state before.
    const moments = rewarded.flatMap((rows, step) => [...rows].filter((row) => step === 0 || !rewarded[step - 1].has(row)).map((row) => ({ row, step }))).slice(0, 25)
    const near = moments.flatMap(({ row, step }) => [step - 1, step, step + 1].filter((each) => each >= 0 && each <= steps).map((each) => ({ row, step: each })))
    const wanted = [...new Set(near.map((each) => JSON.stringify(each)))].map((text) => JSON.parse(text) as (typeof near)[number]).filter(({ row, step }) => seen(row, step) !== undefined)
    const lit = wanted.filter(({ row, step }) => !isBlack(seen(row, step) ?? new Uint8Array()))
    const names = lit.map(({ row, step }) => `seer-${String(row)}-step-${String(step).padStart(6, '0')}.png`).sort()
    expect(names.length).toBeGreaterThan(3)
    expect(result).toMatchObject({ recording: 'a.mcap', out: 'a-evidence', moments: 25, more: true, black: wanted.length - lit.length })
    expect([...(result['pictures'] as string[])].sort()).toEqual(names)
    expect(readdirSync(join(folder, 'a-evidence')).sort()).toEqual(['events.jsonl', ...names])
    for (const { row, step } of lit) {
      const png = readFileSync(join(folder, 'a-evidence', `seer-${String(row)}-step-${String(step).padStart(6, '0')}.png`))
      expect(decodePng(png)).toEqual({ width: 16, height: 16, rgb: seen(row, step) })
    }
    const events = readFileSync(join(folder, 'a-evidence', 'events.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as RunEvent)
    const within = new Set(near.map((each) => each.step))
    expect(events).toEqual([...run.events()].filter(({ step }) => within.has(step)))
    expect(result['events']).toBe(events.length)
  })

  it('follows one agent, and conditions on others', () => {
    const result = json(metabonk('evidence', 'a.mcap', '--on', 'step == 20 or step == 40', '--agent', 'seer:8', '--around', '2', '--out', 'b', '--json'))
    const lives = [18, 19, 20, 21, 22, 38, 39, 40, 41, 42].filter((step) => !isBlack(seen(8, step) ?? new Uint8Array()))
    expect(result).toMatchObject({ moments: 2, more: false, pictures: lives.map((step) => `seer-8-step-0000${String(step)}.png`) })
    const { out } = metabonk('evidence', 'a.mcap', '--agent', 'seer[16]', '--out', 'c')
    expect(out).toMatch(/^moments +\d+ at which a reward was not 0\npictures +\d+ in c, from 3 steps before to 3 after\nleft out +\d+ that are black\nevents +\d+ in c\/events\.jsonl\n$/)
  })

  it.each([
    [['--on', 'step == 3'], "'step == 3' is about no agent (--on); say whose pictures to keep: --agent seer:0"],
    [['--on', 'lantern.at.x > 1'], 'no camera sees for lantern (--on)'],
    [['--agent', 'lantern:1'], 'no camera sees for lantern (--agent)'],
    [['--agent', 'seer:256'], 'seer has no row 256'],
    [['--agent', 'ghost:1'], "there is no kind 'ghost'"],
  ])('refuses %s', (args, message) => {
    const { code, err } = metabonk('evidence', 'a.mcap', '--out', 'never', ...args)
    expect([code, err]).toEqual([2, expect.stringContaining(message) as string])
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })

  it('refuses a world without pictures', () => {
    expect(metabonk('run', 'meadow', '--steps', '5', '--record', 'm.mcap').code).toBe(0)
    expect(metabonk('evidence', 'm.mcap')).toMatchObject({ code: 2, err: expect.stringContaining('there are no pictures of the world meadow') as string })
    expect(metabonk('run', 'meadow', '--channels', 'logs,framse')).toMatchObject({ code: 2, err: expect.stringContaining("there is no channel 'framse' (channels); did you mean frames?") as string })
  })
})
