/**
 * Films without compression: YUV4MPEG2, as mjpegtools and ffmpeg read it, with colours at full resolution (4:4:4).
 *
 * Colours are those of ITU-R BT.601 with 16 to 235 and 16 to 240, in whole numbers, the factors in 2^-16 and rounded to the nearest, halves up:
 *
 *     Y  = 16 + (16829 R + 33039 G + 6416 B) / 65536
 *     Cb = 128 + (-9714 R - 19070 G + 28784 B) / 65536
 *     Cr = 128 + (28784 R - 24103 G - 4681 B) / 65536
 *
 * They are 65536 times 0.299, 0.587 and 0.114 of 219 / 255, and of the differences to blue and red in 224 / 255, so rounded that white is
 * 235, 128, 128, and every grey has no colour.
 */
import { assert } from '../../runtime/index.ts'
import type { Picture } from './picture.ts'

/** So many pictures in so many seconds, both whole numbers. */
export interface FrameRate {
  readonly pictures: number
  readonly seconds: number
}

const half = 1 << 15

/** The encoder of a film whose pictures have one size. */
export class Y4mEncoder {
  /** Begins the file. */
  readonly header: Uint8Array
  private readonly size: Pick<Picture, 'width' | 'height'>
  private readonly frame: Uint8Array

  constructor(size: Pick<Picture, 'width' | 'height'>, { pictures, seconds }: FrameRate) {
    const { width, height } = size
    this.size = { width, height }
    this.header = asciiBytes(`YUV4MPEG2 W${width} H${height} F${pictures}:${seconds} Ip A1:1 C444 XCOLORRANGE=LIMITED\n`)
    const begin = asciiBytes('FRAME\n')
    this.frame = new Uint8Array(begin.length + 3 * width * height)
    this.frame.set(begin)
  }

  /** The bytes of the next picture; valid until the one after it. */
  encode({ width, height, rgb }: Picture): Uint8Array {
    assert(width === this.size.width && height === this.size.height, 'the pictures of a film have one size')
    const { frame } = this
    const pixels = width * height
    let to = frame.length - 3 * pixels
    for (let at = 0; at < 3 * pixels; at += 3, to++) {
      const red = rgb[at]
      const green = rgb[at + 1]
      const blue = rgb[at + 2]
      frame[to] = 16 + ((16829 * red + 33039 * green + 6416 * blue + half) >> 16)
      frame[to + pixels] = 128 + ((28784 * blue - 9714 * red - 19070 * green + half) >> 16)
      frame[to + 2 * pixels] = 128 + ((28784 * red - 24103 * green - 4681 * blue + half) >> 16)
    }
    return frame
  }
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
