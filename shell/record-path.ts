import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { MetabonkError } from '../actors/index.ts'

/** Where a run of a seed is to be recorded: a path; true for the default one; false for none. */
interface RecordChoice {
  readonly seed: number
  readonly record: string | boolean
}

/** Where a run is recorded: as asked, or under a name of its own; undefined when it is not. */
export function recordPath(world: string, options: RecordChoice): string | undefined {
  const { record } = options
  if (record === false) return undefined
  const named = `${world}-${String(options.seed)}-${randomBytes(3).toString('hex')}.mcap`
  if (typeof record !== 'string') return join('runs', named)
  if (record === '') throw new MetabonkError({ code: 'usage', what: 'an empty path names no recording', where: '--record', todo: 'give a file, or leave the option out' })
  if (existsSync(record) && statSync(record).isDirectory()) return join(record, named)
  return extname(record) === '' ? `${record}.mcap` : record
}
