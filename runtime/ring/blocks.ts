import { MetabonkError } from '../errors.ts'
import { elementArray } from '../slab/element.ts'
import { findRegion, regionArray, type RegionPlan, type Slab, type SlabMemory } from '../slab/slab.ts'
import { RecordConsumer, RecordProducer } from './records.ts'
import { findRing, ringRegion, type RingMemory } from './ring.ts'
import { brokenRing, type SideOptions } from './side.ts'

// A hand-over is a record of two u32: which block, and how many bytes of it count. A block that comes back is the same with no bytes.
const descriptorBytes = 8
const untyped = { low: 0, high: 0 }

/** Who may touch a block; only the sender writes it. */
const ownerCode = { nobody: 0, sender: 1, receiver: 2 } as const

/** Blocks of one size that go back and forth: large payloads are written once, and only their numbers travel. */
export interface BlocksFormat {
  /** Blocks there are: a power of two. */
  readonly count: number
  readonly blockBytes: number
}

/** The regions of a pool of blocks: the blocks, who has them, and a ring for each way. */
export function blockRegions(name: string, { count, blockBytes }: BlocksFormat): RegionPlan[] {
  const ring = { form: 'records', capacity: count, recordBytes: descriptorBytes, schema: untyped } as const
  return [
    { name, kind: 'tensor', dtype: 'u8', shape: [count, blockBytes] },
    { name: `${name}.owners`, kind: 'words', dtype: 'u32', shape: [count] },
    ringRegion(`${name}.lent`, ring),
    ringRegion(`${name}.back`, ring),
  ]
}

function noBlocks(name: string): MetabonkError {
  return new MetabonkError({ code: 'schema', what: `region '${name}' holds no blocks`, todo: 'make its regions with blockRegions' })
}

/** The ring of one way, which must have room for all blocks. */
function handOvers(slab: Slab<SlabMemory>, name: string, way: 'lent' | 'back', count: number): RingMemory {
  const ring = findRing(slab, `${name}.${way}`)
  if (ring.recordBytes !== descriptorBytes || ring.capacity !== count) throw noBlocks(name)
  return ring
}

function blockViews(slab: Slab<SlabMemory>, name: string): Uint8Array[] {
  const { shape, byteOffset, dtype, length } = findRegion(slab, name)
  const [count, blockBytes] = shape
  if (shape.length !== 2 || dtype !== 'u8' || count * blockBytes !== length || findRegion(slab, `${name}.owners`).length !== count) throw noBlocks(name)
  return Array.from({ length: count }, (_, block) => elementArray('u8', slab.buffer, byteOffset + block * blockBytes, blockBytes))
}

/** The side that fills blocks and lends them, for one thread. */
export class BlockSender {
  /** The bytes of each block. Touch only those that `claim` gave, until they are sent. */
  readonly blocks: readonly Uint8Array[]
  private readonly owners: Uint32Array
  /** As `owners`, where the other side can't write. */
  private readonly known: Uint8Array
  private readonly free: Int32Array
  private freeCount = 0
  private readonly lent: RecordProducer
  private readonly back: RecordConsumer
  private pending = 0

  /**
   * Opens the side. Blocks that a sender who died had not sent are free again; those that are lent come back. Throws `schema` when there is
   * no such pool, `ring` when it has a sender.
   */
  constructor(slab: Slab<SlabMemory>, name: string, options: SideOptions = {}) {
    this.blocks = blockViews(slab, name)
    this.owners = regionArray(slab, `${name}.owners`, 'u32')
    this.known = new Uint8Array(this.blocks.length)
    this.free = new Int32Array(this.blocks.length)
    this.lent = new RecordProducer(handOvers(slab, name, 'lent', this.blocks.length), untyped, options)
    this.back = new RecordConsumer(handOvers(slab, name, 'back', this.blocks.length), untyped, options)
    this.owners.forEach((owner, block) => (this.known[block] = owner))
    this.takeUp()
    for (let block = this.blocks.length - 1; block >= 0; block--) {
      if (this.known[block] !== ownerCode.receiver) this.put(block)
    }
  }

  /** The number of a block to fill, or -1 when all are lent. */
  claim(): number {
    if (this.freeCount === 0) this.takeBack(0)
    return this.take()
  }

  /** As `claim`, but publishes and waits for a block, at most `millis`: -1 when they are over or the receiver has closed. Throws `peer-dead`. */
  claimOrWait(millis = Infinity): number {
    if (this.freeCount === 0) {
      this.publish()
      this.takeBack(millis)
    }
    return this.take()
  }

  /** Lends a claimed block of which `length` bytes count. The receiver sees it with the next `publish`. */
  send(block: number, length: number): void {
    if (this.known[block] !== ownerCode.sender) throw new MetabonkError({ code: 'ring', what: `block ${block} can't be sent: it is not claimed`, todo: 'send what claim gave, once' })
    if (!(length >= 0 && length <= this.blocks[block].length)) throw new MetabonkError({ code: 'limit', what: `block ${block} has no ${length} bytes`, todo: `send at most ${this.blocks[block].length}` })
    if (this.lent.claim(this.pending + 1) <= this.pending) {
      this.publish()
      if (this.lent.claim(1) === 0) throw brokenRing(this.lent.ring, 'more blocks are lent than there are')
    }
    const word = (this.lent.at >> 2) + 2 * this.pending
    this.lent.ring.words[word] = block
    this.lent.ring.words[word + 1] = length
    // Before it is published: a block that is lost with its sender stays unused, and none is ever with both.
    this.mark(block, ownerCode.receiver)
    this.pending++
  }

