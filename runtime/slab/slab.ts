import { MetabonkError } from '../errors.ts'
import { elementArray, elementBytes, type ElementArray, type ElementType } from './element.ts'
import {
  byteOrderMark,
  entryByte,
  entryBytes,
  headerBytes,
  headerWord,
  lineBytes,
  nameBytes,
  rankMax,
  regionDtypes,
  regionKinds,
  regionsMax,
  slabMagic,
  slabVersion,
  type RegionKind,
} from './layout.ts'

/** A region to be made: `shape` counts elements, outermost first, rank 0 (one element) to 5. */
export interface RegionPlan {
  readonly name: string
  readonly kind: RegionKind
  readonly dtype: ElementType
  readonly shape: readonly number[]
  /** Writes what the region starts with. */
  readonly prepare?: (buffer: SlabMemory, byteOffset: number) => void
}

/** A region of a slab and where it lies. */
export interface Region extends Omit<RegionPlan, 'prepare'> {
  readonly byteOffset: number
  /** Elements it has room for. */
  readonly length: number
  /** Elements from one index to the next, by dimension. A new region is in row-major order. */
  readonly strides: readonly number[]
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

/** Strides of a shape in row-major order: the last index runs fastest. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = []
  for (let i = shape.length - 1, stride = 1; i >= 0; stride *= shape[i--]) strides.unshift(stride)
  return strides
}

function checkPlan({ name, shape }: RegionPlan): void {
  const bad = (what: string, todo: string): MetabonkError => new MetabonkError({ code: 'schema', what: `region ${name} ${what}`, todo })
  if (shape.length > rankMax) throw bad(`has ${shape.length} dimensions`, `give at most ${rankMax}`)
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) throw bad(`can't have the shape ${shape.join(' x ')}`, 'give whole numbers of elements')
  if (name === '' || name.includes('\0') || new TextEncoder().encode(name).length > nameBytes) throw bad('can\'t have that name', `take 1 to ${nameBytes} bytes of text`)
}

function place(plans: readonly RegionPlan[]): { regions: Region[]; totalBytes: number } {
  let offset = roundUp(headerBytes + plans.length * entryBytes, lineBytes)
  const twice = plans.find((plan, i) => plans.findIndex((each) => each.name === plan.name) !== i)
  if (twice !== undefined) throw new MetabonkError({ code: 'schema', what: `two regions are named ${twice.name}`, todo: 'rename one of them' })
  if (plans.length > regionsMax) throw new MetabonkError({ code: 'schema', what: `a slab can't have ${plans.length} regions`, todo: `give at most ${regionsMax}` })
  const regions = plans.map((plan) => {
    checkPlan(plan)
    const { name, kind, dtype, shape } = plan
    const length = elementCount(shape)
    const region = { name, kind, dtype, shape, byteOffset: offset, length, strides: rowMajor(shape) }
    offset = roundUp(offset + length * elementBytes[dtype], lineBytes)
    return region
  })
  return { regions, totalBytes: offset }
}

function writeEntry(bytes: DataView, at: number, region: Region): void {
  const name = new TextEncoder().encode(region.name)
  name.forEach((byte, i) => {
    bytes.setUint8(at + i, byte)
  })
  bytes.setUint32(at + entryByte.kind, regionKinds.indexOf(region.kind), true)
  bytes.setUint32(at + entryByte.dtype, regionDtypes.indexOf(region.dtype), true)
  bytes.setUint32(at + entryByte.rank, region.shape.length, true)
  bytes.setUint32(at + entryByte.itemBytes, elementBytes[region.dtype], true)
  bytes.setFloat64(at + entryByte.offset, region.byteOffset, true)
  bytes.setFloat64(at + entryByte.bytes, region.length * elementBytes[region.dtype], true)
  region.shape.forEach((extent, i) => {
    bytes.setFloat64(at + entryByte.shape + i * 8, extent, true)
    bytes.setFloat64(at + entryByte.strides + i * 8, region.strides[i] * elementBytes[region.dtype], true)
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
  words[headerWord.byteOrder] = byteOrderMark
  words[headerWord.regions] = regions.length
  view.setFloat64(headerWord.totalBytes * 4, totalBytes, true)
  regions.forEach((region, i) => {
    writeEntry(view, headerBytes + i * entryBytes, region)
    plans[i].prepare?.(buffer, region.byteOffset)
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
      todo: 'make it smaller; in a world, declare a smaller rowsMax for the largest kinds',
      cause,
    })
  }
}

function broken(what: string): MetabonkError {
  return new MetabonkError({ code: 'schema', what: `not a usable slab: ${what}`, todo: 'attach memory made by createSlab of this version' })
}

/** Reads the directory of a slab made elsewhere; every number is checked before it is used. Throws a `schema` error that says what is wrong. */
export function attachSlab<Memory extends SlabMemory>(buffer: Memory): Slab<Memory> {
  if (buffer.byteLength < headerBytes) throw broken(`${buffer.byteLength} bytes are less than a header`)
  const view = new DataView(buffer)
  const word = (index: number): number => view.getUint32(index * 4, true)
  // Another byte order turns all words of the header around, the magic number too.
  if (view.getUint32(headerWord.magic * 4, false) === slabMagic) throw broken('it was written by a machine of the other byte order')
  // The first load: whoever sees the magic number sees what was written before it.
  const magic = Atomics.load(new Uint32Array(buffer, 0, 1), headerWord.magic)
  if (magic !== slabMagic) throw broken(magic === 0 ? 'its maker has not finished it, or it is none' : 'it does not start with the magic number')
  if (word(headerWord.version) !== slabVersion) throw broken(`layout version ${word(headerWord.version)} is not ${slabVersion}`)
  if (word(headerWord.byteOrder) !== byteOrderMark) throw broken('its byte order mark is wrong')
  const totalBytes = view.getFloat64(headerWord.totalBytes * 4, true)
  if (!(totalBytes <= buffer.byteLength)) throw broken(`it says it has ${totalBytes} bytes, but ${buffer.byteLength} are there`)
  const count = word(headerWord.regions)
  if (count > regionsMax || headerBytes + count * entryBytes > totalBytes) throw broken(`${count} regions do not fit`)
  const regions: Region[] = []
  for (let i = 0; i < count; i++) regions.push(readEntry(view, headerBytes + i * entryBytes, { first: headerBytes + count * entryBytes, end: totalBytes }))
  return { buffer, regions }
}

/** Whether a region of `bytes` at `offset` lies on a line, behind the directory and inside the slab. */
function isPlace(offset: number, bytes: number, { first, end }: { readonly first: number; readonly end: number }): boolean {
  return Number.isSafeInteger(offset) && Number.isSafeInteger(bytes) && bytes >= 0 && offset % lineBytes === 0 && offset >= first && offset + bytes <= end
}

/** Whether every element of a strided shape lies in so many elements. */
function isInside(shape: readonly number[], strides: readonly number[], length: number): boolean {
  let last = 0
  for (const [i, extent] of shape.entries()) {
    if (!Number.isSafeInteger(extent) || extent < 0 || !Number.isSafeInteger(strides[i]) || strides[i] < 0) return false
    last += Math.max(extent - 1, 0) * strides[i]
  }
  return shape.includes(0) || last < length
}

function readName(view: DataView, at: number): string {
  let end = at
  while (end < at + nameBytes && view.getUint8(end) !== 0) end++
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice())
}

