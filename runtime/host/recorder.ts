import { MetabonkError } from '../errors.ts'
import type { ErrorParts } from '../errors.ts'
import { FeedConsumer, postFeedError } from '../recording/feed.ts'
import type { RecordingManifest } from '../recording/manifest.ts'
import { RecordingWriter } from '../recording/recording-writer.ts'
import { hostCrc32, openFileSink } from './files.ts'

/** How long the recorder sleeps at a time when nobody wakes it. */
const sleepMillis = 125
/** An open chunk is written out after so many sleeps that nobody ended: 250 ms. */
const quietSleepsMax = 2

/** What a recorder thread needs; plain data. */
export interface RecorderTask {
  readonly feed: SharedArrayBuffer
  readonly path: string
  readonly manifest: RecordingManifest
}

/** What a recorder thread has done. */
export interface RecorderReport {
  /** The recording was ended; not so when the feed was stopped or the disk failed. */
  readonly complete: boolean
  /** Why it failed; also posted into the feed, whose producer throws it. */
  readonly error?: ErrorParts
}

/**
 * The recorder thread: writes what comes through the feed to a file until the end record, or until the feed is stopped, and
 * sleeps in between. Blocks. When the disk fails, the file stays readable up to its last complete chunk, and the producer
 * gets the error at its next record.
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
    return { complete: false, error: error.toParts() }
  }
}

function record({ feed, path, manifest }: RecorderTask): RecorderReport {
  const sink = openFileSink(path)
  try {
    const writer = new RecordingWriter(sink, manifest, { crc32: hostCrc32 })
    const complete = drainToEnd(new FeedConsumer(feed), writer)
    if (!complete) writer.closeIncomplete()
    return { complete }
  } finally {
    sink.close()
  }
}

/** Returns true at the end record, false when the feed was stopped before it. */
function drainToEnd(consumer: FeedConsumer, writer: RecordingWriter): boolean {
  let quietSleeps = 0
  for (;;) {
    const { wakeToken, stopped } = consumer
    if (!consumer.drain(writer)) return true
    if (stopped) return false
    if (consumer.sleep(wakeToken, sleepMillis)) continue
    quietSleeps += 1
    if (quietSleeps < quietSleepsMax) continue
    quietSleeps = 0
    writer.flush()
  }
}
