/**
 * Compiles the addon into dist/native/metabonk.node. Without a compiler it says so and leaves the plain TypeScript kernels to do the work;
 * with one, a failure is an error. Does nothing when sources, Node and flags are those of the last build.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const native = join(root, 'native')
const built = join(native, 'build', 'Release', 'metabonk.node')
const stampFile = join(native, 'build', 'metabonk.stamp')
const target = join(root, 'dist', 'native', 'metabonk.node')
const failureLines = 30

process.exitCode = main()

function main(): number {
  const stamp = stampOf()
  if (existsSync(built) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    if (!existsSync(target) || !readFileSync(target).equals(readFileSync(built))) install()
    return 0
  }
  const missing = missingTool()
  if (missing !== undefined) {
    console.log(`native: no ${missing} here, so the plain TypeScript kernels will be used; results are the same, big runs are slower`)
    return 0
  }
  const failure = compile()
  if (failure !== undefined) {
    console.error(`native: the addon does not compile\n${failure}`)
    return 1
  }
  install()
  writeFileSync(stampFile, stamp)
  return 0
}

/** Everything the addon's bits depend on, as a hash. */
function stampOf(): string {
  const hash = createHash('sha256')
  const flags = ['CC', 'CXX', 'CFLAGS', 'CXXFLAGS', 'LDFLAGS'].map((name) => `${name}=${process.env[name] ?? ''}`)
  hash.update([process.version, process.platform, process.arch, ...flags].join('\n'))
  const sources = readdirSync(join(native, 'src')).sort().map((name) => join(native, 'src', name))
  for (const file of [join(native, 'binding.gyp'), ...sources]) hash.update(`\n${file}\n`).update(readFileSync(file))
  return hash.digest('hex')
}

/** The first tool of the build that is not there. */
function missingTool(): string | undefined {
  const runs = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
  if (!runs(process.env['CXX'] ?? 'c++') && !runs('g++') && !runs('clang++')) return 'C++ compiler'
  if (!runs('make')) return 'make'
  if (!runs('python3') && !runs('python')) return 'Python (which node-gyp needs)'
  return nodeGyp() === undefined ? 'node-gyp' : undefined
}

function nodeGyp(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  } catch {
    return undefined
  }
}

/** Compiles into native/build. Returns the end of the compiler's output when it fails. */
function compile(): string | undefined {
  const script = nodeGyp() ?? ''
  const prefix = dirname(dirname(process.execPath))
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : []
  const run = spawnSync(process.execPath, [script, 'rebuild', `--directory=${native}`, ...headers], { encoding: 'utf8' })
  if (run.status === 0) return undefined
  const output = `${run.stdout}${run.stderr}${run.error?.message ?? ''}`
  return output.trimEnd().split('\n').slice(-failureLines).join('\n')
}

/** Puts the addon in place in one move, so that a process that has the old one mapped keeps it whole. */
function install(): void {
  mkdirSync(dirname(target), { recursive: true })
  const fresh = `${target}.${String(process.pid)}`
  copyFileSync(built, fresh)
  renameSync(fresh, target)
}
