import type { Camera, Ground, Scene } from '../../compositor/index.ts'
import { frameRegions, renderStage, sprite } from '../../compositor/index.ts'
import { createRng, f32, kindType, streamId, torus, u8, vec, type InitWorld, type WorldSpace } from '../../runtime/index.ts'
import { startWorld, type StartedWorld } from './world.ts'

const at = vec(f32, 2)
const rows = { rowsMax: 256 }

/** Kinds of the scene; gems and wolves with and without a neighbour grid. */
export const scout = kindType('agent', { published: { at, team: u8 }, ...rows })
export const gem = kindType('gem', { published: { at }, ...rows })
const gridGem = kindType('gem', { published: { at }, cell: 3, ...rows })
export const wolf = kindType('wolf', { published: { at }, ...rows })
const gridWolf = kindType('wolf', { published: { at }, cell: 7, ...rows })

/** 40 x 30 units of hills in texels of half a unit. */
function hills(): Ground {
  const rng = createRng(7, streamId('', '', 'hills')).at(0, 0)
  const [columns, lines] = [80, 60]
  const texels = columns * lines
  return {
    columns,
    lines,
    cell: 0.5,
    heights: Float32Array.from({ length: texels }, () => rng.unitF32() * 3 - 1),
    colours: Uint8Array.from({ length: 3 * texels }, () => rng.below(256)),
    segmentation: Uint16Array.from({ length: texels }, () => 1 + rng.below(9)),
  }
}

export interface MeadowOptions {
  readonly space?: WorldSpace
  readonly size?: number
  readonly grids?: boolean
  readonly ground?: boolean
  readonly crowd?: number
  /** View of the cameras; the default sees past a torus of 40 x 30 once round. */
  readonly radius?: number
}

export interface Meadow extends StartedWorld {
  readonly scene: Scene
  readonly camera: Camera
}

/** Sixteen agents with cameras among gems and wolves, on hills. */
export function openMeadow({ space = torus(40, 30), size = 32, grids = false, ground = true, crowd = 100, radius = 9 }: MeadowOptions = {}): Meadow {
  const camera: Camera = { kind: scout, size, radius, altitude: 20 }
  const gems = grids ? gridGem : gem
  const wolves = grids ? gridWolf : wolf
  const scene: Scene = {
    ...(ground ? { ground: hills() } : {}),
    sprites: [
      sprite(wolves, { radius: 1.5, height: 1, colour: [200, 30, 30], segmentation: 12 }),
      sprite(gems, { radius: 0.2, height: 0.1, colour: [30, 200, 30], segmentation: 11 }),
      sprite(scout, { radius: 0.7, height: 1, colour: ({ team }, row) => (team[row] === 1 ? 0x2040ff : 0xffc020), segmentation: 10 }),
    ],
    cameras: [camera],
  }
  const init = (world: InitWorld): void => {
    const somewhere = (): [number, number] => [world.rng.unitF32() * space.width, world.rng.unitF32() * space.height]
    for (let i = 0; i < 16; i++) world.spawn(scout, { at: somewhere(), team: i % 2 })
    for (let i = 0; i < crowd; i++) world.spawn(gems, { at: somewhere() })
    for (let i = 0; i < crowd; i++) world.spawn(wolves, { at: somewhere() })
  }
  const world = startWorld({ kinds: [scout, gems, wolves], stages: [renderStage(scene, camera)], regions: frameRegions(scene), space, init })
  return { ...world, scene, camera }
}
