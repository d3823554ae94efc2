// Wavefront OBJ: the vertices, polygons and material names of it.

import { checkOptions, describe } from '../runtime/index.ts'
import type { Vec3 } from './face.ts'
import { MeshBuilder } from './mesh-builder.ts'
import { meshInvalid, type Mesh } from './mesh.ts'

/** How `meshFromObj` reads a file. */
export interface ObjOptions {
  /** How errors call the mesh. */
  readonly name?: string
  /** Which axis is up: `z` keeps numbers as they are; from `y` they are turned, so that what looks along the file's z looks along x. */
  readonly up?: 'y' | 'z'
  /** Colour of faces by the name of their material, 0xRRGGBB. Others get the colour of the thing. */
  readonly materials?: Readonly<Record<string, number>>
}

const charactersMax = 1 << 26
/** Characters of a statement that goes on over several lines. */
const statementMax = 1 << 14
/** Vertices of a file, before those at the same place become one. */
const verticesMax = 1_000_000
const realNumber = /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/
const corner = /^(-?\d+)(\/-?\d*){0,2}$/

/** What says nothing about where faces are. */
const ignored: ReadonlySet<string> = new Set('vt vn vp o g s mg l p mtllib lod bevel c_interp d_interp usemap maplib shadow_obj trace_obj'.split(' '))

class ObjReader {
  private readonly name: string
  private readonly turned: boolean
  private readonly materials: ReadonlyMap<string, number>
  private readonly builder: MeshBuilder
  private readonly vertices: Vec3[] = []
  private colour: number | undefined
  private where = ''

  constructor({ name = 'obj', up = 'z', materials = {} }: ObjOptions) {
    if (!['y', 'z'].includes(up)) throw meshInvalid(name, `up can't be ${up}`, 'give y or z')
    this.name = name
    this.turned = up === 'y'
    this.materials = new Map(Object.entries(materials))
    this.builder = new MeshBuilder(name)
  }

  read(text: string): Mesh {
    let begun = ''
    for (let line = 1, from = 0; from < text.length; line++) {
      const end = (text.indexOf('\n', from) + 1) || text.length + 1
      const whole = begun + text.slice(from, end - 1).replace(/\r$/, '')
      from = end
      this.where = `${this.name}, line ${line}`
      begun = whole.endsWith('\\') ? `${whole.slice(0, -1)} ` : ''
      if (begun.length > statementMax) throw meshInvalid(this.where, `a statement has more than ${statementMax} characters`, 'export the mesh as triangles')
      if (begun === '') this.readStatement(whole.replace(/#.*/, '').trim())
    }
    if (begun !== '') throw meshInvalid(this.where, 'the last line has no end', 'export the mesh again: the file is cut off')
    return this.builder.build()
  }

  private readStatement(statement: string): void {
    if (statement === '') return
    const [word, ...rest] = statement.split(/\s+/)
    if (word === 'v') this.vertices.push(this.placeOf(rest))
    else if (word === 'f') this.builder.add({ corners: rest.map((each) => this.cornerOf(each)), colour: this.colour, twoSided: false, where: this.checked(rest.length) })
    else if (word === 'usemtl') this.colour = this.materials.get(statement.slice(word.length).trim())
    else if (!ignored.has(word)) throw meshInvalid(this.where, `there is no meaning to '${word.slice(0, 20)}'`, 'export the mesh as polygons')
  }

  private checked(count: number): string {
    if (count < 3) throw meshInvalid(this.where, `a face has ${count} corners`, 'give it at least three')
    return this.where
  }

  /** Further numbers are a weight or a colour. */
  private placeOf(words: readonly string[]): Vec3 {
    const wrong = words.find((word) => !realNumber.test(word))
    if (words.length < 3 || words.length > 7 || wrong !== undefined) {
      throw meshInvalid(this.where, wrong === undefined ? `a vertex has ${words.length} coordinates` : `a coordinate is '${wrong.slice(0, 20)}'`, 'give x, y and z as decimal numbers')
    }
    if (this.vertices.length === verticesMax) throw meshInvalid(this.where, `there are more than ${verticesMax} vertices`, 'simplify the mesh')
    const [x, y, z] = words.map(Number)
    return this.turned ? [z, x, y] : [x, y, z]
  }

  private cornerOf(word: string): Vec3 {
    const index = Number(corner.exec(word)?.[1] ?? NaN)
    const at = index < 0 ? this.vertices.length + index : index - 1
    if (Number.isInteger(at) && at >= 0 && at < this.vertices.length) return this.vertices[at]
    throw meshInvalid(this.where, `'${word.slice(0, 20)}' is not one of the ${this.vertices.length} vertices before it`, 'count from 1, or from -1 backwards')
  }
}

/**
 * The mesh in a Wavefront OBJ file: its polygons, cut into triangles where they are not flat and convex. Lines, points, normals and
 * textures are left out, and so are faces without area; what is at the same place becomes one vertex.
 * Throws `world-invalid` with the line for what is broken, too large or not made of polygons.
 */
export function meshFromObj(text: string, options: ObjOptions = {}): Mesh {
  checkOptions('meshFromObj', options, [], ['name', 'up', 'materials'])
  const materials: unknown = options.materials
  if (materials !== undefined && (typeof materials !== 'object' || materials === null)) throw meshInvalid(options.name ?? 'obj', `materials can't be ${describe(materials)}`, 'give colours by names: { bark: 0x804020 }')
  if (typeof text !== 'string') throw meshInvalid(options.name ?? 'obj', 'an OBJ file is text', "import it as text: import text from './mesh.obj'")
  if (text.length > charactersMax) throw meshInvalid(options.name ?? 'obj', `the file has ${text.length} characters`, `simplify it: a file has at most ${charactersMax}`)
  return new ObjReader(options).read(text)
}
