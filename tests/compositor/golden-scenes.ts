/** Scenes whose pictures are kept, as each kernel draws them. */
import { resolveConfig } from '../../actors/host/resolve-config.ts'
import arena from '../../actors/worlds/arena.ts'
import { roles } from '../../actors/worlds/arena/kinds.ts'
import { buildProgram } from '../../actors/world/program.ts'
import { boxField } from '../../bench/models/box-field.ts'
import { boxFieldJob } from '../../bench/models/box-field-job.ts'
import { viewsOf } from '../../bench/models/camera-view.ts'
import { startProgram } from '../../bench/models/stepper.ts'
import { stillJob } from '../../bench/models/still-job.ts'
import { frameOf, meshes, type Frame, type Scenery, type Terrain } from '../../compositor/index.ts'
import { channels } from '../../compositor/scene.ts'
import { math, torus, twinKernels, type DrawViews } from '../../runtime/index.ts'

/** Pictures of a scene, of one size, as they lie in memory: one below the other. */
export type Golden = Omit<Frame, 'step'>

function fieldAt(width: number, height: number) {
  return (draw: DrawViews): Golden => {
    const field = boxField(1, 3)
    const job = boxFieldJob(field, width, height)
    draw(job, field.cameras.length)
    return { ...job, width, height: height * field.cameras.length }
  }
}

/** What the first hero of each role sees when the arena begins. */
function arenaStart(draw: DrawViews): Golden {
  const { shared } = startProgram(buildProgram(arena, { seed: 7, config: resolveConfig(arena.config, { file: { obs: 'pixels', agents: 8 } }) }), { ...twinKernels, drawViews: draw })
  const frames = roles.map((role) => frameOf(shared.stages, role, 0, 0))
  const [{ width, height }] = frames
  const joined = <T extends Uint8Array | Uint16Array | Float32Array>(all: readonly T[], into: T): T => {
    all.forEach((each, i) => {
      into.set(each, i * each.length)
    })
    return into
  }
  const pixels = width * height * frames.length
  return {
    width,
    height: height * frames.length,
    rgb: joined(frames.map(({ rgb }) => rgb), new Uint8Array(3 * pixels)),
    grey: new Uint8Array(0),
    depth: joined(frames.map(({ depth }) => depth), new Float32Array(pixels)),
    depthMillis: new Uint16Array(0),
    segmentation: joined(frames.map(({ segmentation }) => segmentation), new Uint16Array(pixels)),
  }
}

/** Waves of 40 x 32 m in cells of half a metre, whose borders fit, like a chessboard. */
function waves(): Terrain {
  const [columns, lines] = [80, 64]
  const turn = (at: number, count: number): number => ((at % count) / count) * 2 * Math.PI
  const heights = Float32Array.from({ length: (columns + 1) * (lines + 1) }, (_, i) => math.sin(2 * turn(i % (columns + 1), columns)) * math.cos(3 * turn(Math.floor(i / (columns + 1)), lines)))
  const isDark = (cell: number): boolean => ((cell % columns >> 1) + (Math.floor(cell / columns) >> 1)) % 2 === 0
  return {
    columns,
    lines,
    cell: 0.5,
    heights,
    colours: Uint8Array.from({ length: 3 * columns * lines }, (_, i) => (isDark(Math.floor(i / 3)) ? 90 : 150) + (i % 3 === 1 ? 40 : 0)),
    segmentation: Uint16Array.from({ length: columns * lines }, (_, cell) => (isDark(cell) ? 1 : 2)),
  }
}

/** Every mesh, billboards of both kinds, hills over the borders of a torus, fog and sky. */
function everything(draw: DrawViews): Golden {
  const [width, height] = [96, 72]
  const all = [meshes.box(), meshes.cylinder(), meshes.sphere(), meshes.cone(), meshes.quad(true), meshes.disc(true), meshes.ramp()]
  const things = all.flatMap((mesh, i): Scenery[] => [
    { mesh, at: [13 + 2 * i, 16], lift: 0.8, size: 1.4, yaw: i, colour: [255 - 30 * i, 60 + 20 * i, 30 * i], segmentation: 20 + i },
    { mesh, at: [13 + 2 * i, 17.5, 3], size: [1, 2, 0.5], yaw: 1, pitch: 0.3 * i, roll: -0.2 * i, colour: [30 * i, 255 - 30 * i, 128], segmentation: 30 + i },
  ])
  const signs = [meshes.quad(), meshes.sphere(8)].flatMap((mesh, i): Scenery[] => [
    { mesh, billboard: 'upright', at: [17 + 3 * i, 13.5], lift: 0.8, colour: [240, 240, 60], segmentation: 40 + i },
    { mesh, billboard: 'facing', at: [18.5 + 3 * i, 13.5], lift: 0.8, colour: [60, 240, 240], segmentation: 50 + i },
  ])
  const places = [{ eye: [19, 9, 2.5], yaw: 1.57, pitch: -0.05 }, { eye: [39.5, 31, 4], yaw: 0.7, pitch: -0.2 }, { eye: [18, 16, 12], yaw: 0, pitch: -1.4 }] as const
  const scene = { terrain: waves(), scenery: [...things, ...signs], sky: { horizon: [200, 220, 240], zenith: [60, 120, 200] }, fog: { from: 6, to: 16, colour: [200, 220, 240] }, visuals: [], cameras: [] } as const
  const job = stillJob(scene, torus(40, 32), { views: viewsOf(places, { focal: 0.7 * height, near: 0.1, far: 16 }), width, height, channels })
  draw(job, places.length)
  return { ...job, width, height: height * places.length }
}

/** By the names of their files. */
export const goldenScenes: Readonly<Record<string, (draw: DrawViews) => Golden>> = {
  'box-field-64x64': fieldAt(64, 64),
  'box-field-128x96': fieldAt(128, 96),
  'arena-start': arenaStart,
  everything,
}
