import * as xstate from 'xstate'
import { ownModule } from '../../runtime/host/index.ts'
import { guardedGlobals, type ConfigValues } from '../../runtime/index.ts'
import { resolveConfig } from './resolve-config.ts'
import { asWorld, type WorldDefinition } from '../world/define.ts'
import { evaluateLoaded, loadWorld, type LoadedWorld } from './load-world.ts'

/** A world that was found, loaded and configured. */
export interface PreparedWorld {
  readonly loaded: LoadedWorld
  readonly definition: WorldDefinition
  readonly config: ConfigValues
}

/** Settings of a world from the outside. */
export interface PrepareOptions {
  /** `key=value` texts; later ones win. */
  readonly overrides?: readonly string[]
  /** A YAML file of settings; overrides win over it. */
  readonly configFile?: string
  /** Settings as a recording keeps them; instead of the others. */
  readonly config?: ConfigValues
}

/** Finds a world by built-in name or path, evaluates it and resolves its settings. Throws `world-*` and `config` errors. */
export async function prepareWorld(nameOrPath: string, options: PrepareOptions = {}): Promise<PreparedWorld> {
  const loaded = await loadWorld(nameOrPath)
  // World code is given the very module its caller uses: the package's door, by address, since the door exports this function.
  const metabonk: unknown = await import(ownModule('actors/index'))
  const definition = asWorld(await evaluateLoaded(loaded, { metabonk, xstate }, guardedGlobals(globalThis)), loaded.source)
  const file = options.config ?? (options.configFile === undefined ? undefined : await (await import('./config-file.ts')).readConfigFile(options.configFile))
  return { loaded, definition, config: resolveConfig(definition.config, { file, fileName: options.configFile, overrides: options.overrides ?? [] }) }
}
