import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * URL of a compiled module, for threads: they run what the build made, also when the caller runs from the TypeScript sources.
 * `module` is the caller's `import.meta.url`, `name` a file beside it without its ending.
 */
export function compiledEntry(module: string, name: string): string {
  const url = new URL(`./${name}.js`, module)
  if (!module.endsWith('.ts')) return url.href
  const root = fileURLToPath(new URL('../..', import.meta.url))
  return new URL(`dist/${fileURLToPath(url).slice(root.length)}`, pathToFileURL(root)).href
}
