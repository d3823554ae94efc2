import { hashHex } from '../hash/hex.ts'
import { crc32 as twinCrc32 } from './crc32.ts'
import { endName, recordingProfile, stepNanosOf } from './manifest.ts'
import type { RecordingEnd } from './manifest.ts'
import { McapWriter } from './mcap-writer.ts'
import type { ByteSink } from './mcap-writer.ts'
import type { Compression, WritePorts } from './ports.ts'
import type { Recording } from './recording.ts'
import { declaredChannels } from './resume.ts'
import { writeEnd } from './seal.ts'

export interface RewriteOptions extends WritePorts {
  /** Compresses the chunks; without it they are written as they are. */
  readonly compression?: Compression | undefined
}

/**
 * Copies a recording, complete or torn, into a new complete one; what was torn stays told in the reason of its end. Every chunk
 * and attachment is checked on the way. Goes piece by piece, for who has something else to do in between. Throws `recording-invalid` for a damaged one, and what the
 * sink throws; nothing stays then, nor when it is ended before it is done.
 */
export function* rewriteRecording(recording: Recording, sink: ByteSink, options: RewriteOptions = {}): Generator<void, RecordingEnd, void> {
  let isDone = false
  try {
    const end = yield* rewrite(recording, sink, options)
    isDone = true
    return end
  } finally {
    if (!isDone) sink.discard()
  }
}

function* rewrite(recording: Recording, sink: ByteSink, options: RewriteOptions): Generator<void, RecordingEnd, void> {
  const { crc32 = twinCrc32, compression, sign } = options
  const mcap = new McapWriter(sink, {
    profile: recordingProfile, library: recordingProfile, stepNanos: stepNanosOf(recording.manifest.stepMillis), crc32, digest: options.digest?.(),
  })
  for (const span of recording.mcap.metadataSpans) if (span.name !== endName) mcap.metadata(span.name, recording.mcap.metadataAt(span))
  declare(recording, mcap)
  for (const put of parts(recording, mcap, compression)) {
    put()
    yield
  }
  const end = endOf(recording)
  writeEnd(mcap, end, { crc32, sign })
  mcap.finish()
  sink.sync()
  sink.close()
  return end
}

function declare(recording: Recording, mcap: McapWriter): void {
  const chunk = mcap.openChunk()
  for (let id = 1; id <= recording.mcap.schemas.size; id++) {
    const schema = recording.mcap.schemas.get(id)
    if (schema !== undefined) mcap.addSchema(schema.name, schema.encoding, schema.text)
  }
  for (const channel of declaredChannels(recording)) mcap.addChannel(chunk, channel)
}

/** What copies each chunk and attachment, in the order of the file. */
function parts({ mcap }: Recording, out: McapWriter, compression: Compression | undefined): (() => void)[] {
  const chunks = mcap.chunks.map((chunk) => ({
    offset: chunk.offset,
    put: () => {
      const records = mcap.readChunk(chunk, () => 'chunk')
      out.copy(records, mcap.survey(chunk, records), compression)
    },
  }))
  const attachments = mcap.attachments.map((attachment) => ({
    offset: attachment.offset,
    put: () => { out.attach(attachment.name, attachment.mediaType, attachment.time, mcap.readAttachment(attachment)) },
  }))
  return [...chunks, ...attachments].sort((a, b) => a.offset - b.offset).map(({ put }) => put)
}

/** The end of the copy: that of the recording, without its seal, or that it was recovered. */
function endOf(recording: Recording): RecordingEnd {
  const { end, steps } = recording
  const { lo, hi } = recording.hashAt(steps)
  if (end === undefined) return { steps, finalHash: hashHex(lo, hi), reason: `recovered: the recording was cut off after step ${String(steps)}` }
  const { finalHash, reason, next, dropped } = end
  return { steps, finalHash, reason: recording.complete ? reason : `recovered: ${reason}`, ...(next === undefined ? {} : { next }), ...(dropped === undefined ? {} : { dropped }) }
}
