import { opcodes, recordHeadBytes } from './mcap-format.ts'

const textEncoder = new TextEncoder()
const wordSpan = 0x1_0000_0000

/** Writes `value`, an exact integer below 2^53, as u64. */
export function putU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % wordSpan, true)
  view.setUint32(at + 4, Math.floor(value / wordSpan), true)
}

/** `bytes` with room for `needed` bytes: itself, or a copy of at least twice the size. */
export function grown(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(needed, bytes.length * 2))
  larger.set(bytes)
  return larger
}

/** Builds the container's rare records (everything but messages and chunks), one after the other. */
export class RecordBuilder {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #start = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  begin(opcode: (typeof opcodes)[keyof typeof opcodes]): this {
    this.#start = this.#length
    return this.u8(opcode).u64(0)
  }

  /** Ends a record: fills its length in. */
  end(): this {
    putU64(this.#view, this.#start + 1, this.#length - this.#start - recordHeadBytes)
    return this
  }

  u8(value: number): this {
    const at = this.#claim(1)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    const at = this.#claim(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  u32(value: number): this {
    const at = this.#claim(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  u64(value: number): this {
    const at = this.#claim(8)
    putU64(this.#view, at, value)
    return this
  }

  time(nanos: bigint): this {
    const at = this.#claim(8)
    this.#view.setBigUint64(at, nanos, true)
    return this
  }

  string(text: string): this {
    const bytes = textEncoder.encode(text)
    return this.u32(bytes.length).raw(bytes)
  }

  raw(bytes: Uint8Array): this {
    const at = this.#claim(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  /** A map, its entries written by `put`. */
  map<Entry>(entries: Iterable<Entry>, put: (entry: Entry) => void): this {
    const at = this.#claim(4)
    for (const entry of entries) put(entry)
    this.#view.setUint32(at, this.#length - at - 4, true)
    return this
  }

  strings(entries: ReadonlyMap<string, string>): this {
    return this.map(entries, ([key, value]) => this.string(key).string(value))
  }

  /** What has been built; valid until the next change. */
  built(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Makes room; called before the view is looked at, since it may replace it. */
  #claim(bytes: number): number {
    const at = this.#length
    this.#length += bytes
    const larger = grown(this.#bytes, this.#length)
    if (larger !== this.#bytes) {
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    return at
  }
}
