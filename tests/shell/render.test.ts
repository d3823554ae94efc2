import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { openPictures, type RecordedPictures, type RenderedPicture } from '../../actors/index.ts'
import { depthRangeOf, halfBlocks, Y4mEncoder, type Picture } from '../../compositor/index.ts'
import { depthPicture, segmentationPicture } from '../../compositor/picture/colours.ts'
import { renderRecording, type RenderOptions } from '../../shell/render/render.ts'
import { decodeGif } from '../compositor/gif.ts'
import { built, commandLine, json, main } from './command.ts'
import { decodePng } from './png.ts'

const { metabonk, start, folder } = commandLine()
const lanterns = fileURLToPath(new URL('../determinism/worlds/lanterns.ts', import.meta.url))
const steps = 30
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
const never = { signal: undefined, onProgress: undefined }
let pictures: RecordedPictures

beforeAll(async () => {
  if (!built) return
  for (const [name, seed] of [['a', '0'], ['b', '9']]) expect(metabonk('run', lanterns, '--steps', String(steps), '--seed', seed, '--record', `${name}.mcap`).code).toBe(0)
  pictures = await openPictures(join(folder, 'a.mcap'))
})

afterEach(() => {
  vi.unstubAllEnvs()
})

function read(name: string): Buffer {
  return readFileSync(join(folder, name))
}

/** What the run itself drew. */
async function seen(row: number, step: number): Promise<RenderedPicture | undefined> {
  const picture = await pictures.pictureOf(step, { kind: 'seer', row }, { width: 16, height: 16, samples: 1 }, never)
  return picture && { ...picture, rgb: picture.rgb.slice(), depth: picture.depth.slice(), segmentation: picture.segmentation.slice() }
}

async function lit(row: number, step: number): Promise<RenderedPicture> {
  const picture = await seen(row, step)
  if (picture === undefined) throw new Error(`seer ${String(row)} does not live at step ${String(step)}`)
  return picture
}

/** A part of a picture. */
function cut({ width, rgb }: Picture, left: number, top: number, edge: number): Uint8Array {
  return Uint8Array.from({ length: 3 * edge * edge }, (_, at) => rgb[3 * ((top + Math.floor(at / 3 / edge)) * width + left + (Math.floor(at / 3) % edge)) + (at % 3)])
}

/** Rows that live all the while. */
async function living(): Promise<number[]> {
  let rows = Array.from({ length: 18 }, (_, i) => 8 * i)
  for (const step of [0, 10, 20, 30]) {
    const alive: number[] = []
    for (const row of rows) if ((await seen(row, step)) !== undefined) alive.push(row)
    rows = alive
  }
  return rows
}

describe.skipIf(!built)('metabonk render writes (needs the build)', () => {
  it('the last step as PNG, or the one that is named', async () => {
    expect(metabonk('render', 'a.mcap', '--agent', '8', '--out', 'last.png')).toMatchObject({ code: 0, out: expect.stringMatching(/^wrote {2}last\.png: \d+ bytes\nsteps {2}30\n$/) as string })
    const { width, height, rgb } = await lit(8, steps)
    expect(decodePng(read('last.png'))).toEqual({ width, height, rgb })
    expect(json(metabonk('render', 'a.mcap', '--agent', 'seer:8', '--from', '7', '--out', 'named.png', '--json'))).toEqual({ recording: 'a.mcap', from: 7, to: 7, every: 1, steps: 1, views: ['seer:8'], absent: 0, files: [{ path: 'named.png', bytes: read('named.png').length }] })
    expect(decodePng(read('named.png')).rgb).toEqual((await lit(8, 7)).rgb)
  })

  it('all steps as y4m, in the time of the world or at the rate that is asked for', async () => {
    const result = json(metabonk('render', 'a.mcap', '--agent', 'seer[8]', '--out', 'film.y4m', '--json'))
    expect(result).toMatchObject({ from: 0, to: steps, steps: steps + 1, fps: 60 })
    const encoder = new Y4mEncoder({ width: 16, height: 16 }, { pictures: 60, seconds: 1 })
    const wanted: Buffer[] = [Buffer.from(encoder.header)]
    for (let step = 0; step <= steps; step++) {
      const picture = await seen(8, step)
      if (picture !== undefined) wanted.push(Buffer.from(encoder.encode(picture)))
    }
    expect(result['absent']).toBe(steps + 2 - wanted.length)
    if (result['absent'] === 0) expect(Buffer.compare(read('film.y4m'), Buffer.concat(wanted))).toBe(0)
    expect(json(metabonk('render', 'a.mcap', '--agent', '8', '--every', '30', '--out', 'slow.y4m', '--json'))).toMatchObject({ steps: 2, fps: 1000 / 30 })
    expect(read('slow.y4m').toString('latin1', 0, 40)).toContain('W16 H16 F1000:30 ')
    expect(json(metabonk('render', 'a.mcap', '--agent', '8', '--fps', '12', '--to', '1', '--out', 'asked.y4m', '--json'))).toMatchObject({ steps: 2, fps: 12 })
  })

  it('GIF whose times add up', () => {
    expect(metabonk('render', 'a.mcap', '--agent', '8', '--fps', '30', '--label', '--out', 'film.gif').code).toBe(0)
    const { width, height, delays } = decodeGif(read('film.gif'))
    expect([width, height, delays.length]).toEqual([8 + 6 * 'seer:8 step 30'.length, 4 + 16 + 10 + 4, steps + 1])
    expect(delays.reduce((sum, each) => sum + each, 0)).toBe(Math.round((100 * (steps + 1)) / 30))
  })

  it('the same bytes again', () => {
    for (const ending of ['gif', 'y4m', 'png']) {
      const names = ['one', 'two'].map((name) => `${name}.${ending}`)
      for (const name of names) expect(metabonk('render', 'a.mcap', '--agent', '0..5', '--from', '3', '--to', '9', '--out', name).code).toBe(0)
      expect(read(names[0]).equals(read(names[1]))).toBe(true)
    }
  })
})

