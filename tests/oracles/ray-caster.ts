/** A renderer to hold others against: a ray through the middle of each pixel, each triangle by itself, all in f64. Not fast. */
import { viewWords } from '../../compositor/draw/layout.ts'
import type { Frames } from '../../bench/vulkan/frames-file.ts'
import type { FlatScene } from '../../bench/vulkan/scene-file.ts'

type Vector = readonly [x: number, y: number, z: number]

/** A triangle in front of nobody yet. */
interface FlatTriangle {
  readonly corners: readonly [Vector, Vector, Vector]
  readonly colour: number
  readonly segmentation: number
}

interface Picture {
  readonly frames: Frames
  /** Pixels of the frames before this one. */
  readonly first: number
  readonly view: Float64Array
}

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

function vectorAt(numbers: ArrayLike<number>, at: number): Vector {
  return [numbers[at], numbers[at + 1], numbers[at + 2]]
}

function trianglesOf({ triangles, meshes, instances }: FlatScene): FlatTriangle[] {
  const loose = Array.from(triangles.colours, (colour, i): FlatTriangle => {
    const corner = (at: number): Vector => vectorAt(triangles.corners, 9 * i + 3 * at)
    return { corners: [corner(0), corner(1), corner(2)], colour, segmentation: triangles.segmentation[i] }
  })
  const ofMeshes = instances.flatMap(({ mesh, rows, colours, segmentation }) => {
    const { vertices, faces } = meshes[mesh]
    const world = (corner: number): Vector => {
      const at = vectorAt(vertices, 3 * corner)
      const axis = (row: number): number => dot(vectorAt(rows, row), at) + rows[row + 3]
      return [axis(0), axis(4), axis(8)]
    }
    return faces.flatMap((face, number) =>
      face.slice(2).map((last, at): FlatTriangle => ({ corners: [world(face[0]), world(face[at + 1]), world(last)], colour: colours[number], segmentation })),
    )
  })
  return [...loose, ...ofMeshes]
}

/** Draws a triangle where it is nearer than what is there. */
function castTriangle({ frames, first, view }: Picture, { corners, colour, segmentation }: FlatTriangle): void {
  const { width, height, depth } = frames
  const [eye, right, down, forward] = [0, 3, 6, 9].map((at) => vectorAt(view, at))
  const [focal, near, far] = vectorAt(view, 12)
  const [a, b, c] = corners.map((corner): Vector => {
    const away = minus(corner, eye)
    return [dot(right, away), dot(down, away), dot(forward, away)]
  })
  if (Math.max(a[2], b[2], c[2]) < near) return
  const normal = cross(minus(b, a), minus(c, a))
  const distance = dot(normal, a)
  // With lines going down, right, down, forward are right-handed, so a normal still looks out.
  if (distance >= 0) return
  const edges = [cross(b, a), cross(c, b), cross(a, c)]
  for (let line = 0; line < height; line++) {
    for (let column = 0; column < width; column++) {
      const ray: Vector = [(column + 0.5 - width / 2) / focal, (line + 0.5 - height / 2) / focal, 1]
      if (!edges.every((edge) => dot(edge, ray) >= 0)) continue
      const z = distance / dot(normal, ray)
      const pixel = first + line * width + column
      if (!(z >= near && z <= far && z < depth[pixel])) continue
      depth[pixel] = z
      frames.segmentation[pixel] = segmentation
      frames.rgb.set([colour >> 16, (colour >> 8) & 255, colour & 255], 3 * pixel)
    }
  }
}

/** What the views see of the scene, in frames of so many pixels squared. */
export function castFrames(scene: FlatScene, views: Float64Array, size: number): Frames {
  const count = views.length / viewWords
  const pixels = size * size * count
  const frames = { width: size, height: size, count, depth: new Float32Array(pixels).fill(Infinity), segmentation: new Uint16Array(pixels), rgb: new Uint8Array(3 * pixels) }
  const triangles = trianglesOf(scene)
  for (let number = 0; number < count; number++) {
    const picture = { frames, first: size * size * number, view: views.subarray(viewWords * number, viewWords * (number + 1)) }
    for (const triangle of triangles) castTriangle(picture, triangle)
  }
  return frames
}
