import { CommanderError } from 'commander'
import type { Log } from './log.ts'

/** Exit codes: fine, the thing failed, wrong usage, interrupted twice. */
export const exitCodes = { fine: 0, failed: 1, usage: 2, interrupted: 130 } as const

const usageCodes: readonly string[] = ['usage', 'config', 'world-not-found']

interface Failure {
  readonly code: string
  readonly message: string
  readonly what?: string
  readonly where?: string
  readonly todo?: string
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}

function usageFailure(error: CommanderError): Failure {
  const what = oneLine(error.message.replace(/^error: /, '').replace(/\.$/, ''))
  const todo = 'add --help for what it takes'
  return { code: 'usage', message: `${what}; ${todo}`, what, todo }
}

async function failureOf(error: unknown): Promise<Failure> {
  if (error instanceof CommanderError) return usageFailure(error)
  // Loaded here, not above: help texts and wrong options need nothing of the package.
  const { MetabonkError } = await import('../actors/index.ts')
  if (error instanceof MetabonkError) return { message: error.message, ...error.toParts() }
  return { code: 'unexpected', message: `unexpected: ${error instanceof Error ? error.message : String(error)}; please report it with the output of --log debug` }
}

/** One line for people on stderr, or an object for programs on stdout; sets the exit code. Never a stack, but in the log. */
export async function reportFailure(error: unknown, json: boolean, log?: Log): Promise<void> {
  // Help and version end as a CommanderError too.
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')) {
    process.exitCode = error.exitCode === 0 ? exitCodes.fine : exitCodes.usage
    return
  }
  log?.error({ err: log.isLevelEnabled('debug') ? error : String(error) }, 'failed')
  const { code, message, ...rest } = await failureOf(error)
  process.exitCode = usageCodes.includes(code) ? exitCodes.usage : exitCodes.failed
  const line = oneLine(message)
  if (json) print({ error: { code, message: line, ...rest } })
  else process.stderr.write(`metabonk: ${line}\n`)
}

/** Keeps a reader that went away (`metabonk --help | head`) from ending the process with a stack trace. */
export function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    process.exitCode = exitCodes.failed
    process.stderr.write(`metabonk: the output can't be written: ${error.message}\n`)
  })
  // Nobody is left to be told.
  process.stderr.on('error', () => undefined)
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
