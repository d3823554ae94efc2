import { frameOf, type Camera, type Frame, type Ground, type Sprite } from '../../compositor/index.ts'
import type { WorldSpace } from '../../runtime/index.ts'
import type { Meadow } from './meadow.ts'

/** What covers a point of the view. */
interface Surface {
  readonly depth: number
  readonly rgb: readonly number[]
  readonly segmentation: number
}

const nothing: Surface = { depth: Infinity, rgb: [0, 0, 0], segmentation: 0 }

function around(at: number, size: number): number {
  return at < 0 ? at + size * Math.ceil(-at / size) : at % size
}

function groundAt(ground: Ground | undefined, space: WorldSpace, x: number, y: number): { height: number; rgb: number[]; segmentation: number } | undefined {
  const outside = !space.wraps && (x < 0 || y < 0 || x >= space.width || y >= space.height)
  if (ground === undefined || outside) return undefined
  const column = Math.floor(around(x, space.width) / ground.cell)
  const line = Math.floor(around(y, space.height) / ground.cell)
  const texel = line * ground.columns + column
  return { height: ground.heights[texel], rgb: [...ground.colours.subarray(3 * texel, 3 * texel + 3)], segmentation: ground.segmentation[texel] }
}

function colourOf({ colour }: Sprite, team: number): readonly number[] {
  if (typeof colour !== 'function') return colour
  const packed = colour({ team: [team] }, 0)
  return [packed >> 16, (packed >> 8) & 255, packed & 255]
}

/** Every surface a sprite's kind has at an offset from the camera, going round the torus a few times, best ranked first. */
function surfacesOf(meadow: Meadow, sprite: Sprite, space: WorldSpace, point: { x: number; y: number; dx: number; dy: number }): Surface[] {
  const { camera, scene } = meadow
  const table = meadow.table(sprite.kind)
  const places = table.column('at').live
  const radius = Math.max(sprite.radius, (2 * camera.radius * Math.SQRT1_2) / camera.size)
  const rounds = space.wraps ? [-2, -1, 0, 1, 2] : [0]
  const surfaces: Surface[] = []
  for (let row = 0; row < table.rows; row++) {
    if (table.alive[row] !== 1) continue
    const [x, y] = [places[2 * row], places[2 * row + 1]]
    const covered = rounds.some((i) => rounds.some((j) => (x - point.x + i * space.width - point.dx) ** 2 + (y - point.y + j * space.height - point.dy) ** 2 <= radius ** 2))
    if (!covered) continue
    const foot = groundAt(scene.ground, space, x, y)?.height ?? 0
    surfaces.push({ depth: Math.fround(camera.altitude - (foot + sprite.height)), rgb: colourOf(sprite, table.findColumn('team')?.live[row] ?? 0), segmentation: sprite.segmentation })
  }
  return surfaces
}

function seenAt(meadow: Meadow, space: WorldSpace, point: { x: number; y: number; dx: number; dy: number }): Surface {
  const { camera, scene } = meadow
  const ground = groundAt(scene.ground, space, point.x + point.dx, point.y + point.dy)
  const byName = [...scene.sprites].sort((a, b) => (a.kind.name < b.kind.name ? -1 : 1))
  const surfaces = byName.flatMap((sprite) => surfacesOf(meadow, sprite, space, point))
  surfaces.push(ground === undefined ? nothing : { ...ground, depth: Math.fround(camera.altitude - ground.height) })
  return surfaces.reduce((best, each) => (each.depth < best.depth ? each : best))
}

function centresOf({ size, radius }: Camera): number[] {
  return Array.from({ length: size }, (_, i) => (i + 0.5) * ((2 * radius) / size) - radius)
}

/** What a row sees, pixel by pixel: the definition of a frame, slow and short. */
export function referenceFrame(meadow: Meadow, space: WorldSpace, row: number): Frame {
  const { camera } = meadow
  const { size } = camera
  const places = meadow.table(camera.kind).column('at').live
  const frame = { size, rgb: new Uint8Array(3 * size * size), depth: new Float32Array(size * size), segmentation: new Uint16Array(size * size) }
  const centres = centresOf(camera)
  centres.forEach((dy, line) => {
    centres.forEach((dx, column) => {
      const pixel = line * size + column
      const seen = seenAt(meadow, space, { x: places[2 * row], y: places[2 * row + 1], dx, dy })
      frame.rgb.set(seen.rgb, 3 * pixel)
      frame.depth[pixel] = seen.depth
      frame.segmentation[pixel] = seen.segmentation
    })
  })
  return frame
}

/** A frame as plain data that compares by value. */
export function plain(frame: Frame): { rgb: number[]; depth: number[]; segmentation: number[] } {
  return { rgb: [...frame.rgb], depth: [...frame.depth], segmentation: [...frame.segmentation] }
}

/** What a row's frame of step 0 holds. */
export function frameAt(meadow: Meadow, row: number): Frame {
  return frameOf(meadow.slab, meadow.camera.kind, row, 0)
}
