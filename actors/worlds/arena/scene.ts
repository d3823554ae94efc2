import { sprite, type Scene } from 'metabonk'
import { Enemy, fateCode, Gem, Killer, roles, Scout, Speedrunner, Tank, type Role } from './kinds.ts'
import { groundOf, landOf } from './terrain.ts'

type Rgb = readonly [red: number, green: number, blue: number]

const standing = fateCode('standing')
const corpse = 0x606060

/** A hero: the colour of its role while it stands. The land has segmentations 1 to 5. */
function heroSprite(role: Role, [red, green, blue]: Rgb, segmentation: number) {
  const upright = red * 0x10000 + green * 0x100 + blue
  return sprite(role, { radius: 0.7, height: 1.8, segmentation, colour: ({ fate }, row) => (fate[row] === standing ? upright : corpse) })
}

const sprites = [
  sprite(Gem, { radius: 0.35, height: 0.3, segmentation: 10, colour: [64, 240, 220] }),
  sprite(Enemy, { radius: 0.5, height: 1.4, segmentation: 11, colour: [200, 40, 48] }),
  heroSprite(Scout, [250, 210, 60], 12),
  heroSprite(Speedrunner, [80, 170, 255], 13),
  heroSprite(Killer, [190, 80, 230], 14),
  heroSprite(Tank, [240, 130, 40], 15),
]

/** The arena from above: its land, everybody on it, and a camera over every hero. */
export function sceneOf(seed: number, map: number): Scene {
  return {
    ground: groundOf(landOf(seed, map)),
    sprites,
    cameras: roles.map((role) => ({ kind: role, size: 32, radius: 12, altitude: 40 })),
  }
}
