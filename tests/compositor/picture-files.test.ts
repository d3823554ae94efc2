import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GifEncoder, gifPalette, gifPlaces } from '../../compositor/picture/gif.ts'
import { halfBlocks, terminalColour, type TerminalColours } from '../../compositor/picture/half-blocks.ts'
import type { Picture } from '../../compositor/picture/picture.ts'
import { Y4mEncoder } from '../../compositor/picture/y4m.ts'
import { counts, testSeed } from '../counts.ts'
import { decodeGif } from './gif.ts'

const seed = testSeed('picture files', 5)

/** Pictures of one size: each has a few boxes of noise or one colour over the one before. */
const films = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })).chain(([width, height]) => {
  const change = fc.record({ from: fc.nat({ max: width * height }), pixels: fc.nat({ max: width * height }), noise: fc.boolean(), value: fc.nat({ max: 0xffffff }) })
  return fc.array(fc.array(change, { maxLength: 3 }), { minLength: 1, maxLength: 6 }).map((steps) => {
    const rgb = new Uint8Array(3 * width * height)
    return steps.map((changes): Picture => {
      for (const { from, pixels, noise, value } of changes) {
        for (let at = 3 * from; at < Math.min(rgb.length, 3 * (from + pixels)); at++) rgb[at] = noise ? Math.imul(at + value, 0x9e3779b1) >>> 24 : value >>> (8 * (at % 3))
      }
      return { width, height, rgb: rgb.slice() }
    })
  })
})

function gifOf(film: readonly Picture[]): Uint8Array {
  const encoder = new GifEncoder(film[0])
  return Buffer.concat([encoder.header, ...film.map((picture, i) => encoder.encode(picture, i + 2)), encoder.trailer])
}

function quantised(picture: Picture): Uint8Array {
  const places = new Uint8Array(picture.width * picture.height)
  gifPlaces(picture, places)
  return Uint8Array.from(picture.rgb, (_, at) => gifPalette[3 * places[Math.floor(at / 3)] + (at % 3)])
}

describe('GIF', () => {
  it('shows the pictures in the colours of its palette', () => {
    fc.assert(
      fc.property(films, (film) => {
        const { width, height, delays, pictures } = decodeGif(gifOf(film))
        expect([width, height, delays]).toEqual([film[0].width, film[0].height, film.map((_, i) => i + 2)])
        pictures.forEach((shown, i) => { expect(Buffer.compare(shown, quantised(film[i])), `picture ${String(i)}`).toBe(0) })
      }),
      { seed, numRuns: counts(40, 1000) },
    )
  })

  it('goes on when the table of strings is full', () => {
    for (const noise of [0x9e3779b1, 0]) {
      const rgb = Uint8Array.from({ length: 3 * 200 * 150 }, (_, at) => Math.imul(Math.imul(at, noise) ^ (at >> 5), 0x85ebca6b) >>> 24)
      const picture = { width: 200, height: 150, rgb }
      expect(Buffer.compare(decodeGif(gifOf([picture])).pictures[0], quantised(picture))).toBe(0)
    }
  })

  it('keeps the colours of its palette, and the mean of the others', () => {
    const exact = Uint8Array.from({ length: 3 * 252 }, (_, at) => gifPalette[at])
    expect(quantised({ width: 252, height: 1, rgb: exact })).toEqual(exact)
    for (const value of [0, 1, 20, 99, 128, 200, 254, 255]) {
      const shown = quantised({ width: 8, height: 8, rgb: new Uint8Array(192).fill(value) })
      for (let channel = 0; channel < 3; channel++) {
        const mean = shown.filter((_, at) => at % 3 === channel).reduce((sum, each) => sum + each, 0) / 64
        expect(Math.abs(mean - value)).toBeLessThan(1)
      }
    }
  })

  it('holds of a picture only what has changed', () => {
    const rgb = new Uint8Array(3 * 64 * 64).fill(40)
    const film = [rgb, rgb, rgb.map((value, at) => (at === 300 ? 255 : value))].map((each) => ({ width: 64, height: 64, rgb: each }))
    const encoder = new GifEncoder(film[0])
    const sizes = film.map((picture) => [...encoder.encode(picture, 2).subarray(9, 17)])
    expect(sizes).toEqual([[0, 0, 0, 0, 64, 0, 64, 0], [0, 0, 0, 0, 1, 0, 1, 0], [36, 0, 1, 0, 1, 0, 1, 0]])
  })
})

