/** Arrays as NumPy keeps them: a head that says what they are, then their elements, little-endian and in C order. */

/** Types of elements, in NumPy's words. */
export type NpyType = '<f4' | '<u2' | '|u1' | '|b1' | '<i8'

/** Bytes of an element. */
export const npyBytes: Readonly<Record<NpyType, number>> = { '<f4': 4, '<u2': 2, '|u1': 1, '|b1': 1, '<i8': 8 }

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]

/** The head of an array, format version 1.0; its length is a multiple of 64. */
export function npyHead(type: NpyType, shape: readonly number[]): Uint8Array {
  const extents = shape.length === 1 ? `${String(shape[0])},` : shape.join(', ')
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${extents}), }`
  const bytes = Math.ceil((magic.length + 2 + text.length + 1) / 64) * 64
  const head = new Uint8Array(bytes).fill(0x20)
  head.set(magic)
  new DataView(head.buffer).setUint16(magic.length, bytes - magic.length - 2, true)
  head.set(new TextEncoder().encode(text), magic.length + 2)
  head[bytes - 1] = 0x0a
  return head
}