describe.skipIf(!built)('metabonk render shows (needs the build)', () => {
  it('agents down and steps across in one sheet, or a file a step', async () => {
    const rows = (await living()).slice(0, 2)
    expect(rows).toHaveLength(2)
    const agents = rows.map((row) => `seer:${String(row)}`).join(',')
    expect(metabonk('render', 'a.mcap', '--agent', agents, '--from', '0', '--to', '30', '--every', '10', '--out', 'sheet.png').code).toBe(0)
    const sheet = decodePng(read('sheet.png'))
    const cell = Math.max(...rows.map((row) => 6 * `seer:${String(row)} step 30`.length)) + 4
    expect([sheet.width, sheet.height]).toEqual([4 + 4 * cell, 4 + 2 * 30])
    for (const [line, row] of rows.entries()) {
      for (let column = 0; column < 4; column++) expect(cut(sheet, 4 + column * cell, 4 + 30 * line, 16)).toEqual((await lit(row, 10 * column)).rgb)
    }
    expect(metabonk('render', 'a.mcap', '--agent', String(rows[0]), '--to', '30', '--from', '10', '--every', '10', '--out', 'step-%04d.png')).toMatchObject({ code: 0, err: '' })
    for (const step of [10, 20, 30]) expect(decodePng(read(`step-00${String(step)}.png`)).rgb).toEqual((await lit(rows[0], step)).rgb)
  })

  it('depths with their scale, and segmentations', async () => {
    const [row] = await living()
    const picture = await lit(row, 10)
    const range = depthRangeOf(picture.depth)
    expect(range).toBeDefined()
    expect(json(metabonk('render', 'a.mcap', '--agent', String(row), '--from', '10', '--channel', 'depth', '--out', 'depth.png', '--json'))).toMatchObject({ depthRange: range })
    const depth = decodePng(read('depth.png'))
    expect([depth.width, depth.height]).toEqual([16, 28])
    expect(depth.rgb.subarray(0, 768)).toEqual(depthPicture(picture.depth, picture, range ?? { near: 0, far: 0 }).rgb)
    expect(json(metabonk('render', 'a.mcap', '--agent', String(row), '--channel', 'depth', '--depth-range', '1.5..30', '--out', 'ranged.png', '--json'))).toMatchObject({ depthRange: { near: 1.5, far: 30 } })
    expect(metabonk('render', 'a.mcap', '--agent', String(row), '--from', '10', '--channel', 'segmentation', '--out', 'ids.png').code).toBe(0)
    expect(decodePng(read('ids.png')).rgb).toEqual(segmentationPicture(picture.segmentation, picture).rgb)
  })

  it('another run beside it, with the pixels that differ', async () => {
    const [row] = await living()
    const other = await openPictures(join(folder, 'b.mcap'))
    let differingPixels = 0
    for (const step of [10, 20, 30]) {
      const [a, b] = [await seen(row, step), await other.pictureOf(step, { kind: 'seer', row }, { width: 16, height: 16, samples: 1 }, never)]
      if (a === undefined || b === undefined) differingPixels = NaN
      else for (let i = 0; i < 256; i++) if (Buffer.compare(a.rgb.subarray(3 * i, 3 * i + 3), b.rgb.subarray(3 * i, 3 * i + 3)) !== 0) differingPixels++
    }
    other.close()
    const { contrast } = json(metabonk('render', 'a.mcap', '--agent', String(row), '--with', 'b.mcap', '--from', '10', '--to', '30', '--every', '10', '--out', 'beside.gif', '--json'))
    expect(contrast).toMatchObject({ recording: 'b.mcap' })
    if (!Number.isNaN(differingPixels)) expect(contrast).toMatchObject({ differingPixels })
    expect(decodeGif(read('beside.gif'))).toMatchObject({ width: 3 * 16 + 2 * 4, height: 16 })
    expect(metabonk('render', 'a.mcap', '--agent', String(row), '--with', 'a.mcap', '--out', 'same.png').out).toMatch(/^differ +no pixel$/m)
  })

  it('a preview in the terminal', async () => {
    const [row] = await living()
    const { code, out } = metabonk('render', 'a.mcap', '--agent', String(row), '--from', '10', '--term')
    expect([code, out.split('\n').slice(0, 9)]).toEqual([0, [`seer:${String(row)} step 10`, ...halfBlocks(await lit(row, 10), '24-bit')]])
    vi.stubEnv('COLUMNS', '8')
    expect(metabonk('render', 'a.mcap', '--agent', String(row), '--from', '10', '--term').out.match(/▀/g)).toHaveLength(8 * 4)
  })
})

