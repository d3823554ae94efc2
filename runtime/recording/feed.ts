import { MetabonkError, assert } from '../errors.ts'
import type { ErrorParts } from '../errors.ts'
import {
  feedBytesDefault, feedBytesMax, feedBytesMin, feedCounters, feedErrorCharsMax, feedHeaderBytes, feedPayloadBytesMax, feedRecordHeadBytes,
  feedSliceMillis, feedSlicesMax, feedTypes, feedWakeBytes, feedWords, fsyncPolicies, viewFeed,
} from './feed-layout.ts'
import type { FeedViews, FsyncPolicy } from './feed-layout.ts'
import type { RecordingEnd, RecordingTarget, StreamDeclaration } from './manifest.ts'

/** Payloads up to this size are copied word by word: below it a `subarray` and `set` cost more than the bytes. */
const loopBytesMax = 512

const noBytes = new Uint8Array(0)

/** Makes an empty feed with room for `streamBytes` (a power of two) of records; its recorder follows `fsync`. */
export function createFeed(streamBytes: number = feedBytesDefault, fsync: FsyncPolicy = 'never'): SharedArrayBuffer {
  assert(streamBytes >= feedBytesMin && streamBytes <= feedBytesMax && (streamBytes & (streamBytes - 1)) === 0, 'a feed is a power of two of bytes')
  const feed = new SharedArrayBuffer(feedHeaderBytes + streamBytes)
  viewFeed(feed).control[feedWords.fsync] = fsyncPolicies.indexOf(fsync)
  return feed
}

/** Tells the recorder that no more will come, although nobody ended the recording: it closes the file after what it has. */
export function stopFeed(feed: SharedArrayBuffer): void {
  const { control } = viewFeed(feed)
  Atomics.store(control, feedWords.stop, 1)
  wakeConsumer(control)
}

/** Posts that the recorder has failed: every later call of the producer throws this error. The first one stays. */
export function postFeedError(feed: SharedArrayBuffer, parts: ErrorParts): void {
  const { control, errorText } = viewFeed(feed)
  if (Atomics.load(control, feedWords.error) !== 0) return
  const { code, what, where, todo } = parts
  const cut = (text: string | undefined): string | undefined => text?.slice(0, feedErrorCharsMax)
  const text = new TextEncoder().encode(JSON.stringify({ code, what: cut(what), where: cut(where), todo: cut(todo) }))
  errorText.set(text)
  Atomics.store(control, feedWords.error, text.length)
  Atomics.notify(control, feedWords.tail)
  Atomics.notify(control, feedWords.durable)
}

/** What went through a feed so far, and what is in it. */
export interface FeedCounters {
  readonly records: number
  readonly bytes: number
  /** Times the producer had to wait for room. */
  readonly stalls: number
  /** Messages of droppable streams for which there was no room. */
  readonly drops: number
  /** Bytes that wait for the recorder, of so many that there is room for. */
  readonly waiting: number
  readonly capacity: number
}

/** Gives what reads the counters of a feed, in any thread and as often as wanted. */
export function feedCountersOf(feed: SharedArrayBuffer): () => FeedCounters {
  const { control, counters, bytes } = viewFeed(feed)
  const counted = (place: number): number => counters[place]
  const { records, bytes: taken, stalls, drops } = feedCounters
  return () => {
    const tail = Atomics.load(control, feedWords.tail)
    const waiting = (Atomics.load(control, feedWords.head) - tail) >>> 0
    return { records: counted(records), bytes: counted(taken), stalls: counted(stalls), drops: counted(drops), waiting: Math.min(waiting, bytes.length), capacity: bytes.length }
  }
}

/** Whether the recorder has done all that was sent up to a position which `flush` gave. Throws the error it has failed with. */
export function isFeedTaken(feed: SharedArrayBuffer, position: number): boolean {
  const views = viewFeed(feed)
  if (Atomics.load(views.control, feedWords.error) !== 0) throw postedError(views)
  return ((Atomics.load(views.control, feedWords.tail) - position) | 0) >= 0
}

function postedError({ control, errorText }: FeedViews): MetabonkError {
  const text = errorText.slice(0, Atomics.load(control, feedWords.error))
  return new MetabonkError(JSON.parse(new TextDecoder().decode(text)) as ErrorParts)
}

