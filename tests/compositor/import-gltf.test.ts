import { describe, expect, it } from 'vitest'
import { meshes, type Mesh } from '../../compositor/index.ts'
import { packMeshes } from '../../compositor/pack-meshes.ts'
import { createRng, MetabonkError, streamId } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'
import { openEdges } from './edges.ts'
import { binaryFile, squareSample, textFile, type GltfSample } from './gltf-sample.ts'

const { fromGltf } = meshes

function load(change: Readonly<Record<string, unknown>>): Mesh {
  return fromGltf(binaryFile(squareSample(change)))
}

function placesOf({ vertices, faces }: Mesh): number[][][] {
  return faces.map((face) => face.map((corner) => [...vertices.subarray(3 * corner, 3 * corner + 3)]))
}

const primitive = { attributes: { POSITION: 0 }, indices: 1 }

describe('meshFromGltf', () => {
  it('reads a .glb and the text of a .gltf alike, and turns z to x, x to y, y to z', () => {
    const mesh = fromGltf(binaryFile(squareSample()))
    expect(placesOf(mesh)).toEqual([
      [[0, -1, -1], [0, 1, -1], [0, 1, 1]],
      [[0, -1, -1], [0, 1, 1], [0, -1, 1]],
    ])
    expect(mesh.colours).toEqual([undefined, undefined])
    expect(fromGltf(textFile(squareSample()))).toEqual(mesh)
    expect(fromGltf(new TextEncoder().encode(textFile(squareSample())))).toEqual(mesh)
    expect(fromGltf(Buffer.from(binaryFile(squareSample())))).toEqual(mesh)
  })
  it('applies what nodes do, from the root down', () => {
    const half = Math.SQRT1_2
    const nodes = [{ children: [1], translation: [0, 10, 0], scale: [2, 2, 2] }, { mesh: 0, rotation: [0, 0, half, half], translation: [1, 0, 0] }]
    // A quarter turn about z: (-1, -1) goes to (1, -1); moved to (2, -1), made twice as large, raised by 10: (4, 8, 0).
    const [first] = placesOf(load({ nodes }))
    expect(first[0].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([0, 4, 8])
    const matrix = [0, 2, 0, 0, -2, 0, 0, 0, 0, 0, 2, 0, 2, 10, 0, 1]
    expect(placesOf(load({ nodes: [{ mesh: 0, matrix }] }))[0][0]).toEqual([0, 4, 8])
  })
  it('a mirrored node keeps its outside', () => {
    const { planes } = packMeshes([load({}), load({ nodes: [{ mesh: 0, scale: [-1, 1, 1] }] })])
    expect([...planes].filter((_, i) => i % 4 === 0)).toEqual([1, 1, 1, 1])
  })
  it('one mesh of two nodes is there twice, and shares what is at the same place', () => {
    const mesh = load({ scenes: [{ nodes: [0, 1] }], nodes: [{ mesh: 0 }, { mesh: 0, translation: [2, 0, 0] }] })
    expect([mesh.faces.length, mesh.vertices.length]).toEqual([4, 3 * 6])
  })
  it('base colours are encoded as pictures are', () => {
    const materials = [{ pbrMetallicRoughness: { baseColorFactor: [1, 0.5, 0, 1] } }, {}]
    const coloured = [0, 1].map((material) => load({ materials, meshes: [{ primitives: [{ ...primitive, material }] }] }).colours?.[0])
    expect(coloured).toEqual([0xffbc00, undefined])
  })
  it('an open surface that is seen from both sides gets backs, a closed one does not', () => {
    const materials = [{ doubleSided: true }]
    const sheet = load({ materials, meshes: [{ primitives: [{ ...primitive, material: 0 }] }] })
    expect(sheet.faces).toHaveLength(4)
    expect(openEdges(sheet.faces)).toEqual([])
    // The square twice, once turned round: nothing to see from inside.
    const closed = load({ materials, scenes: [{ nodes: [0, 1] }], nodes: [{ mesh: 0 }, { mesh: 0, scale: [1, 1, -1] }], meshes: [{ primitives: [{ ...primitive, material: 0 }] }] })
    expect(closed.faces).toHaveLength(4)
  })
  it('reads strips, fans, strides and indices of one and four bytes; skips points and lines', () => {
    const strip = placesOf(load({ meshes: [{ primitives: [{ attributes: { POSITION: 0 }, mode: 5 }] }] }))
    const fan = placesOf(load({ meshes: [{ primitives: [{ attributes: { POSITION: 0 }, mode: 6 }] }] }))
    expect([strip[1][0], strip[1][1]]).toEqual([[0, 1, -1], [0, -1, 1]])
    expect([fan[1][0], fan[1][2]]).toEqual([[0, 1, 1], [0, -1, -1]])
    const lines = load({ meshes: [{ primitives: [{ attributes: { POSITION: 0 }, mode: 1 }, primitive] }] })
    expect(lines.faces).toHaveLength(2)
    const sample = squareSample({ bufferViews: [{ buffer: 0, byteLength: 48 }, { buffer: 0, byteOffset: 48, byteLength: 24, byteStride: 4 }], buffers: [{ byteLength: 72 }] })
    const wide = { json: sample.json, binary: new Uint8Array(72) }
    wide.binary.set(sample.binary.subarray(0, 48));
    [0, 1, 2, 0, 2, 3].forEach((value, i) => new DataView(wide.binary.buffer).setUint32(48 + 4 * i, value, true))
    for (const componentType of [5121, 5123, 5125]) {
      const accessors = [(sample.json['accessors'] as unknown[])[0], { bufferView: 1, componentType, count: 6, type: 'SCALAR' }]
      expect(fromGltf(binaryFile({ json: { ...sample.json, accessors }, binary: wide.binary }))).toEqual(load({}))
    }
  })
})

const [positions, indices] = squareSample().json['accessors'] as Record<string, unknown>[]

describe('meshFromGltf refuses', () => {
  it.each<readonly [string, Readonly<Record<string, unknown>>, string]>([
    ['another version', { asset: { version: '1.0' } }, 'the file has version 1.0 (gltf); export it as glTF 2.0'],
    ['no version', { asset: {} }, 'this is no text (gltf.asset.version)'],
    ['compression', { extensionsRequired: ['KHR_draco_mesh_compression'] }, 'the file needs the extension KHR_draco_mesh_compression (gltf.extensionsRequired[0])'],
    ['no scene', { scene: undefined, scenes: [] }, 'the file has no scene'],
    ['a scene there is not', { scene: 3 }, '3 is no integer from 0 to 0 (gltf.scene)'],
    ['a node there is not', { scenes: [{ nodes: [7] }] }, '7 is no integer from 0 to 0 (gltf.scenes[0].nodes[0])'],
    ['a node in itself', { nodes: [{ mesh: 0, children: [0] }] }, 'the node is in the scene twice (gltf.nodes[0])'],
    ['a matrix that shears depth', { nodes: [{ mesh: 0, matrix: [1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }] }, 'the matrix does more than turn'],
    ['no rotation', { nodes: [{ mesh: 0, rotation: [0, 0, 0, 0] }] }, 'this is no rotation'],
    ['a list of too few numbers', { nodes: [{ mesh: 0, scale: [1, 1] }] }, 'this is no list of 3 numbers (gltf.nodes[0].scale)'],
    ['bones', { nodes: [{ mesh: 0, skin: 0 }] }, 'the mesh has a skin (gltf.nodes[0]); export it without bones'],
    ['morph targets', { meshes: [{ primitives: [{ ...primitive, targets: [{}] }] }] }, 'the mesh has morph targets (gltf.meshes[0].primitives[0])'],
    ['a mode there is not', { meshes: [{ primitives: [{ ...primitive, mode: 9 }] }] }, 'there is no mode 9'],
    ['no positions', { meshes: [{ primitives: [{ attributes: {} }] }] }, 'nothing is no integer from 0 to 1 (gltf.meshes[0].primitives[0].attributes.POSITION)'],
    ['corners that are left over', { meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }] }, '4 corners make no triangles'],
    ['a sparse accessor', { accessors: [{ ...positions, sparse: {} }, indices] }, 'the accessor is sparse (gltf.accessors[0])'],
    ['positions that are no floats', { accessors: [{ ...positions, componentType: 5122 }, indices] }, 'positions have component type 5122 (gltf.accessors[0].componentType)'],
    ['indices that are floats', { accessors: [positions, { ...indices, componentType: 5126 }] }, 'indices have component type 5126'],
    ['positions of two numbers', { accessors: [{ ...positions, type: 'VEC2' }, indices] }, 'the type is not VEC3'],
    ['an accessor without a view', { accessors: [{ ...positions, bufferView: undefined }, indices] }, 'nothing is no integer from 0 to 1 (gltf.accessors[0].bufferView)'],
    ['more elements than there are', { accessors: [{ ...positions, count: 5 }, indices] }, '5 elements from byte 0 do not fit the 48 bytes of the buffer view'],
    ['an index out of range', { accessors: [{ ...positions, count: 3 }, indices] }, 'there is an index 3 to 3 positions'],
    ['a view behind its buffer', { bufferViews: [{ buffer: 0, byteOffset: 20, byteLength: 48 }, { buffer: 0, byteOffset: 48, byteLength: 12 }] }, '48 bytes from byte 20 do not fit the 60 of the buffer'],
    ['a stride that is too small', { bufferViews: [{ buffer: 0, byteLength: 48, byteStride: 8 }, { buffer: 0, byteOffset: 48, byteLength: 12 }] }, 'elements of 12 bytes do not fit a stride of 8'],
    ['a buffer that is shorter than it says', { buffers: [{ byteLength: 99 }] }, 'the buffer says it has 99 bytes and has 60'],
    ['a buffer in another file', { buffers: [{ byteLength: 60, uri: 'square.bin' }] }, 'the buffer is elsewhere: square.bin (gltf.buffers[0].uri); embed it in the file, or export the file as .glb'],
    ['a buffer that is no base64', { buffers: [{ byteLength: 60, uri: 'data:;base64,a?' }] }, 'the buffer is no base64'],
    ['a list that is none', { meshes: {} }, 'this is no list (gltf.meshes)'],
    ['a list that is too long', { nodes: Array.from({ length: 100_001 }, () => 0) }, 'the list has 100001 elements'],
    ['an object that is none', { nodes: [5] }, 'this is no object (gltf.nodes[0])'],
    ['nothing to see', { nodes: [{ mesh: 0, scale: [0, 0, 0] }] }, 'there is no face with an area'],
    ['what is too far away', { nodes: [{ mesh: 0, translation: [1e10, 0, 0] }] }, 'a coordinate is 10000000000'],
  ])('%s', (_what, change, message) => {
    expect(() => load(change)).toThrow(message)
    expect(() => load(change)).toThrow(MetabonkError)
  })
  it('meshes that are repeated without end', () => {
    const nodes = Array.from({ length: 60_000 }, () => ({ mesh: 0 }))
    expect(() => load({ scenes: [{ nodes: nodes.map((_, i) => i) }], nodes })).toThrow('more than 100000 faces')
  })
  it('what is no file', () => {
    const whole = binaryFile(squareSample())
    expect(() => fromGltf('{')).toThrow('the file is no glTF')
    expect(() => fromGltf('[]')).toThrow('this is no object (gltf)')
    expect(() => fromGltf(Uint8Array.of(0xff, 0xfe))).toThrow('the file is no glTF')
    expect(() => fromGltf(whole.subarray(0, 19))).toThrow('a .glb of 19 bytes has no contents')
    expect(() => fromGltf(whole.subarray(0, -4))).toThrow(`the file says it has ${whole.length} bytes and has ${whole.length - 4}`)
    expect(() => fromGltf(whole.with(4, 1))).toThrow('the file has version 1')
    expect(() => fromGltf(whole.with(15, 1))).toThrow('the chunk at byte 12 ends behind the file')
    expect(() => fromGltf(whole.with(16, 1))).toThrow('the file has no JSON')
    expect(() => fromGltf(7 as never)).toThrow('a glTF file is bytes or text')
    expect(() => fromGltf('', { nam: '' } as never)).toThrow("meshFromGltf has no option 'nam'")
  })
})

