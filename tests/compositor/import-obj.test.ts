import { describe, expect, it } from 'vitest'
import { meshes, type Mesh } from '../../compositor/index.ts'
import { packMeshes } from '../../compositor/pack-meshes.ts'
import { createRng, MetabonkError, streamId } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { openEdges } from './edges.ts'

const { fromObj } = meshes

const cube = `# a cube
mtllib cube.mtl
o Cube
v -1 -1 -1
v 1.0 -1 -1
v 1 1e0 -1
v -1 1 -1
v -1 -1 1
v +1 -1 1 1.0
v 1 1 1
v -1 1 .1e1 1 0 0
vn 0 0 1
vt 0 0
usemtl dark red
s off
f 4 3 2 1
f -4//1 -3//1 -2//1 -1//1
f 1/1/1 2/1/1 \\
  6/1/1 5/1/1
usemtl other
f 2 3 7 6
f 3 4 8 7
f 4 1 5 8 # the last
`

function polygon(corners: readonly (readonly number[])[]): string {
  return [...corners.map((corner) => `v ${corner.join(' ')}`), `f ${corners.map((_, i) => i + 1).join(' ')}`].join('\n')
}

/** Area of all faces, which look up. */
function area({ vertices, faces }: Mesh): number {
  let twice = 0
  for (const face of faces) {
    face.forEach((from, i) => {
      const to = face[(i + 1) % face.length]
      twice += vertices[3 * from] * vertices[3 * to + 1] - vertices[3 * to] * vertices[3 * from + 1]
    })
  }
  return twice / 2
}

describe('meshFromObj', () => {
  it('reads vertices, faces with any kind of indices, and materials', () => {
    const mesh = fromObj(cube, { name: 'crate', materials: { 'dark red': 0x800000 } })
    expect([mesh.name, mesh.vertices.length, mesh.faces.length]).toEqual(['crate', 24, 6])
    expect(mesh.colours).toEqual([0x800000, 0x800000, 0x800000, undefined, undefined, undefined])
    expect(openEdges(mesh.faces)).toEqual([])
    expect([...packMeshes([mesh]).planes].filter((_, i) => i % 4 === 3)).toEqual([1, 1, 1, 1, 1, 1])
  })
  it('reads lines that end as on other systems', () => {
    expect(fromObj(cube.replaceAll('\n', '\r\n'))).toEqual(fromObj(cube))
  })
  it('turns y to z, z to x, x to y when y is up', () => {
    const [x, y, z] = fromObj('v 1 2 3\nv 4 2 3\nv 4 2 9\nf 1 2 3', { up: 'y' }).vertices
    expect([x, y, z]).toEqual([3, 1, 2])
  })
  it('makes one vertex of what is at the same place, and leaves out faces without area', () => {
    const mesh = fromObj('v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 0\nv 0 1 0\nv -1 0 0\nv 9 9 9\nf 1 2 3\nf 4 5 6\nf 1 2 2\nf 1 2 6\nf 1 4 4')
    expect([mesh.vertices.length, mesh.faces]).toEqual([12, [[0, 1, 2], [0, 2, 3]]])
  })
  it('keeps flat convex quadrilaterals and cuts bent and hollow ones', () => {
    expect(fromObj(polygon([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])).faces).toHaveLength(1)
    expect(fromObj(polygon([[0, 0, 0], [1, 0, 0], [1, 1, 0.5], [0, 1, 0]])).faces).toHaveLength(2)
    const hollow = fromObj(polygon([[0, 0, 0], [2, 0, 0], [0.5, 0.5, 0], [0, 2, 0]]))
    expect([hollow.faces.length, area(hollow)]).toEqual([2, 1])
  })
  it.each<readonly [string, readonly (readonly [number, number])[], number]>([
    ['an L', [[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2]], 3],
    ['a comb', [[0, 0], [5, 0], [5, 2], [4, 1], [3, 2], [2, 1], [1, 2], [0, 1]], 7.5],
    ['corners on a side', [[0, 0], [1, 0], [2, 0], [2, 2], [1, 2], [0, 2]], 4],
    ['a spiral', [[0, 0], [4, 0], [4, 4], [1, 4], [1, 2], [2, 2], [2, 3], [3, 3], [3, 1], [0, 1]], 10],
  ])('cuts %s into triangles of the same area, from any side', (_what, corners, whole) => {
    const flat = fromObj(polygon(corners.map(([x, y]) => [x, y, 0])))
    expect(area(flat)).toBe(whole)
    // Its outline and nothing else.
    expect(openEdges(flat.faces)).toHaveLength(corners.length)
    for (const turn of [(x: number, y: number) => [0, x, y], (x: number, y: number) => [y, 0, x], (x: number, y: number) => [-x, y, 0], (x: number, y: number) => [x, 0, y]]) {
      expect(fromObj(polygon(corners.map(([x, y]) => turn(x, y)))).faces).toHaveLength(flat.faces.length)
    }
  })
  it('a polygon has as many triangles as corners less two', () => {
    const corners = Array.from({ length: 128 }, (_, i) => [Math.cos((2 * Math.PI * i) / 128), Math.sin((2 * Math.PI * i) / 128), 0])
    expect(fromObj(polygon(corners)).faces).toHaveLength(126)
    expect(() => fromObj(polygon([...corners, [2, 0, 0]]))).toThrow('a face has 129 corners (obj, line 130)')
  })
})

