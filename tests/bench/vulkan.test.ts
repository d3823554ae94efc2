import { describe, expect, it } from 'vitest'
import { boxField, boxFieldRange } from '../../bench/models/box-field.ts'
import { viewsOf } from '../../bench/models/camera-view.ts'
import { boxFieldScene } from '../../bench/vulkan/box-field-scene.ts'
import { buildDrawViews } from '../../bench/vulkan/build.ts'
import { compareFrames } from '../../bench/vulkan/compare.ts'
import { decodeFrames, encodeFrames, type Frames } from '../../bench/vulkan/frames-file.ts'
import { encodeScene } from '../../bench/vulkan/scene-file.ts'
import { viewWords } from '../../compositor/draw/layout.ts'

function frames(depth: readonly number[], segmentation: readonly number[]): Frames {
  return { width: 2, height: 1, count: 2, depth: Float32Array.from(depth), segmentation: Uint16Array.from(segmentation), rgb: new Uint8Array(12).fill(9) }
}

describe('boxField', () => {
  const field = boxField(1, 1_024)

  it('is the same for the same seed, and another for another', () => {
    const few = boxField(1, 8)
    expect(few.cameras).toEqual(field.cameras.slice(0, 8))
    expect([few.ground, few.boxes].map((part) => JSON.stringify(part)), 'ground and boxes').toEqual([field.ground, field.boxes].map((part) => JSON.stringify(part)))
    expect([...boxField(2, 0).boxes.yaw]).not.toEqual([...field.boxes.yaw])
  })

  it('has boxes of 0.5 to 3 m on ground of 0 to 8 m', () => {
    const { ground, boxes } = field
    expect([boxes.count, ground.columns, ground.lines, ground.heights.length]).toEqual([500, 96, 96, 97 * 97])
    expect(Math.min(...boxes.size)).toBeGreaterThanOrEqual(0.5)
    expect(Math.max(...boxes.size)).toBeLessThanOrEqual(3)
    expect(Math.min(...ground.heights)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...ground.heights)).toBeLessThanOrEqual(8)
  })

  it('has no two cameras alike, none in a box', () => {
    const { boxes, cameras } = field
    expect(new Set(cameras.map((camera) => JSON.stringify(camera))).size).toBe(1_024)
    const inside = cameras.filter(({ eye: [x, y] }) =>
      boxes.yaw.some((yaw, box) => {
        const [right, front] = [x - boxes.at[3 * box], y - boxes.at[3 * box + 1]]
        const [along, across] = [Math.cos(yaw) * right + Math.sin(yaw) * front, Math.cos(yaw) * front - Math.sin(yaw) * right]
        return Math.abs(along) <= boxes.size[3 * box] / 2 && Math.abs(across) <= boxes.size[3 * box + 1] / 2
      }),
    )
    expect(inside).toEqual([])
  })
})

describe('viewsOf', () => {
  it('looks along +x with z up, and turns and lifts as it is told', () => {
    const quarter = Math.PI / 2
    const views = viewsOf([{ eye: [1, 2, 3], yaw: 0, pitch: 0 }, { eye: [0, 0, 0], yaw: quarter, pitch: 0 }, { eye: [0, 0, 0], yaw: 0, pitch: quarter }], { focal: 32, ...boxFieldRange })
    const rounded = Array.from(views, (number) => Math.round(number * 1e6) / 1e6 + 0)
    expect(rounded.slice(0, viewWords)).toEqual([1, 2, 3, 0, -1, 0, 0, 0, -1, 1, 0, 0, 32, 0.1, 60, 0, -1, 0, 0, 0])
    expect(rounded.slice(viewWords + 3, viewWords + 12)).toEqual([1, 0, 0, 0, 0, -1, 0, 1, 0])
    expect(rounded.slice(2 * viewWords + 3, 2 * viewWords + 12)).toEqual([0, -1, 0, 1, 0, 0, 0, 0, 1])
  })
})

describe('encodeScene', () => {
  it('writes the field with all of its ground, or with fewer squares, and its boxes', () => {
    const field = boxField(1, 1)
    const words = (squareCells: number): number[] => [...new Uint32Array(encodeScene(boxFieldScene(field, squareCells)).buffer, 4, 5)]
    expect(words(1)).toEqual([2 * 96 * 96, 1, 12, 500, 3_000])
    expect(words(4)).toEqual([2 * 24 * 24, 1, 12, 500, 3_000])
    expect(encodeScene(boxFieldScene(field, 4)).length).toBe(4 * (6 + 11 * 1_152 + 1 + 10 * 12 + 15 * 500 + 3_000))
  })
})

describe('frames', () => {
  const sample = frames([1, 2, Infinity, 4], [1, 2, 0, 4])

  it('come out of a file as they went in', () => {
    expect(decodeFrames(encodeFrames(sample))).toEqual(sample)
  })

  it('are refused when a file is cut off, longer, or none', () => {
    const file = encodeFrames(sample)
    expect(() => decodeFrames(file.subarray(0, 8))).toThrow(/cut off/)
    expect(() => decodeFrames(file.subarray(0, 40))).toThrow(/2 frames of 2 x 1/)
    expect(() => decodeFrames(new Uint8Array(52))).toThrow(/no file of frames/)
  })

  it('compare by segmentation, and by depth where that is the same and something is seen', () => {
    const near = frames([1, 2.00001, Infinity, 5], [1, 2, 0, 3])
    expect(compareFrames(sample, near)).toEqual({ pixels: 4, sameSegmentation: 0.75, depthMedian: expect.closeTo(5e-6, 6) as number, depthMax: expect.closeTo(5e-6, 6) as number, depthApart: 0 })
    expect(compareFrames(sample, frames([1, 2.1, Infinity, 4], [1, 2, 0, 4])).depthApart).toBeCloseTo(1 / 3, 12)
    expect(compareFrames(sample, frames([NaN, 2, Infinity, 4], [1, 2, 0, 4])).depthApart).toBeCloseTo(1 / 3, 12)
    expect(compareFrames(sample, frames([1, 2, Infinity, 4], [9, 9, 9, 9]))).toEqual({ pixels: 4, sameSegmentation: 0, depthMedian: 0, depthMax: 0, depthApart: 0 })
  })

  it('do not compare with frames of another size', () => {
    expect(() => compareFrames(sample, { ...sample, count: 1 })).toThrow(/cannot be compared/)
  })
})

describe('buildDrawViews', () => {
  it('says what is missing without a compiler', async () => {
    const { CXX, PATH } = process.env
    try {
      process.env['CXX'] = 'no-such-compiler'
      process.env['PATH'] = ''
      expect(await buildDrawViews()).toEqual({ missing: 'no C++ compiler' })
    } finally {
      process.env['PATH'] = PATH
      if (CXX === undefined) delete process.env['CXX']
      else process.env['CXX'] = CXX
    }
  })
})
