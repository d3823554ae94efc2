import { describe, expect, it } from 'vitest'
import { camera, frameRegions, meshes, visual, type Camera, type FreeCamera, type Scene } from '../../compositor/index.ts'
import { bounded, f32, kindType, torus, u8, vec } from '../../runtime/index.ts'

const space = torus(40, 32)
const rows = { rowsMax: 8 }
const scout = kindType('scout', { published: { at: vec(f32, 2), team: u8 }, columns: { secret: vec(f32, 2) }, ...rows })
const ghost = kindType('ghost', { published: { at: vec(f32, 4) }, ...rows })
const mesh = meshes.box()
const look = { mesh, colour: [1, 2, 3], segmentation: 1 } as const
const eyes = camera(scout, { view: { from: 'eyes', height: 1 }, fieldOfView: 60, near: 0.1, far: 16, width: 16, height: 16 })
const over: FreeCamera = { name: 'over', at: [1, 2, 3], yaw: 0, pitch: 0, fieldOfView: 60, near: 1, far: 10 }

function seen(other: Partial<Camera>): Scene {
  return { visuals: [], cameras: [{ ...eyes, ...other }] }
}

function shown(other: object): Scene {
  return { visuals: [{ ...visual(scout, look), ...other }], cameras: [] }
}

function around(other: Partial<Scene>): Scene {
  return { visuals: [], cameras: [], ...other }
}

describe('frameRegions: a scene', () => {
  it('asks for a ring of frames of each channel, and for nothing without cameras', () => {
    const names = (scene: Scene) => frameRegions(scene, space).map(({ name, dtype, shape }) => [name, dtype, ...shape])
    expect(names(shown({}))).toEqual([])
    expect(names(seen({ width: 24, channels: ['segmentation', 'rgb'], slots: 3 })).slice(0, 4)).toEqual([
      ['frames.scout.rgb', 'u8', 3, 8, 16, 24, 3],
      ['frames.scout.segmentation', 'u16', 3, 8, 16, 24],
      ['frames.scout.stamp', 'f64', 3, 8],
      ['frames.scout.life', 'f64', 3, 8, 3],
    ])
    expect(names(seen({}))[0]).toEqual(['frames.scout.rgb', 'u8', 2, 8, 16, 16, 3])
  })

  it('may look farther where there are borders', () => {
    expect(frameRegions(seen({ far: 1000 }), bounded(40, 32))).not.toEqual([])
  })

  it('a misspelt column does not compile', () => {
    // @ts-expect-error -- the kind publishes `team`
    expect(visual(scout, { ...look, yaw: ({ taem }) => (taem === undefined ? 0 : 1) }).kind).toBe(scout)
    // @ts-expect-error -- there is no such column
    expect(visual(scout, { ...look, at: 'place' }).kind).toBe(scout)
    // @ts-expect-error -- `secret` is private
    expect(camera(scout, { ...eyes, yaw: ({ secret }) => (secret === undefined ? 0 : 1) }).kind).toBe(scout)
  })
})

