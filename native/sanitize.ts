/**
 * Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer, runs its tests on that, and puts the plain one back. The C++ twin of
 * the rings runs under ThreadSanitizer in the tests themselves. Needs GCC, and Linux.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const sanitizers = '-fsanitize=address,undefined'
const tests = ['tests/native/kernels.test.ts', 'tests/native/dense.test.ts', 'tests/native/shared-memory.test.ts', 'tests/compositor/draw.test.ts', 'tests/compositor/bad-jobs.test.ts', 'tests/compositor/odd-scenes.test.ts']

process.exitCode = main()

function main(): number {
  const libraries = ['asan', 'ubsan'].map(libraryPath)
  if (libraries.includes(undefined)) {
    console.log('sanitize: skipped, there is no GCC with its sanitizers here')
    return 0
  }
  try {
    if (build({ CXXFLAGS: `${sanitizers} -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g`, LDFLAGS: sanitizers }) !== 0) return 1
    // Node itself leaks on purpose, and is not built with them: the libraries have to be there before it.
    return run([join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', 'tests/vitest.config.ts', ...tests], { LD_PRELOAD: libraries.join(' '), ASAN_OPTIONS: 'detect_leaks=0:exitcode=99' })
  } finally {
    build({})
  }
}

/** Where GCC has a library of a sanitizer; undefined where it has none. */
function libraryPath(name: string): string | undefined {
  const file = `lib${name}.so`
  const { status, stdout } = spawnSync('g++', [`-print-file-name=${file}`], { encoding: 'utf8' })
  return status !== 0 || stdout.trim() === file ? undefined : stdout.trim()
}

function build(flags: Readonly<Record<string, string>>): number {
  return run([join(root, 'dist', 'native', 'build.js')], flags)
}

function run(args: readonly string[], environment: Readonly<Record<string, string>>): number {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } }).status ?? 1
}
