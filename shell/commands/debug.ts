import { attachSharedSlab, listSharedSlabs, removeDeadSlabs, type SharedSlabInfo } from '../../runtime/host/index.ts'
import { findRing, readCounters, type Region, type RingCounters } from '../../runtime/index.ts'
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

function regionText({ kind, dtype, shape, byteOffset }: Region, ring: RingCounters | undefined): string {
  const place = `${kind} ${dtype} ${shape.length === 0 ? 'scalar' : shape.join(' x ')}, from byte ${String(byteOffset)}`
  if (ring === undefined) return place
  const { messages, taken, waiting, stalls, drops, highWater, producer, consumer } = ring
  const counts = `${String(messages)} messages, ${String(taken)} taken, ${String(waiting)} waiting, at most ${String(highWater)}, ${String(stalls)} stalls, ${String(drops)} drops`
  return `${place}: ${counts}; producer ${producer}, consumer ${consumer}`
}

/** `metabonk debug slab NAME`. */
export function debugSlabCommand(name: string, options: { readonly json?: boolean }, log: Log | undefined): Promise<void> {
  const slab = attachSharedSlab(name)
  try {
    const regions = slab.regions.map((region) => ({ ...region, ring: region.kind === 'ring' ? readCounters(findRing(slab, region.name)) : undefined }))
    log?.info({ name, regions }, 'slab')
    if (options.json === true) print({ name, bytes: slab.buffer.byteLength, regions })
    else printRows(regions.map((region) => [region.name, regionText(region, region.ring)]))
  } finally {
    slab.close()
  }
  return Promise.resolve()
}