describe('frameRegions: cameras that can not be', () => {
  const broken: [string, Scene, RegExp][] = [
    ['too few pixels', seen({ width: 15 }), /15 x 16 pixels/],
    ['an angle in words', seen({ fieldOfView: '60' as never }), /field of view of '60' degrees/],
    ['nearness in words', seen({ near: '1' as never }), /see from '1' to 16/],
    ['half a pixel', seen({ height: 16.5 }), /16 x 16\.5 pixels/],
    ['too many across', seen({ width: 1921 }), /1921 x 16 pixels/],
    ['too many down', seen({ height: 1081 }), /16 x 1081 pixels/],
    ['no angle', seen({ fieldOfView: 0.5 }), /field of view of 0\.5 degrees/],
    ['all around', seen({ fieldOfView: 171 }), /field of view of 171/],
    ['nothing near', seen({ near: 0 }), /from 0 to 16 metres/],
    ['a lens the wrong way round', seen({ near: 5, far: 5 }), /from 5 to 5 metres/],
    ['no end', seen({ far: Infinity }), /from 0\.1 to Infinity/],
    ['more than half way round', seen({ far: 16.1 }), /sees 16\.1 metres far on a torus of 40 x 32/],
    ['no slot', seen({ slots: 0 }), /can't keep 0 frames/],
    ['a channel twice', seen({ channels: ['rgb', 'rgb'] }), /the channels \[rgb, rgb\]/],
    ['a strange channel', seen({ channels: ['infrared' as 'rgb'] }), /the channels \[infrared\]/],
    ['a strange viewpoint', seen({ view: { from: 'below' } as unknown as Camera['view'] }), /can't look from 'below'/],
    ['a viewpoint without height', seen({ view: { from: 'eyes' } as unknown as Camera['view'] }), /lacks its height/],
    ['a turned view from above', seen({ view: { from: 'above', altitude: 5 }, yaw: 1 }), /looks down and has a yaw/],
    ['an altitude out of sight', seen({ view: { from: 'above', altitude: 16 } }), /16 metres up and sees 16 far/],
    ['a yaw that is no number', seen({ yaw: NaN }), /the yaw of the camera of scout is NaN/],
    ['a position of four', seen({ kind: ghost }), /the camera of ghost has no position/],
    ['a private position', seen({ at: 'secret' }), /publish a column secret/],
    ['two of a kind', { visuals: [], cameras: [eyes, eyes] }, /two cameras of scout/],
    ['two of a name', around({ freeCameras: [over, over] }), /two free cameras named over/],
    ['no name', around({ freeCameras: [{ ...over, name: '' }] }), /can't be named ''/],
    ['a place nowhere', around({ freeCameras: [{ ...over, at: [0, NaN, 0] }] }), /can't be at \[0, NaN, 0\]/],
    ['a far free one', around({ freeCameras: [{ ...over, far: 17 }] }), /the free camera over sees 17 metres/],
  ]
  it.each(broken)('%s is refused', (_, scene, message) => {
    expect(() => frameRegions(scene, space)).toThrow(message)
    expect(() => frameRegions(scene, space)).toThrow(expect.objectContaining({ code: 'world-invalid' }))
  })
})

describe('frameRegions: things that can not be', () => {
  const broken: [string, Scene, RegExp][] = [
    ['a colour beyond u8', shown({ colour: [0, 256, 0] }), /colour \[0, 256, 0\]/],
    ['a segmentation beyond u16', shown({ segmentation: 65536 }), /segmentation 65536/],
    ['no segmentation', shown({ segmentation: undefined }), /lacks its segmentation/],
    ['no size', shown({ size: 0 }), /the size 0/],
    ['a mirrored size', shown({ size: [1, -1, 1] }), /the size -1/],
    ['a size of two', shown({ size: [1, 1] }), /the size \[1, 1\]/],
    ['a size in words', shown({ size: 'big' }), /the size 'big'/],
    ['a size that would be no f32', shown({ size: 1e-30 }), /the size 1e-30/],
    ['no colour', shown({ colour: 'red' }), /the colour 'red'/],
    ['a lift in words', shown({ lift: '3' }), /the lift of the visual of scout is '3'/],
    ['scenery that moves', around({ scenery: [{ ...look, at: [1, 1], yaw: (() => 1) as never }] }), /the yaw of scenery 0 is /],
    ['scenery at no place', around({ scenery: [{ ...look, at: 5 as never }] }), /scenery 0 can't be at 5/],
    ['light from a word', around({ light: { towards: 'up' as never, strength: 1, ambient: 0 } }), /come from 'up'/],
    ['fog of words', around({ fog: { from: '1' as never, to: 5, colour: [0, 0, 0] } }), /from '1' to 5/],
    ['an endless lift', shown({ lift: Infinity }), /the lift of the visual of scout is Infinity/],
    ['a turned billboard', shown({ billboard: 'upright', yaw: 1 }), /turns to the eye, and has angles/],
    ['a billboard that turns otherwise', shown({ billboard: 'sideways' as never }), /can't turn to the eye as 'sideways'/],
    ['no list of things', around({ visuals: null as never }), /visuals of a scene can't be null/],
    ['words for cameras', around({ cameras: 'x' as never }), /cameras of a scene can't be 'x'/],
    ['nothing among the scenery', around({ scenery: [null as never] }), /scenery of a scene can't have null among them/],
    ['a thing of no kind', shown({ kind: 5 }), /a visual can't be of 5/],
    ['hiding by a word', shown({ hidden: 'yes' }), /can't be hidden by 'yes'/],
    ['a number for a mesh', shown({ mesh: 5 }), /a mesh can't be 5/],
    ['a mesh without a list of faces', shown({ mesh: { ...mesh, faces: null } }), /its faces are null/],
    ['a face that is none', shown({ mesh: { name: 'hole', vertices: new Float32Array(9), faces: [null] } }), /a face is null/],
    ['a mesh without vertices', shown({ mesh: { ...mesh, vertices: 'many' } }), /its vertices are 'many'/],
    ['a mesh beyond all bounds', shown({ mesh: { ...mesh, vertices: mesh.vertices.map((each) => 3e6 * each) } }), /keep to numbers from -1000000 to 1000000/],
    ['no light at all', around({ light: null as never }), /the light of a scene can't be null/],
    ['a terrain without colours', around({ terrain: { columns: 40, lines: 32, cell: 1, heights: new Float32Array(41 * 33), colours: null as never, segmentation: new Uint16Array(40 * 32) } }), /no typed arrays/],
    ['no view', seen({ view: null as never }), /can't look from null/],
    ['no list of channels', seen({ channels: null as never }), /can't have the channels null/],
    ['no scene at all', 5 as never, /a scene can't be 5/],
    ['a misspelt option', shown({ color: [1, 2, 3] }), /has no option 'color'; did you mean colour/],
    ['a mesh without faces', shown({ mesh: { name: 'dust', vertices: new Float32Array(9), faces: [] } }), /0 faces/],
    ['scenery nowhere', around({ scenery: [{ ...look, at: [NaN, 1] }] }), /scenery 0 can't be at \[NaN, 1\]/],
    ['light from nowhere', around({ light: { towards: [0, 0, 0], strength: 1, ambient: 0 } }), /come from \[0, 0, 0\]/],
    ['too much light', around({ light: { towards: [0, 0, 1], strength: 2, ambient: 0 } }), /strength 2/],
    ['fog the wrong way round', around({ fog: { from: 5, to: 1, colour: [0, 0, 0] } }), /from 5 to 1/],
    ['a black sky of half a byte', around({ sky: { horizon: [0, 0, 0.5], zenith: [0, 0, 0] } }), /the horizon can't have the colour/],
    ['a terrain elsewhere', around({ terrain: { columns: 8, lines: 8, cell: 1, heights: new Float32Array(81), colours: new Uint8Array(192), segmentation: new Uint16Array(64) } }), /do not fit a space of 40 x 32/],
  ]
  it.each(broken)('%s is refused', (_, scene, message) => {
    expect(() => frameRegions(scene, space)).toThrow(message)
    expect(() => frameRegions(scene, space)).toThrow(expect.objectContaining({ code: 'world-invalid' }))
  })
})
