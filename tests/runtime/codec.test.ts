import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentId, bool, bytes, enumOf, f32, f64, i32, kindType, memoryOf, message, nobody, u16, u32, u8, vec, type AgentId, type MessageType, type PayloadFields } from '../../runtime/index.ts'
import { counts, testSeed } from '../counts.ts'

const seed = testSeed('codec', 20_250)
const runs = { seed, numRuns: counts(200, 5000) }

type Given = Readonly<Record<string, unknown>>

/** A field as it is drawn: its type, a value people may write, and how the specification says that it lies and reads. */
interface Sample {
  readonly type: PayloadFields[string]
  readonly value: unknown
  /** Bytes of one element, which are also its alignment. */
  readonly size: number
  readonly elements: number
  /** Writes the value by the specification. */
  readonly put: (view: DataView, at: number) => void
  readonly read: unknown
}

type Putter = (view: DataView, at: number, value: number) => void

const putters: readonly (readonly [PayloadFields[string], number, Putter, fc.Arbitrary<number>])[] = [
  [f32, 4, putFloat, fc.float()],
  [f64, 8, putDouble, fc.double()],
  [i32, 4, (view, at, value) => view.setInt32(at, value, true), fc.integer()],
  [u32, 4, (view, at, value) => view.setUint32(at, value, true), fc.nat(0xffffffff)],
  [u16, 2, (view, at, value) => view.setUint16(at, value, true), fc.nat(0xffff)],
  [u8, 1, (view, at, value) => view.setUint8(at, value), fc.nat(0xff)],
]

function putFloat(view: DataView, at: number, value: number): void {
  if (Number.isNaN(value)) view.setUint32(at, 0x7fc00000, true)
  else view.setFloat32(at, value, true)
}

function putDouble(view: DataView, at: number, value: number): void {
  if (Number.isNaN(value)) view.setBigUint64(at, 0x7ff8000000000000n, true)
  else view.setFloat64(at, value, true)
}

/** -0 of an integer is 0 in memory. */
function stored(type: PayloadFields[string], value: number): number {
  return type === f32 || type === f64 ? value : value + 0
}

const numbers = fc.constantFrom(...putters).chain(([type, size, put, values]) => values.map((value): Sample => ({ type, value, size, elements: 1, put: (view, at) => put(view, at, value), read: stored(type, value) })))
const vectors = fc.tuple(fc.constantFrom(...putters), fc.integer({ min: 1, max: 40 }), fc.boolean()).chain(([[type, size, put, values], elements, asArray]) =>
  fc.array(values, { minLength: elements, maxLength: elements }).map((list): Sample => ({
    type: vec(type as typeof f32, elements),
    value: asArray ? list : Float64Array.from(list),
    size,
    elements,
    put: (view, at) => list.forEach((value, i) => put(view, at + i * size, value)),
    read: list.map((value) => stored(type, value)),
  })),
)
const bools = fc.boolean().map((value): Sample => ({ type: bool, value, size: 1, elements: 1, put: (view, at) => view.setUint8(at, Number(value)), read: value }))
const enums = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 12 }).chain((labels) =>
  fc.nat(labels.length - 1).map((code): Sample => ({ type: enumOf(...(labels as [string])), value: labels[code], size: 1, elements: 1, put: (view, at) => view.setUint8(at, code), read: labels[code] })),
)
const ids = fc.nat(Number.MAX_SAFE_INTEGER).map((value): Sample => ({ type: agentId, value, size: 4, elements: 2, put: (view, at) => view.setBigUint64(at, BigInt(value), true), read: value }))
const byteFields = fc.tuple(fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 30 })), fc.nat(20)).map(([value, spare]): Sample => {
  const content = typeof value === 'string' ? new TextEncoder().encode(value) : value
  const elements = Math.max(1, content.length + spare)
  const read = new Uint8Array(elements)
  read.set(content)
  return { type: bytes(elements), value, size: 1, elements, put: (view, at) => new Uint8Array(view.buffer).set(read, at), read }
})
const records = fc.array(fc.oneof(numbers, vectors, bools, enums, ids, byteFields), { maxLength: 12 })

