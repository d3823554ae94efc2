import { MetabonkError } from '../errors.ts'
import { exactJson, parseExactJson } from '../exact-json.ts'
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

/** The bytes an input is recorded as: JSON that keeps every number. */
export function encodeInput(source: number, input: Input): Uint8Array {
  return new TextEncoder().encode(exactJson({ source, input }))
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
