import { checkOptions, closest, describe, MetabonkError } from '../../runtime/index.ts'

/** What every setting may say. */
export interface SettingOptions {
  /** One line for people: what the setting does. */
  readonly about?: string
  /** True when it may change during a run; otherwise it is fixed at the start. */
  readonly live?: boolean
}

/** Options of {@link int} and {@link real}: inclusive bounds. */
export interface NumberOptions extends SettingOptions {
  readonly min?: number
  readonly max?: number
}

declare const settingValue: unique symbol

/** A setting: its default, what is allowed, and whether it is live. */
export interface Setting<V extends number | string | boolean = number | string | boolean> {
  readonly form: 'int' | 'real' | 'choice' | 'text' | 'toggle'
  readonly initial: V
  readonly about: string
  readonly live: boolean
  readonly min: number
  readonly max: number
  readonly choices: readonly string[]
  readonly [settingValue]?: V
}

/** The settings of a world, by key. */
export type ConfigDeclaration = Readonly<Record<string, Setting>>
/** The values of the settings of a world. */
export type ConfigOf<D> = { readonly [K in keyof D]: D[K] extends Setting<infer V> ? V : never }

interface SettingParts<V> {
  readonly form: Setting['form']
  readonly initial: V
  readonly options: NumberOptions
  readonly choices?: readonly string[]
}

function setting<V extends number | string | boolean>({ form, initial, options, choices }: SettingParts<V>): Setting<V> {
  checkOptions(`a setting of form ${form}`, options, [], form === 'int' || form === 'real' ? ['about', 'live', 'min', 'max'] : ['about', 'live'])
  const made = Object.freeze({
    form,
    initial,
    about: options.about ?? '',
    live: options.live ?? false,
    min: options.min ?? (form === 'int' ? Number.MIN_SAFE_INTEGER : -Number.MAX_VALUE),
    max: options.max ?? (form === 'int' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE),
    choices: choices ?? [],
  })
  if (isDefault(made)) return made
  throw new MetabonkError({ code: 'config', what: `a setting of form ${form} can't start as ${describe(initial)}`, todo: `write ${form}(default, { ... }), the default within its bounds` })
}

/** Whether a setting would take its own default. */
function isDefault({ form, initial, min, max, choices }: Setting): boolean {
  if (form === 'toggle') return typeof initial === 'boolean'
  if (form === 'text' || form === 'choice') return typeof initial === 'string' && (form === 'text' || choices.includes(initial))
  return typeof initial === 'number' && initial >= min && initial <= max && (form === 'real' || Number.isSafeInteger(initial))
}

/** A whole number. */
export function int(initial: number, options: NumberOptions = {}): Setting<number> {
  return setting({ form: 'int', initial, options })
}

/** A finite number. */
export function real(initial: number, options: NumberOptions = {}): Setting<number> {
  return setting({ form: 'real', initial, options })
}

/** One of a few words; the first is the default. */
export function choice<const L extends readonly [string, ...string[]]>(choices: L, options: SettingOptions = {}): Setting<L[number]> {
  return setting<L[number]>({ form: 'choice', initial: choices[0], options, choices })
}

/** A text. */
export function text(initial: string, options: SettingOptions = {}): Setting<string> {
  return setting({ form: 'text', initial, options })
}

/** True or false. */
export function toggle(initial: boolean, options: SettingOptions = {}): Setting<boolean> {
  return setting({ form: 'toggle', initial, options })
}

/** Whether a setting may change during a run. Throws `config` when there is none of that name. */
export function isLive(declaration: ConfigDeclaration, key: string): boolean {
  if (!Object.hasOwn(declaration, key)) throw unknownKey(declaration, key)
  return declaration[key].live
}

/** What is wrong with a key that is no setting, with the nearest one that is. */
export function unknownKey(declaration: ConfigDeclaration, key: string, where?: string): MetabonkError {
  const keys = Object.keys(declaration)
  const near = closest(key, keys)
  return new MetabonkError({
    code: 'config',
    what: `there is no setting '${key}'`,
    where,
    todo: keys.length === 0 ? 'the world has none' : near === undefined ? `choose from ${keys.join(', ')}` : `did you mean ${near}? The settings are ${keys.join(', ')}`,
  })
}
