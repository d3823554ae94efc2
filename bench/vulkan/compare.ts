import type { Frames } from './frames-file.ts'

/** How far two renderers agree about the same views. */
export interface Comparison {
  readonly pixels: number
  /** Share of pixels whose segmentation is the same. */
  readonly sameSegmentation: number
  /** Differences of depth over depth, where segmentation is the same and both see something; 0 where there is no such pixel. */
  readonly depthMedian: number
  readonly depthMax: number
  /** Share of those pixels whose depth differs by more than a hundred-thousandth. */
  readonly depthApart: number
}

const depthTolerance = 1e-5

/**
 * Compares frames pixel by pixel.
 *
 * @throws RangeError when they are not as many or as large.
 */
export function compareFrames(own: Frames, other: Frames): Comparison {
  if (own.width !== other.width || own.height !== other.height || own.count !== other.count) {
    throw new RangeError(`${own.count} frames of ${own.width} x ${own.height} cannot be compared with ${other.count} of ${other.width} x ${other.height}`)
  }
  const pixels = own.segmentation.length
  const apart = new Float64Array(pixels)
  let [same, seen, far] = [0, 0, 0]
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (own.segmentation[pixel] !== other.segmentation[pixel]) continue
    same++
    if (own.depth[pixel] === Infinity && other.depth[pixel] === Infinity) continue
    const share = Math.abs(own.depth[pixel] - other.depth[pixel]) / Math.min(own.depth[pixel], other.depth[pixel])
    apart[seen++] = share
    // Not `>`: a depth that is no number agrees with nothing.
    if (!(share <= depthTolerance)) far++
  }
  const sorted = apart.subarray(0, seen).sort()
  return {
    pixels,
    sameSegmentation: same / pixels,
    depthMedian: seen === 0 ? 0 : sorted[seen >> 1],
    depthMax: seen === 0 ? 0 : sorted[seen - 1],
    depthApart: seen === 0 ? 0 : far / seen,
  }
}
