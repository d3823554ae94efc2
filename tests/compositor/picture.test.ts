import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { depthPicture, depthRangeOf, segmentationColour, segmentationPicture, withDepthLegend } from '../../compositor/picture/colours.ts'
import { drawBox, drawLine } from '../../compositor/picture/drawing.ts'
import { drawText, textHeight, textWidth } from '../../compositor/picture/letters.ts'
import { blankPicture, fillBox, paste, reduced, setPixel, type Picture } from '../../compositor/picture/picture.ts'
import { beside, contactSheet, contrast } from '../../compositor/picture/sheet.ts'
import { lumaOf } from '../../compositor/luma.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('pictures', 5)

function pixel({ width, rgb }: Picture, column: number, line: number): number {
  const at = 3 * (line * width + column)
  return (rgb[at] << 16) | (rgb[at + 1] << 8) | rgb[at + 2]
}

/** Pixels of a colour, as a text of lines. */
function shape(picture: Picture, colour: number): string {
  return Array.from({ length: picture.height }, (_, line) => Array.from({ length: picture.width }, (__, column) => (pixel(picture, column, line) === colour ? '#' : '.')).join('')).join('\n')
}

const pictures = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })).chain(([width, height]) => fc.uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height }).map((rgb): Picture => ({ width, height, rgb })))

describe('drawing', () => {
  it('a line has one pixel in each column, or each line when it is steep', () => {
    const from = { column: 1, line: 1 }
    for (const to of [{ column: 7, line: 3 }, { column: 7, line: 7 }, { column: 1, line: 5 }, { column: 5, line: 1 }, from]) {
      const picture = blankPicture(9, 9)
      drawLine(picture, from, to, 0xffffff)
      const count = shape(picture, 0xffffff).split('#').length - 1
      expect(count).toBe(Math.max(to.column - 1, to.line - 1) + 1)
    }
    const picture = blankPicture(5, 3)
    drawLine(picture, { column: 4, line: 2 }, { column: 0, line: 0 }, 0xff)
    expect(shape(picture, 0xff)).toBe('##...\n..##.\n....#')
  })

  it('boxes and lines end at the edges of the picture', () => {
    const picture = blankPicture(4, 3)
    drawBox(picture, { left: -1, top: 1, width: 4, height: 9 }, 0x010203)
    expect(shape(picture, 0x010203)).toBe('....\n###.\n..#.')
    drawLine(picture, { column: -5, line: -5 }, { column: 9, line: 9 }, 0xffffff)
    expect(shape(picture, 0xffffff)).toBe('#...\n.#..\n..#.')
    fillBox(picture, { left: 3, top: 2, width: 5, height: 5 }, 0xff)
    setPixel(picture, 4, 0, 0xff)
    expect(shape(picture, 0xff)).toBe('....\n....\n...#')
  })

  it('every printable letter looks different, and what is not printable is a question mark', () => {
    const shapes = new Map<string, string>()
    const draw = (text: string): string => {
      const picture = blankPicture(textWidth(text), textHeight)
      drawText(picture, text, { left: 0, top: 0, colour: 0xffffff })
      return shape(picture, 0xffffff)
    }
    for (let code = 32; code < 127; code++) shapes.set(draw(String.fromCharCode(code)), String.fromCharCode(code))
    expect(shapes.size).toBe(95)
    expect([draw('ü'), draw('\n')]).toEqual([draw('?'), draw('?')])
    expect(draw('Hi')).toBe('#...#...#...\n#...#.......\n#...#..##...\n#####...#...\n#...#...#...\n#...#...#...\n#...#..###..\n............')
  })
})

describe('reduction', () => {
  it('is the mean of each block, rounded half up', () => {
    fc.assert(
      fc.property(pictures, fc.integer({ min: 1, max: 5 }), (picture, factor) => {
        fc.pre(picture.width >= factor && picture.height >= factor)
        const small = reduced(picture, factor)
        expect([small.width, small.height]).toEqual([Math.floor(picture.width / factor), Math.floor(picture.height / factor)])
        small.rgb.forEach((value, at) => {
          const [column, line, channel] = [Math.floor(at / 3) % small.width, Math.floor(at / 3 / small.width), at % 3]
          let sum = 0
          for (let i = 0; i < factor * factor; i++) sum += picture.rgb[3 * ((line * factor + Math.floor(i / factor)) * picture.width + column * factor + (i % factor)) + channel]
          expect(value).toBe(Math.round(sum / (factor * factor)))
        })
      }),
      { seed, numRuns: counts(100, 2000) },
    )
  })
})

