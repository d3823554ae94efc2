import { MetabonkError } from '../errors.ts'
import { limits } from '../limits.ts'

/** Element types of columns and payloads. Little-endian in memory. */
export type Dtype = 'f32' | 'f64' | 'i32' | 'u32' | 'u16' | 'u8'

/** The typed arrays that hold them. */
export type ColumnArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

/** What a value means: how it is shown, checked and converted. */
export type ColumnForm = 'number' | 'bool' | 'enum' | 'vec' | 'id'

declare const agentBrand: unique symbol
/** Names one agent for life: kind and row in the low 32 bits, generation above. 0 is nobody. Never reused. */
export type AgentId = number & { readonly [agentBrand]: true }
/** The id of nobody, and the sender of what the director sends. */
export const nobody = 0 as AgentId

declare const valueType: unique symbol
declare const arrayType: unique symbol

/** Type of a column or payload field: `V` is the value people write, `A` the array that stores it. */
export interface ColumnType<V = unknown, A extends ColumnArray = ColumnArray> {
  readonly dtype: Dtype
  readonly form: ColumnForm
  /** Elements per row. */
  readonly width: number
  /** Labels of an enum, in code order. */
  readonly labels: readonly string[]
  /** What its numbers count, like `m`: for people only; see {@link unit}. */
  readonly unit?: string
  readonly [valueType]?: V
  readonly [arrayType]?: A
}

/** Type of a payload field that is bytes; see {@link bytes}. */
export interface BytesType {
  readonly dtype: 'u8'
  readonly form: 'bytes'
  /** Bytes. */
  readonly width: number
  readonly labels: readonly string[]
}

/** Type of a field of a message: a column's, or bytes. */
export type FieldType = ColumnType | BytesType
/** Named column types: what a kind declares. */
export type Fields = Readonly<Record<string, ColumnType>>
/** Named field types: what a message declares. */
export type PayloadFields = Readonly<Record<string, FieldType>>
/** The value type of a column or field type, as it is read. */
export type ValueOf<T> = T extends BytesType ? Uint8Array : T extends ColumnType<infer V> ? V : never
/** The array type of a column type. */
export type ArrayOf<T> = T extends ColumnType<unknown, infer A> ? A : never
/** Values of a set of fields, as they are read. */
export type ValuesOf<F extends PayloadFields> = { readonly [K in keyof F]: ValueOf<F[K]> }
/** Values for a set of fields, as people give them: bytes may be text. */
export type GivenOf<F extends PayloadFields> = { readonly [K in keyof F]: F[K] extends BytesType ? Uint8Array | string : ValueOf<F[K]> }

function scalar<V, A extends ColumnArray>(dtype: Dtype, form: ColumnForm): ColumnType<V, A> {
  return Object.freeze({ dtype, form, width: 1, labels: [] })
}

/** 32-bit float; stored values are rounded to nearest even. */
export const f32 = scalar<number, Float32Array>('f32', 'number')
/** 64-bit float. */
export const f64 = scalar<number, Float64Array>('f64', 'number')
/** Signed 32-bit integer; a value outside its range is an error. */
export const i32 = scalar<number, Int32Array>('i32', 'number')
/** Unsigned 32-bit integer. */
export const u32 = scalar<number, Uint32Array>('u32', 'number')
/** Unsigned 16-bit integer. */
export const u16 = scalar<number, Uint16Array>('u16', 'number')
/** Unsigned 8-bit integer. */
export const u8 = scalar<number, Uint8Array>('u8', 'number')
/** True or false, one byte. */
export const bool = scalar<boolean, Uint8Array>('u8', 'bool')

/** Reference to an agent, as two u32: address and generation. */
export const agentId: ColumnType<AgentId, Uint32Array> = Object.freeze({ dtype: 'u32', form: 'id', width: 2, labels: [] })

/** One of a few labels, stored as its index in one byte. */
export function enumOf<const L extends readonly [string, ...string[]]>(...labels: L): ColumnType<L[number], Uint8Array> {
  if (labels.length > limits.labelsMax || new Set<string>(labels).size !== labels.length) {
    throw new MetabonkError({
      code: 'schema',
      what: 'an enum column needs distinct labels',
      where: labels.join(', '),
      todo: `give at most ${limits.labelsMax} labels, each once`,
    })
  }
  return Object.freeze({ dtype: 'u8', form: 'enum', width: 1, labels: Object.freeze([...labels]) })
}

/** The same type with the unit that its values are in, like `m` or `m/s`: shown beside them, and no part of a state. Throws `schema` for a text that is no unit. */
export function unit<T extends ColumnType>(type: T, name: string): T {
  if (!/^[^\s\p{C}]{1,12}$/u.test(name)) throw new MetabonkError({ code: 'schema', what: `${describe(name)} is no unit`, todo: 'give one of 1 to 12 characters without spaces, like m/s' })
  return Object.freeze({ ...type, unit: name })
}

type Tuple<N extends number, R extends readonly number[] = readonly []> = number extends N
  ? readonly number[]
  : R['length'] extends N
    ? R
    : Tuple<N, readonly [...R, number]>

