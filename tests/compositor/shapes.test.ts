import { describe, expect, it } from 'vitest'
import { meshes, type Mesh } from '../../compositor/index.ts'
import { packMeshes } from '../../compositor/pack-meshes.ts'
import { openEdges, repeatedEdges } from './edges.ts'

const { box, cone, cylinder, disc, quad, ramp, sphere } = meshes

const closed: readonly (readonly [string, Mesh])[] = [
  ['box', box()],
  ['ramp', ramp()],
  ...[3, 4, 5, 7, 24, 128].flatMap((sides) => [[`cylinder of ${sides}`, cylinder(sides)], [`cone of ${sides}`, cone(sides)], [`sphere of ${sides}`, sphere(sides)]] as const),
]
const open: readonly (readonly [string, Mesh])[] = [['quad', quad()], ['disc', disc()], ['two-sided quad', quad(true)], ['two-sided disc', disc(true, 9)]]

function levels(mesh: Mesh): Mesh[] {
  return [mesh, ...(mesh.coarser === undefined ? [] : levels(mesh.coarser.mesh))]
}

/** The least amount by which the faces' planes are away from the middle of a closed shape. */
function inwards(mesh: Mesh): number {
  const { planes } = packMeshes([mesh])
  const middle = [0, 1, 2].map((axis) => mesh.vertices.filter((_, i) => i % 3 === axis).reduce((sum, value) => sum + value, 0) / (mesh.vertices.length / 3))
  return Math.min(...mesh.faces.map((_, face) => planes[4 * face + 3] - middle.reduce((sum, value, axis) => sum + value * planes[4 * face + axis], 0)))
}

/** Volume inside the faces, each corner fan against the origin. */
function volume({ vertices, faces }: Mesh): number {
  const at = (corner: number): number[] => [...vertices.subarray(3 * corner, 3 * corner + 3)]
  let sum = 0
  for (const face of faces) {
    for (let i = 1; i + 1 < face.length; i++) {
      const [a, b, c] = [at(face[0]), at(face[i]), at(face[i + 1])]
      sum += a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])
    }
  }
  return sum / 6
}

describe('shapes', () => {
  it.each(closed)('%s: every directed edge has its reverse exactly once, on every level', (_name, mesh) => {
    for (const { faces } of levels(mesh)) {
      expect(openEdges(faces)).toEqual([])
      expect(repeatedEdges(faces)).toEqual([])
    }
  })
  it.each(closed)('%s: its faces look outwards and it fits the cube of edge 1', (_name, mesh) => {
    for (const level of levels(mesh)) {
      expect(inwards(level)).toBeGreaterThan(0.001)
      expect(Math.max(...level.vertices.map(Math.abs))).toBe(0.5)
    }
  })
  it.each([...closed, ...open])('%s: every face is flat and convex, every vertex is used', (_name, mesh) => {
    const all = levels(mesh)
    expect(packMeshes([mesh]).index.size).toBe(all.length)
    for (const { vertices, faces } of all) expect(new Set(faces.flat()).size).toBe(vertices.length / 3)
  })
  it('two-sided shapes are closed, one-sided ones are not', () => {
    for (const mesh of [quad(true), disc(true)]) expect(openEdges(mesh.faces)).toEqual([])
    for (const mesh of [quad(), disc()]) expect(openEdges(mesh.faces)).not.toEqual([])
  })
  it('have the volumes of what they are called', () => {
    expect(volume(box())).toBe(1)
    expect(volume(ramp())).toBe(0.5)
    expect(volume(cylinder(128)) / (Math.PI / 4)).toBeCloseTo(1, 2)
    expect(volume(cone(128)) / (Math.PI / 12)).toBeCloseTo(1, 2)
    expect(volume(sphere(128)) / (Math.PI / 6)).toBeCloseTo(1, 2)
  })
  it('quad looks to -y, disc to +z, the ramp rises along x', () => {
    expect([...packMeshes([quad()]).planes]).toEqual([0, -1, 0, 0])
    expect([...packMeshes([disc(false, 4)]).planes]).toEqual([0, 0, 1, 0])
    const { planes } = packMeshes([ramp()])
    expect(planes[4]).toBeLessThan(-0.7)
    expect(planes[6]).toBeGreaterThan(0.7)
  })
  it('round shapes have levels of half the sides each, for ever smaller pictures', () => {
    for (const mesh of [cylinder(), cone(), sphere(), disc()]) expect(levels(mesh).map(({ coarser }) => coarser?.below)).toEqual([28, 7, undefined])
    expect(levels(sphere(8))).toHaveLength(1)
  })
  it('a round shape has 3 to 128 sides', () => {
    for (const sides of [2, 129, 3.5, NaN]) expect(() => sphere(sides)).toThrow(`a round shape can't have ${sides} sides`)
  })
})

