/** Depth and segmentation as colours that people tell apart. */
import { drawBox } from './drawing.ts'
import { drawText, textHeight, textWidth } from './letters.ts'
import { blankPicture, fillBox, paste, setPixel, type Colour, type Picture } from './picture.ts'

/** Metres that a scale of depths reaches from and to. */
export interface DepthRange {
  readonly near: number
  readonly far: number
}

/**
 * Nine colours of the map viridis (van der Walt and Smith 2015), brightest first: equal steps look equal, and it stays ordered in grey and for
 * people who see fewer colours.
 */
const rampColours: readonly Colour[] = [0xfde725, 0xaddc30, 0x5ec962, 0x28ae80, 0x21918c, 0x2c728e, 0x3b528b, 0x472d7b, 0x440154]
const rampLast = 255
const rampSpan = (rampLast + 1) / (rampColours.length - 1)

/** The colour at a place of the ramp, from 0 (near) to 255 (far): between two of its colours, in whole numbers. */
function rampColour(place: number): Colour {
  const first = Math.floor(place / rampSpan)
  const part = place - first * rampSpan
  const from = rampColours[first]
  const to = rampColours[first + 1]
  const channel = (shift: number): number => Math.floor((((from >>> shift) & 255) * (rampSpan - part) + ((to >>> shift) & 255) * part + rampSpan / 2) / rampSpan) << shift
  return channel(16) | channel(8) | channel(0)
}

const ramp = Array.from({ length: rampLast + 1 }, (_, place) => rampColour(place))

/** Depth as colours: bright is near, dark violet far, what lies beyond the range has the colour of its end; nothing (Infinity, NaN) is black. */
export function depthPicture(depth: Float32Array, size: Pick<Picture, 'width' | 'height'>, { near, far }: DepthRange): Picture {
  const picture = blankPicture(size.width, size.height)
  for (let pixel = 0; pixel < size.width * size.height; pixel++) {
    const metres = depth[pixel]
    if (!Number.isFinite(metres)) continue
    const place = far > near ? (rampLast * (metres - near)) / (far - near) : 0
    setPixel(picture, pixel % size.width, Math.floor(pixel / size.width), ramp[Math.floor(Math.min(rampLast, Math.max(0, place)) + 0.5)])
  }
  return picture
}

/** The nearest and the farthest of what some depths show, rounded outwards to tenths of a metre; undefined where nothing is seen. */
export function depthRangeOf(depth: Float32Array): DepthRange | undefined {
  let near = Infinity
  let far = -Infinity
  for (const metres of depth) {
    if (!Number.isFinite(metres)) continue
    near = Math.min(near, metres)
    far = Math.max(far, metres)
  }
  return near > far ? undefined : { near: Math.floor(10 * near) / 10, far: Math.ceil(10 * far) / 10 }
}

const legendText = 0xffffff
const legendFrame = 0x808080

/** Lines of the scale below a picture. */
const legendHeight = textHeight + 4

/** A picture with the scale of its depths below it: the ramp between its two ends in metres, as far as the width allows. */
export function withDepthLegend(picture: Picture, { near, far }: DepthRange): Picture {
  const { width, height } = picture
  const whole = blankPicture(width, height + legendHeight)
  paste(whole, picture, 0, 0)
  const texts = [`${near.toFixed(1)} `, ` ${far.toFixed(1)} m`]
  const taken = textWidth(texts.join(''))
  const isWide = width > taken + 2
  const left = isWide ? textWidth(texts[0]) : 0
  const bar = { left, top: height + 2, width: isWide ? width - taken : width, height: textHeight }
  for (let column = 1; column < bar.width - 1; column++) {
    fillBox(whole, { ...bar, left: left + column, width: 1 }, ramp[bar.width > 3 ? Math.floor((rampLast * (column - 1)) / (bar.width - 3)) : 0])
  }
  drawBox(whole, bar, legendFrame)
  if (isWide) {
    drawText(whole, texts[0], { left: 0, top: bar.top, colour: legendText })
    drawText(whole, texts[1], { left: left + bar.width, top: bar.top, colour: legendText })
  }
  return whole
}

/** 2^16 divided by the golden ratio, made odd: multiples of it spread evenly over 2^16, and each is another one. */
const goldenTurn = 40503
const turn = 65536
const sixth = turn / 6

/** One channel of a bright colour at a hue, 0 to 1. */
function hueChannel(hue: number, shift: number): number {
  const place = ((hue + shift * sixth) % turn) / sixth
  return Math.min(1, Math.max(0, Math.min(place, 4 - place)))
}

/**
 * The colour of a segmentation id: always the same, and another one for each of the 65,536. 0 is black. Ids that follow one another lie a golden
 * angle apart on the circle of hues, which the 3, 2 and 3 high bits of the channels hold; the 5, 6 and 5 low bits hold the id.
 */
export function segmentationColour(id: number): Colour {
  if (id === 0) return 0
  const hue = Math.imul(id, goldenTurn) & (turn - 1)
  const red = (Math.floor(7 * hueChannel(hue, 2) + 0.5) << 5) | (id & 31)
  const green = (Math.floor(3 * hueChannel(hue, 0) + 0.5) << 6) | ((id >>> 5) & 63)
  const blue = (Math.floor(7 * hueChannel(hue, 4) + 0.5) << 5) | (id >>> 11)
  return (red << 16) | (green << 8) | blue
}

/** Segmentation as colours: see {@link segmentationColour}. */
export function segmentationPicture(segmentation: Uint16Array, { width, height }: Pick<Picture, 'width' | 'height'>): Picture {
  const picture = blankPicture(width, height)
  for (let pixel = 0; pixel < width * height; pixel++) setPixel(picture, pixel % width, Math.floor(pixel / width), segmentationColour(segmentation[pixel]))
  return picture
}
