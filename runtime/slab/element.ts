import type { regionDtypes } from './layout.ts'

/** Element types of regions and views: those of columns, and the other integers and the half float. Little-endian in memory. */
export type ElementType = (typeof regionDtypes)[number]

interface ElementArrays {
  readonly f16: Uint16Array
  readonly f32: Float32Array
  readonly f64: Float64Array
  readonly i8: Int8Array
  readonly i16: Int16Array
  readonly i32: Int32Array
  readonly i64: BigInt64Array
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly u64: BigUint64Array
}

/** The typed array that holds elements of a type. The bits of f16 are in a Uint16Array: see `halfToNumber` and `numberToHalf`. */
export type ElementArray<E extends ElementType = ElementType> = ElementArrays[E]

const constructors: { readonly [E in ElementType]: new (buffer: SharedArrayBuffer | ArrayBuffer, byteOffset: number, length: number) => ElementArrays[E] } = {
  f16: Uint16Array,
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
}

/** Bytes of one element. */
export const elementBytes: Readonly<Record<ElementType, number>> = { f16: 2, f32: 4, f64: 8, i8: 1, i16: 2, i32: 4, i64: 8, u8: 1, u16: 2, u32: 4, u64: 8 }

/** A typed array over `length` elements of `buffer` from `byteOffset`. */
export function elementArray<E extends ElementType>(dtype: E, buffer: SharedArrayBuffer | ArrayBuffer, byteOffset: number, length: number): ElementArray<E> {
  return new constructors[dtype](buffer, byteOffset, length)
}
