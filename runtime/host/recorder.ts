import { MetabonkError } from '../errors.ts'
import type { ErrorParts } from '../errors.ts'
import { FeedConsumer, postFeedError } from '../recording/feed.ts'
import type { RecordingManifest } from '../recording/manifest.ts'
import type { ByteSink } from '../recording/mcap-writer.ts'
import { RecordingWriter } from '../recording/recording-writer.ts'
import type { RecordingWriterOptions } from '../recording/recording-writer.ts'
import { resumeRecording } from '../recording/resume.ts'
import { RotatingWriter, recordedBefore } from '../recording/rotation.ts'
import type { RecordedBefore } from '../recording/rotation.ts'
import { hostCrc32, isNearlyFull, openFileAppend, openFileSink } from './files.ts'
import { RotatedFiles, refuseOtherParts } from './parts.ts'
import type { Rotation, RotationStart } from './parts.ts'
import { hostReadPorts } from './read-ports.ts'
import { ed25519Sign, sha256 } from './seal.ts'

/** How long the recorder sleeps at a time when nobody wakes it. */
const sleepMillis = 125
/** Open chunks are written out after so long. */
const flushMillis = 800
/** And brought to the disk after so long, when the feed's policy is `interval`. */
const syncMillis = 1000

/** What a recorder thread needs; plain data. */
export interface RecorderTask {
  /** Its fsync policy is the recorder's. */
  readonly feed: SharedArrayBuffer
  readonly path: string
  readonly manifest: RecordingManifest
  /** Goes on with the recording at `path`, whose last hashed step must be this one; its own manifest stays. */
  readonly resumeAfter?: number | undefined
  /** Ed25519 private key, PEM, to sign the recording with. */
  readonly signKey?: string | undefined
  /** Records in parts: the first one at `path`. */
  readonly rotate?: Rotation | undefined
}

/** What a recorder thread has done. */
export interface RecorderReport {
  /** The recording was ended; not so when the feed was stopped or the disk failed. */
  readonly complete: boolean
  /** The files it lies in, in their order; more than one where it was recorded in parts. */
  readonly paths: readonly string[]
  /** Why it failed; also posted into the feed, whose producer throws it. */
  readonly error?: ErrorParts
}

/** A writer and what closes its file, whatever comes of it. */
interface OpenedWriter {
  readonly writer: RecordingWriter | RotatingWriter
  readonly paths: readonly string[]
  readonly close: () => void
}

/**
 * The recorder thread: writes what comes through the feed to a file until the end record, or until the feed is stopped, and
 * sleeps in between. Blocks. When the disk fails, the file stays readable up to its last complete chunk, and the producer
 * gets the error at its next record; when it is nearly full, the recording is ended where it is.
 */
export function runRecorder(task: RecorderTask): RecorderReport {
  try {
    return record(task)
  } catch (error) {
    if (!(error instanceof MetabonkError)) {
      postFeedError(task.feed, { code: 'worker-dead', what: `recorder thread failed: ${String(error)}`, where: task.path, todo: 'report this as a bug' })
      throw error
    }
    postFeedError(task.feed, error.toParts())
    return { complete: isNearlyFull(error), paths: [], error: error.toParts() }
  }
}

function record(task: RecorderTask): RecorderReport {
  const { writer, paths, close } = openWriter(task)
  try {
    const complete = drainToEnd(new FeedConsumer(task.feed), writer)
    if (!complete) writer.closeIncomplete()
    return { complete, paths }
  } catch (error) {
    if (isNearlyFull(error)) writer.closeEarly('the disk was nearly full')
    throw error
  } finally {
    close()
  }
}

function openWriter(task: RecorderTask): OpenedWriter {
  const { path, manifest, resumeAfter, signKey, rotate } = task
  const options: RecordingWriterOptions = { crc32: hostCrc32, digest: sha256, sign: signKey === undefined ? undefined : ed25519Sign(signKey) }
  if (resumeAfter !== undefined) return resumeWriter(task, resumeAfter, options)
  if (rotate !== undefined) refuseOtherParts(path)
  const sink = openFileSink(path)
  try {
    const writer = new RecordingWriter(sink, manifest, options)
    return inParts({ writer, sink }, { path, manifest, options }, rotate)
  } catch (error) {
    sink.discard()
    throw error
  }
}

function resumeWriter({ path, manifest, rotate }: RecorderTask, after: number, options: RecordingWriterOptions): OpenedWriter {
  const file = openFileAppend(path)
  try {
    const { recording, writer, sink } = resumeRecording(file, { ...hostReadPorts(), ...options, after, until: manifest.until })
    const { until, versions, workers } = manifest
    const plan = until === undefined ? {} : { until }
    const before = rotate === undefined ? undefined : recordedBefore(recording)
    return inParts({ writer, sink, before }, { path, manifest: { ...recording.manifest, versions, workers, ...plan }, options }, rotate)
  } catch (error) {
    file.close()
    throw error
  }
}

/** A writer of a whole file, and what it held before. */
interface Opened {
  readonly writer: RecordingWriter
  readonly sink: ByteSink
  readonly before?: RecordedBefore | undefined
}

/** Lets a writer go on in further files, where that is wanted. */
function inParts({ writer, sink, before }: Opened, start: Omit<RotationStart, 'keep'>, rotate: Rotation | undefined): OpenedWriter {
  if (rotate === undefined) return { writer, paths: [start.path], close: () => { sink.close() } }
  const files = new RotatedFiles({ ...start, keep: rotate.keep })
  const close = (): void => {
    sink.close()
    files.close()
  }
  return { writer: new RotatingWriter(writer, files, rotate.bytes, before), paths: files.paths, close }
}

/** Returns true at the end record, false when the feed was stopped before it. */
function drainToEnd(consumer: FeedConsumer, writer: OpenedWriter['writer']): boolean {
  let flushedAt = performance.now()
  let syncedAt = flushedAt
  for (;;) {
    const { wakeToken, stopped } = consumer
    if (!consumer.drain(writer)) return true
    if (stopped) return false
    if (consumer.fsync === 'step' && !consumer.isAcknowledged) {
      writer.sync()
      consumer.acknowledge()
    }
    const now = performance.now()
    if (now - flushedAt >= flushMillis) {
      writer.flush()
      flushedAt = now
    }
    if (consumer.fsync === 'interval' && now - syncedAt >= syncMillis) {
      writer.sync()
      syncedAt = now
    }
    consumer.sleep(wakeToken, sleepMillis)
  }
}
