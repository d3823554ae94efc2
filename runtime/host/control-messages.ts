import { Packr } from 'msgpackr'
import { MetabonkError } from '../errors.ts'
import { hashPair } from '../hash/text.ts'
import { FrameConsumer, FrameProducer } from '../ring/frames.ts'
import { findRing, ringRegion } from '../ring/ring.ts'
import type { SideOptions } from '../ring/side.ts'
import type { RegionPlan, Slab, SlabMemory } from '../slab/slab.ts'

/** Identity of rings of frames that hold MessagePack. */
const schema = hashPair('metabonk control messages 1')
/** Tag of every frame. */
const tag = 1

/** A ring of free-form messages as a region of a slab to be made: for what is rare and has no fixed form. `bytes` is a power of two. */
export function controlRegion(name: string, { bytes }: { readonly bytes: number }): RegionPlan {
  return ringRegion(name, { form: 'frames', capacity: bytes, recordBytes: 0, schema })
}

/** Records would need their structures on both sides; maps say it all. */
function packer(): Packr {
  return new Packr({ useRecords: false, mapsAsObjects: true })
}

/** Sends plain values (objects, lists, texts, numbers, bytes) as MessagePack. */
export class ControlSender {
  private readonly frames: FrameProducer
  private readonly bytes: Uint8Array
  private readonly packr = packer()

  /** Opens the side. Throws `schema` when the ring holds something else, `ring` when it has a sender. */
  constructor(slab: Slab<SlabMemory>, name: string, options: SideOptions = {}) {
    const ring = findRing(slab, name)
    this.frames = new FrameProducer(ring, schema, options)
    this.bytes = new Uint8Array(ring.buffer, ring.byteOffset, ring.words.byteLength)
  }

  /**
   * Sends one value, waiting for room at most `millis` without the receiver moving: false when there is none, or it has closed. Throws `schema`
   * for what MessagePack can't say, `limit`, `peer-dead`.
   */
  send(value: unknown, millis = Infinity): boolean {
    const packed = this.pack(value)
    if (!this.frames.claimOrWait(packed.length, millis)) return false
    this.bytes.set(packed, this.frames.at)
    this.frames.append(packed.length, tag)
    this.frames.publish()
    return true
  }

  /** Says that nothing more comes. */
  close(): void {
    this.frames.close()
  }

  private pack(value: unknown): Uint8Array {
    try {
      return this.packr.pack(value)
    } catch (cause) {
      throw new MetabonkError({ code: 'schema', what: `ring ${this.frames.ring.name}: the value can't be sent: ${cause instanceof Error ? cause.message : String(cause)}`, todo: 'send objects, lists, texts, numbers and bytes', cause })
    }
  }
}

/** Takes what a {@link ControlSender} sent. */
export class ControlReceiver {
  private readonly frames: FrameConsumer
  private readonly bytes: Uint8Array
  private readonly packr = packer()

  /** Opens the side. Throws `schema` when the ring holds something else, `ring` when it has a receiver. */
  constructor(slab: Slab<SlabMemory>, name: string, options: SideOptions = {}) {
    const ring = findRing(slab, name)
    this.frames = new FrameConsumer(ring, schema, options)
    this.bytes = new Uint8Array(ring.buffer, ring.byteOffset, ring.words.byteLength)
  }

  /**
   * The next value; undefined when none came within `millis`, or the sender has closed (see `isOver`). A message that is no MessagePack is taken, and throws
   * `schema`. Throws `peer-dead`, `ring`.
   */
  receive(millis = 0): unknown {
    if (!this.frames.nextOrWait(millis)) return undefined
    // A copy: the other side may write on while it is being read.
    const packed = this.bytes.slice(this.frames.at, this.frames.at + this.frames.length)
    this.frames.release()
    try {
      return this.packr.unpack(packed) as unknown
    } catch (cause) {
      throw new MetabonkError({ code: 'schema', what: `ring ${this.frames.ring.name}: a message is no MessagePack`, todo: 'send with ControlSender, or with any packer of MessagePack', cause })
    }
  }

  /** Whether the sender has closed and everything is taken. */
  get isOver(): boolean {
    return this.frames.isOver
  }

  /** Says that this side takes no more. */
  close(): void {
    this.frames.close()
  }
}
