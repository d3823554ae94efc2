import { limits } from '../limits.ts'
import { queryFault, shown, type Span } from './fault.ts'

/** A piece of a query. */
export interface Token extends Span {
  readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end'
  /** The name, the sign, the number as written, or what stands between the quotes. */
  readonly text: string
}

const space = /[ \t\r\n]*/y
const name = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const quoted = /'[^']*'|"[^"]*"/y
const sign = /===|!==|==|!=|<=|>=|&&|\|\||[<>!+\-*/%()[\].,:=]/y
const forms = [['number', number], ['name', name], ['text', quoted], ['sign', sign]] as const

function found(pattern: RegExp, text: string, from: number): string | undefined {
  pattern.lastIndex = from
  return pattern.exec(text)?.[0]
}

function strayFault(text: string, from: number): Error {
  const character = String.fromCodePoint(text.codePointAt(from) ?? 0)
  const at = { from, to: from + character.length }
  if (character === "'" || character === '"') return queryFault(text, at, 'the text has no end', `close it with ${character}`)
  if (character === '&' || character === '|') return queryFault(text, at, `a query has no operator ${character}`, `write ${character}${character}, or the words and, or`)
  const code = (text.codePointAt(from) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return queryFault(text, at, `a query can't hold the character '${shown(character)}' (U+${code})`, 'use names, numbers, texts in quotes and operators')
}

function tokenAt(text: string, from: number): Token {
  for (const [kind, pattern] of forms) {
    const raw = found(pattern, text, from)
    if (raw === undefined) continue
    const to = from + raw.length
    if (kind === 'number') {
      const tail = found(name, text, to)
      if (tail !== undefined) throw queryFault(text, { from, to: to + tail.length }, `'${shown(raw + tail)}' is neither a number nor a name`, 'begin names with a letter')
      if (Number(raw) === Infinity) throw queryFault(text, { from, to }, 'the number is too large', 'numbers are 64-bit floats')
    }
    return { kind, text: kind === 'text' ? raw.slice(1, -1) : raw, from, to }
  }
  throw strayFault(text, from)
}

/** The pieces of the first `end` characters of a text; the last is the end. Throws `usage`. */
export function tokensOf(text: string, end: number = text.length): Token[] {
  if (text.length > limits.queryCharsMax) {
    const rest = { from: limits.queryCharsMax, to: limits.queryCharsMax }
    throw queryFault(text, rest, `a text of ${text.length} characters is too long`, `keep it to ${limits.queryCharsMax}`)
  }
  const part = text.slice(0, end)
  const tokens: Token[] = []
  for (let from = 0; ; ) {
    from += found(space, part, from)?.length ?? 0
    if (from >= end) break
    const token = tokenAt(part, from)
    tokens.push(token)
    from = token.to
  }
  const last = part.trimEnd().length
  tokens.push({ kind: 'end', text: 'the end', from: last, to: last })
  return tokens
}
