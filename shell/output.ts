import { CommanderError } from 'commander'
import { MetabonkError } from '../actors/index.ts'
import type { Log } from './log.ts'

/** Exit codes: fine, the thing failed, wrong usage, interrupted twice. */
export const exitCodes = { fine: 0, failed: 1, usage: 2, interrupted: 130 } as const

const usageCodes: readonly string[] = ['usage', 'config', 'world-not-found']

/** One line for people on stderr, or an object for programs on stdout; sets the exit code. Never a stack, but in the log. */
export function reportFailure(error: unknown, json: boolean, log?: Log): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.fine : exitCodes.usage
    return
  }
  log?.debug({ error }, 'failed')
  const known = error instanceof MetabonkError
  process.exitCode = known && usageCodes.includes(error.code) ? exitCodes.usage : exitCodes.failed
  const message = known ? error.message : `unexpected: ${error instanceof Error ? error.message : String(error)}; please report it with the output of --log debug`
  if (json) print({ error: { code: known ? error.code : 'unexpected', message, ...(known ? { what: error.what, where: error.where, todo: error.todo } : {}) } })
  else process.stderr.write(`metabonk: ${message}\n`)
}

/** Writes one JSON object on stdout. */
export function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Writes aligned `name value` lines on stdout. */
export function printRows(rows: readonly (readonly [name: string, value: string | number])[]): void {
  const width = rows.reduce((most, [name]) => Math.max(most, name.length), 0)
  for (const [name, value] of rows) process.stdout.write(`${name.padEnd(width)}  ${String(value)}\n`)
}

/** Report and agents as rows. */
export function summaryRows(report: Readonly<Record<string, number>>, agents: Readonly<Record<string, number>>): [string, string][] {
  const text = (values: Readonly<Record<string, number>>): string => Object.entries(values).map(([name, value]) => `${name} ${Number.isInteger(value) ? String(value) : value.toFixed(3)}`).join('  ')
  const rows: [string, string][] = [['agents', text(agents)]]
  if (Object.keys(report).length > 0) rows.push(['report', text(report)])
  return rows
}
