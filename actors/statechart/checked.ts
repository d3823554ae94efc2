import { MetabonkError, type UserFunction } from '../../runtime/index.ts'

/** What a function of a machine is for: those that only compute are called twice. */
export type Purpose = 'guard' | 'assign' | 'action' | 'payload' | 'delay' | 'params' | 'output'

/** Puts something between a machine and one of its functions. */
export type Wrap = (run: UserFunction, purpose: Purpose) => UserFunction

/**
 * Watches the functions of a machine for `--check`: a field that the context does not have is an error rather than undefined, a context or event that
 * is kept and read after the call is one, and what computes is called twice and must come to the same.
 */
export function watching(machine: string): Wrap {
  const fault = (what: string, todo: string): MetabonkError => new MetabonkError({ code: 'machine', what: `machine ${machine}: ${what}`, todo })
  const lend = (target: object, name: string, isStrict: boolean): { readonly lent: object; end(): void } => {
    let over = false
    const lent = new Proxy(target, {
      get: (fields, key) => {
        if (over && typeof key === 'string') throw fault(`its ${name} was kept and read for '${key}' after the call`, `take the values you need out of the ${name} while you have it`)
        if (isStrict && typeof key === 'string' && key !== 'toJSON' && !(key in fields)) throw fault(`its context has no field '${key}'`, `choose from ${Object.keys(fields).join(', ')}`)
        return Reflect.get(fields, key) as unknown
      },
    })
    return {
      lent,
      end: () => {
        over = true
      },
    }
  }
  return (run, purpose) => (args, params) => {
    const call = (): unknown => {
      const context = lend(args.context, 'context', true)
      const event = lend(args.event, 'event', false)
      try {
        return run({ ...args, context: context.lent, event: event.lent as { type: string } }, params)
      } finally {
        context.end()
        event.end()
      }
    }
    const first = call()
    if (purpose === 'action') return first
    const second = call()
    if (!alike(first, second)) throw fault(`${nameOf(run, purpose)} said ${show(first)} and then ${show(second)} of the same context and event`, 'let it depend on nothing else; for chance, use roll or chance')
    return second
  }
}

function nameOf(run: UserFunction, purpose: Purpose): string {
  return run.name === '' ? `a function for ${purpose}` : `the ${purpose} '${run.name}'`
}

function show(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value)
}

/** Whether two results of a function are the same, field by field. */
function alike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => alike((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}
