/** Where a recording is read from. */
export interface ByteSource {
  /** For messages: the file's path. */
  readonly name: string
  /** As it was when it was opened, or measured last. */
  readonly size: number
  /** Exactly `length` bytes from `offset`; the caller stays within `size`. */
  read(offset: number, length: number): Uint8Array
  /** Looks how large it is by now, where somebody may write to it. Throws `recording-invalid` when it is not the same any more. */
  measure?(): void
  /** Ends reading, where that means anything. */
  close?(): void
}

/** What is read at once on a way through the file: many records are small, and keyframes, of which only the heads are read then, are large. */
const pieceBytes = 64 * 1024

/** Reads a source in pieces of some size, for who goes through it from front to back in much smaller ones. */
export class Piecewise {
  readonly #source: ByteSource
  #offset = 0
  #bytes: Uint8Array = new Uint8Array(0)

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** What it gives must not be kept for long: a whole piece is kept with it. */
  read(offset: number, length: number): Uint8Array {
    if (length >= pieceBytes) return this.#source.read(offset, length)
    if (offset < this.#offset || offset + length > this.#offset + this.#bytes.length) {
      this.#bytes = this.#source.read(offset, Math.min(pieceBytes, this.#source.size - offset))
      this.#offset = offset
    }
    return this.#bytes.subarray(offset - this.#offset, offset - this.#offset + length)
  }
}
