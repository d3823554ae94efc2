import { MetabonkError } from '../errors.ts'
import { writeBytes } from './bytes.ts'
import type { RecordCodec } from './codec.ts'
import { fieldScope, loadCode, slotCode, storeCode } from './field-code.ts'
import { arrayNames, arraysIn, generate, indicesIn, misplaced, misplacedCode } from './generate.ts'
import type { RecordMemory } from './memory.ts'
import type { PlacedField } from './placement.ts'
import type { PayloadFields, ValueOf } from './types.ts'

type ElementName<K extends string, V> = V extends readonly number[] ? `${K}_${Exclude<keyof V, keyof readonly number[]> & string}` : never
type ElementNames<F extends PayloadFields> = { [K in keyof F & string]: ElementName<K, ValueOf<F[K]>> }[keyof F & string]

/**
 * The fields of a record where it lies: reading one reads its bytes, setting one writes them, unchecked and without a copy. `$at` is the byte
 * the record starts at, a multiple of 8; moving it past the memory is an error. Element `i` of a vector `name` is `name_i`; `name` itself is
 * a fresh list, and takes anything with indices. Bytes are a window on the memory; set, they are copied and zero padded.
 */
export type Cursor<F extends PayloadFields = PayloadFields> = { $at: number } & { -readonly [K in keyof F]: ValueOf<F[K]> } & Record<ElementNames<F>, number>

/** Makes cursors of one type of record. */
export type CursorClass<F extends PayloadFields> = new (memory: RecordMemory) => Cursor<F>

/** Generates the cursor of a codec. Throws `schema` when the element of a vector has the name of another field. */
export function cursorClass<F extends PayloadFields>(codec: RecordCodec<F>, where: string): CursorClass<F> {
  checkElements(codec.fields, where)
  return generate(cursorSource(codec), { ...fieldScope(codec.fields), writeBytes, misplaced: misplaced(where, codec.bytes) }) as CursorClass<F>
}

function elementsOf({ name, type }: PlacedField): string[] {
  return type.form === 'vec' ? Array.from({ length: type.width }, (_, element) => `${name}_${element}`) : []
}

function checkElements(fields: readonly PlacedField[], where: string): void {
  for (const field of fields) {
    const taken = fields.find(({ name }) => elementsOf(field).includes(name))
    if (taken === undefined) continue
    throw new MetabonkError({ code: 'schema', what: `field '${taken.name}' is called like an element of '${field.name}'`, where, todo: 'rename one of them' })
  }
}

function cursorSource({ fields, bytes }: RecordCodec): string {
  const members = fields.flatMap((field, i) => {
    const whole = accessor(field.name, loadCode(field, i, 'subarray'), storeCode(field))
    return [whole, ...elementsOf(field).map((name, element) => accessor(name, slotCode(field, element), `${slotCode(field, element)} = v`))]
  })
  return `return class Cursor {
#at
${arrayNames.map((name) => `#${name}`).join('\n')}
constructor(memory) {
${arrayNames.map((name) => `this.#${name} = memory.${name}`).join('\n')}
this.$at = 0
}
get $at() { return this.#at }
set $at(at) {
const u8 = this.#u8
if (${misplacedCode(bytes)}) misplaced(at, u8.length)
this.#at = at
}
${members.join('\n')}
}`
}

function accessor(name: string, load: string, store: string): string {
  const open = (code: string): string => `const at = this.#at, ${arraysIn(code).map((array) => `${array} = this.#${array}`).join(', ')}\n${indicesIn(code)}${code}`
  return `get ${name}() {\n${open(`return ${load}`)}\n}\nset ${name}(v) {\n${open(store)}\n}`
}
