import { describe, expect, it } from 'vitest'
import { viewsOf, type CameraPlace } from '../../bench/models/camera-view.ts'
import { stillJob } from '../../bench/models/still-job.ts'
import { heightAt, type Terrain } from '../../compositor/index.ts'
import { bounded, torus, type DrawViews, type Rng } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'
import { bothKernels } from './both-kernels.ts'

const seed = testSeed('ground-holes', 20_261_123)
const size = 64
const views = 6
/** Cells of a metre along the edges of the ground. */
const cells = 64

/** Plains, rolling hills, or spikes; on a torus without seams. */
function groundOf(rng: Rng, wraps: boolean): Terrain {
  const rough = [0, 0.2, 1, 5][rng.below(4)]
  const smooth = 1 + rng.below(8)
  const knots = Array.from({ length: cells * cells }, () => rough * rng.unitF32())
  const knot = (column: number, line: number): number => knots[(line % cells) * cells + (column % cells)]
  const heights = new Float32Array((cells + 1) * (cells + 1))
  for (let line = 0; line <= cells; line++) {
    for (let column = 0; column <= cells; column++) {
      const last = wraps ? cells : cells + 1
      heights[line * (cells + 1) + column] = knot(Math.floor((column % last) / smooth), Math.floor((line % last) / smooth))
    }
  }
  return { columns: cells, lines: cells, cell: 1, heights, colours: new Uint8Array(3 * cells * cells).fill(200), segmentation: new Uint16Array(cells * cells).fill(1) }
}

/** What eyes above the ground see of it, 1 or 0; they look `down` so many radians. */
function lookAt(draw: DrawViews, rng: Rng, down: number): Uint16Array {
  const wraps = rng.below(2) === 0
  const ground = groundOf(rng, wraps)
  const places = Array.from({ length: views }, (): CameraPlace => {
    const [x, y] = [24 + 16 * rng.unit(), 24 + 16 * rng.unit()]
    // Higher than all that is within a step, so that nothing is nearer than near.
    let highest = 0
    for (const east of [-1, 0, 1]) for (const north of [-1, 0, 1]) highest = Math.max(highest, heightAt(ground, wraps, x + east, y + north))
    return { eye: [x, y, highest + 0.3 + 6 * rng.unit() * rng.unit()], yaw: 6.28 * rng.unit(), pitch: -down }
  })
  const look = { views: viewsOf(places, { focal: size / 2, near: 0.01, far: wraps ? 40 : 200 }), width: size, height: size, channels: ['segmentation'] } as const
  const job = stillJob({ terrain: ground, visuals: [], cameras: [] }, wraps ? torus(cells, cells) : bounded(cells, cells), look)
  draw(job, views)
  return job.segmentation
}

describe.each(bothKernels)('the ground, drawn by %s', (_, draw) => {
  it('is below all ground that is seen, where eyes look level', () => {
    // A column of pixels is then upright: a ray below one that meets the ground has to meet it sooner.
    let ground = 0
    for (let turn = 0; turn < counts(25, 500); turn++) {
      const seen = lookAt(draw, testRng(seed).at(turn, 0), 0)
      const holes = seen.findIndex((here, at) => here === 0 && Math.floor(at / size) % size > 0 && seen[at - size] === 1)
      expect(holes, `scene ${turn}`).toBe(-1)
      ground += seen.reduce((sum, each) => sum + each, 0)
    }
    expect(ground).toBeGreaterThan(1_000)
  })

  it('is everywhere, where eyes look down', () => {
    for (let turn = 0; turn < counts(15, 300); turn++) {
      expect(lookAt(draw, testRng(seed).at(turn, 1), 1.4).indexOf(0), `scene ${turn}`).toBe(-1)
    }
  })
})
