import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = fileURLToPath(import.meta.url)

/** Folder of the package, which its sources, its build and its package.json share. */
export const packageRoot = rootAbove(dirname(here))

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder))
}

/**
 * URL of a compiled module, for threads and processes: they run what the build made, also when the caller runs from the
 * TypeScript sources. `module` is its path in the package, without an ending.
 */
export function compiledModule(module: string): string {
  return pathToFileURL(join(packageRoot, 'dist', `${module}.js`)).href
}

/** URL of a module in the form the caller has: compiled, or the TypeScript source. */
export function ownModule(module: string): string {
  return here.endsWith('.ts') ? pathToFileURL(join(packageRoot, `${module}.ts`)).href : compiledModule(module)
}
