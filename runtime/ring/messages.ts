import { memoryOf, type RecordMemory } from '../schema/memory.ts'
import type { Cursor } from '../schema/cursor.ts'
import type { MessageType } from '../schema/message.ts'
import type { GivenOf, PayloadFields, ValuesOf } from '../schema/types.ts'
import type { RegionPlan, Slab, SlabMemory } from '../slab/slab.ts'
import { ringHeaderBytes } from './layout.ts'
import { RecordConsumer, RecordProducer } from './records.ts'
import { findRing, ringRegion, type RingMemory } from './ring.ts'
import type { SideOptions } from './side.ts'

/** A ring of messages of one type as a region of a slab to be made; `capacity` is a power of two. */
export function messageRegion(name: string, type: MessageType, { capacity }: { readonly capacity: number }): RegionPlan {
  return ringRegion(name, { form: 'records', capacity, recordBytes: type.codec.bytes, schema: type.codec.hash })
}

/** The fields of a ring's messages, in place. */
function fieldsOf<F extends PayloadFields>(ring: RingMemory, type: MessageType<string, F>): Cursor<F> {
  const { buffer, byteOffset, capacity, recordBytes } = ring
  return type.cursor(memoryOf(buffer, byteOffset + ringHeaderBytes, capacity * recordBytes), { first: ringHeaderBytes, capacity })
}

/** What a sender does with a message that finds the ring full: wait, say so, or keep the latest until there is room and count the others. */
export type WhenFull = 'wait' | 'fail' | 'latest'

/**
 * Sends messages of one type into a ring. `send` is one message, published at once. For many: claim, set the fields with `fields` at `$at` of
 * each, publish.
 *
 *     const hits = new MessageProducer(slab, 'hits', Hit)
 *     const count = hits.claim(64)
 *     for (let i = 0; i < count; i++) {
 *       hits.fields.$at = hits.at + i * Hit.codec.bytes
 *       hits.fields.damage = 0.5
 *     }
 *     hits.publish(count)
 */
export class MessageProducer<F extends PayloadFields> extends RecordProducer {
  /** The fields of the message at its `$at`, in place. */
  readonly fields: Cursor<F>
  private readonly type: MessageType<string, F>
  private readonly memory: RecordMemory
  private readonly whenFull: WhenFull
  /** What `latest` keeps, and where the next is written, so that values which are none of the type leave it whole. */
  private kept: RecordMemory
  private spare: RecordMemory
  private isKept = false

  /** Opens the side. Throws `schema` when the ring is not there or holds another type, `ring` when it has a producer. */
  constructor(slab: Slab<SlabMemory>, name: string, type: MessageType<string, F>, options: SideOptions & { readonly whenFull?: WhenFull } = {}) {
    super(findRing(slab, name), type.codec.hash, options)
    this.type = type
    this.whenFull = options.whenFull ?? 'wait'
    this.memory = memoryOf(this.ring.buffer, this.ring.byteOffset, this.ring.doubles.byteLength)
    this.fields = fieldsOf(this.ring, type)
    this.kept = memoryOf(new ArrayBuffer(type.codec.bytes))
    this.spare = memoryOf(new ArrayBuffer(type.codec.bytes))
  }

  /**
   * Sends one message: true when it is in the ring. False when the ring is full, and `whenFull` is not `wait` or the consumer has closed; of those kept by `latest`, the last one goes out with the next `send`, `flush` or `close` that finds room. Throws `schema` for
   * values that are none of the type, `peer-dead` when the ring is full and its consumer has died.
   */
  send(values: Partial<GivenOf<F>>): boolean {
    if (!this.flush()) return this.giveUp(values)
    const count = this.whenFull === 'wait' ? this.claimOrWait(1) : this.claim(1)
    if (count === 0) return this.giveUp(values)
    this.type.codec.encode(values, this.memory, this.at)
    this.publish(1)
    return true
  }

  /** Sends the message that `latest` has kept, if there is room: true when none is kept any more. */
  flush(): boolean {
    if (!this.isKept) return true
    if (this.claim(1) === 0) return false
    this.memory.u8.set(this.kept.u8, this.at)
    this.publish(1)
    this.isKept = false
    return true
  }

  /** Flushes, and says that nothing more comes. A kept message that still finds no room counts as dropped. */
  override close(): void {
    if (!this.flush()) this.noteDrop()
    this.isKept = false
    super.close()
  }

  private giveUp(values: Partial<GivenOf<F>>): boolean {
    // A sender that waits has counted it, and been told of a death.
    if (this.whenFull === 'wait') return false
    this.noteStall()
    this.checkConsumer()
    return this.whenFull === 'latest' && this.keep(values)
  }

  private keep(values: Partial<GivenOf<F>>): false {
    const { kept, spare } = this
    this.type.codec.encode(values, spare, 0)
    if (this.isKept) this.noteDrop()
    this.kept = spare
    this.spare = kept
    this.isKept = true
    return false
  }
}

/** Takes messages of one type from a ring. `receive` is one message as an object. For many: claim, read `fields` at `$at` of each, release. */
export class MessageConsumer<F extends PayloadFields> extends RecordConsumer {
  /** The fields of the message at its `$at`, in place. */
  readonly fields: Cursor<F>
  private readonly type: MessageType<string, F>
  private readonly memory: RecordMemory

  /** Opens the side. Throws `schema` when the ring is not there or holds another type, `ring` when it has a consumer. */
  constructor(slab: Slab<SlabMemory>, name: string, type: MessageType<string, F>, options: SideOptions = {}) {
    super(findRing(slab, name), type.codec.hash, options)
    this.type = type
    this.memory = memoryOf(this.ring.buffer, this.ring.byteOffset, this.ring.doubles.byteLength)
    this.fields = fieldsOf(this.ring, type)
  }

  /** The next message, copied out; undefined when there is none. */
  receive(): ValuesOf<F> | undefined {
    return this.claim(1) === 0 ? undefined : this.readOne()
  }

  /** As `receive`, but waits, at most `millis`: undefined when they are over, or the producer has closed and all is taken. Throws `peer-dead`. */
  receiveOrWait(millis = Infinity): ValuesOf<F> | undefined {
    return this.claimOrWait(1, millis) === 0 ? undefined : this.readOne()
  }

  private readOne(): ValuesOf<F> {
    const values = this.type.codec.read(this.memory, this.at)
    this.release(1)
    return values
  }
}
