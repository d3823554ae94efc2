import { isConvex, isFlat, isSliver, type Vec3 } from './face.ts'
import { meshInvalid, meshLimits, type Mesh } from './mesh.ts'
import { openFaces } from './open-faces.ts'
import { triangulate } from './triangulate.ts'

/** A polygon that a file has, in its own axes turned to ours. */
export interface Polygon {
  readonly corners: readonly Vec3[]
  readonly colour: number | undefined
  /** Whether it is seen from behind as well, unless nobody can be there. */
  readonly twoSided: boolean
  /** Its place in the file, for errors. */
  readonly where: string
}

/** Corners of one polygon. */
const cornersMax = 128

function isSame(a: Vec3, b: Vec3): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2]
}

function rounded({ corners, where }: Polygon): Vec3[] {
  const { coordinateMax } = meshLimits
  if (corners.length > cornersMax) throw meshInvalid(where, `a face has ${corners.length} corners`, `cut it into faces of at most ${cornersMax}`)
  const places = corners.map((at): Vec3 => [Math.fround(at[0]), Math.fround(at[1]), Math.fround(at[2])])
  const wrong = places.flat().find((value) => !(Math.abs(value) <= coordinateMax))
  if (wrong !== undefined) throw meshInvalid(where, `a coordinate is ${wrong}`, `keep to numbers from -${coordinateMax} to ${coordinateMax}`)
  return places.filter((place, i) => !isSame(place, places[(i + places.length - 1) % places.length]))
}

function isWhole(corners: readonly Vec3[]): boolean {
  return corners.length === 3 || (corners.length === 4 && !isSliver(corners) && isFlat(corners) && isConvex(corners))
}

/**
 * Makes a mesh of the polygons of a file: what is at the same place becomes one vertex, what is not a triangle or a flat convex
 * quadrilateral becomes triangles, what has no area is left out.
 */
export class MeshBuilder {
  private readonly name: string
  private readonly vertices: number[] = []
  private readonly places = new Map<string, number>()
  private readonly faces: number[][] = []
  private readonly colours: (number | undefined)[] = []
  private readonly twoSided: boolean[] = []
  /** Polygons seen, with those that have no area. */
  private seen = 0

  constructor(name: string) {
    this.name = name
  }

  /** Throws `world-invalid` for a coordinate out of range, a polygon that crosses itself, and when there is too much. */
  add(polygon: Polygon): void {
    this.seen++
    if (this.seen > meshLimits.facesMax) throw this.tooMuch(polygon.where, `more than ${meshLimits.facesMax} faces`)
    const places = rounded(polygon)
    if (places.length < 3) return
    if (isWhole(places)) {
      this.addFace(places, polygon)
      return
    }
    if (places.length > 4 && isSliver(places)) return
    const triangles = triangulate(places)
    if (triangles === undefined) throw meshInvalid(polygon.where, `a face of ${places.length} corners can't be cut into triangles`, 'export the mesh as triangles')
    for (const triangle of triangles) this.addFace(triangle.map((corner) => places[corner]), polygon)
  }

  /** Throws `world-invalid` when there is nothing to see. */
  build(): Mesh {
    const { name, faces, colours } = this
    const vertices = Float32Array.from(this.vertices)
    if (faces.length === 0) throw meshInvalid(name, 'there is no face with an area', 'export the surface as polygons')
    const open = this.twoSided.includes(true) ? openFaces(faces, vertices.length / 3) : []
    const backs = faces.flatMap((face, i) => (open[i] && this.twoSided[i] ? [{ face: [...face].reverse(), colour: colours[i] }] : []))
    if (faces.length + backs.length > meshLimits.facesMax) throw this.tooMuch(name, `${faces.length + backs.length} faces`)
    return Object.freeze({
      name,
      vertices,
      faces: [...faces, ...backs.map(({ face }) => face)],
      colours: [...colours, ...backs.map(({ colour }) => colour)],
    })
  }

  private addFace(places: readonly Vec3[], { colour, twoSided, where }: Polygon): void {
    if (isSliver(places)) return
    this.faces.push(places.map((place) => this.vertexAt(place)))
    this.colours.push(colour)
    this.twoSided.push(twoSided)
    if (this.faces.length > meshLimits.facesMax) throw this.tooMuch(where, `more than ${meshLimits.facesMax} faces`)
    if (this.places.size > meshLimits.verticesMax) throw this.tooMuch(where, `more than ${meshLimits.verticesMax} vertices`)
  }

  private vertexAt([x, y, z]: Vec3): number {
    const key = `${x} ${y} ${z}`
    const known = this.places.get(key)
    if (known !== undefined) return known
    const vertex = this.places.size
    this.places.set(key, vertex)
    this.vertices.push(x, y, z)
    return vertex
  }

  private tooMuch(where: string, what: string): Error {
    return meshInvalid(where, `${this.name} has ${what}`, `simplify it: a mesh has at most ${meshLimits.verticesMax} vertices and ${meshLimits.facesMax} faces`)
  }
}
