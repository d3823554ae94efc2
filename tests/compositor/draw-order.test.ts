import { describe, expect, it } from 'vitest'
import { viewsOf } from '../../bench/models/camera-view.ts'
import { stillJob } from '../../bench/models/still-job.ts'
import { meshes, type Scenery, type Terrain } from '../../compositor/index.ts'
import { channels } from '../../compositor/scene.ts'
import { bounded, type DrawJob, type Rng } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'
import { bothKernels } from './both-kernels.ts'

const seed = testSeed('draw-order', 20_261_124)
const size = 48
const space = bounded(1_000, 1_000)
const shapes = [meshes.box(), meshes.sphere(), meshes.cone(), meshes.ramp(), meshes.quad(true)]

function jobOf(scenery: readonly Scenery[], terrain?: Terrain): DrawJob {
  const views = viewsOf([{ eye: [500, 500, 8], yaw: 0.4, pitch: terrain === undefined ? 0 : -Math.PI / 2 }], { focal: size / 2, near: 0.1, far: 400 })
  return stillJob({ scenery, visuals: [], cameras: [], ...(terrain === undefined ? {} : { terrain }), sky: { horizon: [9, 9, 9], zenith: [99, 99, 99] }, fog: { from: 10, to: 900, colour: [200, 100, 0] } }, space, { views, width: size, height: size, channels })
}

/** A thing ahead, so many metres away along the line of sight. */
function thingAt(rng: Rng, away: number, segmentation: number): Scenery {
  const [side, up] = [away * (rng.unit() - 0.5), away * (rng.unit() - 0.5)]
  const [cos, sin] = [Math.cos(0.4), Math.sin(0.4)]
  return { mesh: shapes[rng.below(shapes.length)], at: [500 + away * cos - side * sin, 500 + away * sin + side * cos, 8 + up], size: 1.5, yaw: rng.unit(), pitch: rng.unit(), colour: [rng.below(256), rng.below(256), rng.below(256)], segmentation }
}

function shuffled<T>(rng: Rng, things: readonly T[]): T[] {
  const left = [...things]
  return things.map(() => left.splice(rng.below(left.length), 1)[0])
}

describe.each(bothKernels)('what is seen of several, drawn by %s', (_, draw) => {
  it('is the nearest, whatever the order of things', () => {
    for (let turn = 0; turn < counts(40, 400); turn++) {
      const rng = testRng(seed).at(turn, 0)
      // No two are at the same depth: each has three metres to itself.
      const things = Array.from({ length: 40 }, (_thing, i) => thingAt(rng, 4 + 3 * i, i + 1))
      const [first, second] = [jobOf(things), jobOf(shuffled(rng, things))]
      draw(first, 1)
      draw(second, 1)
      for (const channel of channels) expect(Buffer.from(second[channel].buffer).equals(Buffer.from(first[channel].buffer)), `${channel} of scene ${turn}`).toBe(true)
      expect(new Set(first.segmentation).size, 'things seen').toBeGreaterThan(5)
    }
  })

  it('is the first of things in the same place', () => {
    for (let turn = 0; turn < counts(40, 400); turn++) {
      const rng = testRng(seed).at(turn, 1)
      const thing = thingAt(rng, 5 + 20 * rng.unit(), 7)
      const [alone, among] = [jobOf([thing]), jobOf([thing, { ...thing, segmentation: 8 }, { ...thing, segmentation: 6 }])]
      draw(alone, 1)
      draw(among, 1)
      expect(Buffer.from(among.segmentation.buffer).equals(Buffer.from(alone.segmentation.buffer)), `scene ${turn}`).toBe(true)
    }
  })

  it('is the first of faces in the same place', () => {
    for (let turn = 0; turn < counts(40, 400); turn++) {
      const rng = testRng(seed).at(turn, 2)
      const { vertices, faces } = shapes[rng.below(shapes.length)]
      const painted = (colours: readonly number[]): Scenery['mesh'] => ({ name: 'painted', vertices, faces: colours.flatMap(() => faces), colours: colours.flatMap((colour) => faces.map(() => colour)) })
      const thing = thingAt(rng, 5, 7)
      const [alone, among] = [[0xff8040], [0xff8040, 0x0000ff, 0x00ff00]].map((colours) => jobOf([{ ...thing, mesh: painted(colours) }]))
      draw(alone, 1)
      draw(among, 1)
      expect(Buffer.from(among.rgb.buffer).equals(Buffer.from(alone.rgb.buffer)), `scene ${turn}`).toBe(true)
    }
  })

  it('is a thing rather than the ground it lies on', () => {
    const [columns, lines] = [8, 8]
    const ground: Terrain = { columns, lines, cell: 125, heights: new Float32Array(81), colours: new Uint8Array(3 * 64).fill(50), segmentation: new Uint16Array(64).fill(2) }
    const job = jobOf([{ mesh: meshes.disc(), at: [500, 500, 0], size: 64, colour: [255, 0, 0], segmentation: 3 }], ground)
    draw(job, 1)
    expect(new Set(job.segmentation)).toEqual(new Set([3]))
  })
})
