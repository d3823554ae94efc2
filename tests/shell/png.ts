import { inflateSync } from 'node:zlib'
import { expect } from 'vitest'

/** CRC-32 as the PNG standard words it: bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

/** Reads a PNG file of unfiltered true colour, checking everything about it. */
export function decodePng(file: Buffer): { readonly width: number; readonly height: number; readonly rgb: Uint8Array } {
  expect(file.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const chunks: { readonly type: string; readonly data: Buffer }[] = []
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    chunks.push({ type, data: file.subarray(at + 8, at + 8 + length) })
    expect([type, file.readUInt32BE(at + 8 + length)]).toEqual([type, crc32(file.subarray(at + 4, at + 8 + length))])
    at += 12 + length
  }
  expect(chunks.map((each) => each.type)).toEqual(['IHDR', 'IDAT', 'IEND'])
  const [{ data: header }, { data }] = chunks
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  expect([...header.subarray(8)]).toEqual([8, 2, 0, 0, 0])
  const lines = inflateSync(data)
  expect(lines.length).toBe(height * (1 + 3 * width))
  const rgb = new Uint8Array(3 * width * height)
  for (let line = 0; line < height; line++) {
    const at = line * (1 + 3 * width)
    expect(lines[at]).toBe(0)
    rgb.set(lines.subarray(at + 1, at + 1 + 3 * width), 3 * width * line)
  }
  return { width, height, rgb }
}