function wakeConsumer(control: Int32Array): void {
  Atomics.add(control, feedWords.wake, 1)
  Atomics.notify(control, feedWords.wake)
}

/**
 * The coordinator's end of a feed. A record costs a few plain stores and one atomic one; the recorder is woken only when
 * much has come. Blocks while the feed is full. Every method throws the recorder's error once it has failed (`disk`), and
 * `worker-dead` when the recorder takes nothing for `slicesMax` slices of 50 ms.
 */
export class FeedProducer implements RecordingTarget {
  readonly #views: FeedViews
  readonly #capacity: number
  readonly #slicesMax: number
  /** Every hash is waited for until it is on the disk. */
  readonly #isAcknowledged: boolean
  readonly #streams: { readonly isDroppable: boolean; dropped: number }[] = []
  /** Own position, position of the consumer as last seen, and position of the last wake-up. */
  #head: number
  #tail: number
  #wokenAt: number

  constructor(feed: SharedArrayBuffer, slicesMax: number = feedSlicesMax) {
    this.#views = viewFeed(feed)
    this.#capacity = this.#views.bytes.length
    this.#slicesMax = slicesMax
    this.#isAcknowledged = fsyncPolicies[this.#views.control[feedWords.fsync]] === 'step'
    this.#head = Atomics.load(this.#views.control, feedWords.head) >>> 0
    this.#tail = Atomics.load(this.#views.control, feedWords.tail) >>> 0
    this.#wokenAt = this.#head
  }

