// glTF 2.0 as a file: the JSON part, the binary part, and the numbers in them that accessors name.

import { decodeBase64 } from './base64.ts'
import type { Vec3 } from './face.ts'
import { JsonPlace } from './json-place.ts'
import { meshInvalid } from './mesh.ts'

const bytesMax = 1 << 26
/** The first four bytes of a binary file, and the types of its chunks, little-endian. */
const magic = 0x46546c67
const jsonChunk = 0x4e4f534a
const binaryChunk = 0x004e4942
const headerBytes = 12
const chunkHeaderBytes = 8

const floatType = 5126
/** Bytes of the component types that indices may have. */
const indexBytes: ReadonlyMap<number, number> = new Map([[5121, 1], [5123, 2], [5125, 4]])
/** Extensions that change how a surface shines and nothing else. */
const harmless = /^KHR_(materials_|texture_)/

/** What an accessor holds, read when it is asked for. */
export interface Elements<T> {
  readonly count: number
  at(i: number): T
}

interface Container {
  readonly json: Uint8Array
  readonly binary: Uint8Array | undefined
}

function torn(name: string, what: string): Error {
  return meshInvalid(name, what, 'export the file again: it is cut off or damaged')
}

/** The chunks of a binary file. */
function openBinary(name: string, bytes: Uint8Array): Container {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < headerBytes + chunkHeaderBytes) throw torn(name, `a .glb of ${bytes.length} bytes has no contents`)
  if (view.getUint32(4, true) !== 2) throw meshInvalid(name, `the file has version ${view.getUint32(4, true)}`, 'export it as glTF 2.0')
  if (view.getUint32(8, true) !== bytes.length) throw torn(name, `the file says it has ${view.getUint32(8, true)} bytes and has ${bytes.length}`)
  const chunks = new Map<number, Uint8Array>()
  for (let at = headerBytes; at < bytes.length; ) {
    const body = at + chunkHeaderBytes
    const end = body <= bytes.length ? body + view.getUint32(at, true) : Infinity
    if (end > bytes.length) throw torn(name, `the chunk at byte ${at} ends behind the file`)
    const type = view.getUint32(at + 4, true)
    if (!chunks.has(type)) chunks.set(type, bytes.subarray(body, end))
    at = end
  }
  const json = chunks.get(jsonChunk)
  if (json === undefined) throw torn(name, 'the file has no JSON')
  return { json, binary: chunks.get(binaryChunk) }
}

function isBinary(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === magic
}

function parsed(name: string, source: Uint8Array | string): unknown {
  try {
    const text = typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true }).decode(source)
    return JSON.parse(text)
  } catch (cause) {
    throw meshInvalid(name, `the file is no glTF: ${(cause as Error).message}`, 'export it as .glb or as .gltf with embedded buffers')
  }
}

/** An open file: its lists, and what its accessors hold. */
export class GltfFile {
  readonly root: JsonPlace
  private readonly binary: Uint8Array | undefined
  private readonly lists = new Map<string, JsonPlace[]>()
  private readonly buffers = new Map<string, Uint8Array>()

  /** Throws `world-invalid` for what is no glTF 2.0, and for one that needs extensions. */
  constructor(name: string, source: Uint8Array | string) {
    if (source.length > bytesMax) throw meshInvalid(name, `the file has ${source.length} bytes`, `simplify it: a file has at most ${bytesMax}`)
    const container: Container | undefined = typeof source !== 'string' && isBinary(source) ? openBinary(name, source) : undefined
    this.binary = container?.binary
    this.root = new JsonPlace(parsed(name, container?.json ?? source), name)
    const version = this.root.at('asset').at('version').text()
    if (!version.startsWith('2.')) this.root.fail(`the file has version ${version.slice(0, 10)}`, 'export it as glTF 2.0')
    for (const extension of this.list('extensionsRequired')) {
      if (!harmless.test(extension.text())) extension.fail(`the file needs the extension ${extension.text().slice(0, 60)}`, 'export it without: no compression, no quantization')
    }
  }

