import type { Logger } from 'pino'
import { MetabonkError } from '../runtime/index.ts'

/** A logger, where one was asked for. */
export type Log = Logger

/** What `--log` and `--log-file` say. */
export interface LogOptions {
  readonly log?: string
  readonly logFile?: string
}

/** A logger to stderr or to a file; undefined when nobody asked, so that pino is not even loaded. Throws `disk` for a file that can't be opened. */
export async function openLog({ log, logFile }: LogOptions): Promise<Log | undefined> {
  if (log === undefined && logFile === undefined) return undefined
  const { pino } = await import('pino')
  try {
    return pino({ level: log ?? 'info', base: undefined }, pino.destination({ dest: logFile ?? 2, sync: true, mkdir: true }))
  } catch (cause) {
    throw new MetabonkError({ code: 'disk', what: `the log can't be opened: ${cause instanceof Error ? cause.message : String(cause)}`, where: '--log-file', cause })
  }
}
