/**
 * The compression of GIF: Lempel, Ziv and Welch 1984, with codes of growing width, lowest bits first, in blocks of at most 255 bytes. The table of
 * strings is a tree: `children[code * 256 + value]` is the code of a string with one more value, or 0.
 */
const codesMax = 4096
const widthMax = 12
const blockMax = 255

/** Codes of growing width as blocks: a length, and so many bytes. */
class BlockWriter {
  private bytes = new Uint8Array(1024)
  private end = 0
  /** Where the length of the open block stands. */
  private block = -1
  private bits = 0
  private bitCount = 0

  put(code: number, width: number): void {
    this.bits |= code << this.bitCount
    this.bitCount += width
    for (; this.bitCount >= 8; this.bitCount -= 8) {
      this.byte(this.bits & 255)
      this.bits >>>= 8
    }
  }

  /** The blocks, closed by an empty one. */
  finish(): Uint8Array {
    if (this.bitCount > 0) this.byte(this.bits)
    this.push(0)
    return this.bytes.subarray(0, this.end)
  }

  private byte(value: number): void {
    if (this.block < 0 || this.bytes[this.block] === blockMax) {
      this.block = this.end
      this.push(0)
    }
    this.bytes[this.block]++
    this.push(value)
  }

  private push(value: number): void {
    if (this.end === this.bytes.length) {
      const grown = new Uint8Array(2 * this.end)
      grown.set(this.bytes)
      this.bytes = grown
    }
    this.bytes[this.end++] = value
  }
}

/** One or more values of so many bits (2 to 8) as the blocks of GIF's image data, without the byte that says how many bits. */
export function lzwBlocks(values: Uint8Array, valueBits: number): Uint8Array {
  const clear = 1 << valueBits
  const writer = new BlockWriter()
  const children = new Uint16Array(codesMax << 8)
  let width = valueBits + 1
  let next = clear + 2
  const put = (code: number): void => {
    writer.put(code, width)
    // A reader knows one string less than we do: it learns the last one from the code that we put now.
    if (next >= 1 << width && width < widthMax) width++
  }
  put(clear)
  let code = values[0]
  for (let at = 1; at < values.length; at++) {
    const place = (code << 8) | values[at]
    if (children[place] !== 0) {
      code = children[place]
      continue
    }
    put(code)
    if (next < codesMax) children[place] = next++
    else {
      put(clear)
      children.fill(0)
      width = valueBits + 1
      next = clear + 2
    }
    code = values[at]
  }
  put(code)
  put(clear + 1)
  return writer.finish()
}
