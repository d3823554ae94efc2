import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, extname, relative, resolve } from 'node:path'
import { build, type BuildFailure, type Message, type Metafile, type OnResolveArgs, type Plugin } from 'esbuild'
import { hashHex, hashText, MetabonkError } from '../../runtime/index.ts'

/** A world's file and everything it imports, as one text. Plain data for threads and recordings. */
export interface WorldBundle {
  /** Absolute path of the world's file. */
  readonly path: string
  /** CommonJS text. */
  readonly code: string
  /** Source map of `code`, as JSON. */
  readonly map: string
  /** Hash over the sources' relative paths and bytes. */
  readonly codeHash: string
  /** The sources, by path relative to the world's folder. */
  readonly sources: readonly { readonly path: string; readonly mediaType: string; readonly bytes: Uint8Array }[]
}

const ours = ['metabonk', 'xstate']

/** What files of meshes are to a world that imports them: texts, and bytes. */
const meshLoaders = { '.obj': 'text', '.gltf': 'text', '.glb': 'binary' } as const
const textType = 'text/plain'
const binaryTypes: ReadonlyMap<string, string> = new Map([['.glb', 'model/gltf-binary']])

function placeOf(message: Message): string {
  const { location } = message
  return location === null ? '' : `${location.file}:${location.line}:${location.column + 1}`
}

/** Whether an import reaches Node itself. */
function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name.split('/')[0])
}

/** Refuses imports that reach outside a simulation, by name; leaves ours to be given at evaluation. */
function importRules(): Plugin {
  return {
    name: 'world imports',
    setup(building) {
      building.onResolve({ filter: /.*/ }, (args: OnResolveArgs) => {
        if (args.kind === 'entry-point') return undefined
        if (args.kind === 'dynamic-import') return { errors: [{ text: `imports ${args.path} dynamically: use a plain import, worlds are loaded whole` }] }
        if (ours.includes(args.path)) return { path: args.path, external: true }
        if (isBuiltin(args.path)) return { errors: [{ text: `imports ${args.path}: a simulation reaches neither files nor machine; bring data in as settings or inputs` }] }
        if (/\.(node|wasm)$/.test(args.path)) return { errors: [{ text: `imports ${args.path}: compiled code rounds as its machine does; write it in TypeScript` }] }
        return undefined
      })
    },
  }
}

function failure(path: string, errors: readonly Message[]): MetabonkError {
  const [error] = errors
  const where = placeOf(error) === '' ? basename(path) : placeOf(error)
  const [what] = error.text.split(': ')
  if (error.pluginName === 'world imports') return new MetabonkError({ code: 'world-forbidden', what: `the world ${what}`, where, todo: error.text.slice(what.length + 2) })
  if (error.text.includes('Top-level await')) return new MetabonkError({ code: 'world-forbidden', what: 'the world awaits at top level', where, todo: 'compute it without await: loading has no order of its own' })
  return new MetabonkError({ code: 'world-invalid', what: `the world does not compile: ${error.text}`, where })
}

/** What esbuild lets pass with a remark and a simulation can't have: the remark's name, what it is and what to do instead. */
const remarks: readonly (readonly [id: string, what: string, todo: string])[] = [
  ['empty-import-meta', 'uses import.meta', 'a simulation has no place on disk; bring data in as settings'],
  ['unsupported-dynamic-import', 'imports a module by a computed name', 'use a plain import, worlds are loaded whole'],
  ['unsupported-require-call', 'requires a module by a computed name', 'import it by its name'],
  ['indirect-require', 'requires a module by a computed name', 'import it by its name'],
]

function checkWarnings(path: string, warnings: readonly Message[]): void {
  for (const [id, what, todo] of remarks) {
    const warning = warnings.find((each) => each.id === id)
    if (warning !== undefined) throw new MetabonkError({ code: 'world-forbidden', what: `the world ${what}`, where: placeOf(warning) || basename(path), todo })
  }
}

function sourcesOf(folder: string, meta: Metafile): WorldBundle['sources'] {
  return Object.keys(meta.inputs)
    .map((input) => resolve(folder, input))
    .map((file) => ({ path: relative(folder, file).replaceAll('\\', '/'), mediaType: binaryTypes.get(extname(file)) ?? textType, bytes: new Uint8Array(readFileSync(file)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Of bytes that are no text, each is one character: as UTF-8, different bytes could read the same. */
function hashOf(sources: WorldBundle['sources']): string {
  const text = sources.map(({ path, mediaType, bytes }) => `${path}\n${new TextDecoder(mediaType === textType ? 'utf-8' : 'latin1').decode(bytes)}`).join('\n')
  return hashHex(hashText(text), hashText(`${text}.`))
}

/**
 * Bundles a world's file with everything it imports: code, and meshes as texts (.obj, .gltf) or bytes (.glb). `**` is lowered to Math.pow, which a simulation replaces by its own.
 * Throws `world-invalid` with file, line and column for what does not compile, `world-forbidden` for what a simulation can't have.
 */
export async function bundleWorld(path: string): Promise<WorldBundle> {
  const folder = dirname(path)
  try {
    const result = await build({
      entryPoints: [path],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'es2022',
      outfile: 'world.js',
      sourcemap: 'external',
      supported: { 'exponent-operator': false },
      logLevel: 'silent',
      logOverride: Object.fromEntries(remarks.map(([id]) => [id, 'warning'] as const)),
      // What libraries ask before anything else; a simulation has no environment to answer from.
      define: { 'process.env.NODE_ENV': '"production"' },
      metafile: true,
      loader: meshLoaders,
      plugins: [importRules()],
    })
    checkWarnings(path, result.warnings)
    const textOf = (ending: string): string => result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? ''
    const sources = sourcesOf(folder, result.metafile)
    return { path, code: textOf('.js'), map: textOf('.map'), codeHash: hashOf(sources), sources }
  } catch (error) {
    if (error instanceof MetabonkError) throw error
    const { errors } = error as Partial<BuildFailure>
    if (errors === undefined || errors.length === 0) throw error
    throw failure(path, errors)
  }
}
