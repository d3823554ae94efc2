import { describe, MetabonkError } from '../runtime/index.ts'
import { cornersOf, isConvex, isFlat, isSliver } from './face.ts'

/**
 * The shape of a thing: x forwards, y to its left, z up, in metres before it is scaled. Flat faces, one colour each.
 * The sides that can be seen are those from which a face's corners go counter-clockwise.
 */
export interface Mesh {
  /** How errors call it. */
  readonly name: string
  /** x, y, z of each vertex. */
  readonly vertices: Float32Array
  /** Three or four vertices a face; a face of four is flat and convex. */
  readonly faces: readonly (readonly number[])[]
  /** Colour of each face, 0xRRGGBB; undefined is the colour of the thing that has this shape. */
  readonly colours?: readonly (number | undefined)[]
  /** What is drawn instead where the sphere around the origin that holds the mesh is less than so many pixels wide. */
  readonly coarser?: { readonly mesh: Mesh; readonly below: number }
}

export const meshLimits = {
  /** Vertices of one mesh. */
  verticesMax: 65_535,
  /** Faces of one mesh. */
  facesMax: 100_000,
  /** Greatest coordinate, either way. */
  coordinateMax: 1e6,
  /** Coarser meshes behind one another. */
  levelsMax: 8,
} as const

export function meshInvalid(where: string, what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'world-invalid', what, where, todo })
}

/** World code may be JavaScript, where anything can stand for a list. */
function isList(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value)
}

function checkVertices({ name, vertices }: Mesh): void {
  const { verticesMax, coordinateMax } = meshLimits
  if (!isList(vertices)) throw meshInvalid(`mesh ${name}`, `its vertices are ${describe(vertices)}`, 'give a Float32Array')
  if (vertices.length === 0 || vertices.length % 3 !== 0 || vertices.length > 3 * verticesMax) {
    throw meshInvalid(`mesh ${name}`, `a mesh can't have ${vertices.length} coordinates`, `give three for each of 1 to ${verticesMax} vertices`)
  }
  const wrong = vertices.findIndex((value) => !(Math.abs(value) <= coordinateMax))
  if (wrong < 0) return
  throw meshInvalid(`mesh ${name}, vertex ${Math.floor(wrong / 3)}`, `a coordinate is ${vertices[wrong]}`, `keep to numbers from -${coordinateMax} to ${coordinateMax}`)
}

function faceFault(vertices: Float32Array, face: readonly number[]): string | undefined {
  if (!isList(face)) return `is ${describe(face)}`
  const count = vertices.length / 3
  if (face.length !== 3 && face.length !== 4) return `has ${face.length} corners`
  const stray = face.find((corner) => !(Number.isInteger(corner) && corner >= 0 && corner < count))
  if (stray !== undefined) return `names vertex ${stray} of ${count}`
  if (new Set(face).size < face.length) return 'names a vertex twice'
  const corners = cornersOf(vertices, face)
  if (isSliver(corners)) return 'has no area'
  if (!isFlat(corners)) return 'is not flat'
  return isConvex(corners) ? undefined : 'is not convex'
}

function checkFaces({ name, vertices, faces, colours }: Mesh): void {
  const { facesMax } = meshLimits
  if (!isList(faces)) throw meshInvalid(`mesh ${name}`, `its faces are ${describe(faces)}`, 'give a list of lists of vertices')
  if (faces.length === 0 || faces.length > facesMax) throw meshInvalid(`mesh ${name}`, `a mesh can't have ${faces.length} faces`, `give it 1 to ${facesMax}`)
  faces.forEach((face, i) => {
    const fault = faceFault(vertices, face)
    if (fault !== undefined) throw meshInvalid(`mesh ${name}, face ${i}`, `a face ${fault}`, 'make it a triangle with an area, or a flat convex face of four corners')
  })
  if (colours === undefined) return
  if (!isList(colours)) throw meshInvalid(`mesh ${name}`, `its colours are ${describe(colours)}`, 'give every face one, or leave them out')
  if (colours.length !== faces.length) throw meshInvalid(`mesh ${name}`, `there are ${colours.length} colours for ${faces.length} faces`, 'give every face one, undefined for that of the thing')
  const wrong = colours.findIndex((colour) => colour !== undefined && !(Number.isInteger(colour) && colour >= 0 && colour <= 0xffffff))
  if (wrong >= 0) throw meshInvalid(`mesh ${name}, face ${wrong}`, `a colour can't be ${colours[wrong]}`, 'give red x 65536 + green x 256 + blue')
}

/** A mesh and the coarser ones behind it, the finest first. Throws `world-invalid` where one is coarser than itself. */
export function levelsOf(mesh: Mesh): Mesh[] {
  const levels: Mesh[] = []
  for (let level: Mesh | undefined = mesh; level !== undefined; level = level.coarser?.mesh) {
    if (levels.length === meshLimits.levelsMax) throw meshInvalid(`mesh ${mesh.name}`, `there are more than ${meshLimits.levelsMax} levels of detail`, 'leave some out, and let none be its own coarser one')
    const given: unknown = level
    if (typeof given !== 'object' || given === null) throw meshInvalid('scene', `a mesh can't be ${describe(given)}`, 'give one of meshes, or an object with name, vertices and faces')
    levels.push(level)
  }
  return levels
}

/** Checks all of one mesh but the coarser ones behind it. Throws `world-invalid` with mesh and face. */
export function checkMesh(mesh: Mesh): void {
  checkVertices(mesh)
  checkFaces(mesh)
  const below = mesh.coarser?.below
  if (below === undefined || (Number.isInteger(below) && below > 0 && below <= 0xffff)) return
  throw meshInvalid(`mesh ${mesh.name}`, `a coarser mesh can't be for less than ${below} pixels`, 'give an integer from 1 to 65535')
}
