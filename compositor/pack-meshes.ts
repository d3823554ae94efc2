import { areaVector, cornersOf, dot, lengthOf } from './face.ts'
import { faceWords, meshWords, none } from './draw/layout.ts'
import { checkMesh, levelsOf, type Mesh } from './mesh.ts'

/** All meshes of a scene in a few arrays. */
export interface PackedMeshes {
  /** Place of each mesh, of the coarser ones too. */
  readonly index: ReadonlyMap<Mesh, number>
  /** Eight words a mesh. */
  readonly meshes: Uint32Array
  /** x, y, z a vertex. */
  readonly vertices: Float32Array
  /** Five words a face. */
  readonly corners: Uint32Array
  /** Outward unit normal n of each face, and d: n . v = d for its corners v. */
  readonly planes: Float32Array
  /** Radius of the sphere around the origin that holds a mesh and the coarser ones behind it, one a mesh. */
  readonly radii: Float64Array
}

function packFace(mesh: Mesh, face: number, into: { readonly corners: Uint32Array; readonly planes: Float32Array }): void {
  const vertices = mesh.faces[face]
  into.corners.set([...vertices, none].slice(0, 4))
  into.corners[4] = mesh.colours?.[face] ?? none
  const corners = cornersOf(mesh.vertices, vertices)
  const area = areaVector(corners)
  const length = lengthOf(area)
  const normal = [Math.fround(area[0] / length), Math.fround(area[1] / length), Math.fround(area[2] / length)] as const
  let sum = 0
  for (const corner of corners) sum += dot(normal, corner)
  into.planes.set([...normal, sum / corners.length])
}

function radiusOf({ vertices }: Mesh): number {
  let square = 0
  for (let at = 0; at < vertices.length; at += 3) square = Math.max(square, vertices[at] * vertices[at] + vertices[at + 1] * vertices[at + 1] + vertices[at + 2] * vertices[at + 2])
  return Math.sqrt(square)
}

/** Packs meshes and the coarser ones behind them, each once, in the order they are met. Throws `world-invalid` for one that is broken. */
export function packMeshes(given: readonly Mesh[]): PackedMeshes {
  const all = [...new Set(given.flatMap(levelsOf))]
  all.forEach(checkMesh)
  const index = new Map(all.map((mesh, i) => [mesh, i] as const))
  const faceCount = all.reduce((sum, { faces }) => sum + faces.length, 0)
  const packed = {
    index,
    meshes: new Uint32Array(meshWords * all.length),
    vertices: new Float32Array(all.reduce((sum, { vertices }) => sum + vertices.length, 0)),
    corners: new Uint32Array(faceWords * faceCount),
    planes: new Float32Array(4 * faceCount),
    radii: Float64Array.from(all, (mesh) => Math.max(...levelsOf(mesh).map(radiusOf))),
  }
  let vertex = 0
  let face = 0
  all.forEach((mesh, i) => {
    const { vertices, faces, coarser } = mesh
    const behind = coarser === undefined ? none : (index.get(coarser.mesh) ?? none)
    packed.meshes.set([vertex, vertices.length / 3, face, faces.length, 0, behind, coarser?.below ?? 0, 0], meshWords * i)
    packed.vertices.set(vertices, 3 * vertex)
    faces.forEach((_, own) => {
      packFace(mesh, own, { corners: packed.corners.subarray(faceWords * (face + own)), planes: packed.planes.subarray(4 * (face + own)) })
    })
    vertex += vertices.length / 3
    face += faces.length
  })
  return packed
}
