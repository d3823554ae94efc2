import { describe, expect, it } from 'vitest'
import { bounded, createSimulation, defineWorld, f32, kind, vec, type Scene } from '../../actors/index.ts'

const Rock = kind('rock', { published: { at: vec(f32, 2) }, rowsMax: 2 })

function start(scene: () => unknown): void {
  const world = defineWorld({ name: 'rocks', kinds: [Rock], systems: [], space: bounded(8, 8), init: () => undefined, scene: scene as () => Scene })
  createSimulation({ world, seed: 1, threads: 0 })
}

describe('a world whose scene', () => {
  it('throws is told so, with the world and what it threw', () => {
    const broken = (): never => {
      throw new TypeError('no such tree')
    }
    expect(() => { start(broken) }).toThrow(expect.objectContaining({ code: 'world-threw', what: 'the scene threw: no such tree', where: 'scene of world rocks' }))
  })

  it.each([[5, '5'], [null, 'null'], ['hills', "'hills'"]])('is %s is refused', (scene, said) => {
    expect(() => { start(() => scene) }).toThrow(expect.objectContaining({ code: 'world-invalid', what: `a scene can't be ${said}` }))
  })

  it('has no list of cameras is refused', () => {
    expect(() => { start(() => ({ visuals: [], cameras: 'none' })) }).toThrow(expect.objectContaining({ code: 'world-invalid', what: "the cameras of a scene can't be 'none'" }))
  })
})
