/** Random jobs for the drawing kernels: ordinary ones, and ones made to hurt. */
import { math, type DrawJob, type Rng } from '../../runtime/index.ts'
import type { Mesh } from '../../compositor/index.ts'
import { packMeshes } from '../../compositor/pack-meshes.ts'
import { box, cone, cylinder, disc, quad, ramp, sphere } from '../../compositor/shapes.ts'
import { compileTerrain, type CompiledTerrain } from '../../compositor/terrain.ts'
import { bodyWords, detailAt, detailWords, numberAt, numberCount, tagWords, viewWords } from '../../compositor/draw/layout.ts'

/** Channels to leave out. */
export type Channel = 'rgb' | 'grey' | 'depth' | 'depthMillis' | 'segmentation'

export interface DrawScene {
  readonly width: number
  readonly height: number
  readonly views: number
  readonly instances: number
  /** How wild: 0 is an ordinary scene; above, instances may be degenerate, coincident, huge, tiny, or around the eye. */
  readonly hurt: number
  readonly ground: boolean
  readonly channels: readonly Channel[]
}

/** A mesh of random triangles, no surface at all. */
function rubble(rng: Rng): Mesh {
  const count = 3 + rng.below(12)
  const vertices = Float32Array.from({ length: 9 * count }, () => rng.unit() * 2 - 1)
  return { name: 'rubble', vertices, faces: Array.from({ length: count }, (_, i) => [3 * i, 3 * i + 1, 3 * i + 2]) }
}

/** A rotation times a diagonal, its inverse, and light, as an instance holds them. */
function pose(rng: Rng, scales: readonly number[], isBillboard: boolean): number[] {
  const [a, b, c] = isBillboard ? [0, 0, 0] : [rng.unit() * 7, rng.unit() * 7, rng.unit() * 7]
  const [ca, sa, cb, sb, cc, sc] = [math.cos(a), math.sin(a), math.cos(b), math.sin(b), math.cos(c), math.sin(c)]
  const columns = [[ca * cb, sa * cb, -sb], [ca * sb * sc - sa * cc, sa * sb * sc + ca * cc, cb * sc], [ca * sb * cc + sa * sc, sa * sb * cc - ca * sc, cb * cc]]
  const light = isBillboard ? [0.6, 0, 0.8] : columns.map(([x, , z]) => 0.6 * x + 0.8 * z)
  return [...columns.flatMap((column, i) => column.map((each) => each * scales[i])), ...columns.flatMap((column, i) => column.map((each) => each / scales[i])), ...light]
}

const hurtScales = [1e-5, 1e-3, 1, 50, 1e4]

function scalesOf(rng: Rng, hurt: number): number[] {
  const wild = rng.unit() < hurt
  return [0, 1, 2].map(() => (wild ? hurtScales[rng.below(hurtScales.length)] : 0.3 + rng.unit() * 3))
}

function place(rng: Rng, hurt: number, before: readonly number[] | undefined): number[] {
  if (before !== undefined && rng.unit() < hurt) return [...before]
  return [rng.unit() * 40, rng.unit() * 40, rng.unit() * 6 - (rng.unit() < hurt ? 3 : 0)]
}

function instancesOf(rng: Rng, { instances, hurt }: DrawScene, { index, radii }: ReturnType<typeof packMeshes>): Pick<DrawJob, 'bounds' | 'bodies' | 'tags'> {
  const bounds = new Float32Array(4 * instances)
  const bodies = new Float32Array(bodyWords * instances)
  const tags = new Uint32Array(tagWords * instances)
  let before: number[] | undefined
  for (let i = 0; i < instances; i++) {
    const mesh = rng.below(index.size)
    const mode = rng.below(8) < 6 ? 0 : 1 + rng.below(2)
    const scales = scalesOf(rng, hurt)
    const at = place(rng, hurt, before)
    before = at
    bodies.set([...at, ...pose(rng, scales, mode > 0)], bodyWords * i)
    for (let axis = 0; axis < 3; axis++) bounds[axis * instances + i] = at[axis]
    bounds[3 * instances + i] = radii[mesh] * Math.max(...scales) * 1.0001
    tags.set([mesh + mode * 0x1000000, rng.below(0x1000000), 1 + rng.below(65535)], tagWords * i)
  }
  return { bounds, bodies, tags }
}