/** Fixed-length vector of numbers, interleaved in its column: element `i` of row `r` is at `r * length + i`. */
export function vec<A extends ColumnArray, const N extends number>(element: ColumnType<number, A>, length: N): ColumnType<Tuple<N>, A> {
  if (!Number.isInteger(length) || length < 1 || length > limits.vectorMax) {
    throw new MetabonkError({
      code: 'schema',
      what: `a vector of ${length} elements can't be a column`,
      todo: `choose a length from 1 to ${limits.vectorMax}`,
    })
  }
  return Object.freeze({ dtype: element.dtype, form: 'vec', width: length, labels: [] })
}

/**
 * Bytes or text of a message, at most `length` of them: a Uint8Array, or a string that is kept as UTF-8. Shorter ones are padded with
 * zeros. Read, it is always a Uint8Array of `length` bytes.
 */
export function bytes(length: number): BytesType {
  if (!Number.isInteger(length) || length < 1 || length > limits.bytesMax) {
    throw new MetabonkError({ code: 'schema', what: `a field can't have ${length} bytes`, todo: `choose a length from 1 to ${limits.bytesMax}` })
  }
  return Object.freeze({ dtype: 'u8', form: 'bytes', width: length, labels: [] })
}

/** Whether a value is a Uint8Array, of whatever realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return typeof value === 'object' && value !== null && (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Uint8Array'
}

const integerRange: Readonly<Partial<Record<Dtype, readonly [number, number]>>> = {
  i32: [-2147483648, 2147483647],
  u32: [0, 4294967295],
  u16: [0, 65535],
  u8: [0, 255],
}

/** Why `value` can't be stored in an element of `dtype`, or undefined when it can. */
function elementFault(dtype: Dtype, value: unknown): string | undefined {
  if (typeof value !== 'number') return `expected a number, got ${describe(value)}`
  const range = integerRange[dtype]
  if (range === undefined) return undefined
  if (Number.isInteger(value) && value >= range[0] && value <= range[1]) return undefined
  return `expected an integer from ${range[0]} to ${range[1]}, got ${value}`
}

/** A value as an error message shows it. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

/** Why `value` can't be stored as `type`, or undefined when it can. */
export function valueFault(type: FieldType, value: unknown): string | undefined {
  switch (type.form) {
    case 'bool':
      return typeof value === 'boolean' ? undefined : `expected true or false, got ${describe(value)}`
    case 'enum':
      return typeof value === 'string' && type.labels.includes(value)
        ? undefined
        : `expected one of ${type.labels.join(', ')}, got ${describe(value)}`
    case 'vec':
      return vectorFault(type, value)
    case 'id':
      return Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : `expected an agent id, got ${describe(value)}`
    case 'number':
      return elementFault(type.dtype, value)
    case 'bytes':
      return bytesFault(type, value)
  }
}

function bytesFault(type: BytesType, value: unknown): string | undefined {
  if (typeof value !== 'string' && !isBytes(value)) return `expected bytes or text, got ${describe(value)}`
  const length = typeof value === 'string' ? new TextEncoder().encode(value).length : value.length
  return length <= type.width ? undefined : `expected at most ${type.width} bytes, got ${length}`
}

function vectorFault(type: ColumnType, value: unknown): string | undefined {
  const list = value as ArrayLike<unknown> | null | undefined
  if (typeof list !== 'object' || list?.length !== type.width) return `expected ${type.width} numbers, got ${describe(value)}`
  for (let i = 0; i < type.width; i++) {
    const fault = elementFault(type.dtype, list[i])
    if (fault !== undefined) return `${fault} at index ${i}`
  }
  return undefined
}

/** Writes a checked value of `type` at element `offset` of `array`. */
export function storeValue(type: ColumnType, array: ColumnArray, offset: number, value: unknown): void {
  switch (type.form) {
    case 'bool':
      array[offset] = value === true ? 1 : 0
      return
    case 'enum':
      array[offset] = type.labels.indexOf(value as string)
      return
    case 'vec':
      for (let i = 0; i < type.width; i++) array[offset + i] = (value as ArrayLike<number>)[i]
      return
    case 'id':
      array[offset] = (value as number) % 4294967296
      array[offset + 1] = Math.floor((value as number) / 4294967296)
      return
    case 'number':
      array[offset] = value as number
  }
}

/** Reads the value of `type` at element `offset` of `array`. A vector is a fresh list. */
export function loadValue(type: ColumnType, array: ColumnArray, offset: number): unknown {
  switch (type.form) {
    case 'bool':
      return array[offset] !== 0
    case 'enum':
      return type.labels[array[offset]]
    case 'vec': {
      const list: number[] = []
      for (let i = 0; i < type.width; i++) list.push(array[offset + i])
      return list
    }
    case 'id':
      return array[offset + 1] * 4294967296 + array[offset]
    case 'number':
      return array[offset]
  }
}

/** The value a column of `type` has when nothing was given: zero, false, the first label, nobody. */
export function zeroValue(type: ColumnType): unknown {
  switch (type.form) {
    case 'bool':
      return false
    case 'enum':
      return type.labels[0]
    case 'vec':
      return new Array<number>(type.width).fill(0)
    default:
      return 0
  }
}
