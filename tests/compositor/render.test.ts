import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { frameOf, frameRegions, renderStage, sprite, type Scene, type Sprite } from '../../compositor/index.ts'
import { bounded, f32, kindType, torus, vec, type KindType } from '../../runtime/index.ts'
import { counts } from '../counts.ts'
import { gem, openMeadow, scout, wolf, type Meadow, type MeadowOptions } from './meadow.ts'
import { frameAt, plain, referenceFrame } from './reference.ts'
import { bytesOf, startWorld, type StartedWorld } from './world.ts'

function framesHash(world: StartedWorld): string {
  return createHash('sha256').update(bytesOf(world.slab)).digest('hex').slice(0, 16)
}

/** Stage of a meadow, bound anew as another thread would, over some ranges of rows. */
function renderRanges(meadow: Meadow, ranges: readonly (readonly [number, number])[]): void {
  const stage = renderStage(meadow.scene, meadow.camera)
  const run = stage.bind(meadow.port(stage))
  for (const [begin, end] of ranges) run(begin, end)
}

describe('renderStage: golden frames', () => {
  it('draws the same pictures for ever', () => {
    expect(framesHash(openMeadow())).toBe('39b839f02034679f')
    expect(framesHash(openMeadow({ space: bounded(40, 30) }))).toBe('c3dcdffbb881c3ce')
    expect(framesHash(openMeadow({ ground: false, size: 64 }))).toBe('8b6b294332b4a879')
  })

  it('draws the same bytes whether a kind has a neighbour grid or not', () => {
    const worlds: MeadowOptions[] = [{}, { space: bounded(40, 30) }, { radius: 31 }, { ground: false, size: 17, radius: 2 }]
    for (const world of worlds) expect(framesHash(openMeadow({ ...world, grids: true }))).toBe(framesHash(openMeadow(world)))
  })

  it('draws the same bytes for any split of the rows', () => {
    const whole = framesHash(openMeadow())
    const splits = [[[0, 16]], [[0, 1], [1, 16]], [[9, 16], [3, 9], [0, 3]], Array.from({ length: 16 }, (_, row) => [row, row + 1])] as [number, number][][]
    for (const split of splits) {
      const meadow = openMeadow()
      bytesOf(meadow.slab).fill(0)
      renderRanges(meadow, split)
      expect(framesHash(meadow)).toBe(whole)
    }
  })

  it('draws over an earlier frame without a trace of it', () => {
    const meadow = openMeadow()
    const before = framesHash(meadow)
    renderRanges(meadow, [[0, 16], [0, 16]])
    expect(framesHash(meadow)).toBe(before)
  })
})

describe('renderStage: every pixel', () => {
  const worlds: [string, MeadowOptions][] = [
    ['on a torus', { size: 24 }],
    ['inside walls', { size: 24, space: bounded(40, 30) }],
    ['without ground', { size: 24, ground: false }],
    ['round a torus smaller than the view', { size: 16, radius: 33, crowd: 20 }],
    ['far closer than a sprite is wide', { size: 16, radius: 0.6 }],
  ]
  it.each(worlds)('is what the definition says %s', (_, options) => {
    const meadow = openMeadow(options)
    for (let row = 0; row < counts(3, 16); row++) expect(plain(frameAt(meadow, row))).toEqual(plain(referenceFrame(meadow, options.space ?? torus(40, 30), row)))
  })
})

const at = vec(f32, 2)

interface Placed {
  readonly kind: KindType
  readonly at: readonly [number, number]
}

/** One agent with a camera of 16 pixels a unit wide each, at (8, 8), among others. */
function openStage(sprites: readonly Sprite[], others: readonly Placed[], options: { space?: ReturnType<typeof torus>; from?: readonly [number, number] } = {}): StartedWorld {
  const camera = { kind: scout, size: 16, radius: 8, altitude: 10 }
  const scene: Scene = { sprites, cameras: [camera] }
  return startWorld({
    kinds: [scout, gem, wolf],
    stages: [renderStage(scene, camera)],
    regions: frameRegions(scene),
    space: options.space ?? torus(100, 100),
    init: (world) => {
      world.spawn(scout, { at: options.from ?? [8, 8] })
      for (const each of others) world.spawn(each.kind, { at: each.at })
    },
  })
}

const look = { radius: 0.4, height: 1, colour: [1, 2, 3] } as const
const gems = sprite(gem, { ...look, segmentation: 5 })
const wolves = sprite(wolf, { ...look, segmentation: 6 })

