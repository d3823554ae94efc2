import { closeSync, existsSync, linkSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { MetabonkError } from '../errors.ts'

/** How often a lock is tried for that others take and give back meanwhile. */
const attemptsMax = 10

/** Who holds a lock. */
interface Holder {
  readonly pid: number
  /** When the process started, in the system's own terms; empty where it does not say. Tells it from a later one of the same number. */
  readonly started: string
  readonly host: string
}

/**
 * Takes the lock of a file, a file beside it that names this process; gives what takes it away again. The lock of a process that
 * is no more does not hold. Throws `disk`, naming the holder, and system errors.
 */
export function lockFile(path: string): () => void {
  const lock = `${path}.lock`
  const own = `${JSON.stringify({ pid: process.pid, started: startOf(process.pid), host: hostname(), thread: threadId })}\n`
  for (let attempt = 0; ; attempt++) {
    if (tryLock(lock, own)) return () => { if (readText(lock) === own) unlinkSync(lock) }
    const text = readText(lock)
    if (text === undefined && attempt < attemptsMax) continue
    const holder = parseHolder(text ?? '')
    if (holder === undefined || attempt === attemptsMax || !isDead(holder)) throw held(path, holder)
    takeAway(lock, text)
  }
}

function tryLock(lock: string, text: string): boolean {
  let file: number
  try {
    file = openSync(lock, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  writeSync(file, text)
  closeSync(file)
  return true
}

/** The text of a file; undefined when it is not there. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, started, host } = JSON.parse(text) as Partial<Holder>
    return typeof pid === 'number' && typeof started === 'string' && typeof host === 'string' ? { pid, started, host } : undefined
  } catch {
    return undefined
  }
}

/** Start time of a process in clock ticks since the machine started; empty where the system does not say, or it is no more. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${String(pid)}/stat`)
  // The second field is the name in parentheses, which may hold anything.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ').at(19) ?? ''
}

/** Whether a process is known to be no more. Of another machine's that is not known. */
function isDead({ pid, started, host }: Holder): boolean {
  if (host !== hostname()) return false
  if (existsSync('/proc/self/stat')) return startOf(pid) !== started
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Removes a lock whose text was `text`; should another have been taken meanwhile, it is put back. */
function takeAway(lock: string, text: string | undefined): void {
  const aside = `${lock}.${String(process.pid)}-${String(threadId)}`
  try {
    renameSync(lock, aside)
  } catch {
    return
  }
  if (readText(aside) !== text) linkSync(aside, lock)
  unlinkSync(aside)
}

function held(path: string, holder: Holder | undefined): MetabonkError {
  if (holder === undefined) {
    return new MetabonkError({ code: 'disk', what: 'a lock that names no process lies beside the recording', where: path, todo: `remove ${path}.lock if nothing writes the recording, or choose another path` })
  }
  const machine = holder.host === hostname() ? '' : ` of machine ${holder.host}`
  return new MetabonkError({ code: 'disk', what: `process ${String(holder.pid)}${machine} is writing it`, where: path, todo: 'choose another path, or wait until it ends' })
}