describe('colours', () => {
  it('of depths get darker with every step away; nothing is black', () => {
    const depth = Float32Array.from([-1, ...Array.from({ length: 256 }, (_, i) => i), 300, Infinity, NaN])
    const picture = depthPicture(depth, { width: depth.length, height: 1 }, { near: 0, far: 255 })
    const lumas = Array.from({ length: 256 }, (_, i) => lumaOf(picture.rgb.subarray(3 * (i + 1), 3 * (i + 2))).mean)
    for (let i = 1; i < 256; i++) expect(lumas[i]).toBeLessThanOrEqual(lumas[i - 1])
    expect(new Set(lumas).size).toBeGreaterThan(150)
    expect([pixel(picture, 0, 0), pixel(picture, 257, 0)]).toEqual([pixel(picture, 1, 0), pixel(picture, 256, 0)])
    expect([pixel(picture, 258, 0), pixel(picture, 259, 0)]).toEqual([0, 0])
    expect(lumas[255]).toBeGreaterThan(0)
  })

  it('have a scale that names what the depths reach', () => {
    expect(depthRangeOf(Float32Array.from([Infinity, NaN]))).toBeUndefined()
    expect(depthRangeOf(Float32Array.from([2.34, Infinity, 7.01]))).toEqual({ near: 2.3, far: 7.1 })
    expect(pixel(depthPicture(Float32Array.of(4), { width: 1, height: 1 }, { near: 4, far: 4 }), 0, 0)).toBe(0xfde725)
    for (const width of [1, 2, 3, 20, 120]) {
      const picture = blankPicture(width, 2, 0x123456)
      const whole = withDepthLegend(picture, { near: 1.5, far: 20 })
      expect([whole.width, whole.height]).toEqual([width, 14])
      expect(whole.rgb.subarray(0, 6 * width)).toEqual(picture.rgb)
    }
    expect(shape(withDepthLegend(blankPicture(120, 1), { near: 1.5, far: 20 }), 0xffffff).split('\n').filter((line) => line.includes('#'))).toHaveLength(7)
  })

  it('of segmentations are one for each id', () => {
    const colours = Array.from({ length: 65_536 }, (_, id) => segmentationColour(id))
    expect(new Set(colours).size).toBe(65_536)
    expect(colours[0]).toBe(0)
    // Golden: they must stay what they are.
    expect(colours.slice(1, 5).map((colour) => colour.toString(16).padStart(6, '0'))).toEqual(['0140e0', '82c000', 'e300c0', '04c0c0'])
    const picture = segmentationPicture(Uint16Array.of(0, 1, 65_535), { width: 3, height: 1 })
    expect([0, 1, 2].map((column) => pixel(picture, column, 0))).toEqual([0, colours[1], colours[65_535]])
    // Neighbours differ in more than the low bits.
    for (let id = 1; id < 200; id++) expect((colours[id] ^ colours[id + 1]) & 0xe0c0e0).not.toBe(0)
  })
})

describe('sheets', () => {
  it('hold every picture whole, each with its label', () => {
    fc.assert(
      fc.property(fc.array(pictures, { minLength: 1, maxLength: 9 }), fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }), (all, columns) => {
        const sheet = contactSheet(all.map((picture, i) => ({ picture, label: String(i) })), columns)
        const cell = { width: Math.max(6, ...all.map(({ width }) => width)) + 4, height: Math.max(...all.map(({ height }) => height)) + 14 }
        const across = (sheet.width - 4) / cell.width
        expect((sheet.height - 4) / cell.height).toBe(Math.ceil(all.length / across))
        if (columns !== undefined) expect(across).toBe(Math.min(columns, all.length))
        all.forEach((picture, i) => {
          const [left, top] = [4 + (i % across) * cell.width, 4 + Math.floor(i / across) * cell.height]
          for (let line = 0; line < picture.height; line++) for (let column = 0; column < picture.width; column++) expect(pixel(sheet, left + column, top + line)).toBe(pixel(picture, column, line))
        })
      }),
      { seed, numRuns: counts(50, 1000) },
    )
  })

  it('mark and count exactly the pixels that differ', () => {
    fc.assert(
      fc.property(pictures, fc.array(fc.nat({ max: 431 })), (a, changes) => {
        const b = { ...a, rgb: a.rgb.slice() }
        const changed = new Set(changes.map((change) => change % a.rgb.length))
        for (const at of changed) b.rgb[at] ^= 1
        const { marks, differingPixels } = contrast(a, b)
        const wanted = new Set([...changed].map((at) => Math.floor(at / 3)))
        expect(differingPixels).toBe(wanted.size)
        for (let i = 0; i < a.width * a.height; i++) expect(pixel(marks, i % a.width, Math.floor(i / a.width)) === 0xff00ff).toBe(wanted.has(i))
      }),
      { seed, numRuns: counts(100, 2000) },
    )
  })

  it('put pictures side by side', () => {
    const whole = beside([blankPicture(2, 3, 0xff0000), blankPicture(1, 3, 0xff)])
    expect([whole.width, whole.height, shape(whole, 0xff0000), shape(whole, 0xff)]).toEqual([7, 3, '##.....\n##.....\n##.....', '......#\n......#\n......#'])
    expect(() => { paste(whole, blankPicture(3, 3), 5, 0) }).toThrow('is pasted where it fits')
  })
})
