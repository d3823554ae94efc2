/**
 * The stream of pictures: one message for every live row of a kind with a camera.
 *
 *     step f64 | row u32 | width u16 | height u16 | red, green, blue u8 of each pixel
 */
import { Frames } from '../../compositor/index.ts'
import { recordingEncoding, type KindTable, type RecordedMessage, type SharedState, type StreamDeclaration } from '../../runtime/index.ts'
import { Scratch, type Emit, type Stream } from './stream.ts'

const layout = 'step f64; row u32; width u16; height u16; then red, green, blue u8 of each pixel, line by line'
const headBytes = 16

export class PictureStream implements Stream {
  readonly declaration: StreamDeclaration
  private readonly table: KindTable
  private readonly frames: Frames
  private readonly scratch = new Scratch()
  /** The pictures in the ring of each row, made when they are first recorded. */
  private readonly views: Uint8Array[] = []

  constructor(table: KindTable, { stages }: SharedState) {
    const { kind } = table
    const schema = JSON.stringify({ kind: kind.name, layout })
    this.declaration = { topic: `frames/${kind.name}`, encoding: recordingEncoding, schemaName: 'metabonk.Frame', schemaEncoding: recordingEncoding, schema, droppable: true }
    this.table = table
    this.frames = new Frames(stages, kind)
  }

  take(step: number, emit: Emit | undefined): void {
    if (emit === undefined) return
    const { alive, rows } = this.table
    for (let row = 0; row < rows; row++) if (alive[row] === 1) this.show(row, step, emit)
  }

  private show(row: number, step: number, emit: Emit): void {
    const { frames, scratch, views } = this
    const { width, height } = frames
    const from = 3 * frames.pixelsOf(row, step)
    const place = frames.place(row, step)
    views[place] ??= frames.rgb.subarray(from, from + 3 * width * height)
    const bytes = scratch.reserve(headBytes + 3 * width * height)
    const { f64, u32, u16, u8 } = scratch.memory
    f64[0] = step
    u32[2] = row
    u16[6] = width
    u16[7] = height
    u8.set(views[place], headBytes)
    emit(step, row, bytes)
  }
}

/** The picture of an agent at a step. */
export interface FrameMessage {
  readonly step: number
  readonly row: number
  readonly width: number
  readonly height: number
  /** Red, green, blue of each pixel, line by line. */
  readonly rgb: Uint8Array
}

/** Reads a message of the stream of a camera's pictures. */
export function readFrame({ step, bytes }: RecordedMessage): FrameMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return { step, row: view.getUint32(8, true), width: view.getUint16(12, true), height: view.getUint16(14, true), rgb: bytes.slice(headBytes) }
}
