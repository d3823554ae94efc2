import { McapWriter } from '@mcap/core'
import { closeSync, openSync, writeSync } from 'node:fs'
import type { WriteLoad } from '../models/writer.ts'

/** Seconds that @mcap/core takes for a file of messages: in chunks as large as ours, with checksums, not compressed. It is given the cheapest of sinks. */
export async function mcapCoreSeconds(path: string, { messages, bytes, perStep, stepNanos }: WriteLoad): Promise<number> {
  const begin = performance.now()
  const file = openSync(path, 'w')
  let position = 0
  const written = Promise.resolve()
  const writer = new McapWriter({
    writable: {
      write: (piece) => {
        for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at, piece.length - at, position + at)
        position += piece.length
        return written
      },
      position: () => BigInt(position),
    },
    chunkSize: 1024 * 1024,
  })
  await writer.start({ profile: '', library: '' })
  const schemaId = await writer.registerSchema({ name: 'bytes', encoding: 'jsonschema', data: new TextEncoder().encode('{}') })
  const channelId = await writer.registerChannel({ schemaId, topic: 'bytes', messageEncoding: 'json', metadata: new Map() })
  for (let message = 0; message < messages; message++) {
    const time = BigInt(Math.floor(message / perStep) * stepNanos)
    await writer.addMessage({ channelId, sequence: message, logTime: time, publishTime: time, data: bytes })
  }
  await writer.end()
  closeSync(file)
  return (performance.now() - begin) / 1000
}