describe('y4m', () => {
  it('holds the colours of BT.601, within a half', () => {
    const rgb = Uint8Array.from({ length: 3 * 17 * 17 * 17 }, (_, at) => Math.min(255, 16 * [Math.floor(at / 3 / 289), Math.floor(at / 51) % 17, Math.floor(at / 3) % 17][at % 3]))
    const picture = { width: 17, height: 289, rgb }
    const encoder = new Y4mEncoder(picture, { pictures: 30, seconds: 1 })
    expect(Buffer.from(encoder.header).toString()).toBe('YUV4MPEG2 W17 H289 F30:1 Ip A1:1 C444 XCOLORRANGE=LIMITED\n')
    const frame = encoder.encode(picture)
    const pixels = 17 * 289
    expect([Buffer.from(frame.subarray(0, 6)).toString(), frame.length]).toEqual(['FRAME\n', 6 + 3 * pixels])
    let most = 0
    for (let i = 0; i < pixels; i++) {
      const [red, green, blue] = rgb.subarray(3 * i, 3 * i + 3)
      const luma = 0.299 * red + 0.587 * green + 0.114 * blue
      const wanted = [16 + (219 * luma) / 255, 128 + ((224 / 255) * (blue - luma)) / 1.772, 128 + ((224 / 255) * (red - luma)) / 1.402]
      wanted.forEach((value, plane) => (most = Math.max(most, Math.abs(value - frame[6 + plane * pixels + i]))))
      if (red === green && green === blue) expect([frame[6 + pixels + i], frame[6 + 2 * pixels + i]]).toEqual([128, 128])
    }
    expect(most).toBeLessThan(0.51)
    expect([frame[6], frame[6 + pixels - 1]]).toEqual([16, 235])
  })
})

/** What a terminal shows of a text of half blocks: front and back colour of each cell. */
function cells(line: string): { readonly text: string; readonly front: string; readonly back: string }[] {
  const found: { text: string; front: string; back: string }[] = []
  let [front, back] = ['', '']
  for (const [whole, codes] of line.matchAll(/\u001b\[([\d;]*)m|./gu)) {
    if (!whole.startsWith('\u001b')) found.push({ text: whole, front, back })
    if (codes === '0') [front, back] = ['', '']
    front = /38;(2;\d+;\d+;\d+|5;\d+)/.exec(codes)?.[1] ?? front
    back = /48;(2;\d+;\d+;\d+|5;\d+)$/.exec(codes)?.[1] ?? back
  }
  return found
}

describe('half blocks', () => {
  it.each<TerminalColours>([256, '24-bit'])('show two pixels a cell in %s colours', (colours) => {
    fc.assert(
      fc.property(films, ([{ width, height, rgb }]) => {
        const lines = halfBlocks({ width, height, rgb }, colours)
        expect(lines).toHaveLength(Math.ceil(height / 2))
        const colour = (column: number, line: number): string => {
          const [red, green, blue] = rgb.subarray(3 * (line * width + column), 3 * (line * width + column) + 3)
          if (line >= height) return ''
          return colours === 256 ? `5;${String(terminalColour(red, green, blue))}` : `2;${String(red)};${String(green)};${String(blue)}`
        }
        lines.forEach((text, line) => {
          expect(cells(text)).toEqual(Array.from({ length: width }, (_, column) => ({ text: '▀', front: colour(column, 2 * line), back: colour(column, 2 * line + 1) })))
          expect(text.endsWith('\u001b[0m')).toBe(true)
        })
      }),
      { seed, numRuns: counts(40, 500) },
    )
  })

  it('say a colour only where it changes', () => {
    expect(halfBlocks({ width: 3, height: 2, rgb: new Uint8Array(18) }, '24-bit')).toEqual(['\u001b[38;2;0;0;0;48;2;0;0;0m▀▀▀\u001b[0m'])
  })

  it('take the nearest of 256 colours', () => {
    const levels = [0, 95, 135, 175, 215, 255]
    const fixed = [...Array.from({ length: 216 }, (_, i) => [levels[Math.floor(i / 36)], levels[Math.floor(i / 6) % 6], levels[i % 6]]), ...Array.from({ length: 24 }, (_, i) => [8 + 10 * i, 8 + 10 * i, 8 + 10 * i])]
    fc.assert(
      fc.property(fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }), fc.nat({ max: 255 })), (rgb) => {
        const distances = fixed.map((colour) => colour.reduce((sum, value, i) => sum + (value - rgb[i]) * (value - rgb[i]), 0))
        expect(distances[terminalColour(...rgb) - 16]).toBe(Math.min(...distances))
      }),
      { seed, numRuns: counts(1000, 20_000) },
    )
  })
})
