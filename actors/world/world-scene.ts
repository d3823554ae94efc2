import type { Scene } from '../../compositor/index.ts'
import { describe, MetabonkError } from '../../runtime/index.ts'
import type { WorldDefinition } from './define.ts'

/** What a world has to show, if anything. Throws `world-threw` when its function does, `world-invalid` when what it gives is no scene at all. */
export function sceneOf(world: WorldDefinition, config: unknown, seed: number): Scene | undefined {
  const where = `scene of world ${world.name}`
  try {
    const scene: unknown = world.scene?.(config as never, seed)
    if (scene === undefined || (typeof scene === 'object' && scene !== null)) return scene as Scene | undefined
    throw new MetabonkError({ code: 'world-invalid', what: `a scene can't be ${describe(scene)}`, where, todo: 'return an object with visuals and cameras' })
  } catch (cause) {
    if (cause instanceof MetabonkError) throw cause
    throw new MetabonkError({ code: 'world-threw', what: `the scene threw: ${cause instanceof Error ? cause.message : String(cause)}`, where, cause })
  }
}
