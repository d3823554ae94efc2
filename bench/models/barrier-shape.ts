/** Shape of the control slab of a barrier of two threads. */
export const barrierShape = { workers: 2, kinds: 1, columns: 1 } as const
