/** Scenes for the Vulkan program, in the form that scene.h describes. */

const magic = 0x4353424d
const headerWords = 6
const triangleWords = 11
const meshTriangleWords = 10
const instanceWords = 15

/** A mesh in object space: x, y, z of its corners, and its faces, flat and convex, counter-clockwise seen from outside. */
export interface MeshShape {
  readonly vertices: Float32Array
  readonly faces: readonly (readonly number[])[]
}

/** A mesh as it stands in the world. */
export interface MeshInstance {
  readonly mesh: number
  /** From object to world: three rows of four. */
  readonly rows: ArrayLike<number>
  /** 0xRRGGBB of each face, lit. */
  readonly colours: ArrayLike<number>
  readonly segmentation: number
}

/** Triangles in the world: nine numbers of corners, a lit 0xRRGGBB and a segmentation each. */
export interface WorldTriangles {
  readonly corners: Float32Array
  readonly colours: Uint32Array
  readonly segmentation: Uint16Array
}

/** What can be drawn. */
export interface FlatScene {
  readonly triangles: WorldTriangles
  readonly meshes: readonly MeshShape[]
  readonly instances: readonly MeshInstance[]
}

interface MeshTriangle {
  readonly corners: readonly [number, number, number]
  readonly face: number
}

/** The faces of a mesh as fans of triangles. */
function fansOf({ faces }: MeshShape): MeshTriangle[] {
  return faces.flatMap((corners, face) => corners.slice(2).map((last, at): MeshTriangle => ({ corners: [corners[0], corners[at + 1], last], face })))
}

/** Writes words one after the other. */
class WordWriter {
  readonly bytes: Uint8Array
  private readonly words: Uint32Array
  private readonly floats: Float32Array
  private at = 0

  constructor(words: number) {
    this.words = new Uint32Array(words)
    this.floats = new Float32Array(this.words.buffer)
    this.bytes = new Uint8Array(this.words.buffer)
  }

  whole(values: ArrayLike<number>): void {
    this.words.set(values, this.at)
    this.at += values.length
  }

  real(values: ArrayLike<number>): void {
    this.floats.set(values, this.at)
    this.at += values.length
  }
}

/** The bytes of a scene file. */
export function encodeScene({ triangles, meshes, instances }: FlatScene): Uint8Array {
  const fans = meshes.map(fansOf)
  const fanCount = fans.reduce((sum, fan) => sum + fan.length, 0)
  const colourCount = instances.reduce((sum, { colours }) => sum + colours.length, 0)
  const triangleCount = triangles.colours.length
  const writer = new WordWriter(
    headerWords + triangleWords * triangleCount + meshes.length + meshTriangleWords * fanCount + instanceWords * instances.length + colourCount,
  )
  writer.whole([magic, triangleCount, meshes.length, fanCount, instances.length, colourCount])
  for (let i = 0; i < triangleCount; i++) {
    writer.real(triangles.corners.subarray(9 * i, 9 * i + 9))
    writer.whole([triangles.colours[i], triangles.segmentation[i]])
  }
  writer.whole(fans.map(({ length }) => length))
  for (const [mesh, fan] of fans.entries()) {
    for (const { corners, face } of fan) {
      for (const corner of corners) writer.real(meshes[mesh].vertices.subarray(3 * corner, 3 * corner + 3))
      writer.whole([face])
    }
  }
  let firstColour = 0
  for (const { mesh, segmentation, colours, rows } of instances) {
    writer.whole([mesh, segmentation, firstColour])
    writer.real(rows)
    firstColour += colours.length
  }
  for (const { colours } of instances) writer.whole(colours)
  return writer.bytes
}
