/** Values on a byte stream: four bytes of length, then the value as v8 writes it. What comes in is checked before it is used. */
import { deserialize, serialize } from 'node:v8'
import { MetabonkError } from '../../../actors/index.ts'

const headerBytes = 4

/** A value as bytes to send. */
export function frameBytes(value: unknown): Buffer {
  const body = serialize(value)
  const frame = Buffer.allocUnsafe(headerBytes + body.length)
  frame.writeUInt32LE(body.length, 0)
  body.copy(frame, headerBytes)
  return frame
}

/** Puts the pieces of a stream together to values. */
export class FrameAssembler {
  private readonly bytesMost: number
  private pieces: Buffer[] = []
  private bytes = 0

  /** No frame is larger than so many bytes. */
  constructor(bytesMost: number) {
    this.bytesMost = bytesMost
  }

  /** The values that are whole with this piece. Throws `ring` for bytes that are no frames: nothing after them can be read. */
  take(piece: Buffer): unknown[] {
    this.pieces.push(piece)
    this.bytes += piece.length
    const values: unknown[] = []
    for (let body = this.next(); body !== undefined; body = this.next()) values.push(valueOf(body))
    return values
  }

  private next(): Buffer | undefined {
    if (this.bytes < headerBytes) return undefined
    const length = this.joined(headerBytes).readUInt32LE(0)
    if (length > this.bytesMost) throw new MetabonkError({ code: 'ring', what: `a message of ${String(length)} bytes is not taken`, todo: `send at most ${String(this.bytesMost)}` })
    if (this.bytes < headerBytes + length) return undefined
    const whole = this.joined(headerBytes + length)
    const rest = whole.subarray(headerBytes + length)
    this.pieces = rest.length === 0 ? [] : [rest]
    this.bytes = rest.length
    return whole.subarray(headerBytes, headerBytes + length)
  }

  /** All bytes in one piece, where the first one has too few. */
  private joined(least: number): Buffer {
    if (this.pieces[0].length < least) this.pieces = [Buffer.concat(this.pieces)]
    return this.pieces[0]
  }
}

function valueOf(body: Buffer): unknown {
  try {
    return deserialize(body)
  } catch (cause) {
    throw new MetabonkError({ code: 'ring', what: 'a message can\'t be read', cause })
  }
}
