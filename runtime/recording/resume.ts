import { MetabonkError } from '../errors.ts'
import { crc32 as twinCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { planName, recordingChannels, recordingProfile, stepNanosOf } from './manifest.ts'
import { channelsOf, messagesOf } from './mcap-reader.ts'
import type { McapChannel, McapChunk } from './mcap-reader.ts'
import type { ByteSource } from './piecewise.ts'
import { McapWriter } from './mcap-writer.ts'
import type { ByteSink, McapPrefix } from './mcap-writer.ts'
import type { Digest, ReadPorts } from './ports.ts'
import { brokenRecording } from './record-cursor.ts'
import { openRecording } from './recording.ts'
import type { Recording } from './recording.ts'
import { RecordingWriter } from './recording-writer.ts'
import type { RecordingWriterOptions } from './recording-writer.ts'
import { eachPiece } from './seal.ts'

/** A file that holds a recording, to be written on. */
export interface RecordingFile {
  readonly source: ByteSource
  /** Cuts the file at `offset`; what comes is written there. */
  appendAt(offset: number): ByteSink
}

export interface ResumeOptions extends RecordingWriterOptions, ReadPorts {
  /** The last hashed step that the recording must have. */
  readonly after: number
  /** The run is to end before this step, whatever was said when it began. */
  readonly until?: number | undefined
}

/** A recording that is written on, as it was, and the end of its file. */
export interface ResumedRecording {
  readonly recording: Recording
  readonly writer: RecordingWriter
  readonly sink: ByteSink
}

/**
 * Goes on with a recording that was cut off, or ended: cuts the file behind its last complete chunk of hashes or keyframe, and
 * gives a writer that goes on with the step after the last hashed one. What was recorded after that hash (inputs, messages of
 * streams) is cut off and is to be recorded again; keyframes that are there may come again. Throws what opening and checking a recording
 * throws, and `recording-mismatch` when it ends at another step; the file is as it was then.
 */
export function resumeRecording(file: RecordingFile, options: ResumeOptions): ResumedRecording {
  const crc32 = options.crc32 ?? twinCrc32
  const recording = openRecording(file.source, crc32, options)
  const { manifest, steps } = recording
  if (steps !== options.after) {
    const what = `recording ends at step ${String(steps)}, not at step ${String(options.after)} where the run goes on`
    throw new MetabonkError({ code: 'recording-mismatch', what, where: file.source.name, todo: 'resume it once more: it was written meanwhile' })
  }
  // What is kept is sealed anew: damage in it would be sealed with it.
  recording.check()
  const digest = options.digest?.()
  const prefix = prefixOf(recording, { crc32, digest })
  const sink = file.appendAt(prefix.position)
  const mcap = new McapWriter(sink, { profile: recordingProfile, library: recordingProfile, stepNanos: stepNanosOf(manifest.stepMillis), crc32, digest }, prefix)
  const messages = countMessages(prefix.chunks)
  const { lo, hi } = recording.hashAt(steps)
  const writer = new RecordingWriter(sink, manifest, options, {
    mcap,
    channels: declaredChannels(recording).map((channel) => ({ declaration: declarationOf(recording, channel), schema: channel.schema, messages: messages.get(channel.id) ?? 0 })),
    stepLast: steps,
    rootLast: [lo, hi],
    keyframes: recording.keyframes.map(({ step }) => step),
  })
  const isPlanned = options.until === manifest.until && !prefix.metadata.some(({ name }) => name === planName)
  if (options.until !== undefined && !isPlanned) writer.plan(options.until)
  return { recording, writer, sink }
}

/** Channels by id; refuses a file that does not number them as this package does. */
export function declaredChannels({ mcap, source }: Recording): readonly McapChannel[] {
  const channels = [...mcap.channels.values()].sort((a, b) => a.id - b.id)
  const isOurs = channels.every(({ id }, place) => id === place + 1) && Object.keys(recordingChannels).every((name, place) => channels[place].topic === name)
  const isNumbered = Array.from({ length: mcap.schemas.size }, (_, place) => mcap.schemas.has(place + 1)).every(Boolean)
  if (!isOurs || !isNumbered) throw brokenRecording('channels and schemas are not numbered as metabonk numbers them', source.name, 0)
  return channels
}

function declarationOf({ topics }: Recording, { topic }: McapChannel): Recording['topics'][number] {
  const found = topics.find((each) => each.topic === topic)
  if (found === undefined) throw brokenRecording(`channel '${topic}' is not declared`, topic, 0)
  return found
}

/** What is kept of a recording's file. */
function prefixOf(recording: Recording, { crc32, digest }: { readonly crc32: Crc32; readonly digest: Digest | undefined }): McapPrefix {
  const { mcap, source } = recording
  const ids = declaredChannels(recording).filter(({ topic }) => topic === 'hashes' || topic === 'keyframes').map(({ id }) => id)
  const chunks = mcap.chunks.slice(0, 1 + mcap.chunks.findLastIndex((chunk) => channelsOf(chunk).some((channel) => ids.includes(channel))))
  const last = chunks[chunks.length - 1]
  const survey = mcap.survey(last, mcap.readChunk(last, () => 'last chunk of hashes'))
  const indexes = survey.indexBytes()
  const isIndexed = holds(source, last.offset + last.bytes, indexes)
  const position = isIndexed ? attachmentsEnd(recording, last.offset + last.bytes + indexes.length) : last.offset + last.bytes
  let crc = 0
  eachPiece(source, position, (bytes) => {
    crc = crc32(bytes, crc)
    digest?.update(bytes)
  })
  return {
    position, crc, chunks,
    unindexed: isIndexed ? undefined : survey,
    schemas: Array.from({ length: mcap.schemas.size }, (_, place) => mcap.schemas.get(place + 1)?.record ?? new Uint8Array(0)),
    attachments: mcap.attachments.filter(({ offset }) => offset < position),
    metadata: mcap.metadataSpans.filter(({ offset }) => offset < position),
  }
}

function holds(source: ByteSource, offset: number, bytes: Uint8Array): boolean {
  return offset + bytes.length <= source.size && source.read(offset, bytes.length).every((byte, place) => byte === bytes[place])
}

/** End of the attachments that follow at `offset`. */
function attachmentsEnd({ mcap }: Recording, offset: number): number {
  let end = offset
  for (const attachment of mcap.attachments) if (attachment.offset === end) end += attachment.bytes
  return end
}

function countMessages(chunks: readonly McapChunk[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const chunk of chunks) for (const [channel, messages] of messagesOf(chunk)) counts.set(channel, (counts.get(channel) ?? 0) + messages)
  return counts
}
