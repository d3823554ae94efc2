import { createRequire } from 'node:module'
import type { ZodMiniType } from 'zod/mini'
import { describe, MetabonkError, type ConfigValues } from '../../runtime/index.ts'
import { isLive, unknownKey, type ConfigDeclaration, type Setting } from '../config/index.ts'

/** zod costs 68 ms to load and yaml 34: a run with default settings, and every simulation thread, does without. */
const load = createRequire(import.meta.url)
const loadZod = (): typeof import('zod/mini') => load('zod/mini') as typeof import('zod/mini')
const loadYaml = (): typeof import('yaml') => load('yaml') as typeof import('yaml')

/** Where settings come from; later ones win. */
export interface ConfigSources {
  /** Parsed content of a settings file, or settings as a recording keeps them. */
  readonly file?: unknown
  /** Where `file` comes from, for errors. */
  readonly fileName?: string
  /** `key=value` texts. */
  readonly overrides?: readonly string[]
}

type Value = number | string | boolean

/** What a setting accepts, as a schema; its messages say what is allowed. */
function schemaOf(setting: Setting): ZodMiniType<Value> {
  const z = loadZod()
  const allowed = allowedText(setting)
  const range = (value: number): boolean => value >= setting.min && value <= setting.max
  switch (setting.form) {
    case 'int':
      return z.number().check(z.refine((value) => Number.isSafeInteger(value) && range(value), allowed))
    case 'real':
      return z.number().check(z.refine(range, allowed))
    case 'choice':
      return z.enum(setting.choices as [string, ...string[]])
    case 'text':
      return z.string()
    case 'toggle':
      return z.boolean()
  }
}

function allowedText(setting: Setting): string {
  switch (setting.form) {
    case 'choice':
      return `one of ${setting.choices.join(', ')}`
    case 'text':
      return 'a text'
    case 'toggle':
      return 'true or false'
    default:
      return `${setting.form === 'int' ? 'a whole number' : 'a number'}${rangeText(setting)}`
  }
}

function rangeText({ min, max }: Setting): string {
  const low = Math.abs(min) >= Number.MAX_SAFE_INTEGER ? undefined : min
  const high = Math.abs(max) >= Number.MAX_SAFE_INTEGER ? undefined : max
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`
  if (low !== undefined) return ` from ${low}`
  return high === undefined ? '' : ` up to ${high}`
}

function checked(declaration: ConfigDeclaration, key: string, value: unknown, where: string): Value {
  if (!Object.hasOwn(declaration, key)) throw unknownKey(declaration, key, where.includes('=') ? undefined : where)
  const setting = declaration[key]
  const result = loadZod().safeParse(schemaOf(setting), value)
  if (result.success) return result.data
  throw new MetabonkError({ code: 'config', what: `setting '${key}' can't be ${describe(value)}`, where, todo: `give ${allowedText(setting)}` })
}

/** Refuses to change a setting during a run to a value it does not take, or at all when it is not live. Throws `config`. */
export function checkLiveSetting(declaration: ConfigDeclaration, key: string, value: unknown): void {
  if (!isLive(declaration, key)) throw new MetabonkError({ code: 'config', what: `the setting '${key}' can't change during a run`, todo: 'only live settings can; start a new run for the others' })
  checked(declaration, key, value, 'input config')
}

/** The live setting that `key=value` changes. Throws `config` for an unknown key, one that is no live setting, and a value it does not take. */
export function liveOverride(declaration: ConfigDeclaration, override: string): { readonly key: string; readonly value: Value } {
  const { key, value } = parseOverride(declaration, override)
  checkLiveSetting(declaration, key, value)
  return { key, value: value as Value }
}

/** The value of `key=value`, read as a YAML scalar; a text setting takes it as it stands. */
function parseOverride(declaration: ConfigDeclaration, override: string): { key: string; value: unknown } {
  const at = override.indexOf('=')
  if (at < 1) throw new MetabonkError({ code: 'config', what: `'${override}' is no setting`, todo: 'write key=value' })
  const key = override.slice(0, at)
  const written = override.slice(at + 1)
  if (Object.hasOwn(declaration, key) && declaration[key].form === 'text') return { key, value: written }
  try {
    return { key, value: loadYaml().parse(written) as unknown }
  } catch {
    return { key, value: written }
  }
}

/**
 * The configuration of a run: defaults, then the file, then overrides, in the order of the declaration, frozen. Throws a
 * `config` error that names the key, what was given and what is allowed.
 */
export function resolveConfig(declaration: ConfigDeclaration, sources: ConfigSources = {}): ConfigValues {
  const given = new Map<string, Value>()
  const { file = {}, fileName = 'settings', overrides = [] } = sources
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw new MetabonkError({ code: 'config', what: 'settings must be a list of keys with values', where: fileName, todo: 'write lines like agents: 16' })
  }
  for (const [key, value] of Object.entries(file)) given.set(key, checked(declaration, key, value, fileName))
  for (const override of overrides) {
    const { key, value } = parseOverride(declaration, override)
    given.set(key, checked(declaration, key, value, override))
  }
  return Object.freeze(Object.fromEntries(Object.entries(declaration).map(([key, setting]) => [key, given.get(key) ?? setting.initial])))
}
