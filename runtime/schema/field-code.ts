import { elementBytes } from '../slab/element.ts'
import type { PlacedField } from './placement.ts'
import type { Dtype } from './types.ts'

// Code of one field, to be put together by codecs and cursors. It finds the arrays of the memory under their own names, the record at the
// indices `at`, `h`, `w` and `d`, the value to be stored as `v`, and the labels of enums by the field's number.

/** Longer vectors are stored by a loop. */
const unrolledMax = 32
const canonicalNaN = { f32: [0x7fc00000], f64: [0, 0x7ff80000] } as const

const bases: Readonly<Record<Dtype, string>> = { u8: 'at', u16: 'h', u32: 'w', i32: 'w', f32: 'w', f64: 'd' }

/** What an integer of the type equals when it is in range. */
const wrapped: Readonly<Partial<Record<Dtype, (value: string) => string>>> = {
  i32: (value) => `(${value} | 0)`,
  u32: (value) => `(${value} >>> 0)`,
  u16: (value) => `(${value} & 65535)`,
  u8: (value) => `(${value} & 255)`,
}

/** An element of a field in its array; `plus` is an expression that is added to the index. */
export function slotCode({ type, byteOffset }: PlacedField, element = 0, plus = ''): string {
  return `${type.dtype}[${bases[type.dtype]} + ${byteOffset / elementBytes[type.dtype] + element}${plus}]`
}

/** Scope of the code of fields: the labels of enums, in lists that are not frozen, which are four times as fast to read. */
export function fieldScope(fields: readonly PlacedField[]): Record<string, unknown> {
  return Object.fromEntries(fields.flatMap(({ type }, i) => (type.form === 'enum' ? [[`labels${i}`, [...type.labels]]] : [])))
}

/** A statement that stores the code of the label `v`; a map or a search of the labels takes four to ten times as long. */
function labelCode(field: PlacedField, otherwise: string): string {
  const cases = field.type.labels.map((label, code) => `case ${JSON.stringify(label)}: ${slotCode(field)} = ${code}; break`)
  return `switch (v) {\n${cases.join('\n')}\ndefault: ${otherwise}\n}`
}

/** An expression for the value of field number `i`; `bytes` is how bytes are given away: a copy (`slice`) or a window (`subarray`). */
export function loadCode(field: PlacedField, i: number, bytes: 'slice' | 'subarray'): string {
  const { type, byteOffset } = field
  switch (type.form) {
    case 'bool':
      return `${slotCode(field)} !== 0`
    case 'enum':
      return `labels${i}[${slotCode(field)}]`
    case 'id':
      return `${slotCode(field, 1)} * 4294967296 + ${slotCode(field)}`
    case 'vec':
      return `[${Array.from({ length: type.width }, (_, element) => slotCode(field, element)).join(', ')}]`
    case 'bytes':
      return `u8.${bytes}(at + ${byteOffset}, at + ${byteOffset + type.width})`
    case 'number':
      return slotCode(field)
  }
}

/** Statements that store `v` as a field and look at nothing. */
export function storeCode(field: PlacedField): string {
  const { type, byteOffset } = field
  switch (type.form) {
    case 'bool':
      return `${slotCode(field)} = v ? 1 : 0`
    case 'enum':
      return labelCode(field, `${slotCode(field)} = 0`)
    case 'id':
      return `${slotCode(field)} = v >>> 0\n${slotCode(field, 1)} = (v - (v >>> 0)) / 4294967296`
    case 'vec':
      return eachElement(field, (slot, element) => `${slot} = v[${element}]`)
    case 'bytes':
      return `writeBytes(u8, at + ${byteOffset}, ${type.width}, v)`
    case 'number':
      return `${slotCode(field)} = v`
  }
}

/** Statements that store `v` as field number `i`, NaN canonical, or call `refuse(i, v, values)` where it is no value of the field's type. */
export function checkedStoreCode(field: PlacedField, i: number): string {
  const { type, byteOffset } = field
  const refuse = `refuse(${i}, v, values)`
  switch (type.form) {
    case 'bool':
      return `if (typeof v !== 'boolean') ${refuse}\n${storeCode(field)}`
    case 'enum':
      return labelCode(field, refuse)
    case 'id':
      // A safe integer has one half of 32 bits and one of 21, and nothing else has.
      return `if (typeof v !== 'number') ${refuse}\ne = (v - (v >>> 0)) / 4294967296\nif ((e & 0x1fffff) !== e) ${refuse}\n${slotCode(field)} = v >>> 0\n${slotCode(field, 1)} = e`
    case 'vec':
      return `if (typeof v !== 'object' || v.length !== ${type.width}) ${refuse}\n${eachElement(field, (_, element) => `e = v[${element}]\n${checkedElement(field, element, refuse)}`)}`
    case 'bytes':
      return `if (!((typeof v === 'string' || isBytes(v)) && writeBytes(u8, at + ${byteOffset}, ${type.width}, v))) ${refuse}`
    case 'number':
      return `e = v\n${checkedElement(field, '0', refuse)}`
  }
}

/** A statement for each element of a vector, or one in a loop when they are many. */
function eachElement(field: PlacedField, statement: (slot: string, element: string) => string): string {
  const { width } = field.type
  if (width > unrolledMax) return `for (let k = 0; k < ${width}; k++) {\n${statement(slotCode(field, 0, ' + k'), 'k')}\n}`
  return Array.from({ length: width }, (_, element) => statement(slotCode(field, element), String(element))).join('\n')
}

/** Statements that check and store `e` as an element: a number, or the name of a counter. */
function checkedElement(field: PlacedField, element: string, refuse: string): string {
  const { type, byteOffset } = field
  const plus = element === '0' ? '' : ` + ${element}`
  const slot = slotCode(field, 0, plus)
  if (type.dtype !== 'f32' && type.dtype !== 'f64') return `if (typeof e !== 'number' || ${wrapped[type.dtype]?.('e') ?? 'e'} !== e) ${refuse}\n${slot} = e`
  const words = canonicalNaN[type.dtype]
  const word = plus === '' || words.length === 1 ? plus : ` + ${words.length} * ${element}`
  const stores = words.map((bits, i) => `u32[w + ${byteOffset / 4 + i}${word}] = ${bits}`)
  return `if (typeof e !== 'number') ${refuse}\nif (e === e) ${slot} = e\nelse { ${stores.join('; ')} }`
}
