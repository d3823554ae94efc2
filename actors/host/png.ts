import { deflateSync } from 'node:zlib'
import type { Picture } from '../../compositor/index.ts'
import { hostCrc32 } from '../../runtime/host/index.ts'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
/** Eight bits a channel, red green blue, the only compression and filter method there are, not interlaced. */
const format = [8, 2, 0, 0, 0]

/** A picture as a PNG file (ISO/IEC 15948): true colour, every line unfiltered, deflated for speed. */
export function encodePng({ width, height, rgb }: Picture): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set(format, 8)
  const lines = Buffer.alloc(height * (1 + 3 * width))
  for (let line = 0; line < height; line++) lines.set(rgb.subarray(3 * width * line, 3 * width * (line + 1)), line * (1 + 3 * width) + 1)
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(lines, { level: 1 })), chunk('IEND', new Uint8Array())])
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(data, 8)
  bytes.writeUInt32BE(hostCrc32(bytes.subarray(4, 8 + data.length), 0) >>> 0, 8 + data.length)
  return bytes
}
