import { describe, expect, it } from 'vitest'
import { viewsOf } from '../../bench/models/camera-view.ts'
import { stillJob } from '../../bench/models/still-job.ts'
import { meshes, type Mesh } from '../../compositor/index.ts'
import { bounded, math, type Rng } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'
import { bothKernels } from './both-kernels.ts'
import { hullMesh } from './hull.ts'
import { coverage, fan, grid, insideOf, sheetSize, type Pose, type Sheet } from './sheets.ts'

const seed = testSeed('watertight', 20_261_122)

/** Pixels of a picture that something holds for. */
function pixelsWhere(size: number, holds: (at: number, column: number, line: number) => boolean): string[] {
  const found: string[] = []
  for (let at = 0; at < size * size; at++) if (holds(at, at % size, Math.floor(at / size))) found.push(`${at % size},${Math.floor(at / size)}`)
  return found
}

/** The outline of a grid as one face. */
function wholeOf({ outline }: Sheet): Sheet {
  return { points: outline, faces: [[0, 1, 2, 3]], outline }
}

/** Whether a pixel and all around it are seen. */
function isDeep(seen: Uint16Array, size: number, column: number, line: number): boolean {
  for (let below = Math.max(line - 1, 0); below <= Math.min(line + 1, size - 1); below++) {
    for (let right = Math.max(column - 1, 0); right <= Math.min(column + 1, size - 1); right++) if (seen[below * size + right] === 0) return false
  }
  return true
}

/** A sheet somewhere about the eye, turned anyhow. */
function anyPose(rng: Rng): Pose {
  const [a, b, c] = [0, 1, 2].map(() => rng.unit() * 2 - 1)
  const [ca, sa, cb, sb, cc, sc] = [a, b, c].flatMap((angle) => [math.cos(angle), math.sin(angle)])
  const axes = [ca * cb, sa * cb, -sb, ca * sb * sc - sa * cc, sa * sb * sc + ca * cc, cb * sc, ca * sb * cc + sa * sc, sa * sb * cc - ca * sc, cb * cc]
  return { axes, at: [1 + rng.unit() * 8, rng.unit() * 6 - 3, rng.unit() * 6 - 3] }
}

describe.each(bothKernels)('faces that share edges, drawn by %s', (_, draw) => {
  it.each([['fans', fan], ['grids', grid]] as const)('%s: every pixel inside belongs to exactly one, and none outside to any', (name, sheetOf) => {
    for (let turn = 0; turn < counts(120, 3_000); turn++) {
      const sheet: Sheet = sheetOf(testRng(seed).at(turn, 0))
      const { alone, together } = coverage(draw, sheet)
      const wrong = pixelsWhere(sheetSize, (at, column, line) => alone[at] !== (insideOf(sheet.outline, column, line) ?? Math.min(alone[at], 1)))
      expect(wrong, `${name} ${turn}`).toEqual([])
      expect(pixelsWhere(sheetSize, (at) => alone[at] !== together[at]), `${name} ${turn}, at once`).toEqual([])
    }
  })

  it('grids that lie aslant, and partly behind the eye, have no cracks and no pixel twice', () => {
    let inside = 0
    for (let turn = 0; turn < counts(150, 2_000); turn++) {
      const rng = testRng(seed).at(turn, 1)
      const [sheet, pose] = [grid(rng), anyPose(rng)]
      const { alone, together } = coverage(draw, sheet, pose)
      const { together: whole } = coverage(draw, wholeOf(sheet), pose)
      const within = pixelsWhere(sheetSize, (_, column, line) => isDeep(whole, sheetSize, column, line))
      const cracks = pixelsWhere(sheetSize, (at, column, line) => together[at] === 0 && isDeep(whole, sheetSize, column, line))
      const twice = pixelsWhere(sheetSize, (at) => alone[at] > 1)
      expect({ cracks, twice }, `grid ${turn}`).toEqual({ cracks: [], twice: [] })
      inside += within.length
    }
    expect(inside).toBeGreaterThan(2_000)
  })
})


const size = 64

/** What is not seen between what is, to its left and right, above and below: through a closed surface without dents there is no such pixel. */
function holesIn(seen: Uint16Array): string[] {
  const isSeen = (column: number, line: number, right: number, down: number): boolean => {
    for (let [x, y] = [column + right, line + down]; x >= 0 && x < size && y >= 0 && y < size; x += right, y += down) if (seen[y * size + x] !== 0) return true
    return false
  }
  const directions = [[1, 0], [-1, 0], [0, 1], [0, -1]] as const
  return pixelsWhere(size, (at, column, line) => seen[at] === 0 && directions.every(([right, down]) => isSeen(column, line, right, down)))
}

/** Views of the origin from all sides, as near as a third of a metre, and some beside it. */
function viewsAround(rng: Rng, count: number): Float64Array {
  const places = Array.from({ length: count }, () => {
    const [yaw, pitch, away] = [rng.unit() * 6.28, rng.unit() * 3 - 1.5, 0.9 + rng.unit() * rng.unit() * 20]
    const [aim, lift] = [0.5 * (rng.unit() - 0.5), 0.5 * (rng.unit() - 0.5)]
    return { eye: [-away * math.cos(yaw) * math.cos(pitch), -away * math.sin(yaw) * math.cos(pitch), -away * math.sin(pitch)] as const, yaw: yaw + aim, pitch: pitch + lift }
  })
  return viewsOf(places, { focal: size / 2 + rng.unit() * size, near: 0.01, far: 100 })
}

const closed: readonly (readonly [string, (rng: Rng) => Mesh])[] = [
  ['spheres', (rng) => meshes.sphere(8 + 4 * rng.below(20))],
  ['boxes', () => meshes.box()],
  ['cylinders', (rng) => meshes.cylinder(8 + 4 * rng.below(20))],
  ['hulls of random points', (rng) => hullMesh(rng)],
]

describe.each(bothKernels)('closed meshes, drawn by %s', (_, draw) => {
  it.each(closed)('%s show nothing of what is behind them', (_name, meshOf) => {
    let seen = 0
    for (let turn = 0; turn < counts(12, 300); turn++) {
      const rng = testRng(seed).at(turn, 2)
      const views = viewsAround(rng, 12)
      const [width, depth, height] = [0.3 + rng.unit(), 0.3 + rng.unit(), 0.3 + rng.unit()]
      const thing = { mesh: meshOf(rng), at: [0, 0, 0], size: [width, depth, height], yaw: rng.unit() * 6, pitch: rng.unit() * 6, roll: rng.unit() * 6, colour: [255, 255, 255], segmentation: 1 } as const
      const job = stillJob({ scenery: [thing], visuals: [], cameras: [] }, bounded(1e4, 1e4), { views, width: size, height: size, channels: ['segmentation'] })
      draw(job, 12)
      for (let view = 0; view < 12; view++) {
        const frame = job.segmentation.subarray(view * size * size, (view + 1) * size * size)
        expect(holesIn(frame), `scene ${turn}, view ${view}`).toEqual([])
        seen += frame.reduce((sum, each) => sum + each, 0)
      }
    }
    expect(seen).toBeGreaterThan(10_000)
  })
})