function segmentationAt(world: StartedWorld, column: number, line: number): number {
  return frameOf(world.slab, scout, 0, 0).segmentation[line * 16 + column]
}

describe('renderStage: what wins a pixel', () => {
  const here = { at: [10.5, 8.5] } as const

  it('the nearer one, whichever is drawn first', () => {
    const taller = { ...wolves, height: 1.5 }
    for (const sprites of [[gems, taller], [taller, gems]]) expect(segmentationAt(openStage(sprites, [{ kind: gem, ...here }, { kind: wolf, ...here }]), 10, 8)).toBe(6)
  })

  it('of equally near ones the kind that is first by name', () => {
    for (const sprites of [[gems, wolves], [wolves, gems]]) expect(segmentationAt(openStage(sprites, [{ kind: gem, ...here }, { kind: wolf, ...here }]), 10, 8)).toBe(5)
  })

  it('of equally near ones of a kind the lower row', () => {
    const coloured = sprite(gem, { ...look, segmentation: 5, colour: (_, row) => 10 + row })
    const world = openStage([coloured], [{ kind: gem, ...here }, { kind: gem, ...here }, { kind: gem, ...here }])
    expect(frameOf(world.slab, scout, 0, 0).rgb[3 * (8 * 16 + 10) + 2]).toBe(10)
    world.table(gem).freeRow(0)
    world.step()
    expect(frameOf(world.slab, scout, 0, 1).rgb[3 * (8 * 16 + 10) + 2]).toBe(11)
  })

  it('an agent as high as the ground it stands on', () => {
    const meadow = openMeadow({ crowd: 0 })
    const flat = { ...meadow.scene.ground, heights: new Float32Array(80 * 60) } as Scene['ground']
    const scene: Scene = { ...meadow.scene, ...(flat === undefined ? {} : { ground: flat }), sprites: [{ ...look, height: 0, kind: scout, segmentation: 99 }] }
    renderRanges({ ...meadow, scene }, [[0, 16]])
    expect(frameAt(meadow, 0).segmentation).toContain(99)
  })
})

