import { MetabonkError } from '../errors.ts'
import { elementArray } from '../slab/element.ts'
import { findRegion, type RegionPlan, type Slab, type SlabMemory } from '../slab/slab.ts'
import { counterDouble, failuresWord, lineWord, ringForms, ringHeaderBytes, ringMagic, ringVersion, ringWord, sideStates, sideWord, type RingForm, type SideState } from './layout.ts'

/** Identity of what the records of a ring are: see the `hash` of a message type. */
export interface SchemaHash {
  readonly low: number
  readonly high: number
}

/** What a ring holds. */
export interface RingFormat {
  readonly form: RingForm
  /** Records it holds, or bytes of frames: a power of two. */
  readonly capacity: number
  /** Bytes of a record, a multiple of 8; 0 for frames. */
  readonly recordBytes: number
  readonly schema: SchemaHash
}

/** The memory of a ring, checked. */
export interface RingMemory extends RingFormat {
  readonly name: string
  readonly buffer: SlabMemory
  /** First byte of the ring in the buffer. */
  readonly byteOffset: number
  /** The whole ring in words, and in f64. */
  readonly words: Int32Array
  readonly doubles: Float64Array
}

const capacityMax = 1 << 30
/** Places in a ring are i32. */
const ringBytesMax = 0x7fffffff
const leastCapacity: Readonly<Record<RingForm, number>> = { records: 1, frames: 64, many: 2 }

/** Bytes from one record to the next. */
export function strideOf({ form, recordBytes }: Pick<RingFormat, 'form' | 'recordBytes'>): number {
  return form === 'many' ? recordBytes + 8 : recordBytes
}

function dataBytes(format: Omit<RingFormat, 'schema'>): number {
  return format.form === 'frames' ? format.capacity : format.capacity * strideOf(format)
}

/** What is wrong with a format, or undefined. */
function formatFault(format: RingFormat): string | undefined {
  const { form, capacity, recordBytes } = format
  const least = leastCapacity[form]
  if (!Number.isInteger(capacity) || capacity < least || capacity > capacityMax || (capacity & (capacity - 1)) !== 0) return `a capacity of ${capacity} is not a power of two from ${least} to ${capacityMax}`
  if (form === 'frames' ? recordBytes !== 0 : !Number.isInteger(recordBytes) || recordBytes < 8 || recordBytes % 8 !== 0 || recordBytes > capacityMax) return `records can't have ${recordBytes} bytes`
  const bytes = ringHeaderBytes + dataBytes(format)
  if (bytes > ringBytesMax) return `its ${bytes} bytes are more than the ${ringBytesMax} of a ring`
  return undefined
}

/** A ring as a region of a slab to be made. Throws `schema` for a capacity that is no power of two or records that are no multiple of 8 bytes. */
export function ringRegion(name: string, format: RingFormat): RegionPlan {
  const fault = formatFault(format)
  if (fault !== undefined) throw new MetabonkError({ code: 'schema', what: `ring ${name}: ${fault}`, todo: 'choose a capacity that is a power of two, records of a multiple of 8 bytes, and less than 2 GiB in all' })
  return { name, kind: 'ring', dtype: 'u8', shape: [ringHeaderBytes + dataBytes(format)], prepare: (buffer, byteOffset) => writeHeader(new Uint32Array(buffer, byteOffset), format) }
}

function writeHeader(words: Uint32Array, format: RingFormat): void {
  words[ringWord.magic] = ringMagic
  words[ringWord.version] = ringVersion
  words[ringWord.form] = ringForms.indexOf(format.form)
  words[ringWord.recordBytes] = format.recordBytes
  words[ringWord.capacity] = format.capacity
  words[ringWord.schemaLow] = format.schema.low
  words[ringWord.schemaHigh] = format.schema.high
  if (format.form !== 'many') return
  // A record's sequence says whose turn it is: record i is first written when it reads i.
  const stride = strideOf(format) / 4
  for (let i = 0; i < format.capacity; i++) words[ringHeaderBytes / 4 + i * stride] = i
}

