import { MetabonkError } from '../errors.ts'
import { exactJson, parseExactJson } from '../exact-json.ts'
import type { KindType } from '../schema/kind.ts'
import { describe, valueFault } from '../schema/types.ts'
import type { ConfigValues } from './program.ts'

/** What comes from outside and changes the state, at the boundary before a step. Rows are named by kind and row. */
export type Input =
  | { readonly form: 'set'; readonly kind: string; readonly row: number; readonly column: string; readonly value: number | boolean | string | readonly number[] }
  | { readonly form: 'spawn'; readonly kind: string; readonly values: Readonly<Record<string, unknown>> }
  | { readonly form: 'kill'; readonly kind: string; readonly row: number }
  | { readonly form: 'config'; readonly key: string; readonly value: number | string | boolean }

/** An input with its place in time: the boundary before `step`, in order of `source` and `sequence`. */
export interface TimedInput {
  readonly step: number
  readonly source: number
  readonly sequence: number
  readonly input: Input
}

const forms: readonly string[] = ['set', 'spawn', 'kill', 'config']

function refused(input: Input, what: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'usage', what: `an input can't be taken: ${what}`, where: `input ${input.form}`, todo })
}

function checkValue(kind: KindType, input: Input, name: string, value: unknown): void {
  const column = kind.plan.find((each) => each.name === name)
  if (column === undefined) throw refused(input, `kind ${kind.name} has no column '${name}'`, `choose from ${kind.plan.map((each) => each.name).join(', ')}`)
  const fault = valueFault(column.type, value)
  if (fault !== undefined) throw new MetabonkError({ code: 'schema', what: `${kind.name}.${name}: ${fault}`, where: `input ${input.form}` })
}

/**
 * Refuses an input that no state could take: an unknown form, kind or column, a row beyond `rowsMax`, a value of another type.
 * Throws `usage` or `schema` errors, and changes nothing.
 */
function checkInput(kinds: readonly KindType[], input: Input): void {
  if (typeof input !== 'object' || (input as Input | null) === null || !forms.includes(input.form)) {
    throw new MetabonkError({ code: 'usage', what: `${describe(input)} is no input`, todo: `give an object with a form: ${forms.join(', ')}` })
  }
  if (input.form === 'config') return
  const kind = kinds.find((each) => each.name === input.kind)
  if (kind === undefined) throw refused(input, `there is no kind '${input.kind}'`, `choose from ${kinds.map((each) => each.name).join(', ')}`)
  if (input.form === 'spawn') {
    for (const [name, value] of Object.entries(input.values)) checkValue(kind, input, name, value)
    return
  }
  if (!(Number.isInteger(input.row) && input.row >= 0 && input.row < kind.rowsMax)) throw refused(input, `${kind.name} has no row ${String(input.row)}`, `give one below its rowsMax of ${kind.rowsMax}`)
  if (input.form === 'set') checkValue(kind, input, input.column, input.value)
}

/** Refuses an input whose place in time is none. */
export function checkTimedInput(kinds: readonly KindType[], { step, source, sequence, input }: TimedInput): void {
  checkInput(kinds, input)
  if ([step, source, sequence].every((each) => Number.isSafeInteger(each) && each >= 0)) return
  throw refused(input, `step ${step}, source ${source}, sequence ${sequence} is no place in time`, 'give whole numbers from 0')
}

/** The bytes an input is recorded as: JSON that keeps every number. */
export function encodeInput(source: number, input: Input): Uint8Array {
  return new TextEncoder().encode(exactJson({ source, input }))
}

/** Visits inputs in their canonical order as they are recorded: with their places among those of their step. */
export function eachRecorded(inputs: readonly TimedInput[], visit: (step: number, sequence: number, bytes: Uint8Array) => void): void {
  let [step, sequence] = [-1, 0]
  for (const timed of inputs) {
    sequence = timed.step === step ? sequence + 1 : 0
    step = timed.step
    visit(step, sequence, encodeInput(timed.source, timed.input))
  }
}

/** The inverse of {@link encodeInput}. Throws `recording-invalid` when the bytes are no input. */
export function decodeInput(bytes: Uint8Array, step: number, sequence: number): TimedInput {
  try {
    const parsed = parseExactJson(new TextDecoder().decode(bytes)) as { source: number; input: Input }
    if (typeof parsed.source !== 'number' || typeof parsed.input.form !== 'string') throw new Error('fields are missing')
    return { step, source: parsed.source, sequence, input: parsed.input }
  } catch (cause) {
    throw new MetabonkError({ code: 'recording-invalid', what: `the input ${sequence} of step ${step} can't be read`, todo: 'the file was written by something else, or damaged', cause })
  }
}

/** Canonical order of inputs: step, source, sequence. */
export function compareInputs(a: TimedInput, b: TimedInput): number {
  return a.step - b.step || a.source - b.source || a.sequence - b.sequence
}

/** Configuration with one live key changed. */
export function withConfig(values: ConfigValues, key: string, value: number | string | boolean): ConfigValues {
  return { ...values, [key]: value }
}