describe('renderStage: edges of the space', () => {
  const corner = [{ kind: gem, at: [99.5, 98.5] }] as const

  it('an agent in a corner of a torus sees what is in the opposite one', () => {
    const world = openStage([gems], corner, { from: [1, 1] })
    expect(segmentationAt(world, 6, 5)).toBe(5)
    expect(frameOf(world.slab, scout, 0, 0).segmentation.reduce((sum, each) => sum + each)).toBe(5)
    expect(frameOf(world.slab, scout, 0, 0).depth[5 * 16 + 6]).toBe(9)
  })

  it('an agent in a walled corner sees nothing beyond', () => {
    const { segmentation, depth, rgb } = frameOf(openStage([gems], corner, { from: [1, 1], space: bounded(100, 100) }).slab, scout, 0, 0)
    expect(new Set(segmentation)).toEqual(new Set([0]))
    expect(new Set(depth)).toEqual(new Set([Infinity]))
    expect(new Set(rgb)).toEqual(new Set([0]))
  })

  it('a sprite smaller than a pixel is still seen', () => {
    const dust = { ...gems, radius: 0.001 }
    expect(segmentationAt(openStage([dust], [{ kind: gem, at: [10.9, 8.2] }]), 10, 8)).toBe(5)
  })

  it('an agent that is nowhere is named', () => {
    const world = openStage([gems], [])
    world.table(scout).column('at').live[1] = NaN
    expect(() => world.step()).toThrow(/the camera of agent 0 can't be at \(8, NaN\)/)
    world.table(scout).column('at').live[1] = 3e38
    expect(() => world.step()).toThrow(/the camera of agent 0 can't be at/)
  })

  it('other agents that are nowhere are not seen', () => {
    const world = openStage([gems], [{ kind: gem, at: [NaN, 8] }, { kind: gem, at: [8, Infinity] }, { kind: gem, at: [-3e38, 8] }])
    expect(new Set(frameOf(world.slab, scout, 0, 0).segmentation)).toEqual(new Set([0]))
  })
})

describe('frameOf: the hand-shake', () => {
  it('gives the frame of exactly that step', () => {
    const meadow = openMeadow({ size: 16 })
    meadow.step()
    expect(frameOf(meadow.slab, scout, 3, 1).size).toBe(16)
    expect(() => frameOf(meadow.slab, scout, 3, 0)).toThrow(/the frame of agent 3 is not of step 0: it is of step 1 \(frames\.agent\.stamp\)/)
    expect(() => frameOf(meadow.slab, scout, 3, 2)).toThrow(/it is of step 1/)
  })

  it('refuses rows that were never drawn', () => {
    const { slab } = openMeadow({ size: 16 })
    for (const row of [16, 255, 256, -1]) expect(() => frameOf(slab, scout, row, 0)).toThrow(/there is none/)
  })

  it('refuses the last frame of the dead', () => {
    const meadow = openMeadow({ size: 16 })
    meadow.table(scout).freeRow(2)
    meadow.step()
    expect(() => frameOf(meadow.slab, scout, 2, 1)).toThrow(/it is of step 0/)
  })

  it('refuses a frame that was not finished', () => {
    const fuse = { lit: false }
    const coloured = sprite(gem, { ...look, segmentation: 5, colour: () => (fuse.lit ? -1 : 0) })
    const world = openStage([coloured], [{ kind: gem, at: [8, 8] }])
    expect(frameOf(world.slab, scout, 0, 0).size).toBe(16)
    fuse.lit = true
    expect(() => world.step()).toThrow(/the colour of gem 0 can't be -1/)
    expect(() => frameOf(world.slab, scout, 0, 0)).toThrow(/there is none/)
    expect(() => frameOf(world.slab, scout, 0, 1)).toThrow(/there is none/)
  })
})

describe('frameRegions: scenes that can not be drawn', () => {
  const { scene, camera } = openMeadow({ size: 16, crowd: 0 })
  const ground = scene.ground
  const aloft = kindType('aloft', { columns: { at } })
  const broken: [string, Scene, RegExp][] = [
    ['too few pixels', { ...scene, cameras: [{ ...camera, size: 15 }] }, /15 pixels/],
    ['half a pixel', { ...scene, cameras: [{ ...camera, size: 16.5 }] }, /16\.5 pixels/],
    ['too many pixels', { ...scene, cameras: [{ ...camera, size: 65 }] }, /65 pixels/],
    ['no view', { ...scene, cameras: [{ ...camera, radius: 0 }] }, /as far as 0/],
    ['two cameras', { ...scene, cameras: [camera, camera] }, /two cameras of agent/],
    ['a camera in the grass', { ...scene, cameras: [{ ...camera, altitude: 2.5 }] }, /at 2\.5 metres/],
    ['a sprite of private positions', { ...scene, sprites: [{ ...gems, kind: aloft }] }, /publish a column at/],
    ['a camera without a place', { ...scene, cameras: [{ ...camera, kind: kindType('ghost', {}) }] }, /declare a column at/],
    ['a flat sprite', { ...scene, sprites: [{ ...gems, radius: NaN }] }, /radius NaN/],
    ['a segmentation beyond u16', { ...scene, sprites: [{ ...gems, segmentation: 65536 }] }, /segmentation 65536/],
    ['a colour beyond u8', { ...scene, sprites: [{ ...gems, colour: [0, 256, 0] }] }, /colour \[0, 256, 0\]/],
    ['ground of half a column', { ...scene, ground: { ...ground, columns: 0.5 } as Scene['ground'] & object }, /0\.5 x 60 texels/],
    ['ground without colours', { ...scene, ground: { ...ground, colours: new Uint8Array(5) } as Scene['ground'] & object }, /5 colour bytes/],
    ['a bottomless ground', { ...scene, ground: { ...ground, heights: new Float32Array(4800).fill(-Infinity, 7, 8) } as Scene['ground'] & object }, /texel 7 is -Infinity/],
  ]
  it.each(broken)('%s is refused', (_, each, message) => {
    expect(() => frameRegions(each)).toThrow(message)
    expect(() => frameRegions(each)).toThrow(expect.objectContaining({ code: 'world-invalid', where: 'scene' }))
  })

  it('a ground that does not fit the space is refused', () => {
    expect(() => openMeadow({ space: torus(41, 30) })).toThrow(/80 x 60 texels of 0\.5 does not fit a space of 41 x 30/)
  })

  it('a misspelt column does not compile', () => {
    // @ts-expect-error -- the kind publishes `team`
    expect(sprite(scout, { ...look, segmentation: 1, colour: ({ taem }) => (taem === undefined ? 0 : 1) }).kind).toBe(scout)
  })
})