function viewsOf(rng: Rng, { views, width, height, hurt }: DrawScene): Float64Array {
  const words = new Float64Array(views * viewWords)
  for (let i = 0; i < views; i++) {
    const yaw = rng.unit() * 6.3
    const pitch = rng.unit() < hurt ? rng.unit() * 3 - 1.5 : rng.unit() - 0.7
    const [cy, sy, cp, sp] = [math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)]
    const focal = Math.max(width, height) * (rng.unit() < hurt ? 0.05 + rng.unit() * 20 : 0.5)
    const unseen = rng.below(4) === 0 ? 0 : -1
    words.set([rng.unit() * 40, rng.unit() * 40, 0.5 + rng.unit() * 8, sy, -cy, 0, cy * sp, sy * sp, -cp, cy * cp, sy * cp, sp, focal, 0.1, 19, i, unseen], i * viewWords)
  }
  return words
}

/** Ground: one in 16 has more than 65,536 corners, over which views are drawn in another order. */
function groundOf(rng: Rng, wraps: boolean): { readonly compiled: CompiledTerrain; readonly columns: number } {
  const few = 8 * (1 + rng.below(5))
  const rough = rng.unit() * 4
  const columns = rough > 3.75 ? 264 : few
  const heights = new Float32Array((columns + 1) * (columns + 1))
  for (let line = 0; line <= columns; line++) {
    for (let column = 0; column <= columns; column++) {
      const border = column === columns || line === columns
      const from = (line % columns) * (columns + 1) + (column % columns)
      heights[line * (columns + 1) + column] = border && wraps ? heights[from] : rng.unit() * rough - 2
    }
  }
  const colours = Uint8Array.from({ length: 3 * columns * columns }, () => rng.below(256))
  const segmentation = Uint16Array.from({ length: columns * columns }, () => rng.below(65536))
  const light = { towards: [0.6, 0, 0.8], ambient: 0.4, strength: 0.6 } as const
  const compiled = compileTerrain({ columns, lines: columns, cell: 40 / columns, heights, colours, segmentation }, { wraps, light })
  return { columns, compiled }
}

const noGround = { tile: 8, details: new Float32Array(0), texels: new Uint32Array(0), texelKinds: new Uint16Array(0) }

function numbersOf(rng: Rng, { width, height, instances }: DrawScene, ground: ReturnType<typeof groundOf> | undefined, meshes: number): Float64Array {
  const numbers = new Float64Array(numberCount)
  const put = (values: Partial<Record<keyof typeof numberAt, number>>): void => {
    for (const [name, value] of Object.entries(values)) numbers[numberAt[name as keyof typeof numberAt]] = value
  }
  put({ width, height, instances, capacity: instances, spaceWidth: 40, spaceHeight: 40, meshes, ambient: 0.4, strength: 0.6 })
  if (rng.below(2) === 0) put({ fogFrom: 4, fogScale: 1 / 15, fogColour: rng.below(0x1000000) })
  if (rng.below(3) > 0) put({ horizon: rng.below(0x1000000), zenith: rng.below(0x1000000) })
  if (ground !== undefined) put({ columns: ground.columns, lines: ground.columns, cell: 40 / ground.columns, tile: ground.compiled.tile, pixelError: 0.5 + rng.unit() * 2 })
  return numbers
}

/** A job of that kind, with frames of its own. */
export function drawJob(rng: Rng, scene: DrawScene): DrawJob {
  const packed = packMeshes([box(), sphere(), cylinder(), cone(), ramp(), quad(true), disc(), ...(scene.hurt > 0 ? [rubble(rng)] : [])])
  const wraps = rng.below(2) === 0
  const ground = scene.ground ? groundOf(rng, wraps) : undefined
  const numbers = numbersOf(rng, scene, ground, packed.index.size)
  numbers[numberAt.wraps] = Number(wraps)
  const { details, texels, texelKinds } = ground?.compiled ?? noGround
  const views = viewsOf(rng, scene)
  const { meshes, vertices, corners, planes } = packed
  const instances = instancesOf(rng, scene, packed)
  // Holes, which no world makes. Last: a job that a number stands for in a test stays that job.
  const cornerCount = details.length / detailWords
  for (let holes = scene.hurt > 0 && cornerCount > 0 ? rng.below(8) : 0; holes > 0; holes--) details[rng.below(cornerCount) * detailWords + detailAt.height] = NaN
  return { numbers, meshes, vertices, faces: corners, planes, ...instances, details, texels, texelKinds, views, ...framesFor(scene) }
}

/** Frames of a job, dirty before they are drawn. */
export function framesFor({ width, height, views, channels }: DrawScene): Pick<DrawJob, Channel> {
  const pixels = (channel: Channel): number => (channels.includes(channel) ? width * height * views : 0)
  return {
    rgb: new Uint8Array(3 * pixels('rgb')).fill(77),
    grey: new Uint8Array(pixels('grey')).fill(77),
    depth: new Float32Array(pixels('depth')).fill(77),
    depthMillis: new Uint16Array(pixels('depthMillis')).fill(77),
    segmentation: new Uint16Array(pixels('segmentation')).fill(77),
  }
}
