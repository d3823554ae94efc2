/** A glTF whose parts a test can change: a square of edge 2 in its x-y plane, as two triangles, in one buffer. */
export interface GltfSample {
  json: Record<string, unknown>
  binary: Uint8Array
}

const places = [-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]
const corners = [0, 1, 2, 0, 2, 3]

export function squareSample(change: Readonly<Record<string, unknown>> = {}): GltfSample {
  const binary = new Uint8Array(60)
  const view = new DataView(binary.buffer)
  places.forEach((value, i) => view.setFloat32(4 * i, value, true))
  corners.forEach((value, i) => view.setUint16(48 + 2 * i, value, true))
  const json = {
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1 }] }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 4, type: 'VEC3' },
      { bufferView: 1, componentType: 5123, count: 6, type: 'SCALAR' },
    ],
    bufferViews: [{ buffer: 0, byteLength: 48 }, { buffer: 0, byteOffset: 48, byteLength: 12 }],
    buffers: [{ byteLength: 60 }],
    ...change,
  }
  return { json, binary }
}

function chunk(type: number, bytes: Uint8Array, filler: number): Uint8Array {
  const length = Math.ceil(bytes.length / 4) * 4
  const whole = new Uint8Array(8 + length).fill(filler, 8)
  new DataView(whole.buffer).setUint32(0, length, true)
  new DataView(whole.buffer).setUint32(4, type, true)
  whole.set(bytes, 8)
  return whole
}

/** As a .glb. */
export function binaryFile({ json, binary }: GltfSample): Uint8Array {
  const chunks = [chunk(0x4e4f534a, new TextEncoder().encode(JSON.stringify(json)), 0x20), chunk(0x004e4942, binary, 0)]
  const whole = new Uint8Array(12 + chunks[0].length + chunks[1].length)
  const view = new DataView(whole.buffer)
  view.setUint32(0, 0x46546c67, true)
  view.setUint32(4, 2, true)
  view.setUint32(8, whole.length, true)
  whole.set(chunks[0], 12)
  whole.set(chunks[1], 12 + chunks[0].length)
  return whole
}

/** As the text of a .gltf with its buffer in it. */
export function textFile({ json, binary }: GltfSample): string {
  const uri = `data:application/octet-stream;base64,${Buffer.from(binary).toString('base64')}`
  return JSON.stringify({ ...json, buffers: [{ byteLength: binary.length, uri }] })
}
