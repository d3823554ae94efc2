import { viewsOf, type CameraPlace } from '../../bench/models/camera-view.ts'
import type { FlatScene, MeshShape } from '../../bench/vulkan/scene-file.ts'
import { createRng, math, streamId, type Rng } from '../../runtime/index.ts'

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

/** Its views for frames of so many pixels squared. */
export function viewsOfScene({ cameras }: RandomScene, size: number): Float64Array {
  return viewsOf(cameras, { focal: size / (2 * halfWidth), ...range })
}
