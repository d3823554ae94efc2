/** Values of columns as people read them, short enough for a table. */
import { kindOfAddress, rowOfAddress, type ColumnArray, type ColumnType } from '../../../runtime/index.ts'

/** A column type as declarations say it: `f32`, `vec f32[2]`, `enum`. */
export function typeText({ form, dtype, width }: ColumnType): string {
  switch (form) {
    case 'number':
      return dtype
    case 'vec':
      return `vec ${dtype}[${String(width)}]`
    default:
      return form
  }
}

const wholeMost = 1e15

/** A number with at most five digits or so that say something: `3`, `0.0125`, `12.346`, `1234.6`, `1.25e-7`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < wholeMost) return String(value + 0)
  if (!Number.isFinite(value)) return String(value)
  if (size >= 1e9 || size < 1e-3) return String(Number(value.toPrecision(4)))
  const scale = size < 1 ? 1e4 : size < 1000 ? 1e3 : 10
  return String(Math.round(value * scale) / scale + 0)
}

/** The agent that an address names; `nobody` for none. */
function addressText(address: number, kinds: readonly string[]): string {
  const kind = kindOfAddress(address)
  return kind < 0 || kind >= kinds.length ? 'nobody' : `${kinds[kind]}[${String(rowOfAddress(address))}]`
}

/** The value of a row, whose elements begin at `row * width`: `1.25`, `(1.25, 3)`, `north`, `enemy[3]`, `yes`. `kinds` are the names of the world's kinds in their order. */
export function valueText({ type, values }: { readonly type: ColumnType; readonly values: ColumnArray }, row: number, kinds: readonly string[]): string {
  const at = row * type.width
  switch (type.form) {
    case 'bool':
      return values[at] === 0 ? 'no' : 'yes'
    case 'enum':
      return type.labels[values[at]]
    case 'id':
      return addressText(values[at], kinds)
    case 'vec': {
      let text = '('
      for (let i = 0; i < type.width; i++) text += `${i === 0 ? '' : ', '}${shortNumber(values[at + i])}`
      return `${text})`
    }
    case 'number':
      return shortNumber(values[at])
  }
}
