import { assert, MetabonkError } from '../errors.ts'
import { hashPair } from '../hash/text.ts'
import { writeBytes } from './bytes.ts'
import { checkedStoreCode, fieldScope, loadCode } from './field-code.ts'
import { arraysIn, generate, indicesIn, misplaced, misplacedCode } from './generate.ts'
import type { RecordMemory } from './memory.ts'
import { placeFields, type PlacedField, type Placement } from './placement.ts'
import { isBytes, valueFault, type FieldType, type GivenOf, type PayloadFields, type ValuesOf } from './types.ts'

/** The part of a codec that is made of generated code. */
interface RecordCode<F extends PayloadFields> {
  /**
   * Checks `values` and writes the record at byte `at`, a multiple of 8: missing fields and padding are zero, NaN is canonical, so that
   * equal values are equal bytes. Throws `schema` for an unknown field or a value that is none of its type; the record is torn then.
   */
  encode(values: Partial<GivenOf<F>>, memory: RecordMemory, at: number): void
  /** As `encode`, for values that are known to have no other names. Nothing looks at them as a whole: where V8 inlines this, `values` need not become an object on the heap. */
  store(values: Partial<GivenOf<F>>, memory: RecordMemory, at: number): void
  /** Copies all fields of the record at byte `at` into `target`; lists and bytes are fresh. */
  decode(memory: RecordMemory, at: number, target: Record<string, unknown>): void
  /** The values of the record at byte `at` as a fresh object. */
  read(memory: RecordMemory, at: number): ValuesOf<F>
}

/**
 * How values of a set of fields lie in memory, with code generated for just them. Used wherever records travel: mail, births, rings.
 * The layout is that of a C struct whose size is a multiple of 8 bytes.
 */
export interface RecordCodec<F extends PayloadFields = PayloadFields> extends RecordCode<F> {
  readonly fields: readonly PlacedField[]
  readonly bytes: number
  /** Bytes in u32 words: an even number. */
  readonly words: number
  /** Identity of name, fields, types and places, in two u32. */
  readonly hash: { readonly low: number; readonly high: number }
}

/** Makes the codec of a record; `where` names it in errors. Throws `schema` for a field without a type. */
export function createCodec<F extends PayloadFields>(name: string, fields: F, where: string): RecordCodec<F> {
  const placement = placeFields(fields, where)
  const code = generate(codecSource(placement), { ...fieldScope(placement.fields), ...codecScope(placement, where) }) as RecordCode<F>
  return Object.freeze({
    ...code,
    fields: placement.fields,
    bytes: placement.bytes,
    words: placement.bytes / 4,
    hash: hashPair(JSON.stringify([name, placement.bytes, placement.fields.map(({ name: field, type, byteOffset }) => [field, type.form, type.dtype, type.width, type.labels, byteOffset])])),
  })
}

/** Everything the generated code names beside arrays and values. */
function codecScope({ fields, bytes }: Placement, where: string): Record<string, unknown> {
  const names = new Set(fields.map(({ name }) => name))
  const checkNames = (values: object): void => {
    for (const name in values) {
      if (names.has(name)) continue
      throw new MetabonkError({ code: 'schema', what: `there is no field '${name}'`, where, todo: `choose from ${[...names].join(', ')}` })
    }
  }
  const refuse = (i: number, value: unknown, values: object): never => {
    checkNames(values)
    const fault = valueFault(fields[i].type, value)
    assert(fault !== undefined, `the codec refuses only what is no value of ${fields[i].name}`)
    throw new MetabonkError({ code: 'schema', what: `field '${fields[i].name}': ${fault}`, where })
  }
  const zeros: Record<string, number[]> = {}
  fields.forEach(({ type }, i) => {
    if (type.form === 'vec') zeros[`zeros${i}`] = new Array<number>(type.width).fill(0)
  })
  return { ...zeros, checkNames, refuse, writeBytes, isBytes, misplaced: misplaced(where, bytes) }
}

/** What a field is when nothing was given, as code. */
function zeroCode(type: FieldType, i: number): string {
  switch (type.form) {
    case 'bool':
      return 'false'
    case 'enum':
      return `labels${i}[0]`
    case 'vec':
      return `zeros${i}`
    case 'bytes':
      return "''"
    default:
      return '0'
  }
}

function encodeSource({ fields, padded }: Placement, isChecked: boolean): string {
  const missing = isChecked ? '\nmissing++' : ''
  const stores = fields.map((field, i) => `if ((v = values.${field.name}) === undefined || v === null) {\nv = ${zeroCode(field.type, i)}${missing}\n}\n${checkedStoreCode(field, i)}`)
  const lines = [...padded.map((byte) => `u32[w + ${byte / 4}] = 0`), 'let v, e', ...stores]
  if (!isChecked) return lines.join('\n')
  // Names are counted, and looked at only when the count is wrong: comparing each costs more than everything else together.
  return [`let missing = ${-fields.length}`, ...lines, 'for (const name in values) missing++', 'if (missing !== 0) checkNames(values)'].join('\n')
}

function codecSource(placement: Placement): string {
  const loads = placement.fields.map((field, i) => [field.name, loadCode(field, i, 'slice')] as const)
  const method = (head: string, code: string): string =>
    `${head} {\nconst { ${[...new Set(['u8', ...arraysIn(code)])].join(', ')} } = memory\nif (${misplacedCode(placement.bytes)}) misplaced(at, u8.length)\n${indicesIn(code)}${code}\n}`
  return `return {\n${[
    method('encode(values, memory, at)', encodeSource(placement, true)),
    method('store(values, memory, at)', encodeSource(placement, false)),
    method('decode(memory, at, target)', loads.map(([name, load]) => `target.${name} = ${load}`).join('\n')),
    method('read(memory, at)', `return {\n${loads.map(([name, load]) => `${name}: ${load}`).join(',\n')}\n}`),
  ].join(',\n')}\n}`
}