  /** Hands over all blocks sent since. */
  publish(): void {
    if (this.pending === 0) return
    this.lent.publish(this.pending)
    this.pending = 0
  }

  /** Publishes, and says that nothing more comes. */
  close(): void {
    this.publish()
    this.lent.close()
    this.back.close()
  }

  private take(): number {
    if (this.freeCount === 0) return -1
    const block = this.free[--this.freeCount]
    this.mark(block, ownerCode.sender)
    return block
  }

  private put(block: number): void {
    this.mark(block, ownerCode.nobody)
    this.free[this.freeCount++] = block
  }

  private mark(block: number, owner: number): void {
    this.known[block] = owner
    this.owners[block] = owner
  }

  /** Takes what came back: a sender that died doing so may have noted some of it already. */
  private takeUp(): void {
    for (let left = this.blocks.length; left > 0; ) {
      const count = this.back.claim(left)
      if (count === 0) return
      for (let i = 0, word = this.back.at >> 2; i < count; i++, word += 2) {
        const block = this.back.ring.words[word]
        if (!(block >= 0 && block < this.blocks.length)) throw brokenRing(this.back.ring, `block ${block} came back, there is none`)
        this.mark(block, ownerCode.nobody)
      }
      this.back.release(count)
      left -= count
    }
  }

  private takeBack(millis: number): void {
    const { words } = this.back.ring
    const count = millis > 0 ? this.back.claimOrWait(this.blocks.length, millis) : this.back.claim(this.blocks.length)
    for (let i = 0, word = this.back.at >> 2; i < count; i++, word += 2) {
      const block = words[word]
      if (this.known[block] !== ownerCode.receiver) throw brokenRing(this.back.ring, `block ${block} came back and was not lent`)
      this.put(block)
    }
    this.back.release(count)
  }
}

/** The side that reads blocks and gives them back, for one thread. Blocks that a receiver who died had not given back stay out of use. */
export class BlockReceiver {
  /** The bytes of each block. Read only those that `next` gave, until they are released. */
  readonly blocks: readonly Uint8Array[]
  /** Which block came, and how many of its bytes count. */
  block = -1
  length = 0
  private readonly lent: RecordConsumer
  private readonly back: RecordProducer
  /** Which blocks this side has. */
  private readonly held: Uint8Array
  private ready = 0
  private read = 0
  private pending = 0

  /** Opens the side. Throws `schema` when there is no such pool, `ring` when it has a receiver. */
  constructor(slab: Slab<SlabMemory>, name: string, options: SideOptions = {}) {
    this.blocks = blockViews(slab, name)
    this.held = new Uint8Array(this.blocks.length)
    this.lent = new RecordConsumer(handOvers(slab, name, 'lent', this.blocks.length), untyped, options)
    this.back = new RecordProducer(handOvers(slab, name, 'back', this.blocks.length), untyped, options)
  }

  /** Goes to the next block: `block` and `length` are of it. False when there is none. Throws `ring` for a block that can't be. */
  next(): boolean {
    return this.goOn(0)
  }

  /** As `next`, but waits for a block, at most `millis`: false when they are over, or the sender has closed and all is taken. Throws `peer-dead`. */
  nextOrWait(millis = Infinity): boolean {
    return this.goOn(millis)
  }

  /** Gives a block back. The sender sees it when this side has read what was there, or with `publish`. */
  release(block: number): void {
    if (this.held[block] !== 1) throw new MetabonkError({ code: 'ring', what: `block ${block} can't be released: this side does not have it`, todo: 'release what next gave, once' })
    this.held[block] = 0
    if (this.back.claim(this.pending + 1) <= this.pending) {
      this.publish()
      if (this.back.claim(1) === 0) throw brokenRing(this.back.ring, 'more blocks came back than there are')
    }
    const word = (this.back.at >> 2) + 2 * this.pending
    this.back.ring.words[word] = block
    this.back.ring.words[word + 1] = 0
    this.pending++
  }

  /** Shows the sender all blocks released since. */
  publish(): void {
    this.giveBack()
    this.ready = this.lent.claim(this.blocks.length)
  }

  /** Whether the sender has closed and everything is taken. */
  get isOver(): boolean {
    return this.read === this.ready && this.lent.isOver
  }

  /** Publishes, and says that this side takes no more. */
  close(): void {
    this.giveBack()
    this.lent.close()
    this.back.close()
  }

  private giveBack(): void {
    // What was read is taken for good before its blocks go back: a receiver that takes over never sees a block that is being filled anew.
    this.lent.release(this.read)
    this.read = 0
    this.ready = 0
    if (this.pending > 0) this.back.publish(this.pending)
    this.pending = 0
  }

  private goOn(millis: number): boolean {
    if (this.read === this.ready && !this.fetch(millis)) return false
    const word = (this.lent.at >> 2) + 2 * this.read++
    const block = this.lent.ring.words[word]
    const length = this.lent.ring.words[word + 1]
    if (!(block >= 0 && block < this.blocks.length) || length < 0 || length > this.blocks[block].length) throw brokenRing(this.lent.ring, `block ${block} with ${length} bytes is none of its blocks`)
    this.held[block] = 1
    this.block = block
    this.length = length
    return true
  }

  private fetch(millis: number): boolean {
    this.giveBack()
    this.ready = millis > 0 ? this.lent.claimOrWait(this.blocks.length, millis) : this.lent.claim(this.blocks.length)
    return this.ready > 0
  }
}
