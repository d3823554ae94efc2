import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiledModule, ownModule } from '../../runtime/host/index.ts'
import { closest, hashHex, hashText, MetabonkError } from '../../runtime/index.ts'
import { asWorld, type WorldDefinition } from '../world/define.ts'
import type { WorldBundle } from './bundle.ts'
import { evaluateBundle, placeInBundle, type WorldModules } from './evaluate.ts'

/** Worlds that come with the package. */
export const builtinWorlds = ['arena', 'flocking', 'meadow'] as const

/** A world that was found: what every thread needs to evaluate it. Plain data. */
export type LoadedWorld =
  | { readonly kind: 'builtin'; /** Its name. */ readonly source: string; readonly url: string; readonly codeHash: string }
  | ({ readonly kind: 'bundle'; /** Its path as given. */ readonly source: string } & WorldBundle)

/** A built-in world, as the build made it where there is one: threads run that, and the hash is of what runs. */
function builtin(name: string): LoadedWorld {
  const module = `actors/worlds/${name}`
  const [url] = [compiledModule(module), ownModule(module)].filter((each) => existsSync(fileURLToPath(each)))
  const code = readFileSync(fileURLToPath(url), 'utf8')
  return { kind: 'builtin', source: name, url, codeHash: hashHex(hashText(code), hashText(`${code}.`)) }
}

/** Finds a world by built-in name or by path; a path is bundled once, for all threads. Throws `world-not-found` and `world-*` errors. */
export async function loadWorld(nameOrPath: string): Promise<LoadedWorld> {
  const name = builtinWorlds.find((each) => each === nameOrPath)
  if (name !== undefined) return builtin(name)
  const path = resolve(nameOrPath)
  if (!existsSync(path)) throw notFound(nameOrPath)
  if (!statSync(path).isFile()) throw new MetabonkError({ code: 'world-not-found', what: `${nameOrPath} is not a file`, todo: 'give the path of a world file' })
  const { bundleWorld } = await import('./bundle.ts')
  return { kind: 'bundle', source: nameOrPath, ...(await bundleWorld(path)) }
}

function notFound(nameOrPath: string): MetabonkError {
  const near = closest(nameOrPath, builtinWorlds)
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  return new MetabonkError({
    code: 'world-not-found',
    what: `there is no world '${nameOrPath}'`,
    todo: `give the path of a world file, or one of ${builtinWorlds.join(', ')}${hint}`,
  })
}

/** Evaluates a loaded world in the realm of the calling thread; `globals` stand before its own. */
export async function evaluateLoaded(loaded: LoadedWorld, modules: WorldModules, globals?: Readonly<Record<string, unknown>>): Promise<WorldDefinition> {
  if (loaded.kind === 'bundle') return asWorld(evaluateBundle(loaded, modules, globals), loaded.source)
  const module = (await import(loaded.url)) as { readonly default?: unknown }
  return asWorld(module.default, loaded.source)
}

/** Where in a world's own files an error was thrown: `file.ts:line:column`, or undefined when no frame is the world's. */
export function locateInWorld(error: unknown, loaded: LoadedWorld): string | undefined {
  if (!(error instanceof Error) || loaded.kind !== 'bundle') return undefined
  return placeInBundle(error, loaded) ?? (error.cause instanceof Error ? placeInBundle(error.cause, loaded) : undefined)
}