describe('meshFromObj refuses', () => {
  const triangle = 'v 0 0 0\nv 1 0 0\nv 0 1 0\n'
  it.each([
    ['a coordinate that is none', 'v 0 0 x', "a coordinate is 'x' (obj, line 1)"],
    ['a hexadecimal coordinate', 'v 0 0 0x10', "a coordinate is '0x10'"],
    ['too few coordinates', 'v 0 0', 'a vertex has 2 coordinates'],
    ['a coordinate that is too large', 'v 0 0 0\nv 1e99 0 0\nv 1 1 1\nf 1 2 3', 'a coordinate is Infinity (obj, line 4)'],
    ['an index of 0', `${triangle}f 0 1 2`, "'0' is not one of the 3 vertices before it (obj, line 4); count from 1"],
    ['an index too far', `${triangle}f 1 2 4`, "'4' is not one of the 3 vertices before it"],
    ['an index too far back', `${triangle}f 1 2 -4`, "'-4' is not one of the 3 vertices before it"],
    ['an index that is none', `${triangle}f 1 2 3a`, "'3a' is not one of the 3 vertices"],
    ['a face of two', `${triangle}f 1 2`, 'a face has 2 corners (obj, line 4)'],
    ['a curve', `${triangle}curv 0 1 1 2`, "there is no meaning to 'curv' (obj, line 4); export the mesh as polygons"],
    ['something else', '<html>', "there is no meaning to '<html>'"],
    ['a file that is cut off', `${triangle}f 1 2 \\\n`, 'the last line has no end (obj, line 4)'],
    ['no faces', triangle, 'there is no face with an area (obj)'],
    ['nothing', '', 'there is no face with an area'],
    ['a face that crosses itself', polygon([[1, 0, 0], [4, 4, 0], [4, 1, 0], [0, 4, 0], [3, 0, 0], [4, 0, 0]]), "a face of 6 corners can't be cut into triangles (obj, line 7)"],
    ['a quadrilateral that crosses itself', polygon([[0, 0, 0], [1, 1, 0], [1, 0, 0], [0, 1, 0]]), "a face of 4 corners can't be cut into triangles"],
    ['a statement without end', `v 0 0 ${'\\\n'.repeat(17_000)}`, 'a statement has more than 16384 characters'],
  ])('%s', (_what, text, message) => {
    expect(() => fromObj(text)).toThrow(message)
    expect(() => fromObj(text)).toThrow(MetabonkError)
  })
  it('too many faces and too many vertices', () => {
    expect(() => fromObj(`${triangle}${'f 1 2 3\n'.repeat(100_001)}`)).toThrow('obj has more than 100000 faces (obj, line 100004)')
    const strip = Array.from({ length: 65_540 }, (_, i) => `v ${Math.floor(i / 2)} ${i % 2} 0${i > 1 ? '\nf -3 -2 -1' : ''}`)
    expect(() => fromObj(strip.join('\n'))).toThrow('obj has more than 65535 vertices')
  })
  it('options that do not exist', () => {
    expect(() => fromObj('', { axis: 'y' } as never)).toThrow("meshFromObj has no option 'axis'")
    expect(() => fromObj('', { up: 'x' } as never)).toThrow("up can't be x")
    expect(() => fromObj(new Uint8Array(3) as never)).toThrow('an OBJ file is text')
  })
})

describe('meshFromObj, given damaged files,', () => {
  const seed = testSeed('import-obj', 5)
  const rng = createRng(seed, streamId('obj', 'test', 'damage'))
  const letters = '0123456789-+.eE/ \n\\#vfx'

  function damaged(): string {
    let text = cube
    for (let hits = 1 + rng.below(4); hits > 0; hits--) {
      const at = rng.below(text.length)
      text = text.slice(0, at) + letters[rng.below(letters.length)] + text.slice(at + rng.below(3))
    }
    return text
  }

  it('gives a mesh that can be drawn or says what is wrong', () => {
    const outcomes = { meshes: 0, errors: 0 }
    for (let round = 0; round < counts(2000, 50_000); round++) {
      try {
        packMeshes([fromObj(damaged())])
        outcomes.meshes++
      } catch (error) {
        if (!(error instanceof MetabonkError)) throw error
        expect(error.code).toBe('world-invalid')
        outcomes.errors++
      }
    }
    expect(Math.min(outcomes.meshes, outcomes.errors)).toBeGreaterThan(100)
  })
})
