import type { Frame } from './frames.ts'
import type { StillChannel } from './picture-passes.ts'
import { depthPicture, depthRangeOf, segmentationPicture, type DepthRange } from './picture/colours.ts'
import { middlesOf, reduced, type Picture } from './picture/picture.ts'

/** How a frame is to look. */
export interface FrameLook {
  readonly channel: StillChannel
  /** Most columns and lines: a larger frame is made smaller by a whole factor. */
  readonly width: number
  readonly height: number
  /** What the colours of depths reach from and to; by default what the frame shows. */
  readonly range?: DepthRange | undefined
}

const millisPerMetre = 1000

function coloursOf({ width, height, rgb, grey }: Frame): Picture | undefined {
  if (rgb.length > 0) return { width, height, rgb }
  return grey.length === 0 ? undefined : { width, height, rgb: Uint8Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]) }
}

/** Metres of depth of each pixel; Infinity where nothing is seen. Undefined where the camera draws no depth. */
export function frameDepth({ depth, depthMillis }: Frame): Float32Array | undefined {
  if (depth.length > 0) return depth
  return depthMillis.length === 0 ? undefined : Float32Array.from(depthMillis, (millis) => (millis === 0 ? Infinity : millis / millisPerMetre))
}

/**
 * A frame of a run as people see it: in colours, with depths and segmentation in the colours of all our pictures, made smaller to fit. Depth and
 * segmentation are those in the middles of what becomes a pixel. Undefined where the camera draws nothing of the kind.
 */
export function framePicture(frame: Frame, { channel, width, height, range }: FrameLook): Picture | undefined {
  const samples = Math.min(frame.width, frame.height, Math.max(1, Math.ceil(frame.width / width), Math.ceil(frame.height / height)))
  const size = { width: Math.floor(frame.width / samples), height: Math.floor(frame.height / samples), samples }
  const pixels = size.width * size.height
  switch (channel) {
    case 'rgb': {
      const colours = coloursOf(frame)
      return colours && reduced(colours, samples)
    }
    case 'depth': {
      const depth = frameDepth(frame)
      return depth && depthPicture(middlesOf(depth, new Float32Array(pixels), size, frame.width), size, range ?? depthRangeOf(depth) ?? { near: 0, far: 0 })
    }
    case 'segmentation':
      return frame.segmentation.length === 0 ? undefined : segmentationPicture(middlesOf(frame.segmentation, new Uint16Array(pixels), size, frame.width), size)
  }
}
