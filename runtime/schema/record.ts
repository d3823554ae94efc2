import { MetabonkError } from '../errors.ts'
import { elementArray } from '../slab/element.ts'
import { loadValue, storeValue, valueFault, zeroValue, type ColumnArray, type ColumnType, type Fields } from './types.ts'

interface RecordField {
  readonly name: string
  readonly type: ColumnType
  /** First u32 word of the field in the record. */
  readonly word: number
  /** Words of one element: 2 for f64, else 1. */
  readonly elementWords: number
}

/**
 * How values of a set of fields lie in u32 words: fields in declaration order, one word an element (two for f64).
 * Used where rows travel: mail, births. NaN is canonicalised on the way in, so equal values are equal words.
 */
export class RecordLayout {
  readonly fields: readonly RecordField[]
  readonly words: number
  private readonly scratch = new ArrayBuffer(8)
  private readonly f32 = new Float32Array(this.scratch)
  private readonly f64 = new Float64Array(this.scratch)
  private readonly i32 = new Int32Array(this.scratch)
  private readonly u32 = new Uint32Array(this.scratch)
  private readonly staging: Map<string, ColumnArray>

  constructor(fields: Fields) {
    let word = 0
    this.fields = Object.entries(fields).map(([name, type]) => {
      const elementWords = type.dtype === 'f64' ? 2 : 1
      const field = { name, type, word, elementWords }
      word += elementWords * type.width
      return field
    })
    this.words = word
    this.staging = new Map(this.fields.map((field) => [field.name, elementArray(field.type.dtype, new ArrayBuffer(8 * field.type.width), 0, field.type.width)]))
  }

  /** Checks `values` and writes them from `offset`; missing fields are zero. `where` names the sender in errors. */
  encode(values: Readonly<Record<string, unknown>>, words: Uint32Array, offset: number, where: string): void {
    for (const name in values) {
      if (!this.staging.has(name)) {
        throw new MetabonkError({ code: 'schema', what: `there is no field '${name}'`, where, todo: `choose from ${this.fields.map((field) => field.name).join(', ')}` })
      }
    }
    for (const field of this.fields) {
      const value = values[field.name] ?? zeroValue(field.type)
      const fault = valueFault(field.type, value)
      if (fault !== undefined) throw new MetabonkError({ code: 'schema', what: `field '${field.name}': ${fault}`, where })
      const stage = this.stage(field)
      storeValue(field.type, stage, 0, value)
      for (let i = 0; i < field.type.width; i++) this.toWords(field, stage[i], words, offset + field.word + i * field.elementWords)
    }
  }

  /** Reads one field of the record at `offset`. */
  decodeField(field: RecordField, words: Uint32Array, offset: number): unknown {
    const stage = this.stage(field)
    for (let i = 0; i < field.type.width; i++) stage[i] = this.fromWords(field, words, offset + field.word + i * field.elementWords)
    return loadValue(field.type, stage, 0)
  }

  /** Copies all fields of the record at `offset` into `target`. */
  decode(words: Uint32Array, offset: number, target: Record<string, unknown>): void {
    for (const field of this.fields) target[field.name] = this.decodeField(field, words, offset)
  }

  private stage(field: RecordField): ColumnArray {
    const stage = this.staging.get(field.name)
    if (stage === undefined) throw new MetabonkError({ code: 'schema', what: `there is no field '${field.name}'` })
    return stage
  }

  private toWords(field: RecordField, value: number, words: Uint32Array, at: number): void {
    switch (field.type.dtype) {
      case 'f64':
        this.f64[0] = value
        words[at] = value !== value ? 0 : this.u32[0]
        words[at + 1] = value !== value ? 0x7ff80000 : this.u32[1]
        return
      case 'f32':
        this.f32[0] = value
        words[at] = value !== value ? 0x7fc00000 : this.u32[0]
        return
      default:
        words[at] = value
    }
  }

  private fromWords(field: RecordField, words: Uint32Array, at: number): number {
    this.u32[0] = words[at]
    switch (field.type.dtype) {
      case 'f64':
        this.u32[1] = words[at + 1]
        return this.f64[0]
      case 'f32':
        return this.f32[0]
      case 'i32':
        return this.i32[0]
      default:
        return this.u32[0]
    }
  }
}
