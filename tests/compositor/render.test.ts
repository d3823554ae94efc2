import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { camera, frameOf, frameRegions, Frames, renderStages, meshes, visual, type Scene } from '../../compositor/index.ts'
import { bounded, box, discrete, f32, findRegion, kindType, torus, vec } from '../../runtime/index.ts'
import { openMeadow, scout, type Meadow, type MeadowOptions } from './meadow.ts'
import { bytesOf, startWorld, type StartedWorld } from './world.ts'

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

function framesHash(world: StartedWorld): string {
  return hashOf(bytesOf(world.slab))
}

/** Stage of a meadow, bound anew as another thread would, over some ranges of rows. */
function renderRanges(meadow: Meadow, ranges: readonly (readonly [number, number])[]): void {
  const [stage] = renderStages(meadow.scene)
  const run = stage.bind(meadow.port(stage))
  for (const [begin, end] of ranges) run(begin, end)
}

describe('renderStages: frames', () => {
  it('are the same for ever', () => {
    const golden: [MeadowOptions, string][] = [
      [{}, '1c5a582221c2f5c4'],
      [{ space: bounded(40, 32) }, 'b2508496fa80302e'],
      [{ terrain: false, camera: { view: { from: 'behind', distance: 4, height: 3, pitch: -0.4 }, width: 48, channels: ['grey', 'depthMillis', 'segmentation'], segmentation: 'instance' } }, 'e36caafaed3425e7'],
    ]
    expect(golden.map(([options]) => framesHash(openMeadow(options)))).toEqual(golden.map(([, hash]) => hash))
  })

  it('are the same bytes for any split of the rows', () => {
    const whole = framesHash(openMeadow())
    const splits = [[[0, 16]], [[0, 1], [1, 16]], [[9, 16], [3, 9], [0, 3]], Array.from({ length: 16 }, (_, row) => [row, row + 1])] as [number, number][][]
    for (const split of splits) {
      const meadow = openMeadow()
      bytesOf(meadow.slab).subarray(0, findRegion(meadow.slab, 'frames.shown').byteOffset - meadow.slab.regions[0].byteOffset).fill(0)
      renderRanges(meadow, split)
      expect(framesHash(meadow)).toBe(whole)
    }
  })

  it('show what moved, and nothing of an earlier frame', () => {
    const meadow = openMeadow()
    const first = hashOf(frameOf(meadow.slab, scout, 3, 0).rgb)
    const at = meadow.table(scout).column('yaw').live
    at[3] += 2
    meadow.step()
    expect(hashOf(frameOf(meadow.slab, scout, 3, 1).rgb)).not.toBe(first)
    at[3] -= 2
    meadow.step()
    expect(hashOf(frameOf(meadow.slab, scout, 3, 2).rgb)).toBe(first)
  })

  it('hold the channels asked for, of any size', () => {
    const { slab } = openMeadow({ camera: { width: 40, height: 17, channels: ['depthMillis', 'grey'] } })
    const { width, height, rgb, grey, depth, depthMillis, segmentation } = frameOf(slab, scout, 0, 0)
    expect([width, height, rgb.length, grey.length, depth.length, depthMillis.length, segmentation.length]).toEqual([40, 17, 0, 680, 0, 680, 0])
    expect(new Set(depthMillis).size).toBeGreaterThan(20)
  })

  it('see all things once, and agents by their number', () => {
    const { slab } = openMeadow({ camera: { segmentation: 'instance', fieldOfView: 120 } })
    const seen = new Set(Array.from({ length: 16 }, (_, row) => [...frameOf(slab, scout, row, 0).segmentation]).flat())
    expect(seen.has(65535)).toBe(true)
    expect(seen.size).toBeGreaterThan(40)
  })

  it('an agent that is nowhere is named, and has no frame', () => {
    const meadow = openMeadow()
    meadow.table(scout).column('at').live[1] = NaN
    expect(() => {
      meadow.step()
    }).toThrow(/agent 0 can't be seen at \([\d.]+, NaN\) \(column at\)/)
    expect(() => frameOf(meadow.slab, scout, 5, 1)).toThrow(/is not of step 1: there is none/)
    expect(frameOf(meadow.slab, scout, 5, 0).step).toBe(0)
  })
})

describe('frameOf: which frame', () => {
  it('that of exactly the step, as long as the ring holds it', () => {
    const meadow = openMeadow({ camera: { width: 16, height: 16 } })
    for (let step = 1; step <= 3; step++) meadow.step()
    expect([2, 3].map((step) => frameOf(meadow.slab, scout, 3, step).step)).toEqual([2, 3])
    expect(() => frameOf(meadow.slab, scout, 3, 1)).toThrow(/the frame of agent 3 is not of step 1: it is of step 3 \(frames\.agent\.stamp\)/)
    expect(() => frameOf(meadow.slab, scout, 3, 4)).toThrow(/it is of step 2/)
  })

  it('none of rows that were never drawn, nor of the dead', () => {
    const meadow = openMeadow({ camera: { width: 16, height: 16 } })
    for (const row of [16, 255, 256, -1]) expect(() => frameOf(meadow.slab, scout, row, 0)).toThrow(/there is none/)
    meadow.table(scout).freeRow(2)
    meadow.step()
    expect(() => frameOf(meadow.slab, scout, 2, 1)).toThrow(/there is none/)
  })

  it('copies are whole or refused', () => {
    const meadow = openMeadow({ camera: { width: 16, height: 16 } })
    const frames = new Frames(meadow.slab, scout)
    const into = { rgb: new Uint8Array(768), grey: new Uint8Array(0), depth: new Float32Array(256), depthMillis: new Uint16Array(0), segmentation: new Uint16Array(0) }
    frames.copy(3, 0, into)
    expect([into.rgb, into.depth]).toEqual([frames.frame(3, 0).rgb, frames.frame(3, 0).depth])
    frames.open(3, 0)
    expect(() => {
      frames.copy(3, 0, into)
    }).toThrow(/there is none/)
  })
})

describe('Frames.stack: the last frames of a row', () => {
  const at = vec(f32, 2)
  const runner = kindType('runner', { published: { at }, rowsMax: 8, policy: { observation: box([1], 0, 1), action: discrete(2) } })
  const space = torus(40, 40)
  const eyes = camera(runner, { view: { from: 'above', altitude: 5 }, fieldOfView: 60, near: 0.5, far: 20, width: 16, height: 16, slots: 4 })
  const scene: Scene = { visuals: [visual(runner, { mesh: meshes.box(), colour: [9, 9, 9], segmentation: 1 })], cameras: [eyes] }
  function open(): StartedWorld {
    return startWorld({ kinds: [runner], stages: renderStages(scene), regions: frameRegions(scene, space), space, init: ({ spawn }) => {
      spawn(runner, {})
      spawn(runner, {})
    } })
  }
  const stepsOf = (world: StartedWorld, row: number, step: number, count = 4) => new Frames(world.slab, runner).stack(row, step, count).map((frame) => frame.step)

  it('begins with the oldest, which stands for those before the first', () => {
    const world = open()
    expect(stepsOf(world, 0, 0)).toEqual([0, 0, 0, 0])
    world.step()
    expect(stepsOf(world, 0, 1)).toEqual([0, 0, 0, 1])
    for (let step = 2; step <= 5; step++) world.step()
    expect([stepsOf(world, 0, 5), stepsOf(world, 0, 5, 2)]).toEqual([[2, 3, 4, 5], [4, 5]])
    expect(() => stepsOf(world, 0, 5, 5)).toThrow(/5 frames of runner can't be stacked/)
  })

  it('begins anew with an episode, and with a birth', () => {
    const world = open()
    world.step()
    const ended = world.table(runner).column('terminated').live
    ended[0] = 1
    world.step()
    expect(stepsOf(world, 0, 2)).toEqual([0, 0, 1, 2])
    ended[0] = 0
    world.table(runner).freeRow(1)
    world.table(runner).takeRow()
    world.step()
    expect([stepsOf(world, 0, 3), stepsOf(world, 1, 3)]).toEqual([[3, 3, 3, 3], [3, 3, 3, 3]])
    world.step()
    expect([stepsOf(world, 0, 4), stepsOf(world, 1, 4)]).toEqual([[3, 3, 3, 4], [3, 3, 3, 4]])
  })
})