  // eslint-disable-next-line max-params -- called every step: an object for the root would be garbage
  hash(step: number, lo: number, hi: number, changed: Uint32Array, changedCount: number): void {
    const count = changedCount * 3
    const bytes = count * 4
    assert(feedRecordHeadBytes + bytes + 4 <= this.#capacity, 'a hash record fits into the feed')
    this.#begin(feedTypes.hash, step, bytes, feedRecordHeadBytes + pad(bytes))
    this.#pair(lo, hi)
    const { words } = this.#views
    const mask = words.length - 1
    const from = this.#head >>> 2
    for (let word = 0; word < count; word++) words[(from + word) & mask] = changed[word]
    this.#head = (this.#head + pad(bytes)) >>> 0
    this.#publish()
    if (this.#isAcknowledged) this.#awaitDisk()
  }

  input(step: number, sequence: number, bytes: Uint8Array): void {
    this.#put(feedTypes.input, step, sequence, bytes)
  }

  keyframe(step: number, bytes: Uint8Array): void {
    this.#put(feedTypes.keyframe, step, 0, bytes)
  }

  attach(name: string, mediaType: string, bytes: Uint8Array): void {
    const nameBytes = new TextEncoder().encode(name)
    const mediaBytes = new TextEncoder().encode(mediaType)
    const payload = new Uint8Array(nameBytes.length + mediaBytes.length + bytes.length)
    payload.set(nameBytes)
    payload.set(mediaBytes, nameBytes.length)
    payload.set(bytes, nameBytes.length + mediaBytes.length)
    this.#begin(feedTypes.attachment, 0, payload.length, feedRecordHeadBytes)
    this.#pair(nameBytes.length, mediaBytes.length)
    this.#stream(payload)
  }

  stream(declaration: StreamDeclaration): number {
    this.#put(feedTypes.stream, 0, 0, new TextEncoder().encode(JSON.stringify(declaration)))
    return this.#streams.push({ isDroppable: declaration.droppable === true, dropped: 0 }) - 1
  }

  /** Waits for room, or drops and counts the message when its stream is droppable. */
  message(stream: number, step: number, sequence: number, bytes: Uint8Array): void {
    const state = this.#streams[stream]
    // Room for the news of what was dropped before, too.
    if (state.isDroppable && !this.#hasRoom(2 * feedRecordHeadBytes + pad(bytes.length))) {
      state.dropped += 1
      this.#views.counters[feedCounters.drops] += 1
      return
    }
    if (state.dropped > 0) this.#tellDropped(stream)
    this.#begin(feedTypes.message, step, bytes.length, feedRecordHeadBytes)
    this.#pair(stream, sequence)
    this.#stream(bytes)
  }

  dropped(stream: number, count: number): void {
    this.#begin(feedTypes.dropped, 0, 0, feedRecordHeadBytes)
    this.#pair(stream, count)
    this.#publish()
  }

  /** Returns the position in the feed that {@link isFeedTaken} is to be asked for. */
  flush(): number {
    this.#put(feedTypes.flush, 0, 0, noBytes)
    wakeConsumer(this.#views.control)
    return this.#head
  }

  close(end: RecordingEnd): void {
    for (const [stream, { dropped }] of this.#streams.entries()) if (dropped > 0) this.#tellDropped(stream)
    this.#put(feedTypes.end, end.steps, 0, new TextEncoder().encode(JSON.stringify(end)))
    wakeConsumer(this.#views.control)
  }

  #tellDropped(stream: number): void {
    const state = this.#streams[stream]
    this.dropped(stream, state.dropped)
    state.dropped = 0
  }

  #put(type: number, step: number, first: number, bytes: Uint8Array): void {
    this.#begin(type, step, bytes.length, feedRecordHeadBytes)
    this.#pair(first, 0)
    this.#stream(bytes)
  }

  /** Sends a payload, in pieces where it is larger than the room there is. */
  #stream(bytes: Uint8Array): void {
    assert(bytes.length <= feedPayloadBytesMax, 'a payload of the feed is below 2 GiB')
    this.#publish()
    for (let from = 0; from < bytes.length; ) {
      const room = this.#room(Math.min(pad(bytes.length - from), feedBytesMin))
      const taken = Math.min(room, bytes.length - from)
      copyIn(this.#views.bytes, this.#head & (this.#capacity - 1), bytes.subarray(from, from + taken))
      from += taken
      this.#head = (this.#head + pad(taken)) >>> 0
      this.#publish()
    }
  }

  /** Waits for room and writes type, length and step. */
  #begin(type: number, step: number, bytes: number, roomBytes: number): void {
    const { words, doubles, counters, control } = this.#views
    if (control[feedWords.error] !== 0) throw postedError(this.#views)
    this.#room(roomBytes)
    const at = this.#head
    const word = (at >>> 2) & (words.length - 1)
    words[word] = type
    words[word + 1] = bytes
    doubles[((at + 8) >>> 3) & (doubles.length - 1)] = step
    this.#head = (at + 16) >>> 0
    counters[feedCounters.records] += 1
    counters[feedCounters.bytes] += feedRecordHeadBytes + bytes
  }

  #pair(first: number, second: number): void {
    const { words } = this.#views
    const word = (this.#head >>> 2) & (words.length - 1)
    words[word] = first
    words[word + 1] = second
    this.#head = (this.#head + 8) >>> 0
  }

  #publish(): void {
    const { control } = this.#views
    Atomics.store(control, feedWords.head, this.#head | 0)
    if (((this.#head - this.#wokenAt) >>> 0) < feedWakeBytes) return
    this.#wokenAt = this.#head
    wakeConsumer(control)
  }

  /** Free bytes, at least `needed`: waits for the consumer where there are fewer. */
  #room(needed: number): number {
    const room = this.#capacity - ((this.#head - this.#tail) >>> 0)
    return room >= needed ? room : this.#awaitRoom(needed)
  }

  /** Whether there is room now. */
  #hasRoom(needed: number): boolean {
    if (this.#capacity - ((this.#head - this.#tail) >>> 0) >= needed) return true
    this.#tail = Atomics.load(this.#views.control, feedWords.tail) >>> 0
    return this.#capacity - ((this.#head - this.#tail) >>> 0) >= needed
  }

  #awaitRoom(needed: number): number {
    const { control, counters } = this.#views
    let slices = 0
    for (;;) {
      const tail = Atomics.load(control, feedWords.tail) >>> 0
      if (tail !== this.#tail) slices = 0
      this.#tail = tail
      const room = this.#capacity - ((this.#head - tail) >>> 0)
      if (room >= needed) return room
      if (slices === 0) counters[feedCounters.stalls] += 1
      this.#awaitSlice(slices++, feedWords.tail, tail)
    }
  }

  /** Waits until all that was sent is on the disk. */
  #awaitDisk(): void {
    const { control } = this.#views
    for (let slices = 0; ; slices++) {
      const durable = Atomics.load(control, feedWords.durable)
      if (durable === (this.#head | 0)) return
      this.#awaitSlice(slices, feedWords.durable, durable)
    }
  }

  /** Wakes the recorder and waits, a slice long, until it has changed a word. Throws when it failed, or after too many slices. */
  #awaitSlice(slices: number, word: number, before: number): void {
    const { control } = this.#views
    if (Atomics.load(control, feedWords.error) !== 0) throw postedError(this.#views)
    if (slices === this.#slicesMax) throw deadRecorder(this.#slicesMax * feedSliceMillis)
    Atomics.store(control, feedWords.waiting, 1)
    wakeConsumer(control)
    Atomics.wait(control, word, before | 0, feedSliceMillis)
    Atomics.store(control, feedWords.waiting, 0)
  }

}

function deadRecorder(millis: number): MetabonkError {
  return new MetabonkError({
    code: 'worker-dead',
    what: `recorder thread has taken nothing for ${String(millis)} ms`,
    todo: 'look for a hanging disk, or run with --no-record',
  })
}

/**
 * The recorder's end of a feed: takes what has come and hands it to a target, in order. Nothing is allocated for a hash
 * record; one buffer, as large as the largest payload, is kept for the others.
 */
export class FeedConsumer {
  readonly #views: FeedViews
  readonly #capacity: number
  #tail: number
  #published: number
  /** Of the record at hand: how many bytes of its payload are still to come; -1 between records. */
  #missing = -1
  #type = 0
  #bytes = 0
  #step = 0
  #first = 0
  #second = 0
  #payload = new Uint8Array(64 * 1024)
  #payloadWords = new Uint32Array(this.#payload.buffer)
  /** Ids of the streams at the target. */
  readonly #streams: number[] = []

  constructor(feed: SharedArrayBuffer) {
    this.#views = viewFeed(feed)
    this.#capacity = this.#views.bytes.length
    this.#tail = Atomics.load(this.#views.control, feedWords.tail) >>> 0
    this.#published = this.#tail
  }

  /** The host has said that no more will come. */
  get stopped(): boolean {
    return Atomics.load(this.#views.control, feedWords.stop) !== 0
  }

  /** How often the recording is to be brought to the disk. */
  get fsync(): FsyncPolicy {
    return fsyncPolicies[this.#views.control[feedWords.fsync]]
  }

  /** Whether all that was taken is known to be on the disk. */
  get isAcknowledged(): boolean {
    return Atomics.load(this.#views.control, feedWords.durable) === (this.#tail | 0)
  }

  /** Tells the producer that all that was taken is on the disk. */
  acknowledge(): void {
    const { control } = this.#views
    Atomics.store(control, feedWords.durable, this.#tail | 0)
    Atomics.notify(control, feedWords.durable)
  }

  /** Hands over everything that has come. Returns false when the recording has been ended (the target is closed then). */
  drain(target: RecordingTarget): boolean {
    while (this.#take()) {
      if (!this.#deliver(target)) {
        this.#publish()
        return false
      }
      if (((this.#tail - this.#published) >>> 0) >= feedWakeBytes) this.#publish()
    }
    this.#publish()
    return true
  }

  /** A token for {@link sleep}: taken before draining, it makes sure that no wake-up is missed. */
  get wakeToken(): number {
    return Atomics.load(this.#views.control, feedWords.wake)
  }

  /** Sleeps until the producer wakes, at most `millis`. Returns false when the time ran out. */
  sleep(wakeToken: number, millis: number): boolean {
    return Atomics.wait(this.#views.control, feedWords.wake, wakeToken, millis) !== 'timed-out'
  }

  /** Takes one whole record, or as much of it as has come. */
  #take(): boolean {
    let come = (Atomics.load(this.#views.control, feedWords.head) - this.#tail) >>> 0
    if (this.#missing < 0) {
      if (come < feedRecordHeadBytes) return false
      this.#takeHead()
      come -= feedRecordHeadBytes
    }
    const taken = Math.min(come, pad(this.#missing))
    this.#copyOut(pad(this.#bytes) - pad(this.#missing), taken)
    this.#tail = (this.#tail + taken) >>> 0
    this.#missing = Math.max(0, this.#missing - taken)
    return this.#missing === 0
  }

  #takeHead(): void {
    const { words, doubles } = this.#views
    const mask = words.length - 1
    const word = (this.#tail >>> 2) & mask
    this.#type = words[word]
    this.#bytes = words[word + 1]
    this.#step = doubles[((this.#tail + 8) >>> 3) & (doubles.length - 1)]
    this.#first = words[(word + 4) & mask]
    this.#second = words[(word + 5) & mask]
    this.#tail = (this.#tail + feedRecordHeadBytes) >>> 0
    this.#missing = this.#bytes
    assert(this.#bytes <= feedPayloadBytesMax, 'a payload of the feed is below 2 GiB')
    if (this.#bytes <= this.#payload.length) return
    this.#payload = new Uint8Array(pad(this.#bytes))
    this.#payloadWords = new Uint32Array(this.#payload.buffer)
  }

  /** Copies `bytes` (padded) from the tail to the payload at `at`. */
  #copyOut(at: number, bytes: number): void {
    if (bytes <= loopBytesMax) {
      const { words } = this.#views
      const mask = words.length - 1
      const from = this.#tail >>> 2
      for (let word = 0; word < bytes >>> 2; word++) this.#payloadWords[(at >>> 2) + word] = words[(from + word) & mask]
      return
    }
    const start = this.#tail & (this.#capacity - 1)
    const untilEnd = Math.min(bytes, this.#capacity - start)
    this.#payload.set(this.#views.bytes.subarray(start, start + untilEnd), at)
    this.#payload.set(this.#views.bytes.subarray(0, bytes - untilEnd), at + untilEnd)
  }

  #deliver(target: RecordingTarget): boolean {
    this.#missing = -1
    switch (this.#type) {
      case feedTypes.hash:
        target.hash(this.#step, this.#first, this.#second, this.#payloadWords, this.#bytes / 12)
        return true
      case feedTypes.input:
        target.input(this.#step, this.#first, this.#part(0, this.#bytes))
        return true
      case feedTypes.keyframe:
        target.keyframe(this.#step, this.#part(0, this.#bytes))
        return true
      case feedTypes.attachment: {
        const mediaAt = this.#first
        const contentAt = mediaAt + this.#second
        target.attach(this.#text(0, mediaAt), this.#text(mediaAt, contentAt), this.#part(contentAt, this.#bytes))
        return true
      }
      case feedTypes.stream:
        this.#streams.push(target.stream(JSON.parse(this.#text(0, this.#bytes)) as StreamDeclaration))
        return true
      case feedTypes.message:
        target.message(this.#streams[this.#first], this.#step, this.#second, this.#part(0, this.#bytes))
        return true
      case feedTypes.dropped:
        target.dropped(this.#streams[this.#first], this.#second)
        return true
      case feedTypes.flush:
        target.flush()
        return true
      default:
        assert(this.#type === feedTypes.end, 'a feed holds records of known types')
        target.close(JSON.parse(this.#text(0, this.#bytes)) as RecordingEnd)
        return false
    }
  }

  #part(from: number, to: number): Uint8Array {
    return this.#payload.subarray(from, to)
  }

  #text(from: number, to: number): string {
    return new TextDecoder().decode(this.#part(from, to))
  }

  #publish(): void {
    if (this.#published === this.#tail) return
    const { control } = this.#views
    this.#published = this.#tail
    Atomics.store(control, feedWords.tail, this.#tail | 0)
    if (Atomics.load(control, feedWords.waiting) !== 0) Atomics.notify(control, feedWords.tail)
  }
}

/** Copies into the ring, round its end. */
function copyIn(ring: Uint8Array, at: number, bytes: Uint8Array): void {
  const untilEnd = Math.min(bytes.length, ring.length - at)
  ring.set(bytes.subarray(0, untilEnd), at)
  ring.set(bytes.subarray(untilEnd), 0)
}

function pad(bytes: number): number {
  return (bytes + 7) & ~7
}
