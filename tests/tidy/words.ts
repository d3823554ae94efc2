import type { TextFile } from './project.ts'

interface Ban {
  readonly pattern: RegExp
  readonly instead: string
}

// Put together from pieces, so that this file passes its own check.
const bans: readonly Ban[] = [
  { pattern: new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`), instead: 'do it now or file an issue' },
  { pattern: new RegExp(['\\bfor', 'now\\b'].join(' '), 'i'), instead: 'say what it does; what is to come belongs into an issue' },
  { pattern: new RegExp(`(?<![\\w.*)\\]}])/(${['work', 'root', 'home', 'Users'].join('|')})/`), instead: 'no paths of a machine; use a path from the root of the repository' },
  { pattern: new RegExp(['registry\\.(npmjs|yarnpkg)', 'npmmirror\\.com', '(deb|security)\\.debian\\.org', '(files\\.)?py' + 'pi\\.org', 'proxy\\.golang'].join('|')), instead: 'no hosts of package registries; the client knows them' },
  { pattern: /eslint-[d]isable(?!.*\s--\s)/, instead: 'say why after the rule: `-- reason`' },
  { pattern: /@ts-(ignore|nocheck)\b/, instead: 'use @ts-expect-error in a test of types, or fix the type' },
]

/** Words that do not belong in a file of the project. The lock file is npm's. */
export function bannedWords({ path, text }: TextFile): string[] {
  if (path === 'package-lock.json') return []
  return text.split('\n').flatMap((line, at) => bans.flatMap(({ pattern, instead }) => {
    const found = pattern.exec(line)
    return found === null ? [] : [`${path}:${at + 1}: "${found[0]}": ${instead}`]
  }))
}
