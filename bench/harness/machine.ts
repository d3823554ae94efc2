import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { coreCount, hostKernels } from '../../runtime/host/index.ts'

/** What was measured on: enough to compare by, nothing that names a computer or its owner. */
export function machineText(): string {
  const model = cpus().at(0)?.model.trim() ?? process.arch
  return `${model}, ${coreCount()} cores, Node ${process.versions.node}, ${hostKernels().origin} kernels`
}

/** The commit that was measured, with `-changed` when tracked files differ from it; `none` outside a repository. */
export function commitText(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD')
    return git('status', '--porcelain', '--untracked-files=no', '--', ':!bench/results') === '' ? commit : `${commit}-changed`
  } catch {
    return 'none'
  }
}
