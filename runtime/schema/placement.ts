import { MetabonkError } from '../errors.ts'
import { elementBytes } from '../slab/element.ts'
import { describe, type FieldType, type PayloadFields } from './types.ts'

/** A field and its place in a record. */
export interface PlacedField {
  readonly name: string
  readonly type: FieldType
  readonly byteOffset: number
}

/** Where the fields of a record lie. */
export interface Placement {
  readonly fields: readonly PlacedField[]
  /** Bytes of a record: a multiple of 8. */
  readonly bytes: number
  /** Words that are not covered by fields as a whole, as byte offsets. */
  readonly padded: readonly number[]
}

/** Records start and end at multiples of this many bytes, the largest alignment of a field. */
export const recordAlignment = 8

function alignedTo(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

/** Whether a field has several elements by its nature, be it one. */
export function isList(type: FieldType): boolean {
  return type.form === 'vec' || type.form === 'bytes' || type.form === 'id'
}

/**
 * Places fields as C does: in declaration order, each at a multiple of its element's size. Everything is little-endian.
 * `where` names the record in errors.
 */
export function placeFields(fields: PayloadFields, where: string): Placement {
  let end = 0
  const padded = new Set<number>()
  const pad = (to: number): void => {
    for (; end < to; end++) padded.add(end - (end % 4))
  }
  const placed = Object.entries(fields).map(([name, type]) => {
    checkType(name, type, where)
    pad(alignedTo(end, elementBytes[type.dtype]))
    const field = { name, type, byteOffset: end }
    end += type.width * elementBytes[type.dtype]
    return field
  })
  pad(alignedTo(end, recordAlignment))
  return { fields: placed, bytes: end, padded: [...padded] }
}

/** Nobody type-checks a world's file before it runs. */
function checkType(name: string, type: FieldType | undefined, where: string): void {
  if (typeof type === 'object' && type.dtype in elementBytes) return
  throw new MetabonkError({ code: 'schema', what: `field '${name}' has no type but ${describe(type)}`, where, todo: 'give it one like f32, bool or vec(f32, 2)' })
}
