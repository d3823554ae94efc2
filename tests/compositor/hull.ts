import type { Mesh } from '../../compositor/index.ts'
import type { Rng } from '../../runtime/index.ts'

type Vector = readonly [x: number, y: number, z: number]

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/** Six times the volume between four points; positive when a, b, c go counter-clockwise seen from the side where d is not. */
function volume(a: Vector, b: Vector, c: Vector, d: Vector): number {
  const [[ux, uy, uz], [vx, vy, vz], [wx, wy, wz]] = [minus(b, a), minus(c, a), minus(a, d)]
  return (uy * vz - uz * vy) * wx + (uz * vx - ux * vz) * wy + (ux * vy - uy * vx) * wz
}

/** What a rope around a dozen points in the cube of edge 1 would hold: a closed mesh without dents, its triangles of every size. */
export function hullMesh(rng: Rng): Mesh {
  const points = Array.from({ length: 12 }, (): Vector => [rng.unitF32() - 0.5, rng.unitF32() - 0.5, rng.unitF32() - 0.5])
  const faces: number[][] = []
  for (let a = 0; a < points.length; a++) {
    for (let b = a + 1; b < points.length; b++) {
      for (let c = a + 1; c < points.length; c++) {
        const isOutside = b !== c && points.every((point, i) => i === a || i === b || i === c || volume(points[a], points[b], points[c], point) > 0)
        if (isOutside) faces.push([a, b, c])
      }
    }
  }
  return { name: 'hull', vertices: Float32Array.from(points.flat()), faces }
}
