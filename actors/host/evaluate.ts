import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { compileFunction, Script } from 'node:vm'
import { MetabonkError } from '../../runtime/index.ts'
import type { WorldBundle } from './bundle.ts'

/** The package's own modules, for world code that imports them. */
export interface WorldModules {
  readonly metabonk: unknown
  readonly xstate: unknown
}

/** Name under which a bundle's code stands in stacks. */
function scriptName(bundle: WorldBundle): string {
  return join(dirname(bundle.path), 'world.js')
}

/** `file.ts:line:column` of the first frame of an error that lies in the bundle. */
export function placeInBundle(error: Error, bundle: WorldBundle): string | undefined {
  const script = scriptName(bundle)
  for (const line of (error.stack ?? '').split('\n')) {
    const at = line.indexOf(`${script}:`)
    if (at < 0) continue
    const [row, column] = line.slice(at + script.length + 1).split(':').map((part) => Number.parseInt(part, 10))
    const entry = new SourceMap(JSON.parse(bundle.map) as SourceMapPayload).findEntry(row - 1, column - 1)
    if ('originalSource' in entry) return `${relative(dirname(bundle.path), join(dirname(bundle.path), entry.originalSource))}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  }
  return undefined
}

/** Longest time a world's file may take to be evaluated. */
const loadMillisMax = 10_000
const loadKey = 'metabonk load'

/** Calls a function; ends it when it does not end by itself. */
function callInTime(load: () => void): void {
  const realm = globalThis as Record<string, unknown>
  realm[loadKey] = load
  try {
    new Script(`globalThis[${JSON.stringify(loadKey)}]()`).runInThisContext({ timeout: loadMillisMax, displayErrors: false })
  } finally {
    Reflect.deleteProperty(realm, loadKey)
  }
}

/**
 * Evaluates a bundle in the calling thread's realm and returns its default export. `globals` stand before those of the realm, for
 * one that is not locked. Throws `world-threw` with the place in its sources.
 */
export function evaluateBundle(bundle: WorldBundle, modules: WorldModules, globals: Readonly<Record<string, unknown>> = {}): unknown {
  const module: { exports: { default?: unknown } } = { exports: {} }
  const require = (name: string): unknown => {
    if (name === 'metabonk') return modules.metabonk
    if (name === 'xstate') return modules.xstate
    throw new MetabonkError({ code: 'world-forbidden', what: `the world requires ${name}`, todo: 'import what it needs from metabonk or from its own files' })
  }
  // These can't be names of parameters, and are no danger.
  const names = Object.keys(globals).filter((name) => !['eval', 'undefined', 'NaN', 'Infinity'].includes(name))
  try {
    // A function in a function: the world may declare what it likes under the names of globals.
    const outer = compileFunction(`return function (module, exports, require) {'use strict';\n${bundle.code}\n}`, names, { filename: scriptName(bundle), lineOffset: -1 }) as (...parts: unknown[]) => (...parts: unknown[]) => void
    const load = outer(...names.map((name) => globals[name]))
    callInTime(() => {
      load(module, module.exports, require)
    })
  } catch (error) {
    throw loadFailure(error, bundle)
  }
  return module.exports.default
}

function loadFailure(error: unknown, bundle: WorldBundle): MetabonkError {
  const where = (error instanceof Error ? placeInBundle(error, bundle) : undefined) ?? relative(process.cwd(), bundle.path)
  if (error instanceof MetabonkError) return new MetabonkError({ ...error.toParts(), where: error.where === undefined ? where : `${where}, ${error.where}`, cause: error })
  if ((error as { readonly code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return new MetabonkError({ code: 'world-threw', what: `the world was not loaded after ${loadMillisMax / 1000} seconds`, where, todo: 'look for an endless loop at its top level' })
  return new MetabonkError({ code: 'world-threw', what: `the world threw while it was loaded: ${error instanceof Error ? error.message : String(error)}`, where, cause: error })
}