  /** A list of the file's root. */
  list(key: string): readonly JsonPlace[] {
    const known = this.lists.get(key)
    if (known !== undefined) return known
    const list = this.root.list(key)
    this.lists.set(key, list)
    return list
  }

  /** The positions that an accessor holds. */
  positions(accessor: JsonPlace): Elements<Vec3> {
    const type = accessor.at('componentType').integer(0, 65535)
    if (type !== floatType) accessor.at('componentType').fail(`positions have component type ${type}`, `export them as floats, ${floatType}`)
    const { view, count, byteAt } = this.elements(accessor, { type: 'VEC3', bytes: 12 })
    return { count, at: (i) => [view.getFloat32(byteAt(i), true), view.getFloat32(byteAt(i) + 4, true), view.getFloat32(byteAt(i) + 8, true)] }
  }

  /** The indices that an accessor holds. */
  indices(accessor: JsonPlace): Elements<number> {
    const type = accessor.at('componentType').integer(0, 65535)
    const bytes = indexBytes.get(type) ?? accessor.at('componentType').fail(`indices have component type ${type}`, `export them as one of ${[...indexBytes.keys()].join(', ')}`)
    const { view, count, byteAt } = this.elements(accessor, { type: 'SCALAR', bytes })
    if (bytes === 1) return { count, at: (i) => view.getUint8(byteAt(i)) }
    return { count, at: bytes === 2 ? (i) => view.getUint16(byteAt(i), true) : (i) => view.getUint32(byteAt(i), true) }
  }

  /** Where the elements of an accessor lie, all of them within their buffer. */
  private elements(accessor: JsonPlace, wanted: { readonly type: string; readonly bytes: number }): { view: DataView; count: number; byteAt: (i: number) => number } {
    if (accessor.has('sparse')) accessor.fail('the accessor is sparse', 'export without sparse accessors')
    if (accessor.at('type').text() !== wanted.type) accessor.at('type').fail(`the type is not ${wanted.type}`)
    const count = accessor.at('count').integer(1, bytesMax)
    const place = accessor.at('bufferView').of(this.list('bufferViews'))
    const bytes = this.bufferView(place)
    const stride = place.count('byteStride', wanted.bytes)
    if (stride < wanted.bytes) place.at('byteStride').fail(`elements of ${wanted.bytes} bytes do not fit a stride of ${stride}`)
    const offset = accessor.count('byteOffset', 0)
    if (offset + (count - 1) * stride + wanted.bytes > bytes.length) accessor.fail(`${count} elements from byte ${offset} do not fit the ${bytes.length} bytes of the buffer view`)
    return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), count, byteAt: (i) => offset + i * stride }
  }

  private bufferView(place: JsonPlace): Uint8Array {
    const buffer = this.buffer(place.at('buffer').of(this.list('buffers')))
    const offset = place.count('byteOffset', 0)
    const length = place.at('byteLength').integer(1, bytesMax)
    if (offset + length > buffer.length) place.fail(`${length} bytes from byte ${offset} do not fit the ${buffer.length} of the buffer`)
    return buffer.subarray(offset, offset + length)
  }

  private buffer(place: JsonPlace): Uint8Array {
    const known = this.buffers.get(place.where)
    if (known !== undefined) return known
    const bytes = place.has('uri') ? embedded(place.at('uri')) : this.binary ?? place.fail('the buffer has no bytes')
    const length = place.at('byteLength').integer(1, bytesMax)
    if (length > bytes.length) place.fail(`the buffer says it has ${length} bytes and has ${bytes.length}`)
    const buffer = bytes.subarray(0, length)
    this.buffers.set(place.where, buffer)
    return buffer
  }
}

function embedded(place: JsonPlace): Uint8Array {
  const uri = place.text()
  const body = /^data:[\w/+.-]*(;[\w=.-]+)*;base64,/.exec(uri)
  if (body === null) place.fail(`the buffer is elsewhere: ${uri.slice(0, 60)}`, 'embed it in the file, or export the file as .glb')
  return decodeBase64(uri.slice(body[0].length)) ?? place.fail('the buffer is no base64')
}
