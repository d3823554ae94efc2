import { describe, expect, it } from 'vitest'
import { boxField, boxFieldFocal, boxFieldRange } from '../../bench/models/box-field.ts'
import { viewsOf } from '../../bench/models/camera-view.ts'
import { boxFieldScene } from '../../bench/vulkan/box-field-scene.ts'
import { compareFrames, type Comparison } from '../../bench/vulkan/compare.ts'
import type { Frames } from '../../bench/vulkan/frames-file.ts'
import { openLavapipe, type Lavapipe } from '../../bench/vulkan/lavapipe.ts'
import type { FlatScene } from '../../bench/vulkan/scene-file.ts'
import { counts, testSeed } from '../counts.ts'
import { flatScene, randomScene, viewsOfScene, type RandomScene } from './random-scenes.ts'
import { castFrames } from './ray-caster.ts'

const opened = await openLavapipe()
const missing = 'missing' in opened ? opened.missing : undefined
const why = missing === undefined ? '' : ` (skipped: ${missing})`

function lavapipe(): Lavapipe {
  if ('missing' in opened) throw new Error(opened.missing)
  return opened
}

/** What is held against the driver. */
const renderers: Readonly<Record<string, (scene: RandomScene, size: number) => Frames>> = {
  'rays through the middles of pixels': (scene, size) => castFrames(flatScene(scene), viewsOfScene(scene, size), size),
}

/** A wall across +x at a distance, as two triangles that are seen from the origin; it ends at y = 0 on the left. */
function wall(distance: number): FlatScene {
  const [low, high, left, right] = [-100, 100, 0, -100]
  const corners = [distance, left, low, distance, right, low, distance, right, high, distance, left, low, distance, right, high, distance, left, high]
  return { triangles: { corners: Float32Array.from(corners), colours: Uint32Array.of(0x12_34_56, 0x12_34_56), segmentation: Uint16Array.of(7, 7) }, meshes: [], instances: [] }
}

describe.skipIf(missing !== undefined)(`lavapipe${why}`, () => {
  it('draws half a wall at the distance, in the colour and with the segmentation that it has, and nothing beside it', async () => {
    const size = 64
    const views = viewsOf([{ eye: [0, 0, 0], yaw: 0, pitch: 0 }], { focal: 32, near: 0.1, far: 60 })
    const { depth, segmentation, rgb } = await lavapipe().draw({ scene: wall(7), views, width: size, height: size })
    const isWall = Array.from(segmentation, (_, pixel) => pixel % size >= size / 2)
    expect([...segmentation]).toEqual(isWall.map((wallHere) => (wallHere ? 7 : 0)))
    expect([...rgb]).toEqual(isWall.flatMap((wallHere) => (wallHere ? [0x12, 0x34, 0x56] : [0, 0, 0])))
    // Nearer than a millionth.
    expect(Array.from(depth, (metres) => Math.round(metres * 1e5) / 1e5)).toEqual(isWall.map((wallHere) => (wallHere ? 7 : Infinity)))
  })

  it('draws nothing of what is behind, too near, too far, or seen from its back', async () => {
    const lens = { focal: 32, near: 0.5, far: 60 }
    const places = [{ eye: [0, 0, 0], yaw: 0, pitch: 0 }, { eye: [6.75, 0, 0], yaw: 0, pitch: 0 }, { eye: [8, 0, 0], yaw: 0, pitch: 0 }, { eye: [-55, 0, 0], yaw: 0, pitch: 0 }, { eye: [8, 0, 0], yaw: 3.14159, pitch: 0 }] as const
    const { segmentation } = await lavapipe().draw({ scene: wall(7), views: viewsOf(places, lens), width: 16, height: 16 })
    const seen = places.map((_, view) => segmentation.subarray(256 * view, 256 * (view + 1)).includes(7))
    expect(seen).toEqual([true, false, false, false, false])
  })

  it('draws the field of the benchmark, leaving out nothing that is seen', async () => {
    const [field, size] = [boxField(1, 3), 64]
    const views = viewsOf(field.cameras, { focal: boxFieldFocal(size), ...boxFieldRange })
    const scene = boxFieldScene(field, 4)
    const { sameSegmentation, depthMedian, depthApart } = compareFrames(castFrames(scene, views, size), await lavapipe().draw({ scene, views, width: size, height: size }))
    expect(sameSegmentation).toBeGreaterThanOrEqual(0.995)
    expect(depthMedian).toBeLessThan(1e-6)
    expect(depthApart).toBeLessThan(1e-2)
  })

  it.each(Object.keys(renderers).flatMap((name) => [{ name, size: 64, share: 0.995 }, { name, size: 128, share: 0.999 }]))('it agrees with $name at $size x $size', async ({ name, size, share }) => {
    const seed = testSeed(`lavapipe at ${size}`, 5)
    const comparisons: Comparison[] = []
    let seen = 0
    for (let number = 0; number < counts(8, 50); number++) {
      const scene = randomScene(seed, number)
      const theirs = await lavapipe().draw({ scene: flatScene(scene), views: viewsOfScene(scene, size), width: size, height: size })
      comparisons.push(compareFrames(renderers[name](scene, size), theirs))
      seen += theirs.segmentation.reduce((sum, segmentation) => sum + (segmentation === 0 ? 0 : 1), 0) / theirs.segmentation.length
    }
    expect(seen / comparisons.length).toBeGreaterThan(0.3)
    const mean = (each: (comparison: Comparison) => number): number => comparisons.reduce((sum, comparison) => sum + each(comparison), 0) / comparisons.length
    expect(mean(({ sameSegmentation }) => sameSegmentation)).toBeGreaterThanOrEqual(share)
    // Where a surface is seen almost along itself, depth is steep, and the driver's f32 is coarser than anywhere else.
    expect(mean(({ depthApart }) => depthApart)).toBeLessThan(1e-3)
    for (const { depthMedian, depthMax } of comparisons) {
      expect(depthMedian).toBeLessThan(1e-6)
      expect(depthMax).toBeLessThan(1e-3)
    }
  })
})
