/** Compiles the Vulkan program, where all that it needs is installed: once for each state of its sources, into dist/bench/vulkan. */
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../runtime/host/index.ts'
import { inFolder } from '../harness/folder.ts'
import { cppCompiler } from '../harness/native-peer.ts'

const run = promisify(execFile)

const sourceFolder = join(packageRoot, 'bench', 'vulkan')
const targetFolder = join(packageRoot, 'dist', 'bench', 'vulkan')
const shaderCompiler = 'glslangValidator'

/** Names in C++ of the compiled shaders, whose files are called alike with another spelling. */
const shaders = [
  { file: 'views.vert', header: 'triangles_vert.h', name: 'trianglesVert', flags: [] },
  { file: 'views.vert', header: 'instances_vert.h', name: 'instancesVert', flags: ['-DINSTANCED'] },
  { file: 'views.frag', header: 'views_frag.h', name: 'viewsFrag', flags: [] },
] as const

/** A program that can be run, or what it lacks here. */
export type Built = { readonly program: string } | { readonly missing: string }

/**
 * The compiled program, or what is missing to compile it.
 *
 * @throws Error when all is there and it does not compile.
 */
export async function buildDrawViews(): Promise<Built> {
  const compiler = cppCompiler()
  if (compiler === undefined) return { missing: 'no C++ compiler' }
  if (spawnSync(shaderCompiler, ['--version'], { stdio: 'ignore' }).status !== 0) return { missing: `no ${shaderCompiler} (Debian: glslang-tools)` }
  if (!preprocesses(compiler, '#include <vulkan/vulkan.h>')) return { missing: 'no headers of Vulkan (Debian: libvulkan-dev)' }
  const sources = readdirSync(sourceFolder).filter((name) => /\.(h|cc|vert|frag)$/.test(name)).sort()
  const hash = createHash('sha256').update(compiler)
  for (const name of sources) hash.update(`\n${name}\n`).update(readFileSync(join(sourceFolder, name)))
  const program = join(targetFolder, `draw_views-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(program)) return { program }
  mkdirSync(targetFolder, { recursive: true })
  await inFolder(async (folder) => {
    for (const { file, header, name, flags } of shaders) await run(shaderCompiler, ['-V', '--target-env', 'vulkan1.0', ...flags, '--vn', name, '-o', join(folder, header), join(sourceFolder, file)])
    const compiled = join(folder, 'draw_views')
    const files = sources.filter((name) => name.endsWith('.cc')).map((name) => join(sourceFolder, name))
    await run(compiler, ['-O2', '-std=c++20', '-Wall', `-I${folder}`, ...files, '-lvulkan', '-o', compiled])
    // In one move, so that nobody runs half of it.
    renameSync(compiled, program)
  }, targetFolder)
  return { program }
}

function preprocesses(compiler: string, text: string): boolean {
  return spawnSync(compiler, ['-x', 'c++', '-E', '-'], { input: text, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0
}