function readEntry(view: DataView, at: number, room: { readonly first: number; readonly end: number }): Region {
  const name = readName(view, at)
  const kind = regionKinds[view.getUint32(at + entryByte.kind, true)] as RegionKind | undefined
  const dtype = regionDtypes[view.getUint32(at + entryByte.dtype, true)] as ElementType | undefined
  const rank = view.getUint32(at + entryByte.rank, true)
  if (kind === undefined || dtype === undefined || rank > rankMax) throw broken(`the entry of region '${name}' has unknown codes`)
  const item = elementBytes[dtype]
  const numbers = (from: number): number[] => Array.from({ length: rank }, (_, i) => view.getFloat64(at + from + i * 8, true))
  const shape = numbers(entryByte.shape)
  const strides = numbers(entryByte.strides).map((bytes) => bytes / item)
  const byteOffset = view.getFloat64(at + entryByte.offset, true)
  const bytes = view.getFloat64(at + entryByte.bytes, true)
  const length = bytes / item
  const fits = view.getUint32(at + entryByte.itemBytes, true) === item && Number.isSafeInteger(length) && isPlace(byteOffset, bytes, room) && isInside(shape, strides, length)
  if (!fits) throw broken(`region '${name}' points outside`)
  return { name, kind, dtype, shape, byteOffset, length, strides }
}

/** The region of that name. Throws a `schema` error when there is none. */
export function findRegion(slab: Slab<SlabMemory>, name: string): Region {
  const region = slab.regions.find((each) => each.name === name)
  if (region !== undefined) return region
  throw new MetabonkError({ code: 'schema', what: `the slab has no region '${name}'`, todo: `choose from ${slab.regions.map((each) => each.name).join(', ')}` })
}

/** All elements of a region as a typed array over the slab: no copy. Throws a `schema` error when there is no such region of that type. */
export function regionArray<E extends ElementType>(slab: Slab<SlabMemory>, name: string, dtype: E): ElementArray<E> {
  const region = findRegion(slab, name)
  if (region.dtype !== dtype) throw new MetabonkError({ code: 'schema', what: `region '${name}' holds ${region.dtype}, not ${dtype}`, todo: 'ask for the type it has' })
  return elementArray(dtype, slab.buffer, region.byteOffset, region.length)
}
