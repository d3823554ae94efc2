import { listSharedSlabs, removeDeadSlabs, type SharedSlabInfo } from '../../runtime/host/index.ts'
import type { Log } from '../log.ts'
import { print, printRows } from '../output.ts'

interface SlabsOptions {
  readonly remove?: boolean
  readonly json?: boolean
}

function slabRow(state: string, { name, bytes, pid }: SharedSlabInfo): [state: string, text: string] {
  return [state, `${name}, ${String(bytes)} bytes${pid === undefined ? '' : `, made by process ${String(pid)}`}`]
}

/** `metabonk debug slabs`. */
export function debugSlabsCommand(options: SlabsOptions, log: Log | undefined): Promise<void> {
  const removed = options.remove === true ? removeDeadSlabs() : []
  const slabs = listSharedSlabs()
  log?.info({ slabs, removed }, 'slabs')
  if (options.json === true) print({ slabs, removed })
  else if (slabs.length + removed.length === 0) printRows([['none', 'no process shares a named slab on this machine']])
  else printRows([...removed.map((slab) => slabRow('removed', slab)), ...slabs.map((slab) => slabRow(slab.state, slab))])
  return Promise.resolve()
}