/** The ring of that name, its header checked against its region. Throws `schema`, saying what is wrong. */
export function findRing(slab: Slab<SlabMemory>, name: string): RingMemory {
  const region = findRegion(slab, name)
  const broken = (what: string): MetabonkError => new MetabonkError({ code: 'schema', what: `region '${name}' is no usable ring: ${what}`, todo: 'attach a slab whose maker used this version' })
  if (region.kind !== 'ring' || region.dtype !== 'u8' || region.length < ringHeaderBytes) throw broken('it is a region of another kind')
  const header = new Uint32Array(slab.buffer, region.byteOffset, ringHeaderBytes / 4).slice()
  if (header[ringWord.magic] !== ringMagic) throw broken('it does not start with the magic number')
  if (header[ringWord.version] !== ringVersion) throw broken(`layout version ${header[ringWord.version]} is not ${ringVersion}`)
  const form = ringForms[header[ringWord.form]] as RingForm | undefined
  if (form === undefined) throw broken('its form is unknown')
  const format = { form, capacity: header[ringWord.capacity], recordBytes: header[ringWord.recordBytes], schema: { low: header[ringWord.schemaLow], high: header[ringWord.schemaHigh] } }
  const fault = formatFault(format)
  if (fault !== undefined) throw broken(fault)
  const bytes = ringHeaderBytes + dataBytes(format)
  if (bytes > region.length) throw broken(`its ${bytes} bytes are more than the ${region.length} of its region`)
  // Written out: V8 gives every object that is a spread and more a hidden class of its own, garbage that lies until it collects everything.
  return {
    form,
    capacity: format.capacity,
    recordBytes: format.recordBytes,
    schema: format.schema,
    name,
    buffer: slab.buffer,
    byteOffset: region.byteOffset,
    words: elementArray('i32', slab.buffer, region.byteOffset, bytes / 4),
    doubles: elementArray('f64', slab.buffer, region.byteOffset, bytes / 8),
  }
}

/** Checks that a ring holds what the caller writes or reads. Throws `schema`. */
export function expectFormat(ring: RingMemory, form: RingForm, schema: SchemaHash | undefined): void {
  if (ring.form !== form) throw new MetabonkError({ code: 'schema', what: `ring ${ring.name} holds ${ring.form}, not ${form}`, todo: 'open it as what it is' })
  if (schema !== undefined && (schema.low !== ring.schema.low || schema.high !== ring.schema.high)) {
    throw new MetabonkError({ code: 'schema', what: `ring ${ring.name} holds another message type, or another version of it`, todo: 'declare the message on both sides alike: same name, same fields, same order' })
  }
}

/**
 * What a ring has carried. The counts are the sides' own notes, so reading them costs them nothing. Where a side of frames was killed at the
 * very moment of handing over, what it handed over may be counted twice.
 */
export interface RingCounters {
  /** Published by the producer, since the ring was made. */
  readonly messages: number
  /** Bytes of payload in them. */
  readonly bytes: number
  /** Taken by the consumer. */
  readonly taken: number
  /** Times the producer found no room. */
  readonly stalls: number
  /** Messages given up for a later one. */
  readonly drops: number
  /** The most that the consumer has found waiting when it looked, in records or in bytes of frames. */
  readonly highWater: number
  /** In the ring now. */
  readonly waiting: number
  readonly producer: SideState
  readonly consumer: SideState
}

/** Reads the counters of a ring; any thread or process may. */
export function readCounters(ring: RingMemory): RingCounters {
  const { words, doubles, form, recordBytes, capacity } = ring
  const head = Atomics.load(words, lineWord.consumer + sideWord.index)
  const tail = Atomics.load(words, lineWord.producer + sideWord.index)
  // Of many, no side has notes of its own: see the layout. Of records, an index is a count too, and exact where a side was killed between both.
  const counted = (count: number, index: number): number => (form === 'many' ? count + (index >>> 0) : form === 'records' ? count - ((count - index) | 0) : count)
  const messages = counted(doubles[counterDouble.messages], tail)
  const failures = form === 'many' ? Atomics.load(words, lineWord.producer + failuresWord) >>> 0 : 0
  const stalls = doubles[counterDouble.stalls] + failures
  return {
    messages,
    bytes: form === 'frames' ? doubles[counterDouble.bytes] : messages * recordBytes,
    taken: counted(doubles[counterDouble.taken], head),
    stalls,
    drops: doubles[counterDouble.drops],
    highWater: stalls > 0 && form !== 'frames' ? capacity : doubles[counterDouble.highWater],
    waiting: (tail - head) >>> 0,
    producer: stateOf(words, lineWord.producer),
    consumer: stateOf(words, lineWord.consumer),
  }
}

/** The state of a side; what no side writes counts as nobody. */
export function stateOf(words: Int32Array, line: number): SideState {
  return (sideStates[Atomics.load(words, line + sideWord.state)]) ?? 'nobody'
}
