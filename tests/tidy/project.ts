import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository, without a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** A text file: its path from the root, with slashes, and what is in it. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

/** The paths of everything git tracks or would track. */
export function projectPaths(): string[] {
  const listed = execFileSync('git', ['-c', `safe.directory=${root}`, 'ls-files', '-z', '--cached'], { cwd: root, encoding: 'utf8' })
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort()
}

/** The files of the project that are text. */
export function projectTexts(): TextFile[] {
  return projectPaths()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'))
}