/** Bytes of a record by the specification: C's alignment, little-endian, rounded up to 8. */
function bytesBySpecification(samples: readonly Sample[]): { readonly offsets: number[]; readonly bytes: Uint8Array } {
  let end = 0
  const offsets = samples.map(({ size, elements }) => {
    const at = end % size === 0 ? end : end + size - (end % size)
    end = at + size * elements
    return at
  })
  const view = new DataView(new ArrayBuffer(end % 8 === 0 ? end : end + 8 - (end % 8)))
  samples.forEach(({ put }, i) => put(view, offsets[i]))
  return { offsets, bytes: new Uint8Array(view.buffer) }
}

function named<T>(samples: readonly Sample[], pick: (sample: Sample) => T): Record<string, T> {
  return Object.fromEntries(samples.map((sample, i) => [`f${i}`, pick(sample)]))
}

function declared(samples: readonly Sample[]): MessageType {
  return message('M', named(samples, ({ type }) => type))
}

/** Memory full of ones, so that what is not written shows. */
function dirtyMemory(length: number) {
  const memory = memoryOf(new SharedArrayBuffer(length))
  memory.u8.fill(0xff)
  return memory
}

describe('a codec, by a DataView and the specification', () => {
  it('writes every record byte for byte, and nothing beside it', () => {
    fc.assert(fc.property(records, fc.nat(3), (samples, place) => {
      const { codec } = declared(samples)
      const { offsets, bytes: expected } = bytesBySpecification(samples)
      expect([codec.bytes, codec.words]).toEqual([expected.length, expected.length / 4])
      expect(codec.fields.map(({ byteOffset }) => byteOffset)).toEqual(offsets)
      const memory = dirtyMemory(expected.length + 48)
      const values = named(samples, ({ value }) => value)
      codec.encode(values, memory, 8 * place)
      const stored = dirtyMemory(expected.length + 48)
      codec.store(values, stored, 8 * place)
      expect(stored.u8).toEqual(memory.u8)
      expect([...memory.u8]).toEqual([...new Uint8Array(8 * place).fill(0xff), ...expected, ...new Uint8Array(48 - 8 * place).fill(0xff)])
    }), runs)
  })

  it('reads what was written, fresh or into an object', () => {
    fc.assert(fc.property(records, (samples) => {
      const { codec } = declared(samples)
      const memory = dirtyMemory(codec.bytes + 8)
      codec.encode(named(samples, ({ value }) => value), memory, 8)
      const expected = named(samples, ({ read }) => read)
      const target = { other: 1 }
      codec.decode(memory, 8, target)
      expect(codec.read(memory, 8)).toEqual(expected)
      expect(target).toEqual({ ...expected, other: 1 })
    }), runs)
  })

  it('leaves missing fields zero, whatever the order of the others', () => {
    fc.assert(fc.property(records, fc.infiniteStream(fc.constantFrom('given', 'missing', 'null')), fc.boolean(), (samples, states, backwards) => {
      const choice = samples.map(() => states.next().value as string)
      const { codec } = declared(samples)
      const values = Object.entries(named(samples, ({ value }) => value)).flatMap(([name, value], i) => (choice[i] === 'missing' ? [] : [[name, choice[i] === 'null' ? null : value] as const]))
      const memory = dirtyMemory(codec.bytes)
      const given = Object.fromEntries(backwards ? values.reverse() : values)
      codec.encode(given, memory, 0)
      const stored = dirtyMemory(codec.bytes)
      codec.store(given, stored, 0)
      expect(stored.u8).toEqual(memory.u8)
      const { bytes: expected } = bytesBySpecification(samples.map((sample, i) => (choice[i] === 'given' ? sample : { ...sample, put: () => undefined })))
      expect([...memory.u8]).toEqual([...expected])
    }), runs)
  })
})

