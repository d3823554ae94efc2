/** Shared or plain memory seen as every element type that records have. */
export interface RecordMemory {
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly i32: Int32Array
  readonly f32: Float32Array
  readonly f64: Float64Array
}

/**
 * Typed arrays over a buffer, or over `byteLength` bytes of it from `byteOffset`, a multiple of 8: what codecs and cursors work on. Make it once
 * for a buffer, not for a record.
 */
export function memoryOf(buffer: SharedArrayBuffer | ArrayBuffer, byteOffset = 0, byteLength = buffer.byteLength - byteOffset): RecordMemory {
  const [halves, words, doubles] = [2, 4, 8].map((bytes) => Math.floor(byteLength / bytes))
  return {
    u8: new Uint8Array(buffer, byteOffset, byteLength),
    u16: new Uint16Array(buffer, byteOffset, halves),
    u32: new Uint32Array(buffer, byteOffset, words),
    i32: new Int32Array(buffer, byteOffset, words),
    f32: new Float32Array(buffer, byteOffset, words),
    f64: new Float64Array(buffer, byteOffset, doubles),
  }
}
