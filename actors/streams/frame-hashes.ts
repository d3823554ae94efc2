/**
 * The stream of hashes of pictures: one message a step, with a column for each thing a camera sees. So two runs can be compared picture by picture,
 * and a picture that was drawn anew can be proved, without a recording that holds the pictures themselves.
 */
import { Frames } from '../../compositor/index.ts'
import { hashJobWords, type Kernels, type KindTable, type SharedState, type StreamDeclaration } from '../../runtime/index.ts'
import { RowStream } from './rows.ts'
import type { Emit, Stream } from './stream.ts'

/** Bytes of a row of a hashed block. */
const rowBytes = 32

/**
 * The 64-bit hash of some bytes, by the kernel that hashes the columns of the state: one block of them, filled up with zeros to a multiple of 32
 * bytes, its seed their number.
 */
export class BytesHash {
  /** Low and high half of the last hash. */
  readonly sum = new Uint32Array(2)
  private readonly kernels: Kernels
  private readonly job = new Uint32Array(hashJobWords)
  private bytes = new Uint8Array(0)
  private words = new Uint32Array(0)

  constructor(kernels: Kernels) {
    this.kernels = kernels
  }

  of(bytes: Uint8Array): Uint32Array {
    const { job } = this
    const padded = Math.ceil(bytes.length / rowBytes) * rowBytes
    if (padded > this.bytes.length) {
      this.words = new Uint32Array(padded / 4)
      this.bytes = new Uint8Array(this.words.buffer)
    }
    this.bytes.set(bytes)
    this.bytes.fill(0, bytes.length, padded)
    job[1] = padded / 4
    job[4] = 1
    job[5] = bytes.length
    this.kernels.hashBlocks(this.words, job, 1, this.sum)
    return this.sum
  }
}

/** What a camera sees of one thing, for every row, and the hashes of it. */
interface HashedChannel {
  readonly name: string
  /** Of the pictures in the ring of each row, made when they are first hashed. */
  readonly views: Uint8Array[]
  readonly viewOf: (from: number, to: number) => Uint8Array
  /** Two words a row. */
  readonly hashes: Uint32Array
}

function bytesIn(array: Uint8Array | Float32Array | Uint16Array, from: number, to: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset + from * array.BYTES_PER_ELEMENT, (to - from) * array.BYTES_PER_ELEMENT)
}

export class FrameHashStream implements Stream {
  readonly declaration: StreamDeclaration
  private readonly table: KindTable
  private readonly frames: Frames
  private readonly hash: BytesHash
  private readonly channels: readonly HashedChannel[]
  private readonly rows: RowStream

  constructor(table: KindTable, { stages, kernels }: SharedState) {
    const { kind } = table
    const frames = new Frames(stages, kind)
    const channel = (name: string, viewOf: HashedChannel['viewOf']): HashedChannel => ({ name, views: [], viewOf, hashes: new Uint32Array(2 * kind.rowsMax) })
    this.table = table
    this.frames = frames
    this.hash = new BytesHash(kernels)
    const drawn = [
      { there: frames.rgb, hashed: channel('rgb', (from, to) => bytesIn(frames.rgb, 3 * from, 3 * to)) },
      { there: frames.grey, hashed: channel('grey', (from, to) => bytesIn(frames.grey, from, to)) },
      { there: frames.depth, hashed: channel('depth', (from, to) => bytesIn(frames.depth, from, to)) },
      { there: frames.depthMillis, hashed: channel('depthMillis', (from, to) => bytesIn(frames.depthMillis, from, to)) },
      { there: frames.segmentation, hashed: channel('segmentation', (from, to) => bytesIn(frames.segmentation, from, to)) },
    ]
    this.channels = drawn.filter(({ there }) => there.length > 0).map(({ hashed }) => hashed)
    this.rows = new RowStream('frameHashes', table, this.channels.map(({ name, hashes }) => ({ name, dtype: 'u32', form: 'vec', shape: [2], source: hashes })))
    this.declaration = this.rows.declaration
  }

  take(step: number, emit: Emit | undefined): void {
    if (emit === undefined) return
    const { alive, rows } = this.table
    for (let row = 0; row < rows; row++) if (alive[row] === 1) this.hashRow(row, step)
    this.rows.take(step, emit)
  }

  private hashRow(row: number, step: number): void {
    const { frames, channels, hash } = this
    const from = frames.pixelsOf(row, step)
    const place = frames.place(row, step)
    for (const { views, viewOf, hashes } of channels) {
      views[place] ??= viewOf(from, from + frames.width * frames.height)
      const sum = hash.of(views[place])
      hashes[2 * row] = sum[0]
      hashes[2 * row + 1] = sum[1]
    }
  }
}