/** What a mutation puts in place of a number. */
const oddNumbers = ['-1', '0', '1', '3', '255', '65536', '4294967295', '9007199254740993', '1e999', '0.5', 'null', '"0"', '[]', '{}']

describe('meshFromGltf, given damaged files,', () => {
  const seed = testSeed('import-gltf', 3)
  const rng = createRng(seed, streamId('gltf', 'test', 'damage'))
  const sample: GltfSample = squareSample({ materials: [{ doubleSided: true, pbrMetallicRoughness: { baseColorFactor: [1, 1, 0, 1] } }], meshes: [{ primitives: [{ ...primitive, material: 0 }] }] })

  function damagedText(): string {
    const numbers = [...textFile(sample).matchAll(/\d+(?=[,}\]])/g)]
    const [hit, at] = [numbers[rng.below(numbers.length)], rng.below(oddNumbers.length)]
    return textFile(sample).slice(0, hit.index) + oddNumbers[at] + textFile(sample).slice(hit.index + hit[0].length)
  }

  function damagedBytes(): Uint8Array {
    const bytes = binaryFile(sample)
    for (let hits = 1 + rng.below(3); hits > 0; hits--) bytes[rng.below(bytes.length)] = rng.below(256)
    return rng.below(8) === 0 ? bytes.subarray(0, rng.below(bytes.length)) : bytes
  }

  it('gives a mesh that can be drawn or says what is wrong', () => {
    const outcomes = { meshes: 0, errors: 0 }
    for (let round = 0; round < counts(2000, 50_000); round++) {
      try {
        packMeshes([fromGltf(round % 2 === 0 ? damagedText() : damagedBytes())])
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
