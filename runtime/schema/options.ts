import { MetabonkError } from '../errors.ts'
import { describe } from './types.ts'

/** The candidate that `word` is a likely slip of, or undefined. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.floor(word.length / 3) + 2
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]
}

/**
 * Checks what a declaration was given: misspelt keys would silently do nothing, since nobody type-checks a world's file before it runs.
 * `what` names the declaration. Throws `world-invalid`.
 */
export function checkOptions(what: string, options: object, needed: readonly string[], optional: readonly string[]): void {
  const given: unknown = options
  if (typeof given !== 'object' || given === null) throw new MetabonkError({ code: 'world-invalid', what: `${what} can't be ${describe(given)}`, todo: `give an object with ${[...needed, ...optional].join(', ')}` })
  const known = [...needed, ...optional]
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const near = closest(key, known)
    throw new MetabonkError({ code: 'world-invalid', what: `${what} has no option '${key}'`, todo: near === undefined ? `choose from ${known.join(', ')}` : `did you mean ${near}? The options are ${known.join(', ')}` })
  }
  const missing = needed.find((key) => (options as Readonly<Record<string, unknown>>)[key] === undefined)
  if (missing !== undefined) throw new MetabonkError({ code: 'world-invalid', what: `${what} lacks its ${missing}`, todo: `give it ${needed.join(', ')}` })
}
