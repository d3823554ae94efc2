/**
 * An adaptive binary range coder: each bit is coded by how often its context was 0 so far, so that what is as expected costs next to
 * nothing. The coder of LZMA (7-zip; 11-bit probabilities, adapted by 1/32), without its literals and matches.
 */
import { grown } from './record-builder.ts'

const probabilityBits = 11
const evens = 1 << (probabilityBits - 1)
const adaptBits = 5
const rangeLeast = 0x100_0000
/** Bytes that the end of the coded bits takes. */
const tailBytes = 5

/** Codes bits. Allocates only to grow. */
export class BitEncoder {
  readonly #zeros: Uint16Array
  #bytes = new Uint8Array(1024)
  #end = 0
  #low = 0
  #range = 0xffff_ffff
  /** The byte that a carry may still change, and how many of them with those of 255 behind it. */
  #held = 0
  #heldCount = 1

  /** For bits in so many contexts. */
  constructor(contexts: number) {
    this.#zeros = new Uint16Array(contexts).fill(evens)
  }

  /** Bytes there are when nothing comes any more. */
  get bytes(): number {
    return this.#end + this.#heldCount - 1 + tailBytes
  }

  /** Codes a bit, 0 or 1. */
  put(context: number, bit: number): void {
    const zero = this.#zeros[context]
    const bound = (this.#range >>> probabilityBits) * zero
    if (bit === 0) {
      this.#range = bound
      this.#zeros[context] = zero + ((2 * evens - zero) >> adaptBits)
    } else {
      this.#low += bound
      this.#range -= bound
      this.#zeros[context] = zero - (zero >> adaptBits)
    }
    while (this.#range < rangeLeast) {
      this.#range = (this.#range << 8) >>> 0
      this.#shift()
    }
  }

  /** Writes all bits at `at`, {@link bytes} long, and starts anew. */
  finish(target: Uint8Array, at: number): void {
    for (let i = 0; i < tailBytes; i++) this.#shift()
    target.set(this.#bytes.subarray(0, this.#end), at)
    this.#zeros.fill(evens)
    this.#end = 0
    this.#low = 0
    this.#range = 0xffff_ffff
    this.#held = 0
    this.#heldCount = 1
  }

  /** Moves the upper byte of the lower bound out, as soon as no carry can reach it. */
  #shift(): void {
    if (this.#low < 0xff00_0000 || this.#low > 0xffff_ffff) {
      const carry = this.#low > 0xffff_ffff ? 1 : 0
      this.#bytes = grown(this.#bytes, this.#end + this.#heldCount)
      for (let byte = this.#held; this.#heldCount > 0; this.#heldCount--) {
        this.#bytes[this.#end++] = byte + carry
        byte = 0xff
      }
      this.#held = (this.#low >>> 24) & 0xff
    }
    this.#heldCount++
    this.#low = (this.#low & 0x00ff_ffff) * 256
  }
}

/** Reads what a {@link BitEncoder} wrote. Of other bytes it makes some bits; whether they mean anything is for the caller to see. */
export class BitDecoder {
  readonly #zeros: Uint16Array
  readonly #view: DataView
  readonly #end: number
  #at: number
  #range = 0xffff_ffff
  #code = 0

  constructor(contexts: number, view: DataView, at: number, end: number) {
    this.#zeros = new Uint16Array(contexts).fill(evens)
    this.#view = view
    this.#at = at
    this.#end = end
    for (let i = 0; i < tailBytes; i++) this.#code = ((this.#code << 8) | this.#byte()) >>> 0
  }

  /** Whether exactly the bytes there are were read. */
  get isDone(): boolean {
    return this.#at === this.#end
  }

  /** The next bit, which was coded in this context. */
  take(context: number): number {
    const zero = this.#zeros[context]
    const bound = (this.#range >>> probabilityBits) * zero
    const bit = this.#code < bound ? 0 : 1
    if (bit === 0) {
      this.#range = bound
      this.#zeros[context] = zero + ((2 * evens - zero) >> adaptBits)
    } else {
      this.#code -= bound
      this.#range -= bound
      this.#zeros[context] = zero - (zero >> adaptBits)
    }
    while (this.#range < rangeLeast) {
      this.#range = (this.#range << 8) >>> 0
      this.#code = ((this.#code << 8) | this.#byte()) >>> 0
    }
    return bit
  }

  #byte(): number {
    this.#at += 1
    return this.#at <= this.#end ? this.#view.getUint8(this.#at - 1) : 0
  }
}
