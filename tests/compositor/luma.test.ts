import { expect, it } from 'vitest'
import { isBlack } from '../../compositor/index.ts'
import { blackLimits, lumaOf } from '../../compositor/luma.ts'

/** A picture of so many pixels, of which some are of another colour than black. */
function picture(pixels: number, lit: number, colour: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 3 * pixels }, (_, i) => (i < 3 * lit ? colour[i % 3] : 0))
}

it('luma is that of Rec. 601 in whole numbers', () => {
  const grey = (value: number) => ({ mean: value, percentile99: value })
  for (const value of [0, 1, 127, 254, 255]) expect(lumaOf(picture(10, 10, [value, value, value]))).toEqual(grey(value))
  expect(lumaOf(picture(4, 4, [255, 0, 0]))).toEqual(grey(76))
  expect(lumaOf(picture(4, 4, [0, 255, 0]))).toEqual(grey(149))
  expect(lumaOf(picture(4, 4, [0, 0, 255]))).toEqual(grey(28))
  expect(lumaOf(new Uint8Array(0))).toEqual(grey(0))
})

it('the 99th percentile is what 99 of 100 pixels do not exceed', () => {
  for (const [lit, percentile99] of [[0, 0], [1, 0], [2, 255], [100, 255]]) {
    expect(lumaOf(picture(100, lit, [255, 255, 255]))).toEqual({ mean: (255 * lit) / 100, percentile99 })
  }
})

it('a picture is black when nothing of it is bright', () => {
  expect(isBlack(picture(1024, 0, []))).toBe(true)
  expect(isBlack(picture(1024, 10, [255, 255, 255]))).toBe(true)
  expect(isBlack(picture(1024, 12, [255, 255, 255]))).toBe(false)
  const { mean } = blackLimits
  expect(isBlack(picture(1024, 1024, [mean - 1, mean - 1, mean - 1]))).toBe(true)
  expect(isBlack(picture(1024, 1024, [mean, mean, mean]))).toBe(false)
})
