// glTF 2.0: the triangles of a scene in its rest pose.

import { checkOptions, math } from '../runtime/index.ts'
import { cross, dot, type Vec3 } from './face.ts'
import { GltfFile, type Elements } from './gltf-file.ts'
import type { JsonPlace } from './json-place.ts'
import { MeshBuilder } from './mesh-builder.ts'
import { meshInvalid, meshLimits, type Mesh } from './mesh.ts'

/** How `meshFromGltf` reads a file. */
export interface GltfOptions {
  /** How errors call the mesh. */
  readonly name?: string
}

/** Where a node puts its axes and its origin. */
interface Pose {
  readonly x: Vec3
  readonly y: Vec3
  readonly z: Vec3
  readonly at: Vec3
}

/** glTF has y up and looks along z: to have z up and look along x, the axes move on by one. */
const upright: Pose = { x: [0, 1, 0], y: [0, 0, 1], z: [1, 0, 0], at: [0, 0, 0] }

function turnedBy({ x, y, z }: Pose, [a, b, c]: Vec3): Vec3 {
  return [x[0] * a + y[0] * b + z[0] * c, x[1] * a + y[1] * b + z[1] * c, x[2] * a + y[2] * b + z[2] * c]
}

function placedBy(pose: Pose, at: Vec3): Vec3 {
  const [x, y, z] = turnedBy(pose, at)
  return [x + pose.at[0], y + pose.at[1], z + pose.at[2]]
}

function within(outer: Pose, inner: Pose): Pose {
  return { x: turnedBy(outer, inner.x), y: turnedBy(outer, inner.y), z: turnedBy(outer, inner.z), at: placedBy(outer, inner.at) }
}

function times([x, y, z]: Vec3, scale: number): Vec3 {
  return [x * scale, y * scale, z * scale]
}

const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

function poseOf(node: JsonPlace): Pose {
  if (node.has('matrix')) {
    const m = node.numbers('matrix', identity)
    if (m[3] !== 0 || m[7] !== 0 || m[11] !== 0 || m[15] !== 1) node.at('matrix').fail('the matrix does more than turn, scale and move')
    return { x: [m[0], m[1], m[2]], y: [m[4], m[5], m[6]], z: [m[8], m[9], m[10]], at: [m[12], m[13], m[14]] }
  }
  const [tx, ty, tz] = node.numbers('translation', [0, 0, 0])
  const [sx, sy, sz] = node.numbers('scale', [1, 1, 1])
  const q = node.numbers('rotation', [0, 0, 0, 1])
  const square = q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]
  if (!(square > 0 && square < Infinity)) node.at('rotation').fail('this is no rotation')
  const [x, y, z, w] = q.map((part) => part / Math.sqrt(square))
  return {
    x: times([1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)], sx),
    y: times([2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)], sy),
    z: times([2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)], sz),
    at: [tx, ty, tz],
  }
}

/** A channel of a picture, 0 to 255, for an amount of light from 0 to 1 (the transfer function of sRGB). */
function encoded(light: number): number {
  const inside = Math.min(Math.max(light, 0), 1)
  const value = inside <= 0.0031308 ? 12.92 * inside : 1.055 * math.pow(inside, 1 / 2.4) - 0.055
  return Math.trunc(255 * value + 0.5)
}

/** How the corners of a primitive make triangles. Lesser modes are points and lines. */
const modes = { triangles: 4, strip: 5, fan: 6 }

/** The corners of triangle `i` in the list of a primitive's corners. */
function triangleAt(mode: number, i: number): readonly [number, number, number] {
  if (mode === modes.triangles) return [3 * i, 3 * i + 1, 3 * i + 2]
  if (mode === modes.fan) return [i + 1, i + 2, 0]
  return i % 2 === 0 ? [i, i + 1, i + 2] : [i, i + 2, i + 1]
}

function triangleCount(mode: number, corners: number): number {
  return mode === modes.triangles ? corners / 3 : corners - 2
}

function positionAt(primitive: JsonPlace, positions: Elements<Vec3>, corner: number): Vec3 {
  return corner < positions.count ? positions.at(corner) : primitive.fail(`there is an index ${corner} to ${positions.count} positions`)
}

class SceneReader {
  private readonly file: GltfFile
  private readonly builder: MeshBuilder
  /** Primitives seen, once for each node that has them. */
  private seen = 0