describe('a cursor', () => {
  it('reads and writes the same bytes as the codec', () => {
    fc.assert(fc.property(records, (samples) => {
      const Sampled = declared(samples)
      const { codec } = Sampled
      const memory = memoryOf(new ArrayBuffer(3 * codec.bytes))
      const cursor = Sampled.cursor(memory) as { $at: number } & Record<string, unknown>
      const fields = (): Record<string, unknown> => Object.fromEntries(samples.map((_, i) => [`f${i}`, cursor[`f${i}`]]))
      codec.encode(named(samples, ({ value }) => value), memory, codec.bytes)
      cursor.$at = codec.bytes
      const values = fields()
      expect(values).toEqual(named(samples, ({ read }) => read))
      cursor.$at = 2 * codec.bytes
      Object.assign(cursor, values)
      expect(fields()).toEqual(values)
      expect(codec.read(memory, 2 * codec.bytes)).toEqual(values)
    }), runs)
  })

  const Hit = message('Hit', { target: agentId, damage: f32, at: vec(f32, 2), critical: bool, kind: enumOf('cut', 'burn'), name: bytes(5), when: f64 })

  it('changes one field where it lies', () => {
    const memory = memoryOf(new SharedArrayBuffer(2 * Hit.codec.bytes))
    Hit.codec.encode({ damage: 3, at: [1, 2], name: 'abc' }, memory, Hit.codec.bytes)
    const hit = Hit.cursor(memory)
    expect([hit.$at, hit.damage]).toEqual([0, 0])
    hit.$at = Hit.codec.bytes
    hit.damage += 0.5
    hit.at_1 = 7
    hit.kind = 'burn'
    hit.critical = true
    hit.target = (5 * 4294967296 + 9) as AgentId
    expect(Hit.codec.read(memory, hit.$at)).toEqual({ target: 5 * 4294967296 + 9, damage: 3.5, at: [1, 7], critical: true, kind: 'burn', name: new Uint8Array([97, 98, 99, 0, 0]), when: 0 })
    expect([hit.at_0, hit.at_1, hit.at]).toEqual([1, 7, [1, 7]])
    expect(hit.at).not.toBe(hit.at)
    hit.name[0] = 65
    expect(new TextDecoder().decode(Hit.codec.read(memory, hit.$at).name.subarray(0, 3))).toBe('Abc')
    hit.name = new Uint8Array([1])
    expect([...hit.name]).toEqual([1, 0, 0, 0, 0])
  })

  it('cuts bytes that are too long: text at a whole character', () => {
    const hit = Hit.cursor(memoryOf(new ArrayBuffer(Hit.codec.bytes))) as unknown as { name: Uint8Array | string }
    hit.name = new Uint8Array([1, 2, 3, 4, 5, 6])
    expect(hit.name).toEqual(new Uint8Array([1, 2, 3, 4, 5]))
    hit.name = 'abcdé'
    expect(hit.name).toEqual(new Uint8Array([97, 98, 99, 100, 0]))
  })

  it.each([4, -8, 8, 56, NaN, 1e12])('does not go to byte %d', (at) => {
    const memory = memoryOf(new ArrayBuffer(Hit.codec.bytes))
    const hit = Hit.cursor(memory)
    const told = `a record of 40 bytes can't lie at byte ${at} of 40 (message Hit); give a multiple of 8 with room for it`
    expect(() => void (hit.$at = at)).toThrow(told)
    expect(() => { Hit.codec.encode({}, memory, at) }).toThrow(told)
    expect(() => Hit.codec.read(memory, at)).toThrow(told)
    expect(() => { Hit.codec.decode(memory, at, {}) }).toThrow(told)
    expect(() => Hit.cursor(memoryOf(new ArrayBuffer(32)))).toThrow('at byte 0 of 32')
  })
})

