import type { Logger } from 'pino'

/** A logger, where one was asked for. */
export type Log = Logger

/** Levels of `--log`. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const

/** A logger to stderr at a level; undefined when nobody asked, so that pino is not even loaded. */
export async function openLog(level: string | undefined): Promise<Log | undefined> {
  if (level === undefined) return undefined
  const { default: pino } = await import('pino')
  return pino({ level, base: undefined }, pino.destination({ fd: 2, sync: true }))
}