describe('packMeshes', () => {
  it('packs each mesh and each coarser one once, where the index says', () => {
    const [ball, crate] = [sphere(), box()]
    const packed = packMeshes([ball, crate, ball])
    expect([...packed.index.keys()]).toEqual([...levels(ball), crate])
    expect([...packed.meshes.subarray(0, 8)]).toEqual([0, 266, 0, 288, 0, 1, 28, 0])
    const [vertexFirst, vertexCount, faceFirst, faceCount, , coarser, below] = packed.meshes.subarray(8 * 3)
    expect([vertexCount, faceCount, coarser, below]).toEqual([8, 6, 0xffffffff, 0])
    expect(packed.vertices.subarray(3 * vertexFirst)).toEqual(crate.vertices)
    expect([...packed.corners.subarray(5 * faceFirst)]).toEqual(crate.faces.flatMap((face) => [...face, 0xffffffff]))
    expect([...packed.planes.subarray(4 * faceFirst, 4 * faceFirst + 8)]).toEqual([0, 0, -1, 0.5, 0, 0, 1, 0.5])
    expect([...packed.radii].map(Math.fround)).toEqual([0.5, 0.5, 0.5, Math.sqrt(0.75)].map(Math.fround))
  })
  it('a mesh is as large as the largest of its levels', () => {
    const small: Mesh = { ...quad(), coarser: { mesh: box(), below: 9 } }
    expect([...packMeshes([small]).radii]).toEqual([Math.sqrt(0.75), Math.sqrt(0.75)])
  })
  it('faces keep their colours; a triangle has no fourth corner', () => {
    const mesh: Mesh = { name: 'flag', vertices: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0), faces: [[0, 1, 2], [2, 1, 0]], colours: [0x123456, undefined] }
    expect([...packMeshes([mesh]).corners]).toEqual([0, 1, 2, 0xffffffff, 0x123456, 2, 1, 0, 0xffffffff, 0xffffffff])
  })
  const crate = box()
  const endless = { ...crate, coarser: { mesh: crate, below: 3 } }
  endless.coarser.mesh = endless
  it.each<readonly [string, Mesh, string]>([
    ['a vertex that is nowhere', { ...crate, vertices: crate.vertices.with(4, NaN) }, 'a coordinate is NaN (mesh box, vertex 1)'],
    ['a vertex too far away', { ...crate, vertices: crate.vertices.with(4, 1e10) }, 'a coordinate is 10000000000'],
    ['half a vertex', { ...crate, vertices: crate.vertices.slice(1) }, "a mesh can't have 23 coordinates"],
    ['no faces', { ...crate, faces: [] }, "a mesh can't have 0 faces"],
    ['a face of two', { ...crate, faces: [[0, 1]] }, 'a face has 2 corners (mesh box, face 0)'],
    ['a face of a vertex there is not', { ...crate, faces: [[0, 1, 8]] }, 'a face names vertex 8 of 8'],
    ['a face that names a vertex twice', { ...crate, faces: [[0, 1, 1]] }, 'a face names a vertex twice'],
    ['a face without area', { ...crate, vertices: crate.vertices.with(3, 0).with(6, 0.5).with(7, -0.5), faces: [[0, 1, 2]] }, 'a face has no area'],
    ['a bent face', { ...crate, faces: [[0, 1, 2, 7]] }, 'a face is not flat'],
    ['a crossed face', { ...crate, faces: [[0, 2, 1, 3]] }, 'a face '],
    ['a hollow face', { ...quad(), vertices: quad().vertices.with(6, -0.4).with(8, -0.4) }, 'a face is not convex'],
    ['too few colours', { ...crate, colours: [1] }, 'there are 1 colours for 6 faces'],
    ['a colour that is none', { ...crate, colours: [0, 0, 0, 0, 0, 1 << 24] }, "a colour can't be 16777216 (mesh box, face 5)"],
    ['a coarser one for no size', { ...crate, coarser: { mesh: quad(), below: 0 } }, 'less than 0 pixels'],
    ['one that is its own coarser one', endless, 'more than 8 levels of detail'],
  ])('refuses %s', (_what, mesh, message) => {
    expect(() => packMeshes([mesh])).toThrow(message)
  })
})