  constructor(name: string, source: Uint8Array | string) {
    this.file = new GltfFile(name, source)
    this.builder = new MeshBuilder(name)
  }

  read(): Mesh {
    const { file } = this
    const scenes = file.list('scenes')
    const scene = file.root.has('scene') ? file.root.at('scene').of(scenes) : scenes.at(0) ?? file.root.fail('the file has no scene', 'export a scene')
    const met = new Set<string>()
    const left = scene.list('nodes').map((node) => ({ node: node.of(file.list('nodes')), outer: upright }))
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { node, outer } = next
      if (met.has(node.where)) node.fail('the node is in the scene twice', 'export a tree of nodes')
      met.add(node.where)
      const pose = within(outer, poseOf(node))
      this.readNode(node, pose)
      for (const child of node.list('children')) left.push({ node: child.of(file.list('nodes')), outer: pose })
    }
    return this.builder.build()
  }

  private readNode(node: JsonPlace, pose: Pose): void {
    if (node.has('skin')) node.fail('the mesh has a skin', 'export it without bones: a mesh does not bend')
    if (!node.has('mesh')) return
    const mesh = node.at('mesh').of(this.file.list('meshes'))
    for (const primitive of mesh.list('primitives')) this.readPrimitive(primitive, pose)
  }

  private readPrimitive(primitive: JsonPlace, pose: Pose): void {
    const { file } = this
    this.seen++
    if (this.seen > meshLimits.facesMax) primitive.fail(`the scene has more than ${meshLimits.facesMax} primitives`, 'simplify it')
    if (primitive.has('targets')) primitive.fail('the mesh has morph targets', 'export it without shape keys: a mesh does not bend')
    const mode = primitive.count('mode', modes.triangles)
    if (mode < modes.triangles) return
    if (mode > modes.fan) primitive.at('mode').fail(`there is no mode ${mode}`)
    const positions = file.positions(primitive.at('attributes').at('POSITION').of(file.list('accessors')))
    const corners = primitive.has('indices') ? file.indices(primitive.at('indices').of(file.list('accessors'))) : { count: positions.count, at: (i: number) => i }
    if (corners.count < 3 || (mode === modes.triangles && corners.count % 3 !== 0)) primitive.fail(`${corners.count} corners make no triangles`)
    const look = this.lookOf(primitive)
    const mirrored = dot(cross(pose.x, pose.y), pose.z) < 0
    for (let i = 0; i < triangleCount(mode, corners.count); i++) {
      const [a, b, c] = triangleAt(mode, i).map((at) => placedBy(pose, positionAt(primitive, positions, corners.at(at))))
      this.builder.add({ corners: mirrored ? [a, c, b] : [a, b, c], where: primitive.where, ...look })
    }
  }

  private lookOf(primitive: JsonPlace): { colour: number | undefined; twoSided: boolean } {
    if (!primitive.has('material')) return { colour: undefined, twoSided: false }
    const material = primitive.at('material').of(this.file.list('materials'))
    const twoSided = material.isTrue('doubleSided')
    if (!material.has('pbrMetallicRoughness') || !material.at('pbrMetallicRoughness').has('baseColorFactor')) return { colour: undefined, twoSided }
    const [red, green, blue] = material.at('pbrMetallicRoughness').numbers('baseColorFactor', [1, 1, 1, 1])
    return { colour: encoded(red) * 65536 + encoded(green) * 256 + encoded(blue), twoSided }
  }
}

/**
 * The mesh in a glTF 2.0 file, a .glb or the text of a .gltf with embedded buffers: the triangles of its scene in rest pose, with the base colours of
 * their materials. Faces of materials without one get the colour of the thing. Its z becomes x (forwards), its x y, its y z (up). Lines, points,
 * textures and animations are left out, faces without area too; what is at the same place becomes one vertex; what is seen from both sides and open gets backs.
 * Throws `world-invalid` with the place in the file for what is broken, too large, elsewhere, compressed, sparse, or bends.
 */
export function meshFromGltf(source: Uint8Array | string, options: GltfOptions = {}): Mesh {
  checkOptions('meshFromGltf', options, [], ['name'])
  const { name = 'gltf' } = options
  if (typeof source !== 'string' && !ArrayBuffer.isView(source)) throw meshInvalid(name, 'a glTF file is bytes or text', "import it: import bytes from './mesh.glb'")
  return new SceneReader(name, source).read()
}
