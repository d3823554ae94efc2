import { existsSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MetabonkError } from '../../actors/index.ts'
import { makeFolder } from '../../runtime/host/index.ts'
import { print, printRows } from '../output.ts'
import { worldReadme, worldTemplate } from '../template.ts'

/** `metabonk new NAME`. */
export function newCommand(name: string, options: { readonly json?: boolean }): Promise<void> {
  const world = basename(name)
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(world)) {
    throw new MetabonkError({ code: 'usage', what: `a world can't be named '${world}'`, todo: 'use letters, digits, - and _, a letter first' })
  }
  if (existsSync(name)) throw new MetabonkError({ code: 'usage', what: `${name} exists already`, todo: 'choose another name, or move it away' })
  const file = join(name, 'world.ts')
  try {
    makeFolder(name)
    writeFileSync(file, worldTemplate(world))
    writeFileSync(join(name, 'README.md'), worldReadme(world, file))
  } catch (cause) {
    throw new MetabonkError({ code: 'disk', what: `the world can't be written: ${cause instanceof Error ? cause.message : String(cause)}`, where: name, cause })
  }
  if (options.json === true) print({ world, file })
  else printRows([['wrote', file], ['next', `metabonk run ${file} --steps 1000`]])
  return Promise.resolve()
}
