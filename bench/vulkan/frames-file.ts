/** Frames in the form that draw_views.cc describes. */

const magic = 0x4642534d
const headerBytes = 16

/** Frames of one size, one after the other in each channel, line by line from the top. */
export interface Frames {
  readonly width: number
  readonly height: number
  readonly count: number
  /** Metres in front of the camera; Infinity where nothing is. */
  readonly depth: Float32Array
  readonly segmentation: Uint16Array
  /** Three bytes a pixel. */
  readonly rgb: Uint8Array
}

/** The bytes of a file of frames. */
export function encodeFrames({ width, height, count, depth, segmentation, rgb }: Frames): Uint8Array {
  const pixels = width * height * count
  const bytes = new Uint8Array(headerBytes + 9 * pixels)
  new Uint32Array(bytes.buffer, 0, 4).set([magic, width, height, count])
  new Float32Array(bytes.buffer, headerBytes, pixels).set(depth)
  new Uint16Array(bytes.buffer, headerBytes + 4 * pixels, pixels).set(segmentation)
  bytes.set(rgb, headerBytes + 6 * pixels)
  return bytes
}

/**
 * Reads a file of frames.
 *
 * @throws RangeError when it is none, or not whole.
 */
export function decodeFrames(file: Uint8Array): Frames {
  const { buffer } = new Uint8Array(file)
  if (buffer.byteLength < headerBytes) throw new RangeError('a file of frames is cut off')
  const [found, width, height, count] = new Uint32Array(buffer, 0, 4)
  if (found !== magic) throw new RangeError('a file is no file of frames')
  const pixels = width * height * count
  if (buffer.byteLength !== headerBytes + 9 * pixels) throw new RangeError(`a file of ${count} frames of ${width} x ${height} has ${buffer.byteLength} bytes`)
  return {
    width,
    height,
    count,
    depth: new Float32Array(buffer, headerBytes, pixels),
    segmentation: new Uint16Array(buffer, headerBytes + 4 * pixels, pixels),
    rgb: new Uint8Array(buffer, headerBytes + 6 * pixels),
  }
}
