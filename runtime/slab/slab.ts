import { MetabonkError } from '../errors.ts'
import { arrayOver, dtypeBytes, type ColumnArray, type Dtype } from '../schema/types.ts'
import {
  entryByte,
  entryBytes,
  headerBytes,
  headerWord,
  lineBytes,
  nameBytes,
  regionDtypes,
  regionKinds,
  regionsMax,
  slabMagic,
  slabVersion,
  type RegionKind,
} from './layout.ts'

/** A region to be made: `shape` counts elements, outermost first, rank 1 to 4. */
export interface RegionPlan {
  readonly name: string
  readonly kind: RegionKind
  readonly dtype: Dtype
  readonly shape: readonly number[]
}

/** A region of a slab and where it lies. */
export interface Region extends RegionPlan {
  readonly byteOffset: number
  readonly length: number
}

/** What a slab can lie in: memory of threads, or memory of processes as the addon maps it. */
export type SlabMemory = SharedArrayBuffer | ArrayBuffer

/** A block of memory that describes itself. */
export interface Slab<Memory extends SlabMemory = SharedArrayBuffer> {
  readonly buffer: Memory
  readonly regions: readonly Region[]
}

function roundUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1)
}

function place(plans: readonly RegionPlan[]): { regions: Region[]; totalBytes: number } {
  let offset = roundUp(headerBytes + plans.length * entryBytes, lineBytes)
  const regions = plans.map((plan) => {
    const length = elementCount(plan.shape)
    const region = { ...plan, byteOffset: offset, length }
    offset = roundUp(offset + length * dtypeBytes[plan.dtype], lineBytes)
    return region
  })
  return { regions, totalBytes: offset }
}

function writeEntry(bytes: DataView, at: number, region: Region): void {
  const name = new TextEncoder().encode(region.name)
  if (name.length > nameBytes) {
    throw new MetabonkError({ code: 'schema', what: `the name of region ${region.name} is longer than ${nameBytes} bytes`, todo: 'shorten it' })
  }
  name.forEach((byte, i) => {
    bytes.setUint8(at + i, byte)
  })
  bytes.setUint32(at + entryByte.kind, regionKinds.indexOf(region.kind), true)
  bytes.setUint32(at + entryByte.dtype, regionDtypes.indexOf(region.dtype), true)
  bytes.setUint32(at + entryByte.rank, region.shape.length, true)
  bytes.setUint32(at + entryByte.itemBytes, dtypeBytes[region.dtype], true)
  bytes.setFloat64(at + entryByte.offset, region.byteOffset, true)
  region.shape.forEach((extent, i) => {
    bytes.setFloat64(at + entryByte.shape + i * 8, extent, true)
  })
}

/** Bytes of a slab with these regions. */
export function slabBytes(plans: readonly RegionPlan[]): number {
  return place(plans).totalBytes
}

/**
 * Makes a slab with these regions between threads, zeroed. Pages are committed by the system when first written. Throws a `limit` error when
 * the address space can't be reserved.
 */
export function createSlab(plans: readonly RegionPlan[]): Slab {
  return formatSlab(reserve(slabBytes(plans)), plans)
}

/** Writes header and directory into zeroed memory of at least {@link slabBytes}. */
export function formatSlab<Memory extends SlabMemory>(buffer: Memory, plans: readonly RegionPlan[]): Slab<Memory> {
  const { regions, totalBytes } = place(plans)
  const words = new Uint32Array(buffer, 0, headerBytes / 4)
  const view = new DataView(buffer)
  words[headerWord.version] = slabVersion
  words[headerWord.regions] = regions.length
  view.setFloat64(headerWord.totalBytes * 4, totalBytes, true)
  regions.forEach((region, i) => {
    writeEntry(view, headerBytes + i * entryBytes, region)
  })
  // Last: whoever finds the magic number finds a whole directory.
  Atomics.store(words, headerWord.magic, slabMagic)
  return { buffer, regions }
}

function reserve(totalBytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(totalBytes)
  } catch (cause) {
    throw new MetabonkError({
      code: 'limit',
      what: `${totalBytes} bytes of address space can't be reserved`,
      todo: 'declare a smaller rowsMax for the largest kinds',
      cause,
    })
  }
}

/** Reads the directory of a slab made elsewhere; every number is checked before it is used. Throws a `schema` error that says what is wrong. */
export function attachSlab<Memory extends SlabMemory>(buffer: Memory): Slab<Memory> {
  const broken = (what: string): MetabonkError => new MetabonkError({ code: 'schema', what: `not a usable slab: ${what}`, todo: 'attach memory made by createSlab of this version' })
  if (buffer.byteLength < headerBytes) throw broken(`${buffer.byteLength} bytes are less than a header`)
  const view = new DataView(buffer)
  if (view.getUint32(headerWord.magic * 4, true) !== slabMagic) throw broken('it does not start with the magic number')
  const version = view.getUint32(headerWord.version * 4, true)
  if (version !== slabVersion) throw broken(`layout version ${version} is not ${slabVersion}`)
  const count = view.getUint32(headerWord.regions * 4, true)
  if (count > regionsMax || headerBytes + count * entryBytes > buffer.byteLength) throw broken(`${count} regions do not fit`)
  const regions: Region[] = []
  for (let i = 0; i < count; i++) regions.push(readEntry(view, headerBytes + i * entryBytes, broken))
  return { buffer, regions }
}

/** Whether a region of `bytes` at `offset` lies on a line, behind the header and inside the slab. */
function isPlace(offset: number, bytes: number, slabBytes: number): boolean {
  return Number.isSafeInteger(offset) && offset % lineBytes === 0 && offset >= headerBytes && offset + bytes <= slabBytes
}

function readEntry(view: DataView, at: number, broken: (what: string) => MetabonkError): Region {
  let end = at
  while (end < at + nameBytes && view.getUint8(end) !== 0) end++
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, at, end - at).slice())
  const kind = regionKinds[view.getUint32(at + entryByte.kind, true)] as RegionKind | undefined
  const dtype = regionDtypes[view.getUint32(at + entryByte.dtype, true)] as Dtype | undefined
  const rank = view.getUint32(at + entryByte.rank, true)
  if (kind === undefined || dtype === undefined || rank < 1 || rank > 4) throw broken(`the entry of region '${name}' has unknown codes`)
  const shape: number[] = []
  for (let i = 0; i < rank; i++) shape.push(view.getFloat64(at + entryByte.shape + i * 8, true))
  const byteOffset = view.getFloat64(at + entryByte.offset, true)
  const length = elementCount(shape)
  const fits = shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) && isPlace(byteOffset, length * dtypeBytes[dtype], view.byteLength)
  if (!fits) throw broken(`region '${name}' points outside`)
  return { name, kind, dtype, shape, byteOffset, length }
}

/** The region of that name. Throws a `schema` error when there is none. */
export function findRegion(slab: Slab<SlabMemory>, name: string): Region {
  const region = slab.regions.find((each) => each.name === name)
  if (region !== undefined) return region
  throw new MetabonkError({ code: 'schema', what: `the slab has no region '${name}'`, todo: `choose from ${slab.regions.map((each) => each.name).join(', ')}` })
}

/** The region's elements as a typed array over the slab: no copy. */
export function regionArray(slab: Slab<SlabMemory>, name: string): ColumnArray {
  const region = findRegion(slab, name)
  return arrayOver(region.dtype, slab.buffer, region.byteOffset, region.length)
}
