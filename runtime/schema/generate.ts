import { MetabonkError } from '../errors.ts'
import { recordAlignment } from './placement.ts'
import type { RecordMemory } from './memory.ts'

/** Taken when the module is loaded: simulation realms refuse `Function` to worlds, and declare their messages after that. */
const FunctionOfText = Function as unknown as new (...names: string[]) => (...values: unknown[]) => unknown

/** Names under which generated code finds the arrays of a memory. */
const arrayNames = ['u8', 'u16', 'u32', 'i32', 'f32', 'f64'] as const satisfies readonly (keyof RecordMemory)[]

/** Runs the body of a function, in strict mode, that sees nothing but the language and the members of `scope`, and returns what it returns. */
export function generate(body: string, scope: Readonly<Record<string, unknown>>): unknown {
  const names = Object.keys(scope)
  return new FunctionOfText(...names, `'use strict'\n${body}`)(...names.map((name) => scope[name]))
}

/** Which of the arrays a piece of code names. */
export function arraysIn(code: string): readonly (keyof RecordMemory)[] {
  return arrayNames.filter((name) => new RegExp(`\\b${name}\\b`).test(code))
}

const shifts = { h: 1, w: 2, d: 3 } as const

/** The indices of a record's first byte in the arrays of 2, 4 and 8 bytes an element, where a piece of code names them; `at` is the byte. */
export function indicesIn(code: string): string {
  const used = Object.entries(shifts).filter(([name]) => new RegExp(`\\b${name}\\b`).test(code))
  return used.length === 0 ? '' : `const ${used.map(([name, shift]) => `${name} = at >>> ${shift}`).join(', ')}\n`
}

/** A condition that holds where a record of so many bytes can't lie. */
export function misplacedCode(bytes: number): string {
  return `(at & ${recordAlignment - 1}) !== 0 || !(at >= 0 && at + ${bytes} <= u8.length && at < 4294967296)`
}

/** The error for {@link misplacedCode}. */
export function misplaced(where: string, bytes: number): (at: unknown, memoryBytes: number) => never {
  return (at, memoryBytes) => {
    throw new MetabonkError({ code: 'memory', what: `a record of ${bytes} bytes can't lie at byte ${String(at)} of ${memoryBytes}`, where, todo: `give a multiple of ${recordAlignment} with room for it` })
  }
}
