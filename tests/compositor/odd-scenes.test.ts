import { describe, expect, it } from 'vitest'
import { viewsOf } from '../../bench/models/camera-view.ts'
import { stillJob } from '../../bench/models/still-job.ts'
import { meshAt } from '../../compositor/draw/layout.ts'
import { meshes, type Scenery } from '../../compositor/index.ts'
import { channels } from '../../compositor/scene.ts'
import { bounded, type DrawJob } from '../../runtime/index.ts'
import { bothKernels } from './both-kernels.ts'

const size = 32
const box: Scenery = { mesh: meshes.box(), at: [50, 50, 5], size: 4, colour: [255, 0, 0], segmentation: 3 }

/** What an eye at (50, 50, 5) sees of things, looking along +x. */
function jobOf(scenery: readonly Scenery[]): DrawJob {
  const views = viewsOf([{ eye: [50, 50, 5], yaw: 0, pitch: 0 }], { focal: size / 2, near: 0.1, far: 90 })
  return stillJob({ scenery, visuals: [], cameras: [] }, bounded(1_000, 1_000), { views, width: size, height: size, channels })
}

describe.each(bothKernels)('odd scenes, drawn by %s', (_, draw) => {
  it('a thing seen from its inside is not there', () => {
    const job = jobOf([box, { ...box, at: [60, 50, 5], segmentation: 4 }])
    draw(job, 1)
    expect(new Set(job.segmentation)).toEqual(new Set([0, 4]))
  })

  it('a mesh without faces, and one without vertices, is not there', () => {
    for (const words of [[meshAt.faceCount], [meshAt.faceCount, meshAt.vertexCount]]) {
      const job = jobOf([{ ...box, at: [60, 50, 5] }])
      for (const word of words) job.meshes[word] = 0
      draw(job, 1)
      expect(new Set(job.segmentation)).toEqual(new Set([0]))
    }
  })

  it('of thousands of things on a few pixels the nearest is seen, and of equals the first', () => {
    const far = Array.from({ length: 5_000 }, (_thing, i): Scenery => ({ ...box, at: [80 - (i % 100) / 10, 50, 5], size: 3, segmentation: 1 + i }))
    const job = jobOf(far)
    draw(job, 1)
    expect(new Set(job.segmentation)).toEqual(new Set([0, 100]))
  })

  it('depth of nothing is Infinity, and no millimetres', () => {
    const job = jobOf([{ ...box, at: [200, 50, 5] }])
    draw(job, 1)
    expect([job.depth.every((metres) => metres === Infinity), job.depthMillis.every((millimetres) => millimetres === 0), job.rgb.every((byte) => byte === 0)]).toEqual([true, true, true])
  })
})
