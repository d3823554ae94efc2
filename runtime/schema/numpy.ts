import type { MessageType } from './message.ts'
import { isList, type PlacedField } from './placement.ts'
import type { Dtype } from './types.ts'

const formats: Readonly<Record<Dtype, string>> = { f32: '<f4', f64: '<f8', i32: '<i4', u32: '<u4', u16: '<u2', u8: 'u1' }

/**
 * The record of a message as Python reads it: a literal for `numpy.dtype(...)` with names, formats, offsets and item size. Vectors, bytes
 * and ids (address, generation) are arrays, bools are `?`, labels their codes.
 */
export function numpyDtype({ codec }: MessageType): string {
  const list = (items: readonly (string | number)[]): string => `[${items.join(', ')}]`
  return `{'names': ${list(codec.fields.map(({ name }) => `'${name}'`))}, 'formats': ${list(codec.fields.map(formatOf))}, 'offsets': ${list(codec.fields.map(({ byteOffset }) => byteOffset))}, 'itemsize': ${codec.bytes}}`
}

function formatOf({ type }: PlacedField): string {
  const element = `'${type.form === 'bool' ? '?' : formats[type.dtype]}'`
  return isList(type) ? `(${element}, (${type.width},))` : element
}
