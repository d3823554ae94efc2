/**
 * How bright a picture is. Luma is that of Rec. 601, in whole numbers: (77 R + 150 G + 29 B) / 256, rounded down, 0 to 255. The weights are
 * 0.299, 0.587 and 0.114 of 256, rounded so that they add up to it.
 */
export interface Luma {
  /** Mean over all pixels. */
  readonly mean: number
  /** The least luma that 99 of 100 pixels do not exceed: a few bright pixels don't count. */
  readonly percentile99: number
}

/** A picture is black when both its mean and its 99th percentile are below these. */
export const blackLimits: Luma = { mean: 4, percentile99: 16 }

/** The luma of a picture of red, green and blue bytes, one pixel after the other; that of one without pixels is 0. */
export function lumaOf(rgb: Uint8Array): Luma {
  const counts = new Uint32Array(256)
  const pixels = Math.floor(rgb.length / 3)
  let sum = 0
  for (let at = 0; at < 3 * pixels; at += 3) {
    const luma = (77 * rgb[at] + 150 * rgb[at + 1] + 29 * rgb[at + 2]) >> 8
    counts[luma]++
    sum += luma
  }
  let percentile99 = 0
  for (let below = counts[0]; 100 * below < 99 * pixels; below += counts[percentile99]) percentile99++
  return { mean: pixels === 0 ? 0 : sum / pixels, percentile99 }
}

/** Whether a picture shows nothing; see {@link blackLimits}. */
export function isBlack(rgb: Uint8Array): boolean {
  const { mean, percentile99 } = lumaOf(rgb)
  return mean < blackLimits.mean && percentile99 < blackLimits.percentile99
}
