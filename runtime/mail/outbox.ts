import { MetabonkError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { KindType } from '../schema/kind.ts'
import type { RecordMemory } from '../schema/memory.ts'
import type { MessageType } from '../schema/message.ts'
import type { AgentId } from '../schema/types.ts'
import { addressOfId, generationOfId, kindOfAddress, rowOfAddress } from '../state/address.ts'
import { BulkRing, frameWords } from '../ring/bulk.ts'
import { findRing, ringRegion } from '../ring/ring.ts'
import { attachSlab, createSlab, regionArray } from '../slab/slab.ts'
import { Tally } from './tally.ts'
import { mailAddressBytes, mailHeaderWords, mailSchema, mailWord } from './layout.ts'

/** u32 words of the counts of a step. */
const head = { count: 0, overLimitKind: 1, overSender: 2, overSenderType: 3, overBytes: 4, perKind: 64, words: 128 } as const

/** Bytes that all mail of a step takes at most: any one thread may send it, and any one may get it. */
export function mailBytesMax(kinds: readonly KindType[]): number {
  let words = 1024
  for (const kind of kinds) {
    const largest = kind.receives.reduce((most, type) => Math.max(most, type.codec.words), -1)
    if (largest >= 0) words += kind.mailMax * (mailHeaderWords + largest)
  }
  return Math.min(words * 4, limits.mailBytesMax)
}

/** Makes the memory of one outbox: address space for the declared limits, committed as it fills. */
export function createOutboxMemory(kinds: readonly KindType[]): SharedArrayBuffer {
  let capacity = 4096
  while (capacity < mailBytesMax(kinds)) capacity *= 2
  return createSlab([
    { name: 'counts', kind: 'counters', dtype: 'u32', shape: [head.words] },
    ringRegion('mail', { form: 'frames', capacity, recordBytes: 0, schema: mailSchema }),
  ]).buffer
}

/**
 * What one thread sends in one step. It never tells a sender that it is full: a limit that was exceeded is noted, and the
 * coordinator raises the same error at the same step for any number of workers.
 */
export class Outbox {
  /** The messages, one after the other. */
  readonly words: Uint32Array
  /** The next message's receiver, in a field: an id given to a function that is not inlined would be an object on the heap. */
  readonly receiver: { id: number } = { id: NaN }
  /** The same memory, for codecs. */
  readonly memory: RecordMemory
  private readonly ring: BulkRing
  private readonly header: Uint32Array
  private readonly perKind: Uint32Array
  private readonly types: readonly MessageType[]
  private readonly kinds: readonly KindType[]
  /** Which message types each kind declared, by kind x type. */
  private readonly accepts: Uint8Array
  /** Messages sent by the current sender, by type; `stamp` says for which sender the count holds, 0 for none. */
  private readonly sent: Uint32Array
  private readonly stamp: Uint32Array
  private readonly sentBy = new Tally()
  /** Of the message that is open: the number of its type. */
  private code = 0

  constructor(memory: SharedArrayBuffer, kinds: readonly KindType[], types: readonly MessageType[]) {
    const slab = attachSlab(memory)
    this.ring = new BulkRing(findRing(slab, 'mail'), mailSchema)
    this.words = this.ring.words
    this.memory = this.ring.memory
    this.header = regionArray(slab, 'counts', 'u32')
    this.perKind = this.header.subarray(head.perKind, head.perKind + kinds.length)
    this.kinds = kinds
    this.types = types
    this.accepts = new Uint8Array(kinds.length * types.length)
    this.sent = new Uint32Array(types.length)
    this.stamp = new Uint32Array(types.length)
    kinds.forEach((kind, index) => {
      for (const type of kind.receives) this.accepts[index * types.length + types.indexOf(type)] = 1
    })
  }

  /** u32 words in use. */
  get used(): number {
    return this.ring.used
  }

  get count(): number {
    return this.header[head.count]
  }

  /** Empties the outbox for the next step. */
  clear(): void {
    this.ring.clear(this.count)
    this.header.fill(0)
    this.stamp.fill(0)
    this.sentBy.clear()
  }

  /** Messages for a kind so far. */
  countFor(kind: number): number {
    return this.perKind[kind]
  }

  /**
   * Appends a message to {@link receiver}, from the agent with an address and a generation; the director has 0 and 0. A receiver that is nobody,
   * or of a kind that does not declare the type, is an error of the sender.
   */
  send(from: number, fromGeneration: number, type: MessageType, payload: Readonly<Record<string, unknown>>): void {
    const at = this.open(from, type)
    if (at < 0) return
    type.codec.encode(payload, this.memory, at)
    this.close(from, fromGeneration, type)
  }

  /** The byte of {@link memory} at which the payload of a message to {@link receiver} is to be written, or -1 when it is over a limit and not sent. */
  open(from: number, type: MessageType): number {
    const kind = kindOfAddress(addressOfId(this.receiver.id as AgentId))
    const code = this.types.indexOf(type)
    this.checkReceiver(kind, code, type)
    if (!this.admit(kind, code, from)) return -1
    const at = this.ring.used + mailHeaderWords
    if (at + type.codec.words > this.words.length) {
      this.header[head.overBytes] = 1
      return -1
    }
    this.code = code
    return at * 4
  }

  /** Sends the message that was opened, now that its payload is written. */
  close(from: number, fromGeneration: number, type: MessageType): void {
    const { ring, words } = this
    const at = ring.used
    const to = this.receiver.id as AgentId
    words[at + mailWord.to] = addressOfId(to)
    words[at + mailWord.toGeneration] = generationOfId(to)
    words[at + mailWord.from] = from
    words[at + mailWord.fromGeneration] = fromGeneration
    ring.append(mailAddressBytes + type.codec.bytes, this.code)
    this.header[head.count]++
  }

  /** Where the outbox stands, to be rewound to. */
  mark(): { readonly used: number; readonly count: number; readonly perKind: Uint32Array } {
    return { used: this.ring.used, count: this.count, perKind: this.perKind.slice() }
  }

  /** Takes back everything sent since a mark. */
  rewind(mark: { readonly used: number; readonly count: number; readonly perKind: Uint32Array }): void {
    this.ring.used = mark.used
    this.header[head.count] = mark.count
    this.perKind.set(mark.perKind)
    this.stamp.fill(0)
    this.sentBy.clear()
  }

  /** Messages sent since a mark, by sender; those of one sender in the order sent. */
  since(mark: { readonly used: number }): Uint32Array[] {
    const messages: Uint32Array[] = []
    for (let at = mark.used; at < this.used; at += frameWords(this.words[at])) messages.push(this.words.slice(at, at + frameWords(this.words[at])))
    return messages.sort((a, b) => a[mailWord.from] - b[mailWord.from])
  }

  /** Appends messages that are already words: mail of a restored state. */
  restore(words: Uint32Array): void {
    this.words.set(words, this.ring.used)
    this.ring.used += words.length
  }

  private checkReceiver(kind: number, code: number, type: MessageType): void {
    if (code < 0) {
      throw new MetabonkError({ code: 'schema', what: `message ${type.name} is not received by any kind`, todo: `list it in the receives of a kind` })
    }
    if (kind < 0 || kind >= this.kinds.length) {
      throw new MetabonkError({ code: 'schema', what: `message ${type.name} is sent to nobody`, where: `id ${this.receiver.id}`, todo: 'send to an id taken from a row, a message or a column' })
    }
    if (this.accepts[kind * this.types.length + code] === 0) {
      throw new MetabonkError({ code: 'schema', what: `kind ${this.kinds[kind].name} does not receive ${type.name}`, todo: `list it in the kind's receives` })
    }
  }

  /** Counts against both limits; false when the message is over one, which is noted for the coordinator. */
  private admit(kind: number, code: number, from: number): boolean {
    // The sender first: whether this thread's outbox is full says nothing about it.
    if (from !== 0 && this.countSent(code, from) > this.types[code].perSender) {
      const worst = this.header[head.overSender]
      if (worst === 0 || from < worst) {
        this.header[head.overSender] = from
        this.header[head.overSenderType] = code
      }
      return false
    }
    if (this.perKind[kind] >= this.kinds[kind].mailMax) {
      const worst = this.header[head.overLimitKind]
      if (worst === 0 || kind + 1 < worst) this.header[head.overLimitKind] = kind + 1
      return false
    }
    this.perKind[kind]++
    return true
  }

  /** How many messages of a type `from` has sent this step, this one included. Runs of one sender cost no look-up. */
  private countSent(code: number, from: number): number {
    if (this.stamp[code] === from) return ++this.sent[code]
    const previous = this.stamp[code]
    if (previous > 0) this.sentBy.set(previous, code, this.sent[code])
    this.stamp[code] = from
    this.sent[code] = this.sentBy.get(from, code) + 1
    return this.sent[code]
  }

  /** The lowest kind that was sent more than its limit through this outbox, or -1. */
  get overKind(): number {
    return this.header[head.overLimitKind] - 1
  }

  /** Bytes of mail; more than any limit when there was no room for all of it. */
  get bytes(): number {
    return this.header[head.overBytes] === 1 ? Infinity : this.used * 4
  }

  /** Address of the lowest sender that went over its limit, or 0. */
  get overSender(): number {
    return this.header[head.overSender]
  }

  /** The error of {@link overSender}, if there is one. */
  senderFault(step: number): MetabonkError | undefined {
    const sender = this.overSender
    if (sender === 0) return undefined
    const type = this.types[this.header[head.overSenderType]]
    return new MetabonkError({
      code: 'limit',
      what: `an agent sent more than ${type.perSender} ${type.name} messages in one step`,
      where: `step ${step}, ${this.kinds[kindOfAddress(sender)].name} ${rowOfAddress(sender)}`,
      todo: `send fewer, or declare perSender of ${type.name} higher`,
    })
  }
}

/** The error of a kind that got more mail in one step than it declared. */
export function mailLimitError(kind: KindType, step: number): MetabonkError {
  return new MetabonkError({
    code: 'limit',
    what: `kind ${kind.name} was sent more than ${kind.mailMax} messages in one step`,
    where: `step ${step}`,
    todo: `send fewer, or declare mailMax of ${kind.name} higher`,
  })
}

/** The error of a step whose mail takes more than all threads together may send. */
export function mailBytesError(step: number): MetabonkError {
  return new MetabonkError({ code: 'limit', what: `more than ${limits.mailBytesMax} bytes of mail in one step`, where: `step ${step}`, todo: 'send fewer messages, or smaller ones' })
}
