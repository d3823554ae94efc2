import { memoryOf, type Input, type RecordMemory, type StreamDeclaration } from '../../runtime/index.ts'

/** Where streams go: a recording. */
export interface StreamPort {
  /** Declares a stream; returns its id. */
  stream(declaration: StreamDeclaration): number
  message(stream: number, step: number, sequence: number, bytes: Uint8Array): void
}

/** Takes a message of one stream; the bytes are copied. */
export type Emit = (step: number, sequence: number, bytes: Uint8Array) => void

/** What is recorded of every state beside its hash. */
export interface Stream {
  readonly declaration: StreamDeclaration
  /** Looks at a sealed state and says what there is to say; without `emit` it only keeps what the next state needs. */
  take(step: number, emit: Emit | undefined): void
  /** An input that was applied before the next state. */
  input?(input: Input): void
}

/** A size in bytes, rounded up to a multiple of 8. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

/** Memory for messages, kept from one to the next: it grows to the largest. */
export class Scratch {
  memory: RecordMemory = memoryOf(new ArrayBuffer(1024))
  private view = this.memory.u8

  /** Makes room for a message of so many bytes, a multiple of 8, and gives them. */
  reserve(bytes: number): Uint8Array {
    if (bytes > this.memory.u8.length) this.memory = memoryOf(new ArrayBuffer(padded(bytes * 1.5)))
    // Kept, because a view in every step would be garbage in every step.
    if (this.view.length !== bytes || this.view.buffer !== this.memory.u8.buffer) this.view = this.memory.u8.subarray(0, bytes)
    return this.view
  }
}

const encoder = new TextEncoder()

/** A value as the bytes of its JSON. */
export function jsonBytes(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}
