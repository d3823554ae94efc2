import { deflateSync } from 'node:zlib'
import { hostCrc32 } from '../../runtime/host/index.ts'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length)
  bytes.set(new TextEncoder().encode(type), 4)
  bytes.set(data, 8)
  view.setUint32(8 + data.length, hostCrc32(bytes.subarray(4, 8 + data.length), 0))
  return bytes
}

/** A square picture, red, green and blue of each pixel line by line, as a PNG. */
export function pngOf(size: number, rgb: Uint8Array): Uint8Array {
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, size)
  view.setUint32(4, size)
  // Eight bits of red, green and blue; nothing filtered, nothing interlaced.
  head.set([8, 2, 0, 0, 0], 8)
  const lines = new Uint8Array(size * (3 * size + 1))
  for (let line = 0; line < size; line++) lines.set(rgb.subarray(3 * size * line, 3 * size * (line + 1)), line * (3 * size + 1) + 1)
  return Buffer.concat([Uint8Array.from(signature), chunk('IHDR', head), chunk('IDAT', deflateSync(lines)), chunk('IEND', new Uint8Array(0))])
}
