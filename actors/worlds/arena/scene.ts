import { camera, meshes, visual, type Scene } from 'metabonk'
import { Enemy, fateCode, Gem, Killer, roles, Scout, Speedrunner, Tank, type Role } from './kinds.ts'
import { landOf, terrainOf } from './terrain.ts'

const standing = fateCode('standing')
const corpse = 0x606060
/** Metres of a hero, and of its eyes. */
const stature = 1.8
const eyes = 1.6
/** Metres a camera sees at most: the arena's borders are glued together, and half way round is as far as it goes. */
const sightMax = 80

const cube = meshes.box()
const ball = meshes.sphere()
const pole = meshes.cylinder()

/** Radians of a hero's heading. */
function yawOf(heading: number): number {
  return (heading * Math.PI) / 4
}

/** A hero looks where it went last, in the colour of its role; the fallen lie flat and grey. The land has segmentations 1 to 5. */
function heroVisual(role: Role, colour: number, segmentation: number) {
  return visual(role, {
    mesh: cube,
    size: [0.7, 0.9, ({ fate }, row) => (fate[row] === standing ? stature : stature / 6)],
    lift: ({ fate }, row) => (fate[row] === standing ? stature / 2 : stature / 12),
    yaw: ({ heading }, row) => yawOf(heading[row]),
    colour: ({ fate }, row) => (fate[row] === standing ? colour : corpse),
    segmentation,
  })
}

const visuals = [
  visual(Gem, { mesh: ball, size: 0.6, lift: 0.5, segmentation: 10, colour: [64, 240, 220] }),
  visual(Enemy, { mesh: pole, size: [0.9, 0.9, 1.4], lift: 0.7, segmentation: 11, colour: [200, 40, 48] }),
  heroVisual(Scout, 0xfad23c, 12),
  heroVisual(Speedrunner, 0x50aaff, 13),
  heroVisual(Killer, 0xbe50e6, 14),
  heroVisual(Tank, 0xf08228, 15),
]

const haze = [188, 206, 222] as const

/** The arena through the eyes of its heroes: its land, and everybody on it. For people, a view over it and one from straight above. */
export function sceneOf(seed: number, map: number): Scene {
  const far = Math.min(map / 2, sightMax)
  const middle = map / 2
  return {
    terrain: terrainOf(landOf(seed, map)),
    visuals,
    light: { towards: [-0.5, -0.6, 0.9], strength: 0.6, ambient: 0.5 },
    fog: { from: far / 2, to: far, colour: haze },
    sky: { horizon: haze, zenith: [74, 122, 190] },
    cameras: roles.map((role) =>
      camera(role, { view: { from: 'eyes', height: eyes }, yaw: ({ heading }, row) => yawOf(heading[row]), fieldOfView: 75, near: 0.1, far, width: 64, height: 64 }),
    ),
    freeCameras: [
      { name: 'overview', at: [middle, middle - far / 2, 8 + far / 4], yaw: Math.PI / 2, pitch: -0.5, fieldOfView: 60, near: 0.5, far },
      { name: 'above', at: [middle, middle, map / 2], yaw: Math.PI / 2, pitch: -Math.PI / 2, fieldOfView: 90, near: 1, far: map / 2, clear: true },
    ],
  }
}
