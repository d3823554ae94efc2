/**
 * Whether a function does nothing with its context and event but read named fields, as far as its text shows. Such a function can be given
 * objects whose fields are getters of a prototype, six times as fast as own ones; every other one (it spreads, enumerates, hands on or keeps
 * them) gets objects that behave like the plain ones of XState. A mistake towards "no" costs time, so whatever is unclear is a no.
 */
export function readsFieldsOnly(run: (...args: never[]) => unknown): boolean {
  const text = Function.prototype.toString.call(run)
  const head = /^\(\s*(?:\{([\s\w$,]*)\}|([\w$]*))\s*(?:,[^()=]*)?\)\s*=>/.exec(text) ?? /^()([\w$]+)\s*=>/.exec(text)
  if (head === null) return false
  const body = text.slice(head[0].length)
  if (/\b(?:arguments|eval|this)\b/.test(body)) return false
  const names = (head[1] as string | undefined) ?? ''
  const whole = (head[2] as string | undefined) ?? ''
  if (whole !== '') return fieldsOnly(body, whole, /^\.(?:context|event)\.[\w$]+/)
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .every((name) => fieldsOnly(body, name, /^\.[\w$]+/))
}

/** Whether each use of a name goes on as `access` says. */
function fieldsOnly(body: string, name: string, access: RegExp): boolean {
  const uses = new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`, 'g')
  for (const use of body.matchAll(uses)) if (!access.test(body.slice(use.index + name.length))) return false
  return true
}
