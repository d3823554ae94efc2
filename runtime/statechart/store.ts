import type { Column } from '../state/table.ts'
import type { Dtype } from '../schema/types.ts'

/** What an integer of the type equals when it is in range. */
const wrapped: Readonly<Partial<Record<Dtype, string>>> = { i32: '| 0', u32: '>>> 0', u16: '& 65535', u8: '& 255' }

/** Statements that check the value `v` and store it in column `i` at `row`, or call `refuse(i, v)`. They find the column's array as `c<i>`. */
export function columnStoreCode({ type }: Column, i: number, v: string): string {
  const refuse = `refuse(${i}, ${v})`
  switch (type.form) {
    case 'bool':
      return `if (typeof ${v} !== 'boolean') ${refuse}\nc${i}[row] = ${v} ? 1 : 0`
    case 'enum':
      return `switch (${v}) {\n${type.labels.map((label, code) => `case ${JSON.stringify(label)}: c${i}[row] = ${code}; break`).join('\n')}\ndefault: ${refuse}\n}`
    case 'id':
      return `if (!(Number.isSafeInteger(${v}) && ${v} >= 0)) ${refuse}\nc${i}[2 * row] = ${v} >>> 0\nc${i}[2 * row + 1] = (${v} - (${v} >>> 0)) / 4294967296`
    case 'vec':
      return `if (typeof ${v} !== 'object' || ${v} === null || ${v}.length !== ${type.width}) ${refuse}
for (let k = 0; k < ${type.width}; k++) {
const e = ${v}[k]
${elementCheck(type.dtype, 'e', refuse)}
c${i}[row * ${type.width} + k] = e
}`
    case 'number':
      return `${elementCheck(type.dtype, v, refuse)}\nc${i}[row] = ${v}`
  }
}

function elementCheck(dtype: Dtype, v: string, refuse: string): string {
  const cut = wrapped[dtype]
  return cut === undefined ? `if (typeof ${v} !== 'number') ${refuse}` : `if (typeof ${v} !== 'number' || (${v} ${cut}) !== ${v}) ${refuse}`
}
