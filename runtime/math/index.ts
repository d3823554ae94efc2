/**
 * Transcendental functions from + - * / and sqrt only: the same bits on every engine and processor, within 2 units in the last
 * place of the exact result. Arguments, special cases and names are those of ECMAScript's Math.
 */
import { exp, expm1 } from './exponential.ts'
import { acosh, asinh, atanh, cosh, sinh, tanh } from './hyperbolic.ts'
import { acos, asin, atan, atan2 } from './inverse.ts'
import { log, log10, log1p, log2 } from './logarithm.ts'
import { pow } from './power.ts'
import { cbrt, hypot } from './roots.ts'
import { cos, sin, tan } from './trig.ts'

export { acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, cos, cosh, exp, expm1, hypot, log, log10, log1p, log2, pow, sin, sinh, tan, tanh }

/** The same functions as an object: what takes the place of `Math`'s own in a simulation. */
export const deterministicMath = { acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, cos, cosh, exp, expm1, hypot, log, log10, log1p, log2, pow, sin, sinh, tan, tanh } as const
