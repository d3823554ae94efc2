import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { headerBytes, headerWord, ownerByte, slabMagic } from '../slab/layout.ts'

/** A named slab in /dev/shm, and whether the process that made it is alive. */
export interface SharedSlabInfo {
  readonly name: string
  readonly bytes: number
  /** The process that made it; undefined where that is not known. */
  readonly pid: number | undefined
  /** 'unknown': not to be read, from another container, still being made, or no slab. */
  readonly state: 'alive' | 'dead' | 'unknown'
}

const sharedFolder = '/dev/shm'
const filePattern = /^metabonk-([A-Za-z0-9._-]{1,200})$/

/** Whoever has not written a header after this time never will: making one takes well under a second. */
const unfinishedMillisMax = 60_000

/** Notes in the header that this process has made the slab. */
export function writeOwner(buffer: ArrayBuffer): void {
  const view = new DataView(buffer)
  view.setFloat64(ownerByte.start, processStart(process.pid) ?? 0, true)
  view.setFloat64(ownerByte.namespace, pidNamespace(), true)
  view.setUint32(ownerByte.pid, process.pid, true)
}

/** When the process started, in clock ticks since the system did; undefined when it is not there or has ended. */
function processStart(pid: number): number | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The second field is the name in parentheses, which may hold anything; the third, here the first, is the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return 'ZX'.includes(fields[0]) ? undefined : Number(fields[22 - 3])
}

/** Number of the pid namespace of this process. */
export function pidNamespace(): number {
  return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0])
}

/** The named slabs of this machine, sorted by name; none on systems without /dev/shm. */
export function listSharedSlabs(): SharedSlabInfo[] {
  let files: string[]
  try {
    files = readdirSync(sharedFolder)
  } catch {
    return []
  }
  return files.sort().flatMap((file) => {
    const name = filePattern.exec(file)?.[1]
    const info = name === undefined ? undefined : inspect(name)
    return info === undefined ? [] : [info]
  })
}

/** What there is to know about a named slab; undefined when it has gone. */
function inspect(name: string): SharedSlabInfo | undefined {
  let file: number
  try {
    // A link or a pipe of that name must neither lead elsewhere nor stop us.
    file = openSync(`${sharedFolder}/metabonk-${name}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : { name, bytes: 0, pid: undefined, state: 'unknown' }
  }
  try {
    const stat = fstatSync(file)
    const header = new Uint8Array(headerBytes)
    if (stat.isFile()) readSync(file, header, 0, headerBytes, 0)
    return { name, bytes: stat.size, ...ownerOf(new DataView(header.buffer), stat) }
  } finally {
    closeSync(file)
  }
}

function ownerOf(header: DataView, stat: Stats): Pick<SharedSlabInfo, 'pid' | 'state'> {
  const magic = header.getUint32(headerWord.magic * 4, true)
  const pid = header.getUint32(ownerByte.pid, true)
  // The owner is written first, the magic number last.
  const isUnfinished = magic === 0 && pid === 0 && stat.isFile()
  if (isUnfinished) return { pid: undefined, state: Date.now() - stat.mtimeMs > unfinishedMillisMax ? 'dead' : 'unknown' }
  if (pid === 0 || (magic !== 0 && magic !== slabMagic)) return { pid: undefined, state: 'unknown' }
  if (header.getFloat64(ownerByte.namespace, true) !== pidNamespace()) return { pid, state: 'unknown' }
  return { pid, state: processStart(pid) === header.getFloat64(ownerByte.start, true) ? 'alive' : 'dead' }
}
