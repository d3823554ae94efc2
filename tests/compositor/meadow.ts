import type { Camera, Scene, Terrain } from '../../compositor/index.ts'
import { camera, frameRegions, renderStages, meshes, visual } from '../../compositor/index.ts'
import { createRng, f32, kindType, streamId, torus, u8, vec, type InitWorld, type WorldSpace } from '../../runtime/index.ts'
import { startWorld, type StartedWorld } from './world.ts'

const rows = { rowsMax: 256 }

/** Kinds of the scene. Kites fly: their positions have a height. */
export const scout = kindType('agent', { published: { at: vec(f32, 2), team: u8, yaw: f32 }, ...rows })
const gem = kindType('gem', { published: { at: vec(f32, 2) }, ...rows })
const kite = kindType('kite', { published: { place: vec(f32, 3) }, ...rows })

/** 40 x 32 metres of hills in cells of half a metre, whose borders fit. */
export function hills(): Terrain {
  const rng = createRng(7, streamId('', '', 'hills')).at(0, 0)
  const [columns, lines] = [80, 64]
  const cells = columns * lines
  const corners = Array.from({ length: cells }, () => rng.unitF32() * 2 - 1)
  return {
    columns,
    lines,
    cell: 0.5,
    heights: Float32Array.from({ length: (columns + 1) * (lines + 1) }, (_, i) => corners[(Math.floor(i / (columns + 1)) % lines) * columns + ((i % (columns + 1)) % columns)]),
    colours: Uint8Array.from({ length: 3 * cells }, () => rng.below(256)),
    segmentation: Uint16Array.from({ length: cells }, () => 1 + rng.below(9)),
  }
}

export interface MeadowOptions {
  readonly space?: WorldSpace
  readonly terrain?: boolean
  readonly crowd?: number
  /** What the cameras of the scouts have instead. */
  readonly camera?: Partial<Camera>
}

export interface Meadow extends StartedWorld {
  readonly scene: Scene
  readonly camera: Camera
}

/** Sixteen scouts who look about among gems and kites, on hills. */
export function openMeadow({ space = torus(40, 32), terrain = true, crowd = 100, camera: other = {} }: MeadowOptions = {}): Meadow {
  const eyes: Camera = {
    ...camera(scout, { view: { from: 'eyes', height: 1.5 }, yaw: ({ yaw }, row) => yaw[row], fieldOfView: 70, near: 0.1, far: 16, width: 32, height: 24, channels: ['rgb', 'depth', 'segmentation'] }),
    ...other,
  }
  const scene: Scene = {
    ...(terrain ? { terrain: hills() } : {}),
    visuals: [
      visual(kite, { mesh: meshes.ramp(), at: 'place', size: [2, 1.5, 0.3], yaw: 1, pitch: (_, row) => row / 20, roll: -0.3, colour: [200, 30, 30], segmentation: 12 }),
      visual(gem, { mesh: meshes.quad(true), billboard: 'upright', size: 0.5, lift: 0.5, colour: [30, 200, 30], segmentation: 11 }),
      visual(scout, { mesh: meshes.box(), size: [0.6, 0.8, 1.7], lift: 0.85, yaw: ({ yaw }, row) => yaw[row], colour: ({ team }, row) => (team[row] === 1 ? 0x2040ff : 0xffc020), segmentation: 10 }),
    ],
    scenery: [{ mesh: meshes.cone(), at: [20, 16], size: [3, 3, 6], lift: 3, colour: [90, 60, 30], segmentation: 20 }],
    sky: { horizon: [200, 220, 240], zenith: [60, 120, 200] },
    fog: { from: 8, to: 16, colour: [200, 220, 240] },
    cameras: [eyes],
  }
  const init = (world: InitWorld): void => {
    const somewhere = (): [number, number] => [world.rng.unitF32() * space.width, world.rng.unitF32() * space.height]
    for (let i = 0; i < 16; i++) world.spawn(scout, { at: somewhere(), team: i % 2, yaw: i })
    for (let i = 0; i < crowd; i++) world.spawn(gem, { at: somewhere() })
    for (let i = 0; i < crowd; i++) world.spawn(kite, { place: [...somewhere(), 2 + world.rng.unitF32() * 3] })
  }
  const world = startWorld({ kinds: [scout, gem, kite], stages: renderStages(scene), regions: frameRegions(scene, space), space, init })
  return { ...world, scene, camera: eyes }
}
