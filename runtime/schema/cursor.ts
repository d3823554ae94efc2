import { MetabonkError } from '../errors.ts'
import { writeBytes } from './bytes.ts'
import type { RecordCodec } from './codec.ts'
import { fieldScope, loadCode, slotCode, storeCode } from './field-code.ts'
import { generate, misplaced, misplacedCode } from './generate.ts'
import type { RecordMemory } from './memory.ts'
import type { PlacedField } from './placement.ts'
import type { PayloadFields, ValueOf } from './types.ts'

type ElementName<K extends string, V> = V extends readonly number[] ? `${K}_${Exclude<keyof V, keyof readonly number[]> & string}` : never
type ElementNames<F extends PayloadFields> = { [K in keyof F & string]: ElementName<K, ValueOf<F[K]>> }[keyof F & string]

/**
 * The fields of a record where it lies: reading one reads its bytes, setting one writes them, unchecked and without a copy. `$at` is the byte
 * the record starts at, a multiple of 8; moving it past the memory is an error, but in a ring, where places come from claims. Element `i` of a vector `name` is `name_i`; `name` itself is
 * a fresh list, and takes anything with indices. Bytes are a window on the memory; set, they are copied and zero padded.
 */
export type Cursor<F extends PayloadFields = PayloadFields> = { $at: number } & { -readonly [K in keyof F]: ValueOf<F[K]> } & Record<ElementNames<F>, number>

/** Where a memory is the `capacity` records of a ring: `$at` of its cursor counts from `first` bytes before. */
export interface RecordPlaces {
  readonly first: number
  readonly capacity: number
}

/**
 * Generates the cursor of a codec on a memory. The code holds the arrays themselves, which V8 takes for constants: on records of a ring whose
 * size is a power of two the place is cut to the ring by one `and`, and no access is checked any more (a third of the time of a drain). Places
 * in a ring are not checked: they come from claims.
 */
export function bindCursor<F extends PayloadFields>(codec: RecordCodec<F>, where: string, { memory, ring }: { readonly memory: RecordMemory; readonly ring?: RecordPlaces }): Cursor<F> {
  const CursorOnMemory = generate(cursorSource(codec, ring), { ...fieldScope(codec.fields), ...memory, writeBytes, misplaced: misplaced(where, codec.bytes) }) as new () => Cursor<F>
  return new CursorOnMemory()
}

function elementsOf({ name, type }: PlacedField): string[] {
  return type.form === 'vec' ? Array.from({ length: type.width }, (_, element) => `${name}_${element}`) : []
}

/** Throws `schema` when the element of a vector has the name of another field. */
export function checkElements(fields: readonly PlacedField[], where: string): void {
  for (const field of fields) {
    const taken = fields.find(({ name }) => elementsOf(field).includes(name))
    if (taken === undefined) continue
    throw new MetabonkError({ code: 'schema', what: `field '${taken.name}' is called like an element of '${field.name}'`, where, todo: 'rename one of them' })
  }
}

/** The indices of a record's first byte, u16, word and f64, from its word. */
const indices = { at: '* 4', h: '<< 1', w: '', d: '>>> 1' } as const

/** Those indices that a piece of code names, from an expression for the word. Short code matters: V8 inlines functions of up to 27 bytes of bytecode wherever they are called. */
export function wordIndices(code: string, word = 'this.$word'): string {
  return Object.entries(indices)
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(code))
    .map(([name, scale]) => `const ${name} = ${word} ${scale}\n`)
    .join('')
}

function accessor(name: string, load: string, store: string): string {
  return `get ${name}() {\n${wordIndices(load)}return ${load}\n}\nset ${name}(v) {\n${wordIndices(store)}${store}\n}`
}

function placeCode(bytes: number, ring: RecordPlaces | undefined): string {
  if (ring === undefined) return `if (${misplacedCode(bytes)}) misplaced(at, u8.length)\nthis.$word = at >>> 2`
  const isPowerOfTwo = (bytes & (bytes - 1)) === 0
  return `this.$word = ${isPowerOfTwo ? `((at - ${ring.first}) & ${(ring.capacity - 1) * bytes})` : `(at - ${ring.first})`} >>> 2`
}

function cursorSource({ fields, bytes }: RecordCodec, ring: RecordPlaces | undefined): string {
  const members = fields.flatMap((field, i) => {
    const whole = accessor(field.name, loadCode(field, i, 'subarray'), storeCode(field))
    return [whole, ...elementsOf(field).map((name, element) => accessor(name, slotCode(field, element), `${slotCode(field, element)} = v`))]
  })
  return `return class Cursor {
constructor() {
this.$word = 0
${ring === undefined ? 'this.$at = 0' : ''}
}
get $at() { return this.$word * 4 + ${ring?.first ?? 0} }
set $at(at) {
${placeCode(bytes, ring)}
}
${members.join('\n')}
}`
}
