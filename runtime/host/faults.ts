import { MetabonkError, type ErrorParts } from '../errors.ts'

const textBytes = 4096

/** Where simulation threads leave the error of a step for the coordinator: one slot a thread, in shared memory. */
export class FaultBoard {
  private readonly memory: SharedArrayBuffer

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory
  }

  static createMemory(workers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(workers * textBytes)
  }

  note(lane: number, error: MetabonkError): void {
    const bytes = new TextEncoder().encode(JSON.stringify(error.toParts())).slice(0, textBytes - 4)
    new Uint32Array(this.memory, lane * textBytes, 1)[0] = bytes.length
    new Uint8Array(this.memory, lane * textBytes + 4, textBytes - 4).set(bytes)
  }

  read(lane: number): MetabonkError {
    const length = new Uint32Array(this.memory, lane * textBytes, 1)[0]
    const text = new TextDecoder().decode(new Uint8Array(this.memory, lane * textBytes + 4, length).slice())
    try {
      return new MetabonkError(JSON.parse(text) as ErrorParts)
    } catch {
      return new MetabonkError({ code: 'world-threw', what: text.slice(0, 400), where: `worker ${lane}` })
    }
  }
}
