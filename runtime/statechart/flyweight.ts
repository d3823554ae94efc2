import { wordIndices } from '../schema/cursor.ts'
import { fieldScope, loadCode } from '../schema/field-code.ts'
import { generate } from '../schema/generate.ts'
import type { RecordMemory } from '../schema/memory.ts'
import type { MessageType } from '../schema/message.ts'
import { mailHeaderWords, mailWord } from '../mail/layout.ts'
import { addressOf } from '../state/address.ts'
import type { Column } from '../state/table.ts'
import type { MachineEvent } from './actions.ts'

/** An object over memory in two forms: one whose fields are getters of its prototype, and one like a plain frozen object. */
export interface Flyweight<T> {
  readonly fast: T
  readonly plain: object
}

/** The context of whichever row `$row` is. */
export type RowContext = { $row: number } & object

/** Where a message's payload begins in its memory, after the header of mail. One for all types: V8 is slow to write to objects of many shapes. */
export interface MailPlace {
  word: number
}

/** Longer vectors are read by a loop. */
const unrolledMax = 16

/** Expression for the value of column `i` at `row`; lists are fresh. */
function columnCode({ type }: Column, i: number, row: string): string {
  switch (type.form) {
    case 'bool':
      return `c${i}[${row}] !== 0`
    case 'enum':
      return `l${i}[c${i}[${row}]]`
    case 'id':
      return `c${i}[2 * ${row} + 1] * 4294967296 + c${i}[2 * ${row}]`
    case 'vec':
      return `Array.from(c${i}.subarray(${row} * ${type.width}, (${row} + 1) * ${type.width}))`
    case 'number':
      return `c${i}[${row}]`
  }
}

/** Body of a getter that fills and gives away one list again and again: it holds until the field is read the next time. */
function listCode(width: number, i: number): string {
  const fill =
    width > unrolledMax
      ? `for (let k = 0; k < ${width}; k++) v${i}[k] = c${i}[o + k]`
      : Array.from({ length: width }, (_, k) => `v${i}[${k}] = c${i}[o + ${k}]`).join('\n')
  return `const o = this.$row * ${width}\n${fill}\nreturn v${i}`
}

function contextSource(name: string, columns: readonly Column[]): string {
  const fast = columns.map((column, i) => `get ${column.name}() {\n${column.type.form === 'vec' ? listCode(column.type.width, i) : `return ${columnCode(column, i, 'this.$row')}`}\n}`)
  const plain = columns.map((column, i) => `get ${column.name}() { return ${column.type.form === 'vec' ? `freeze(${columnCode(column, i, 'fast.$row')})` : columnCode(column, i, 'fast.$row')} }`)
  return `class Context_${name} {
constructor() { this.$row = 0 }
${fast.join('\n')}
}
const fast = new Context_${name}()
const plain = { ${plain.join(',\n')} }
return { fast, plain }`
}

/**
 * Contexts over the columns of a kind; `members` are further ones of both, by symbol. `name` must be the kind's own: V8 lets classes of the same text share
 * what it learns.
 */
export function bindContext(name: string, columns: readonly Column[], members: Readonly<Record<symbol, unknown>>): Flyweight<RowContext> {
  const scope: Record<string, unknown> = { freeze: Object.freeze }
  columns.forEach(({ live, type }, i) => {
    scope[`c${i}`] = live
    if (type.form === 'enum') scope[`l${i}`] = [...type.labels]
    if (type.form === 'vec') scope[`v${i}`] = new Array<number>(type.width).fill(0)
  })
  const made = generate(contextSource(name, columns), scope) as Flyweight<RowContext>
  Object.assign(made.fast, members)
  Object.assign(made.plain, members)
  return { fast: Object.seal(made.fast), plain: Object.freeze(made.plain) }
}

/** V8 always inlines a getter as small as that of `sender`: an id that a larger one returns is an object on the heap. */
function eventSource(name: string, type: MessageType): string {
  const { fields } = type.codec
  const fast = fields.map((field, i) => {
    const load = loadCode(field, i, 'subarray')
    return `get ${field.name}() {\n${wordIndices(load, 'place.word')}return ${load}\n}`
  })
  const plain = fields.map(({ name }) => `get ${name}() { return freeze(fast.${name}) }`)
  return `const freeze = (value) => Array.isArray(value) ? Object.freeze(value) : ArrayBuffer.isView(value) ? value.slice() : value
class Event_${name} {
constructor() {
this.type = ${JSON.stringify(type.name)}
}
get sender() {
find()
return sender[0]
}
${fast.join('\n')}
}
const sender = new Float64Array(1)
function find() {
const from = u32[place.word - ${mailHeaderWords - mailWord.from}]
sender[0] = from < ${addressOf(0, 0)} ? 0 : u32[place.word - ${mailHeaderWords - mailWord.fromGeneration}] * 4294967296 + from
}
const fast = new Event_${name}()
return { fast, plain: { type: fast.type, get sender() { return fast.sender }, ${plain.join(',\n')} } }`
}

/** Where messages of a type are. */
export interface MailSource {
  readonly type: MessageType
  readonly memory: RecordMemory
  readonly place: MailPlace
}

/** The event of whichever message of a type is at a place; `name` as in {@link bindContext}. */
export function bindEvent(name: string, { type, memory, place }: MailSource): { readonly fast: MachineEvent; readonly plain: MachineEvent } {
  const made = generate(eventSource(name, type), { ...fieldScope(type.codec.fields), ...memory, place }) as { readonly fast: MachineEvent; readonly plain: MachineEvent }
  return { fast: Object.freeze(made.fast), plain: Object.freeze(made.plain) }
}
