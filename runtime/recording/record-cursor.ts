import { MetabonkError } from '../errors.ts'

const textDecoder = new TextDecoder('utf-8', { fatal: true })

/** A broken container: says what, and at which byte of which file. */
export function brokenRecording(what: string, file: string, offset: number): MetabonkError {
  return new MetabonkError({
    code: 'recording-invalid',
    what,
    where: `${file}, byte ${String(offset)}`,
    todo: 'use an undamaged copy, or record the run again',
  })
}

/** Reads fields of one record; every length is checked against what is there before it is used. */
export class RecordCursor {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #fileOffset: number
  readonly #file: string
  readonly #record: string
  #at = 0

  /** `bytes` are the content of a record called `record`, which lies at `fileOffset` of `file`. */
  constructor(bytes: Uint8Array, file: string, fileOffset: number, record: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#file = file
    this.#fileOffset = fileOffset
    this.#record = record
  }

  get at(): number {
    return this.#at
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#claim(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#claim(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#claim(4), true)
  }

  /** A u64 that must be an exact number, as all sizes and offsets are. */
  u64(): number {
    const low = this.u32()
    const value = this.u32() * 0x1_0000_0000 + low
    if (!Number.isSafeInteger(value)) throw this.broken('holds a number beyond 2^53')
    return value
  }

  time(): bigint {
    return this.#view.getBigUint64(this.#claim(8), true)
  }

  raw(bytes: number): Uint8Array {
    const at = this.#claim(bytes)
    return this.#bytes.subarray(at, at + bytes)
  }

  string(): string {
    const bytes = this.raw(this.u32())
    // Most compressions have no name, and a decoder takes a microsecond for nothing, too.
    if (bytes.length === 0) return ''
    try {
      return textDecoder.decode(bytes)
    } catch {
      throw this.broken('holds text that is not UTF-8')
    }
  }

  /** A map, its entries read by `take`. */
  map<Entry>(take: () => Entry): Entry[] {
    const bytes = this.u32()
    const end = this.#at + bytes
    if (bytes > this.remaining) throw this.broken('is cut short')
    const entries: Entry[] = []
    while (this.#at < end) entries.push(take())
    if (this.#at !== end) throw this.broken('holds a map of a wrong length')
    return entries
  }

  strings(): ReadonlyMap<string, string> {
    return new Map(this.map(() => [this.string(), this.string()] as const))
  }

  broken(what: string): MetabonkError {
    return brokenRecording(`${this.#record} ${what}`, this.#file, this.#fileOffset)
  }

  #claim(bytes: number): number {
    if (bytes > this.remaining) throw this.broken('is cut short')
    const at = this.#at
    this.#at += bytes
    return at
  }
}
