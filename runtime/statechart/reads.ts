/** What is no field, but of every object or of ours: read off a context, it says something of the object. */
const inherited = /^(?:\$.*|constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf|__\w+__)$/
/** A field, and what is done with it. */
const field = /^\.([\w$]+)(?![\w$])(\s*\(|\s*\?\.)?(\s*\[[\w$\s.+-]*\](?!\s*(?:=(?!=)|\+\+|--|[-+*/%&|^]=)))?/

/**
 * Whether a function does nothing with its context and event but read named fields, and of fields that are lists (`lists`) nothing but elements, as
 * far as its text shows. Such a function can be given objects whose fields are getters of a prototype, six times as fast as own ones, and whose
 * lists are used again and again; every other one (it spreads, enumerates, hands on or keeps them) gets objects that behave like the plain ones of
 * XState. A mistake towards "no" costs time, so whatever is unclear is a no.
 */
export function readsFieldsOnly(run: (...args: never[]) => unknown, lists: ReadonlySet<string>): boolean {
  const text = Function.prototype.toString.call(run)
  const head = /^\(\s*(?:\{([\s\w$,]*)\}|([\w$]*))\s*(?:,[^()=]*)?\)\s*=>/.exec(text) ?? /^()([\w$]+)\s*=>/.exec(text)
  if (head === null) return false
  const body = text.slice(head[0].length)
  if (/\b(?:arguments|eval|this)\b/.test(body)) return false
  const names = (head[1] as string | undefined) ?? ''
  const whole = (head[2] as string | undefined) ?? ''
  const uses = whole === '' ? names.split(',').map((name) => name.trim()) : [whole]
  return uses.every((name) => name === '' || usesOf(name, body).every((rest) => isRead(whole === '' ? rest : (/^\.(?:context|event)(\..*)/s.exec(rest)?.[1] ?? ''), lists)))
}

/** `({ context }) => context.health`, the same of the event. */
const argumentField = /^\(\s*\{\s*(context|event)\s*\}\s*\)\s*=>\s*\1\.([\w$]+)$/
/** `(_, { pace }) => pace`, `(_, params) => params.pace`. */
const paramsField = /^\(\s*[\w$]+\s*,\s*(?:\{\s*([\w$]+)\s*\}\s*\)\s*=>\s*\1|([\w$]+)\s*\)\s*=>\s*\2\.([\w$]+))$/

/** A field of one of the arguments of a machine's function. */
export interface ArgumentField {
  readonly of: 'context' | 'event' | 'params'
  readonly name: string
}

/** The field that a function returns, where its text shows that this is all it does: code can read the field as well. */
export function returnedField(run: (...args: never[]) => unknown): ArgumentField | undefined {
  const text = Function.prototype.toString.call(run)
  const argument = argumentField.exec(text)
  if (argument !== null) return { of: argument[1] as 'context' | 'event', name: argument[2] }
  const params = paramsField.exec(text) as readonly (string | undefined)[] | null
  const name = params?.[1] ?? params?.[3]
  return name === undefined ? undefined : { of: 'params', name }
}

/**
 * The names of the fields of what a function returns, where its text shows that it is an object that is written out: `() => ({ a: 1, b })`. undefined
 * where that is unclear, which costs time and nothing else.
 */
export function returnedFields(run: (...args: never[]) => unknown): readonly string[] | undefined {
  const literal = /^(?:\([^()=]*\)|[\w$]+)\s*=>\s*\(\s*\{([^'"`/]*)\}\s*\)$/.exec(Function.prototype.toString.call(run))
  if (literal === null) return undefined
  const parts = ['']
  let depth = 0
  for (const sign of literal[1]) {
    if (sign === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += sign
    if ('([{'.includes(sign)) depth++
    if (')]}'.includes(sign) && --depth < 0) return undefined
  }
  if (parts[parts.length - 1].trim() === '') parts.pop()
  const names = parts.map((part) => /^\s*([\w$]+)\s*(?::.*)?$/s.exec(part)?.[1])
  return names.every((name) => name !== undefined && !inherited.test(name)) ? (names as string[]) : undefined
}

/** What stands after each use of a name. */
function usesOf(name: string, body: string): string[] {
  const uses = new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`, 'g')
  return [...body.matchAll(uses)].map((use) => (/(?:\+\+|--)\s*$/.test(body.slice(0, use.index)) ? '' : body.slice(use.index + name.length)))
}

/** Whether what stands after a context or event reads a field of it, and if the field is a list, an element. */
function isRead(rest: string, lists: ReadonlySet<string>): boolean {
  const found = field.exec(rest)
  if (found === null || inherited.test(found[1]) || (found[2] as string | undefined) !== undefined) return false
  return !lists.has(found[1]) || (found[3] as string | undefined) !== undefined
}
