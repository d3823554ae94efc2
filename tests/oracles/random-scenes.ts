import { viewsOf, type CameraPlace } from '../../bench/models/camera-view.ts'
import type { Frames } from '../../bench/vulkan/frames-file.ts'
import type { FlatScene, MeshShape } from '../../bench/vulkan/scene-file.ts'
import { bodyAt, bodyWords, tagWords } from '../../compositor/draw/layout.ts'
import { packMeshes } from '../../compositor/pack-meshes.ts'
import { createRng, math, streamId, type DrawJob, type DrawViews, type Rng } from '../../runtime/index.ts'
import { plainJob } from '../compositor/plain-job.ts'

/** A mesh as it stands in the world; all of it numbers that an f32 holds. */
interface PlacedMesh {
  readonly mesh: number
  readonly at: Float32Array
  /** The columns of the matrix from object to world: three axes of three. */
  readonly axes: Float32Array
  /** 0xRRGGBB of all faces. */
  readonly colour: number
  readonly segmentation: number
}

/** Meshes in disorder, and cameras among them. */
export interface RandomScene {
  readonly meshes: readonly MeshShape[]
  readonly placed: readonly PlacedMesh[]
  readonly cameras: readonly CameraPlace[]
}

/** Frames are square, and this wide from their middle to their edge at distance 1: 90 degrees in all. */
const halfWidth = 1
const range = { near: 0.1, far: 60 } as const
const tau = 6.283185307179586

const box: MeshShape = {
  vertices: Float32Array.of(-0.5, -0.5, -0.5, 0.5, -0.5, -0.5, -0.5, 0.5, -0.5, 0.5, 0.5, -0.5, -0.5, -0.5, 0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
  faces: [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]],
}
/** Half of a box, rising along x. */
const wedge: MeshShape = {
  vertices: Float32Array.of(-0.5, -0.5, -0.5, 0.5, -0.5, -0.5, -0.5, 0.5, -0.5, 0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 0.5, 0.5, 0.5),
  faces: [[0, 2, 3, 1], [1, 3, 5, 4], [0, 1, 4], [2, 5, 3], [0, 4, 5, 2]],
}
/** Seen from both sides. */
const sheet: MeshShape = { vertices: Float32Array.of(-0.5, 0, -0.5, 0.5, 0, -0.5, 0.5, 0, 0.5, -0.5, 0, 0.5), faces: [[0, 1, 2, 3], [3, 2, 1, 0]] }
const meshes = [box, wedge, sheet]

/** A scene of some dozens of meshes of every size, turned every way. */
export function randomScene(seed: number, number: number): RandomScene {
  const rng = createRng(seed, streamId('random-scene', '', '')).at(0, number)
  const count = rng.between(30, 100)
  const placed = Array.from({ length: count }, (_, at) => placedMesh(rng, at + 1))
  return { meshes, placed, cameras: Array.from({ length: 4 }, () => randomPlace(rng)) }
}

function between(rng: Rng, low: number, high: number): number {
  return low + (high - low) * rng.unit()
}

function randomPlace(rng: Rng): CameraPlace {
  const x = between(rng, -10, 10)
  const y = between(rng, -10, 10)
  const z = between(rng, -10, 10)
  const yaw = between(rng, 0, tau)
  const pitch = between(rng, -1.2, 1.2)
  return { eye: [x, y, z], yaw, pitch }
}

function placedMesh(rng: Rng, segmentation: number): PlacedMesh {
  const at = Float32Array.from({ length: 3 }, () => between(rng, -15, 15))
  const [yaw, pitch, roll] = Array.from({ length: 3 }, () => between(rng, 0, tau))
  const [cosYaw, sinYaw, cosPitch, sinPitch, cosRoll, sinRoll] = [yaw, pitch, roll].flatMap((angle) => [math.cos(angle), math.sin(angle)])
  const turned = [
    [cosYaw * cosPitch, sinYaw * cosPitch, sinPitch],
    [-sinYaw * cosRoll - cosYaw * sinPitch * sinRoll, cosYaw * cosRoll - sinYaw * sinPitch * sinRoll, cosPitch * sinRoll],
    [sinYaw * sinRoll - cosYaw * sinPitch * cosRoll, -cosYaw * sinRoll - sinYaw * sinPitch * cosRoll, cosPitch * cosRoll],
  ]
  const axes = Float32Array.from(turned.flatMap((axis) => {
    const size = between(rng, 0.3, 10)
    return axis.map((part) => size * part)
  }))
  return { mesh: rng.below(meshes.length), at, axes, colour: rng.below(0x1_00_00_00), segmentation }
}

/** The scene for Vulkan. */
export function flatScene({ meshes: shapes, placed }: RandomScene): FlatScene {
  const instances = placed.map(({ mesh, at, axes, colour, segmentation }) => ({
    mesh,
    rows: [0, 1, 2].flatMap((axis) => [axes[axis], axes[3 + axis], axes[6 + axis], at[axis]]),
    colours: shapes[mesh].faces.map(() => colour),
    segmentation,
  }))
  return { triangles: { corners: new Float32Array(0), colours: new Uint32Array(0), segmentation: new Uint16Array(0) }, meshes: shapes, instances }
}

/** What an instance holds of a mesh, but for its light: nobody looks at colours. */
function bodyOf({ at, axes }: PlacedMesh): { readonly words: readonly number[]; readonly scale: number } {
  const squares = [0, 1, 2].map((axis) => axes[3 * axis] * axes[3 * axis] + axes[3 * axis + 1] * axes[3 * axis + 1] + axes[3 * axis + 2] * axes[3 * axis + 2])
  return { words: [...at, ...axes, ...Array.from(axes, (part, i) => part / squares[Math.floor(i / 3)])], scale: Math.sqrt(Math.max(...squares)) }
}

/** The scene as our own kernels draw it, without ground, sky or fog. */
function jobOf({ meshes: shapes, placed }: RandomScene, views: Float64Array, size: number): DrawJob {
  const all = shapes.map((shape, i) => ({ ...shape, name: `shape ${i}` }))
  const { meshes: table, vertices, corners, planes, radii } = packMeshes(all)
  const count = placed.length
  const [bounds, bodies, tags] = [new Float32Array(4 * count), new Float32Array(bodyWords * count), new Uint32Array(tagWords * count)]
  for (const [i, thing] of placed.entries()) {
    const { words, scale } = bodyOf(thing)
    bodies.set(words, bodyWords * i + bodyAt.position)
    for (let axis = 0; axis < 3; axis++) bounds[axis * count + i] = thing.at[axis]
    bounds[3 * count + i] = 1.0001 * radii[thing.mesh] * scale
    tags.set([thing.mesh, thing.colour, thing.segmentation], tagWords * i)
  }
  const arrays = { meshes: table, vertices, faces: corners, planes, bounds, bodies, tags, views }
  return plainJob({ width: size, height: size, instances: count, capacity: count, meshes: all.length }, arrays, ['rgb', 'depth', 'segmentation'])
}

/** The scene as a kernel of ours draws it. */
export function drawnFrames(draw: DrawViews, scene: RandomScene, size: number): Frames {
  const job = jobOf(scene, viewsOfScene(scene, size), size)
  const { rgb, depth, segmentation } = job
  const count = scene.cameras.length
  draw(job, count)
  return { width: size, height: size, count, depth, segmentation, rgb }
}

/** Its views for frames of so many pixels squared. */
export function viewsOfScene({ cameras }: RandomScene, size: number): Float64Array {
  return viewsOf(cameras, { focal: size / (2 * halfWidth), ...range })
}
