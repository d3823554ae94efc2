import type { Terrain } from '../../compositor/index.ts'
import { math } from '../../runtime/index.ts'
import type { BoxField } from '../models/box-field.ts'
import type { FlatScene, MeshInstance, MeshShape, WorldTriangles } from './scene-file.ts'

type Vector = readonly [x: number, y: number, z: number]

/** Edge of the squares of ground, in squares, whose triangles follow each other, so that they are drawn or left out together. */
const tile = 8

/** A cube of edge 1 around the origin. */
const cube: MeshShape = {
  vertices: Float32Array.from({ length: 24 }, (_, at) => (((at / 3) >> at % 3) & 1) - 0.5),
  faces: [
    [0, 4, 6, 2],
    [1, 3, 7, 5],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 2, 3, 1],
    [4, 5, 7, 6],
  ],
}

/** Out of the faces of the cube, in their order. */
const cubeNormals: readonly Vector[] = [[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]]

/** The field, lit, with ground of squares of so many cells: 1 for all there is. It divides the columns and lines into tiles. */
export function boxFieldScene(field: BoxField, squareCells: number): FlatScene {
  return { triangles: groundTriangles(field, squareCells), meshes: [cube], instances: boxInstances(field) }
}

function lit({ light }: BoxField, colour: number, normal: Vector): number {
  const { towards, strength, ambient } = light
  const share = ambient + strength * Math.max(0, normal[0] * towards[0] + normal[1] * towards[1] + normal[2] * towards[2])
  const channel = (shift: number): number => Math.min(255, Math.trunc(((colour >> shift) & 255) * share + 0.5)) << shift
  return channel(16) | channel(8) | channel(0)
}

function boxInstances(field: BoxField): MeshInstance[] {
  const { count, at, size, yaw, colours, segmentation } = field.boxes
  return Array.from({ length: count }, (_, box) => {
    const [cos, sin] = [math.cos(yaw[box]), math.sin(yaw[box])]
    const [[x, y, z], [along, across, up]] = [at, size].map((column) => column.subarray(3 * box, 3 * box + 3))
    return {
      mesh: 0,
      rows: [cos * along, -sin * across, 0, x, sin * along, cos * across, 0, y, 0, 0, up, z],
      colours: cubeNormals.map(([right, front, top]) => lit(field, colours[box], [cos * right - sin * front, sin * right + cos * front, top])),
      segmentation: segmentation[box],
    }
  })
}

/** The squares of the ground, tile by tile. */
function* squaresOf({ columns, lines }: Terrain, squareCells: number): Generator<readonly [column: number, line: number]> {
  const edge = tile * squareCells
  for (let tileLine = 0; tileLine < lines; tileLine += edge) {
    for (let tileColumn = 0; tileColumn < columns; tileColumn += edge) {
      for (let line = tileLine; line < tileLine + edge; line += squareCells) {
        for (let column = tileColumn; column < tileColumn + edge; column += squareCells) yield [column, line]
      }
    }
  }
}

/** Two triangles a square. Their diagonals meet in every other corner, as those of a mesh that was refined by bisection do. */
function groundTriangles(field: BoxField, squareCells: number): WorldTriangles {
  const { ground } = field
  const { columns, lines, cell, heights, colours, segmentation } = ground
  const count = (2 * columns * lines) / squareCells ** 2
  const triangles = { corners: new Float32Array(9 * count), colours: new Uint32Array(count), segmentation: new Uint16Array(count) }
  const corner = (column: number, line: number): Vector => [column * cell, line * cell, heights[line * (columns + 1) + column]]
  let at = 0
  for (const [column, line] of squaresOf(ground, squareCells)) {
    const [right, up] = [column + squareCells, line + squareCells]
    const [a, b, c, d] = [corner(column, line), corner(right, line), corner(right, up), corner(column, up)]
    const isEven = ((column + line) / squareCells) % 2 === 0
    const here = line * columns + column
    const own = (colours[3 * here] << 16) | (colours[3 * here + 1] << 8) | colours[3 * here + 2]
    for (const triangle of isEven ? [[a, b, c], [a, c, d]] : [[b, d, a], [b, c, d]]) {
      triangles.corners.set(triangle.flat(), 9 * at)
      triangles.colours[at] = lit(field, own, upright(a, b, c, d))
      triangles.segmentation[at] = segmentation[here]
      at++
    }
  }
  return triangles
}

/** The unit vector out of a square of ground, from its diagonals. */
function upright(a: Vector, b: Vector, c: Vector, d: Vector): Vector {
  const [s, t] = [[c[0] - a[0], c[1] - a[1], c[2] - a[2]], [d[0] - b[0], d[1] - b[1], d[2] - b[2]]]
  const normal = [s[1] * t[2] - s[2] * t[1], s[2] * t[0] - s[0] * t[2], s[0] * t[1] - s[1] * t[0]]
  const length = math.hypot(normal[0], normal[1], normal[2])
  return [normal[0] / length, normal[1] / length, normal[2] / length]
}
