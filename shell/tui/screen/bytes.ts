const firstBytes = 16384

/** Bytes of one frame, one after the other, in memory that the next frame uses again. */
export class FrameBytes {
  #bytes = Buffer.allocUnsafe(firstBytes)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was written since the last {@link clear}; valid until the next. */
  get view(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const more = Buffer.allocUnsafe(2 * this.#length)
      this.#bytes.copy(more)
      this.#bytes = more
    }
    this.#bytes[this.#length++] = value
  }

  /** Text of one byte a character. */
  ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i))
  }

  /** A whole number of at most five digits. */
  number(value: number): void {
    if (value >= 10) this.number((value / 10) | 0)
    this.byte(48 + (value % 10))
  }

  /** A code point as UTF-8. */
  glyph(point: number): void {
    if (point < 0x80) this.byte(point)
    else if (point < 0x800) {
      this.byte(0xc0 | (point >> 6))
      this.byte(0x80 | (point & 63))
    } else {
      if (point < 0x10000) this.byte(0xe0 | (point >> 12))
      else {
        this.byte(0xf0 | (point >> 18))
        this.byte(0x80 | ((point >> 12) & 63))
      }
      this.byte(0x80 | ((point >> 6) & 63))
      this.byte(0x80 | (point & 63))
    }
  }
}
