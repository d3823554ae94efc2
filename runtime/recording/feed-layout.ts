/**
 * The recorder's feed: a one-way byte stream in shared memory between the coordinator (producer) and the recorder's thread
 * (consumer).
 *
 *     byte 0        head u32        bytes written, modulo 2^32; only the producer stores it
 *     byte 64       tail u32        bytes taken, modulo 2^32; only the consumer stores it
 *     byte 128      wake u32        bumped by the producer when the consumer shall not sleep on
 *     byte 132      stop u32        set by the host: the producer is gone, no more will come
 *     byte 136      waiting u32     set while the producer waits for room
 *     byte 140      fsync u32       how often the recorder brings what it has to the disk: place in fsyncPolicies
 *     byte 160      durable u32     bytes taken that are on the disk, modulo 2^32; under fsync `step` only
 *     byte 192      records f64 · bytes f64 · stalls f64 · drops f64, counted by the producer
 *     byte 256      error u32       length of the error text; 0: the recorder is well
 *     byte 264      error text      JSON of the error's parts, UTF-8
 *     byte 8192     the stream, a power of two of bytes, written round and round
 *
 *     record:  | type u32 | length u32 | step f64 | first u32 | second u32 | length bytes, padded to 8 |
 *
 * | type       | first            | second           | bytes                                   |
 * | hash       | root low         | root high        | triples (column id, low, high) of u32   |
 * | input      | sequence         |                  | the input                               |
 * | keyframe   |                  |                  | the state                               |
 * | attachment | bytes of its name | of its media type | name, media type, content            |
 * | stream     |                  |                  | JSON of its declaration                 |
 * | message    | stream           | sequence         | the message                             |
 * | dropped    | stream           | messages         |                                         |
 * | flush      |                  |                  |                                         |
 * | end        |                  |                  | JSON of the end record                  |
 */
export const feedWords = { head: 0, tail: 16, wake: 32, stop: 33, waiting: 34, fsync: 35, durable: 40, error: 64 } as const
/** Places of the counters in f64 units. */
export const feedCounters = { records: 24, bytes: 25, stalls: 26, drops: 27 } as const
const feedErrorOffset = 264
export const feedHeaderBytes = 8192
export const feedRecordHeadBytes = 24
export const feedTypes = { hash: 1, input: 2, keyframe: 3, attachment: 4, flush: 5, end: 6, stream: 7, message: 8, dropped: 9 } as const

/**
 * How often a recording is brought to the disk, so that it survives a power cut: at its end; at most once a second; or before
 * the producer goes on after a hash, so that no step is lost that was once acknowledged.
 */
export const fsyncPolicies = ['never', 'interval', 'step'] as const
export type FsyncPolicy = (typeof fsyncPolicies)[number]

/** Default size of the stream. */
export const feedBytesDefault = 8 * 1024 * 1024
export const feedBytesMin = 4096
export const feedBytesMax = 1024 * 1024 * 1024
/** The producer wakes the consumer when this much has come since the last time. */
export const feedWakeBytes = 64 * 1024
/** The longest payload of one record. */
export const feedPayloadBytesMax = 0x7fff_fff8
/** How long the producer waits for room at a time. */
export const feedSliceMillis = 50
/** So many slices without any progress mean that the recorder is dead: 30 s. */
export const feedSlicesMax = 600
/** Parts of a posted error are cut to this many characters, so that they always fit. */
export const feedErrorCharsMax = 400

/** The typed views of one feed; each side has its own. */
export interface FeedViews {
  readonly control: Int32Array
  readonly counters: Float64Array
  readonly errorText: Uint8Array
  /** The stream as bytes, as u32 and as f64, with the mask of each. */
  readonly bytes: Uint8Array
  readonly words: Uint32Array
  readonly doubles: Float64Array
}

export function viewFeed(feed: SharedArrayBuffer): FeedViews {
  return {
    control: new Int32Array(feed, 0, feedErrorOffset / 4),
    counters: new Float64Array(feed, 0, feedErrorOffset / 8),
    errorText: new Uint8Array(feed, feedErrorOffset, feedHeaderBytes - feedErrorOffset),
    bytes: new Uint8Array(feed, feedHeaderBytes),
    words: new Uint32Array(feed, feedHeaderBytes),
    doubles: new Float64Array(feed, feedHeaderBytes),
  }
}
