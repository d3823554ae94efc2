import { describe, expect, it } from 'vitest'
import { boxField, boxFieldFocal, boxFieldRange } from '../../bench/models/box-field.ts'
import { boxFieldJob } from '../../bench/models/box-field-job.ts'
import { viewsOf } from '../../bench/models/camera-view.ts'
import { boxFieldScene } from '../../bench/vulkan/box-field-scene.ts'
import { compareFrames, type Comparison } from '../../bench/vulkan/compare.ts'
import { numberAt } from '../../compositor/draw/layout.ts'
import { bothKernels } from '../compositor/both-kernels.ts'
import { counts, testSeed } from '../counts.ts'
import { drawnFrames, flatScene, randomScene, viewsOfScene } from './random-scenes.ts'
import { castFrames } from './ray-caster.ts'

const seed = testSeed('ray-caster', 11)

function mean(comparisons: readonly Comparison[], each: (comparison: Comparison) => number): number {
  return comparisons.reduce((sum, comparison) => sum + each(comparison), 0) / comparisons.length
}

describe.each(bothKernels)('%s and rays through the middles of pixels', (_, draw) => {
  it.each([{ size: 64, share: 0.9995, scenes: counts(8, 100) }, { size: 128, share: 0.9998, scenes: counts(3, 40) }])('see the same things at the same depth in random scenes at $size x $size', ({ size, share, scenes }) => {
    const comparisons = Array.from({ length: scenes }, (_scene, number) => {
      const scene = randomScene(seed, number)
      return compareFrames(drawnFrames(draw, scene, size), castFrames(flatScene(scene), viewsOfScene(scene, size), size))
    })
    expect(mean(comparisons, ({ sameSegmentation }) => sameSegmentation)).toBeGreaterThanOrEqual(share)
    expect(mean(comparisons, ({ depthApart }) => depthApart)).toBeLessThan(1e-3)
    for (const { depthMedian, depthMax } of comparisons) {
      expect(depthMedian).toBeLessThan(1e-6)
      // At the edge of a thing corners are on a grid of 1/256 pixel; on a slope almost along the line of sight that is a little nearer or farther.
      expect(depthMax).toBeLessThan(1e-2)
    }
  })

  it('see the same field of boxes, on all of its ground', () => {
    const size = 48
    const field = boxField(1, counts(2, 20))
    const job = boxFieldJob(field, size, size)
    job.numbers[numberAt.pixelError] = 1e-3
    draw(job, field.cameras.length)
    const theirs = castFrames(boxFieldScene(field, 1), viewsOf(field.cameras, { focal: boxFieldFocal(size), ...boxFieldRange }), size)
    const { sameSegmentation, depthMedian, depthMax } = compareFrames({ width: size, height: size, count: field.cameras.length, ...job }, theirs)
    expect(sameSegmentation).toBeGreaterThanOrEqual(0.9995)
    expect(depthMedian).toBeLessThan(1e-6)
    expect(depthMax).toBeLessThan(1e-2)
    const sameColour = job.rgb.filter((value, at) => Math.abs(value - theirs.rgb[at]) <= 1).length / job.rgb.length
    expect(sameColour).toBeGreaterThanOrEqual(0.999)
  })
})
