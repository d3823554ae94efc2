import { MetabonkError } from '../errors.ts'
import { closest } from '../schema/options.ts'

/** Characters of a text, `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}

const contextChars = 30
const namesShown = 16

/** Text of a user as a message may hold it: one line, nothing that a terminal obeys, not too long. */
export function shown(text: string, charsMax = 60): string {
  const cut = text.length > charsMax ? `${text.slice(0, charsMax)}...` : text
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
}

/** The error of a query, a target or an assignment: says the column, counted from 1, and marks the place as `»here«`. */
export function queryFault(text: string, span: Span, what: string, todo?: string): MetabonkError {
  const before = shown(text.slice(Math.max(0, span.from - contextChars), span.from))
  const after = shown(text.slice(span.to, span.to + contextChars))
  const marked = `${span.from > contextChars ? '...' : ''}${before}»${shown(text.slice(span.from, span.to))}«${after}${span.to + contextChars < text.length ? '...' : ''}`
  return new MetabonkError({ code: 'usage', what, where: `column ${span.from + 1}: ${marked}`, ...(todo === undefined ? {} : { todo }) })
}

/** What to do about a name that is none of `known`. */
export function chooseFrom(name: string, known: readonly string[], none: string): string {
  if (known.length === 0) return none
  const more = known.length > namesShown ? ` and ${known.length - namesShown} more` : ''
  const list = `${known.slice(0, namesShown).map((each) => shown(each)).join(', ')}${more}`
  const near = closest(name.slice(0, contextChars), known)
  return near === undefined ? `choose from ${list}` : `did you mean ${shown(near)}? There are ${list}`
}