describe.skipIf(!built)('metabonk render refuses (needs the build)', () => {
  it.each<[Partial<RenderOptions>, string]>([
    [{}, 'nobody is named to see (RUN); give --agent seer:0'],
    [{ agent: ['lantern:1'] }, "agents of kind 'lantern' have no camera (--agent); choose from seer"],
    [{ agent: ['seer:256'] }, "kind 'seer' has no row 256 (--agent); give one below 256"],
    [{ agent: ['seer:'] }, "'seer:' names no agent (--agent); write kind:row"],
    [{ agent: ['9..8'] }, "'9..8' names nobody (--agent)"],
    [{ agent: ['0..2000'] }, "'0..2000' names too many (--agent)"],
    [{ camera: ['sky'] }, "there is no camera 'sky' (--camera); the world has none but those of its agents: give --agent"],
    [{ agent: ['8'], out: 'x.jpeg' }, "'x.jpeg' does not say what to write (--out); end it with .mp4, .webm, .gif, .png, .y4m"],
    [{ agent: ['8'], from: 31 }, 'steps 31 to 31 are not in the recording (RUN); give steps from 0 to 30'],
    [{ agent: ['8'], from: 9, to: 8 }, 'steps 9 to 8 are not in the recording'],
    [{ agent: ['8'], size: { width: 8, height: 48 } }, "a picture can't have 8 x 48 pixels (scene)"],
    [{ agent: ['8'], quality: true, channel: 'depth' }, 'the mean of several depths is none of them (--quality)'],
    [{ agent: ['8'], depthRange: { near: 1, far: 2 } }, 'rgb has no scale of depths (--depth-range)'],
    [{ agent: ['8'], fps: 30 }, 'a picture has no rate (--fps)'],
    [{ agent: ['255'] }, 'seer:255 did not live at step 30 (RUN); name other agents or steps'],
    [{ agent: ['8'], out: 'a.mcap/x.png' }, 'not a directory'],
    [{ agent: ['0..255'], from: 0, to: 30, size: { width: 1280, height: 720 } }, 'a sheet of 7936 pictures would have 7314 million pixels'],
  ])('%s', async (options, message) => {
    const before = readdirSync(folder).sort()
    const run = join(folder, 'a.mcap')
    const out = join(folder, options.out ?? 'x.png')
    const watch = { signal: new AbortController().signal, onProgress: () => undefined }
    const what = message.replace('RUN', run).replace('x.jpeg', join(folder, 'x.jpeg'))
    await expect(renderRecording(run, { ...options, out }, watch)).rejects.toThrow(what)
    expect(readdirSync(folder).sort()).toEqual(before)
  })

  it.each([
    [['--agent', '8'], 'it is not said where to (a.mcap); give --out FILE or --term'],
    [['--agent', '8', '--term', '--out', 'x.png'], 'a picture goes to a file or to the terminal (--term)'],
    [['--agent', '8', '--term', '--json'], 'a picture in the terminal is not JSON'],
    [['--agent', '8', '--out', 'x.png', '--size', '64'], 'Give columns and lines, like 1280x720'],
    [['--agent', '8', '--out', 'x.png', '--depth-range', '2..1'], 'Give metres from and to, like 2..40'],
  ])('%s', (args, message) => {
    const { code, out, err } = metabonk('render', 'a.mcap', ...args)
    expect([code, out + err]).toEqual([2, expect.stringContaining(message) as string])
  })

  it('worlds without a camera, and files that are there', () => {
    expect(metabonk('run', 'meadow', '--steps', '3', '--record', 'm.mcap').code).toBe(0)
    expect(metabonk('render', 'm.mcap', '--agent', '0', '--out', 'x.png')).toMatchObject({ code: 2, err: expect.stringContaining('the world has no camera') as string })
    writeFileSync(join(folder, 'there.gif'), 'mine')
    expect(metabonk('render', 'a.mcap', '--agent', '8', '--out', 'there.gif')).toMatchObject({ code: 2, err: expect.stringContaining('a file is already there (there.gif)') as string })
    expect(read('there.gif').toString()).toBe('mine')
    expect(metabonk('render', 'a.mcap', '--agent', '8', '--out', 'there.gif', '--force').code).toBe(0)
    expect(decodeGif(read('there.gif')).pictures).toHaveLength(steps + 1)
  })

  it('to leave half a film when the disk is full (a limit stands in for the disk)', () => {
    const before = readdirSync(folder).sort()
    const { status, stderr } = spawnSync('bash', ['-c', 'ulimit -f 8; "$0" "$@"', process.execPath, main, 'render', 'a.mcap', '--agent', '8', '--out', 'big.y4m'], { cwd: folder, encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, "metabonk: the file can't be written: file too large (big.y4m); choose another path with --out, or make room\n"])
    expect(readdirSync(folder).sort()).toEqual(before)
  })
})

