import { describe, expect, it } from 'vitest'
import { createTwin } from '../../compositor/draw/twin.ts'
import { loadNative } from '../../native/index.ts'
import { counts, testSeed } from '../counts.ts'
import { testRng } from '../determinism/sample-programs.ts'
import { drawJob, framesFor, type Channel, type DrawScene } from './draw-scenes.ts'

const seed = testSeed('draw', 20_261_121)
const native = loadNative()
const all: readonly Channel[] = ['rgb', 'grey', 'depth', 'depthMillis', 'segmentation']
const sizes = [[16, 16], [64, 64], [33, 17], [100, 70], [1, 1], [130, 140]] as const

function sceneOf(turn: number, hurt: number): DrawScene {
  const [width, height] = sizes[turn % sizes.length]
  const channels = turn % 3 === 0 ? all.filter((_, i) => (turn >> i) % 2 === 0) : all
  return { width, height, views: 1 + (turn % 3), instances: (turn * 7) % 60, hurt, ground: turn % 4 !== 0, channels }
}

function sameBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))
}

describe.skipIf(native === null)('native drawViews (skipped where the addon is not built)', () => {
  it.each([['ordinary', 0], ['degenerate, coincident, huge, tiny', 0.5]] as const)('draws %s scenes to the bytes of the twin', (_, hurt) => {
    const twin = createTwin()
    for (let turn = 0; turn < counts(150, 5_000); turn++) {
      const scene = sceneOf(turn, hurt)
      const job = drawJob(testRng(seed).at(turn, hurt > 0 ? 1 : 0), scene)
      const other = { ...job, ...framesFor(scene) }
      twin(job, scene.views)
      native?.drawViews(other, scene.views)
      for (const channel of all) expect(sameBytes(other[channel], job[channel]), `${channel} of scene ${turn}`).toBe(true)
    }
  })
})
