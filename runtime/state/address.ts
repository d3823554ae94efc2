import { limits } from '../limits.ts'
import type { AgentId } from '../schema/types.ts'

/**
 * An agent's address is 32 bits: kind index + 1 in the upper 6, row in the lower 26. So plain number order is
 * (kind by name, row), the director (0) before all agents: the canonical order of senders. An id is generation x 2^32 + address.
 */
export const directorAddress = 0

export function addressOf(kind: number, row: number): number {
  return (kind + 1) * limits.rowsMax + row
}

/** Index of the kind of an address, or -1 for the director and inputs. */
export function kindOfAddress(address: number): number {
  return (address >>> 26) - 1
}

export function rowOfAddress(address: number): number {
  return address & (limits.rowsMax - 1)
}

export function idOf(address: number, generation: number): AgentId {
  return (generation * 4294967296 + address) as AgentId
}

/**
 * Ids of a kind's agents by row, given the address of row 0. The function has 27 bytes of bytecode, which V8 inlines wherever it is called: an id that
 * comes from a call that is not inlined is an object on the heap.
 */
export function idsOf(generations: Uint32Array, first: number): (row: number) => AgentId {
  return (row) => (generations[row] * 4294967296 + first + row) as AgentId
}

export function addressOfId(id: AgentId): number {
  return id % 4294967296
}

export function generationOfId(id: AgentId): number {
  return Math.floor(id / 4294967296)
}
