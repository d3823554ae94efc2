import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Overlay } from '../../compositor/index.ts'
import { built, commandLine, json } from './command.ts'
import { decodePng } from './png.ts'

const { metabonk, folder } = commandLine()
const lanterns = fileURLToPath(new URL('../determinism/worlds/lanterns.ts', import.meta.url))
const step = 24
let plain: ReturnType<typeof decodePng>

/** What a scout sees of others, of whom some have died, with these over it. */
function drawn(name: string, ...args: string[]): ReturnType<typeof decodePng> {
  expect(metabonk('render', 'a.mcap', '--agent', 'scout:0', '--from', String(step), '--size', '160x120', '--out', name, '--force', ...args)).toMatchObject({ code: 0, err: '' })
  return decodePng(readFileSync(join(folder, name)))
}

beforeAll(() => {
  if (!built) return
  expect(metabonk('run', 'arena', 'agents=24', 'enemies=200', 'map=64', '--steps', '30', '--seed', '3', '--record', 'a.mcap').code).toBe(0)
  expect(metabonk('run', lanterns, '--steps', '30', '--record', 'l.mcap').code).toBe(0)
  plain = drawn('plain.png')
})

/** Pixels that are not those of the plain picture. */
function changes({ rgb }: { readonly rgb: Uint8Array }): number[] {
  return Array.from({ length: rgb.length / 3 }, (_, pixel) => pixel).filter((pixel) => [0, 1, 2].some((channel) => rgb[3 * pixel + channel] !== plain.rgb[3 * pixel + channel]))
}

describe.skipIf(!built)('metabonk render --overlay draws (needs the build)', () => {
  it.each<Overlay>(['boxes', 'labels', 'paths', 'minimap'])('%s, the same pixels again', (overlay) => {
    const once = drawn('once.png', '--overlay', overlay)
    expect(changes(once).length).toBeGreaterThan(20)
    expect(changes(once).length).toBeLessThan(160 * 120)
    expect(drawn('twice.png', '--overlay', overlay).rgb).toEqual(once.rgb)
  })

  it('the map in its corner, over all that was asked for', () => {
    const inMap = (pixel: number): boolean => pixel % 160 >= 160 - 42 && Math.floor(pixel / 160) < 42
    const map = drawn('map.png', '--overlay', 'minimap')
    const all = drawn('all.png', '--overlay', 'paths, minimap,labels,boxes')
    expect(changes(map).every(inMap)).toBe(true)
    expect(changes(all).length).toBeGreaterThan(changes(map).length)
    for (let pixel = 0; pixel < 160 * 120; pixel++) if (inMap(pixel)) expect(all.rgb.subarray(3 * pixel, 3 * pixel + 3)).toEqual(map.rgb.subarray(3 * pixel, 3 * pixel + 3))
  })

  it('paths as long as they are asked for, whatever was shown before', () => {
    const short = drawn('short.png', '--overlay', 'paths', '--trail', '1')
    const long = drawn('long.png', '--overlay', 'paths', '--trail', '24')
    expect(changes(long).length).toBeGreaterThan(changes(short).length)
    expect(metabonk('render', 'a.mcap', '--agent', 'scout:0', '--from', '10', '--to', String(step), '--every', '2', '--size', '160x120', '--overlay', 'paths', '--trail', '5', '--out', 'film-%02d.png').code).toBe(0)
    expect(decodePng(readFileSync(join(folder, `film-${String(step)}.png`))).rgb).toEqual(drawn('five.png', '--overlay', 'paths', '--trail', '5').rgb)
  })

  it('over depths, segmentations, smooth pictures and small ones of those who die', () => {
    for (const args of [['--channel', 'depth'], ['--channel', 'segmentation'], ['--quality']]) drawn('other.png', ...args, '--overlay', 'boxes,labels,paths,minimap')
    const args = ['--agent', 'seer:130..149', '--from', '0', '--to', '30', '--every', '3', '--overlay', 'boxes,labels,paths,minimap', '--json', '--force']
    const result = json(metabonk('render', 'l.mcap', ...args, '--out', 'small.gif'))
    expect(result).toMatchObject({ steps: 11 })
    expect(result['absent']).toBeGreaterThan(0)
    const bytes = readFileSync(join(folder, 'small.gif'))
    expect(metabonk('render', 'l.mcap', ...args, '--out', 'small.gif').code).toBe(0)
    expect(Buffer.compare(readFileSync(join(folder, 'small.gif')), bytes)).toBe(0)
  })
})

describe.skipIf(!built)('metabonk render --overlay (needs the build)', () => {
  it('changes nothing of what differs between two runs', () => {
    const beside = (...args: string[]) => json(metabonk('render', 'a.mcap', '--with', 'a.mcap', '--agent', 'scout:0', '--from', String(step), '--out', 'beside.png', '--force', '--json', ...args))
    expect(beside('--overlay', 'boxes,minimap')).toMatchObject({ contrast: { differingPixels: 0 } })
  })

  it.each([
    [['--overlay', 'boxes,halos'], 'Give some of boxes, labels, paths, minimap'],
    [['--overlay', 'boxes', '--trail', '5'], 'no paths are drawn (--trail); leave it out, or add --overlay paths'],
    [['--overlay', 'paths', '--trail', '0'], 'Give a whole number from 1 to 1000'],
  ])('is refused: %s', (args, message) => {
    const { code, out, err } = metabonk('render', 'a.mcap', '--agent', 'scout:0', '--out', 'x.png', ...args)
    expect([code, out + err]).toEqual([2, expect.stringContaining(message) as string])
  })
})