describe('values that are none', () => {
  const Full = message('Full', { f: f32, d: f64, i: i32, u: u32, h: u16, b: u8, on: bool, mood: enumOf('calm', 'angry'), at: vec(f32, 2), many: vec(u8, 40), to: agentId, text: bytes(4) })
  const encode = (values: Given) => () => { Full.codec.encode(values, memoryOf(new ArrayBuffer(Full.codec.bytes)), 0) }
  it.each<readonly [Given, string]>([
    [{ f: 'x' }, "field 'f': expected a number, got 'x' (message Full)"],
    [{ d: [1] }, "field 'd': expected a number, got a list of 1 (message Full)"],
    [{ d: 5n }, "field 'd': expected a number, got 5 (message Full)"],
    [{ i: 2147483648 }, "field 'i': expected an integer from -2147483648 to 2147483647, got 2147483648 (message Full)"],
    [{ u: -1 }, "field 'u': expected an integer from 0 to 4294967295, got -1 (message Full)"],
    [{ u: NaN }, "field 'u': expected an integer from 0 to 4294967295, got NaN (message Full)"],
    [{ h: 0.5 }, "field 'h': expected an integer from 0 to 65535, got 0.5 (message Full)"],
    [{ b: 256 }, "field 'b': expected an integer from 0 to 255, got 256 (message Full)"],
    [{ b: '5' }, "field 'b': expected a number, got '5' (message Full)"],
    [{ on: 1 }, "field 'on': expected true or false, got 1 (message Full)"],
    [{ mood: 'cross' }, "field 'mood': expected one of calm, angry, got 'cross' (message Full)"],
    [{ at: [1] }, "field 'at': expected 2 numbers, got a list of 1 (message Full)"],
    [{ at: 3 }, "field 'at': expected 2 numbers, got 3 (message Full)"],
    [{ at: [1, 'y'] }, "field 'at': expected a number, got 'y' at index 1 (message Full)"],
    [{ many: Array.from({ length: 40 }, (_, i) => i * 7) }, "field 'many': expected an integer from 0 to 255, got 259 at index 37 (message Full)"],
    [{ to: -1 }, "field 'to': expected an agent id, got -1 (message Full)"],
    [{ to: 1.5 }, "field 'to': expected an agent id, got 1.5 (message Full)"],
    [{ to: 2 * Number.MAX_SAFE_INTEGER }, "field 'to': expected an agent id, got 18014398509481982 (message Full)"],
    [{ text: 5 }, "field 'text': expected bytes or text, got 5 (message Full)"],
    [{ text: [1, 2] }, "field 'text': expected bytes or text, got a list of 2 (message Full)"],
    [{ text: 'abcé' }, "field 'text': expected at most 4 bytes, got 5 (message Full)"],
    [{ text: new Uint8Array(5) }, "field 'text': expected at most 4 bytes, got 5 (message Full)"],
    [{ ff: 1 }, "there is no field 'ff' (message Full); choose from f, d, i, u, h, b, on, mood, at, many, to, text"],
    [{ f: 'x', ff: 1 }, "there is no field 'ff' (message Full); choose from f, d, i, u, h, b, on, mood, at, many, to, text"],
  ])('%o is refused by name', (values, told) => {
    expect(encode(values)).toThrow(told)
  })
  it('what only looks odd is taken', () => {
    expect(encode({ f: undefined, i: -0, at: { length: 2, 0: 1, 1: 2 }, to: nobody, text: Buffer.from('ab') })).not.toThrow()
  })
})

describe('a declaration', () => {
  const declare = (fields: Record<string, unknown>) => () => message('M', fields as PayloadFields)
  it.each<readonly [() => unknown, string]>([
    [() => bytes(0), "a field can't have 0 bytes; choose a length from 1 to 4096"],
    [() => bytes(4097), "a field can't have 4097 bytes; choose a length from 1 to 4096"],
    [declare({ n: 3 }), "field 'n' has no type but 3 (message M); give it one like f32, bool or vec(f32, 2)"],
    [declare({ at: vec(f32, 2), at_1: f32 }), "field 'at_1' is called like an element of 'at' (message M); rename one of them"],
    [declare({ constructor: f32 }), "a field of message M can't be named 'constructor'"],
    [declare({ ['__proto__']: f32 }), "a field of message M can't be named '__proto__'"],
    [declare({ a: bytes(4096), b: bytes(4096), c: u8 }), 'the payload of message M has 8200 bytes; keep it to 8192'],
    [() => kindType('k', { columns: { name: bytes(4) as never } }), "column 'name' of kind k can't be bytes; take vec(u8, length), or send bytes in a message"],
  ])('is refused where it makes no sense (%#)', (make, told) => {
    expect(make).toThrow(told)
  })
  it('elements that nobody is called like are no clash', () => {
    expect(declare({ at: vec(f32, 2), at_2: f32, default: u8, u8: f32, values: u16 })).not.toThrow()
  })
  it('has an identity of name, fields, types, labels and places', () => {
    const hashes = [
      message('A', { x: f32, y: u8 }), message('B', { x: f32, y: u8 }), message('A', { y: u8, x: f32 }), message('A', { x: f32, z: u8 }), message('A', { x: u32, y: u8 }),
      message('A', { x: f32, y: bool }), message('A', { x: f32, y: bytes(1) }), message('A', { x: f32, y: enumOf('a', 'b') }), message('A', { x: f32, y: enumOf('a,b') }), message('A', { x: vec(f32, 1), y: u8 }),
    ].map(({ codec }) => `${codec.hash.low} ${codec.hash.high}`)
    expect(new Set(hashes).size).toBe(hashes.length)
    const { low, high } = message('A', { x: f32, y: u8 }).codec.hash
    expect(`${low} ${high}`).toBe(hashes[0])
  })
})
