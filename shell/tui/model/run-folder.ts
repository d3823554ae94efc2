/** Where runs of this user on this machine announce themselves: a folder of sockets, `<pid>-<world>.sock`. */
import { lstatSync, readdirSync, statSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { MetabonkError } from '../../../actors/index.ts'
import { makeFolder } from '../../../runtime/host/index.ts'

const worldLettersMost = 40

function userId(): number {
  const user = process.getuid?.()
  if (user === undefined) throw new MetabonkError({ code: 'usage', what: 'this system has no users that a socket could belong to', todo: 'look at a recording instead' })
  return user
}

/** The folder, whether it is there or not: in the user's runtime folder, else among temporary files. */
export function runFolder(): string {
  const runtime = process.env['XDG_RUNTIME_DIR']
  if (runtime !== undefined && isAbsolute(runtime) && statSync(runtime, { throwIfNoEntry: false })?.isDirectory() === true) return join(runtime, 'metabonk')
  return join(tmpdir(), `metabonk-${String(userId())}`)
}

/** Refuses a folder that others could have put something into. Throws `usage`. */
function checkFolder(folder: string): void {
  const { uid, mode } = lstatSync(folder)
  const isFolder = lstatSync(folder).isDirectory()
  if (isFolder && uid === userId() && (mode & 0o077) === 0) return
  const what = !isFolder ? 'it is no folder' : uid !== userId() ? 'it belongs to another user' : 'others may write or read there'
  throw new MetabonkError({ code: 'usage', what: `runs can't announce themselves: ${what}`, where: folder, todo: 'remove it, or set XDG_RUNTIME_DIR to a folder of your own' })
}

/** Makes the folder, for this user alone. Throws `usage` for one that is not this user's alone, `disk` where none can be made. */
export function makeRunFolder(): string {
  const folder = runFolder()
  try {
    makeFolder(folder, 0o700)
  } catch (cause) {
    throw new MetabonkError({ code: 'disk', what: `the folder of running simulations can't be made: ${cause instanceof Error ? cause.message : String(cause)}`, where: folder, cause })
  }
  checkFolder(folder)
  return folder
}

/** A socket that a run made, or has left behind. */
export interface FoundSocket {
  readonly pid: number
  readonly path: string
}

export function socketPath(folder: string, pid: number, world: string): string {
  return join(folder, `${String(pid)}-${world.replace(/[^\w-]/g, '_').slice(0, worldLettersMost)}.sock`)
}

/** The sockets in the folder; none where there is no folder. Throws `usage` for a folder that is not this user's alone. */
export function foundSockets(): FoundSocket[] {
  const folder = runFolder()
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return []
  checkFolder(folder)
  return readdirSync(folder).flatMap((name) => {
    const pid = /^(\d{1,10})-[\w-]*\.sock$/.exec(name)?.[1]
    return pid === undefined ? [] : [{ pid: Number(pid), path: join(folder, name) }]
  }).sort((a, b) => a.pid - b.pid)
}

/** Whether a process lives, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Removes a socket; another process may have done so before. */
export function removeSocket(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
