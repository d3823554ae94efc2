/** A reader of animated GIF files after the standard (GIF89a), with its own LZW: it checks everything about them and shows each picture as a viewer does. */
import { expect } from 'vitest'

export interface ShownGif {
  readonly width: number
  readonly height: number
  /** Hundredths of a second of each picture. */
  readonly delays: readonly number[]
  /** Red, green, blue of each pixel as it is shown. */
  readonly pictures: readonly Uint8Array[]
}

/** The data of an image: sub-blocks joined. Returns them with the place after the last. */
function subBlocks(file: Uint8Array, from: number): { readonly data: number[]; readonly end: number } {
  const data: number[] = []
  let at = from
  for (; file[at] !== 0; at += file[at] + 1) data.push(...file.subarray(at + 1, at + 1 + file[at]))
  return { data, end: at + 1 }
}

function decodeLzw(data: readonly number[], bits: number): number[] {
  const clear = 1 << bits
  const out: number[] = []
  let table: number[][] = []
  let width = bits + 1
  let before: number[] | undefined
  let [held, count, at] = [0, 0, 0]
  for (;;) {
    for (; count < width; count += 8) {
      expect(at).toBeLessThan(data.length)
      held += data[at++] * 2 ** count
    }
    const code = held % 2 ** width
    held = Math.floor(held / 2 ** width)
    count -= width
    if (code === clear + 1) break
    if (code === clear) {
      table = Array.from({ length: clear + 2 }, (_, value) => [value])
      width = bits + 1
      before = undefined
      continue
    }
    expect(code).toBeLessThanOrEqual(table.length)
    const string: number[] = code < table.length ? table[code] : [...(before ?? []), (before ?? [])[0]]
    if (before !== undefined && table.length < 4096) table.push([...before, string[0]])
    if (table.length === 1 << width && width < 12) width++
    out.push(...string)
    before = string
  }
  expect(at).toBe(data.length)
  return out
}

/** Reads a file of pictures that stay, with one palette for all and a place that is transparent. */
export function decodeGif(file: Uint8Array): ShownGif {
  const text = (from: number, to: number): string => Buffer.from(file.subarray(from, to)).toString('latin1')
  const u16 = (at: number): number => file[at] | (file[at + 1] << 8)
  expect(text(0, 6)).toBe('GIF89a')
  const [width, height] = [u16(6), u16(8)]
  expect([...file.subarray(10, 13)]).toEqual([0xf7, 0, 0])
  const palette = file.subarray(13, 13 + 768)
  expect([...file.subarray(781, 784), text(784, 795), ...file.subarray(795, 800)]).toEqual([0x21, 0xff, 11, 'NETSCAPE2.0', 3, 1, 0, 0, 0])
  const screen = new Uint8Array(3 * width * height)
  const delays: number[] = []
  const pictures: Uint8Array[] = []
  let at = 800
  for (; file[at] !== 0x3b; ) {
    expect([...file.subarray(at, at + 3), file[at + 7], file[at + 8], file[at + 17]]).toEqual([0x21, 0xf9, 4, 0, 0x2c, 0])
    const transparent = (file[at + 3] & 1) === 1 ? file[at + 6] : -1
    delays.push(u16(at + 4))
    const [left, top, columns, lines] = [9, 11, 13, 15].map((offset) => u16(at + offset))
    const { data, end } = subBlocks(file, at + 19)
    const places = decodeLzw(data, file[at + 18])
    expect([places.length, left + columns <= width, top + lines <= height]).toEqual([columns * lines, true, true])
    places.forEach((place, i) => {
      const to = 3 * ((top + Math.floor(i / columns)) * width + left + (i % columns))
      if (place !== transparent) screen.set(palette.subarray(3 * place, 3 * place + 3), to)
    })
    pictures.push(screen.slice())
    at = end
  }
  expect(at).toBe(file.length - 1)
  return { width, height, delays, pictures }
}
