/**
 * `assign` rounds to the column's type: XState keeps whatever number an assigner returns, so the result of every assign is
 * passed to the running agent before anything else reads it. The hook is put on the action objects when a machine is
 * read; which columns apply comes from the scope at run time, so that two kinds may share an action.
 */

/** Key under which the scope of a running agent carries its rounding. */
export const roundKey: unique symbol = Symbol('metabonk rounding')

/** Checks and rounds a fresh context in place; `before` is the one it was made from. */
export type RoundContext = (context: Record<string, unknown>, before: Readonly<Record<string, unknown>>) => void

interface Snapshot {
  readonly context: Record<string, unknown>
}

type Resolve = (scope: object, snapshot: Snapshot, ...rest: unknown[]) => [Snapshot, unknown, unknown[] | undefined]

interface HookedAction {
  readonly type?: string
  resolve?: Resolve
  [hookedKey]?: boolean
}

const hookedKey: unique symbol = Symbol('metabonk hook')

function hookAssign(action: HookedAction): void {
  const original = action.resolve
  if (original === undefined) return
  action.resolve = (scope, snapshot, ...rest) => {
    const result = original(scope, snapshot, ...rest)
    const round = (scope as { readonly [roundKey]?: RoundContext })[roundKey]
    round?.(result[0].context, snapshot.context)
    return result
  }
}

/** `enqueueActions` makes its assigns while it runs: they are hooked on their way out. */
function hookEnqueue(action: HookedAction): void {
  const original = action.resolve
  if (original === undefined) return
  action.resolve = (scope, snapshot, ...rest) => {
    const result = original(scope, snapshot, ...rest)
    if (result[2] !== undefined) roundAssigns(result[2])
    return result
  }
}

/** Hooks every assign among these actions, once. */
export function roundAssigns(actions: readonly unknown[]): void {
  for (const each of actions) {
    if (typeof each !== 'function') continue
    const action = each as HookedAction
    if (action[hookedKey] === true) continue
    if (action.type === 'xstate.assign') hookAssign(action)
    else if (action.type === 'xstate.enqueueActions') hookEnqueue(action)
    else continue
    action[hookedKey] = true
  }
}

/** Whether two context values would be stored alike. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}