describe.skipIf(!built)('films through ffmpeg (need the build)', () => {
  /** Puts a program in its place. */
  function standIn(script: string): void {
    const bin = join(folder, 'bin')
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, 'ffmpeg'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, 'ffmpeg'), 0o755)
    vi.stubEnv('PATH', `${bin}:${String(process.env['PATH'])}`)
  }

  it('say what to do when it is not installed', () => {
    vi.stubEnv('PATH', join(folder, 'nowhere'))
    expect(metabonk('render', 'a.mcap', '--agent', '8', '--out', 'x.mp4')).toEqual({ code: 1, out: '', err: 'metabonk: .mp4 needs ffmpeg, which is not installed (x.mp4); install ffmpeg, or write .y4m, .gif or .png\n' })
    expect(readdirSync(folder).filter((name) => name.startsWith('x.'))).toEqual([])
  })

  it.each([
    ['exit 3', 'ffmpeg could not make the film: it ended with code 3 (x.webm)'],
    ["head -c 100 > /dev/null; echo '[vost#0:0 @ 0x55] Unknown encoder' >&2; exit 1", 'ffmpeg could not make the film: Unknown encoder (x.webm)'],
    ["cat > /dev/null; echo 'No space left on device' >&2; exit 228", 'ffmpeg could not make the film: No space left on device (x.webm)'],
  ])('say what it says when it fails: %s', (script, message) => {
    standIn(script)
    expect(metabonk('render', 'a.mcap', '--agent', '8', '--out', 'x.webm')).toMatchObject({ code: 1, err: expect.stringContaining(message) as string })
    expect(readdirSync(folder).filter((name) => name.startsWith('x.'))).toEqual([])
  })

  it('end with Ctrl-C, even when it hangs', async () => {
    standIn('echo started >&2; exec sleep 60')
    const { child, ended } = start('render', 'a.mcap', '--agent', '8', '--out', 'x.mp4')
    await vi.waitUntil(() => readdirSync(folder).some((name) => name.startsWith('x.mp4.')), { timeout: 30_000, interval: 50 })
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 1, err: expect.stringContaining('stopped') as string })
    expect(readdirSync(folder).filter((name) => name.startsWith('x.'))).toEqual([])
  })

  it.skipIf(!hasFfmpeg)('hold every picture (needs ffmpeg)', () => {
    for (const [name, form] of [['film.mp4', 'h264'], ['film.webm', 'vp9']]) {
      expect(metabonk('render', 'a.mcap', '--agent', '0..2', '--out', name)).toMatchObject({ code: 0, err: '' })
      expect(statSync(join(folder, name)).size).toBeGreaterThan(500)
      const { stdout, stderr } = spawnSync('ffmpeg', ['-hide_banner', '-i', name, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], { cwd: folder, maxBuffer: 1 << 26 })
      const [, width, height] = (/, (\d+)x(\d+)[, ]/.exec(stderr.toString()) ?? []).map(Number)
      expect(stderr.toString()).toContain(form)
      expect(stdout.length).toBe((steps + 1) * 3 * width * height)
    }
  })
})
