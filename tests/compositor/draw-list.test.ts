import { describe, expect, it } from 'vitest'
import { AgentViews, Views } from '../../compositor/cameras.ts'
import { bodyWords, tagWords, viewAt } from '../../compositor/draw/layout.ts'
import { DrawList } from '../../compositor/draw-list.ts'
import { camera, meshes, visual, type Camera, type Scene } from '../../compositor/index.ts'
import { bounded, f32, kindType, torus, u8, vec, type Others, type ReadColumn, type StepWorld, type WorldSpace } from '../../runtime/index.ts'
import { hills } from './meadow.ts'

const rows = { rowsMax: 8 }
const scout = kindType('scout', { published: { at: vec(f32, 2), yaw: f32, team: u8 }, ...rows })
const kite = kindType('kite', { published: { place: vec(f32, 3) }, ...rows })

/** A world of kinds with these columns; rows are alive unless said otherwise. */
function worldOf(space: WorldSpace, columns: Readonly<Partial<Record<string, Record<string, ReadColumn>>>>, dead: readonly number[] = []): Pick<StepWorld, 'space' | 'others'> {
  const others = (kind: { readonly name: string }): Others => {
    const own = columns[kind.name]
    const count = own === undefined ? 0 : Object.values(own)[0].length / (kind.name === 'kite' ? 3 : 2)
    return { rows: count, alive: Array.from({ length: count }, (_, row) => (dead.includes(row) ? 0 : 1)), columns: own ?? {}, id: () => 0 as never }
  }
  return { space, others }
}

function gathered(scene: Scene, world: Pick<StepWorld, 'space' | 'others'>): DrawList {
  const list = new DrawList(scene, world)
  list.gather()
  return list
}

function placesOf({ instances: { bounds, capacity, count } }: DrawList): number[][] {
  return Array.from({ length: count }, (_, i) => [bounds[i], bounds[capacity + i], bounds[2 * capacity + i]])
}

function tagsOf({ instances: { tags, count } }: DrawList): number[][] {
  return Array.from({ length: count }, (_, i) => [...tags.subarray(tagWords * i, tagWords * (i + 1))])
}

const look = { mesh: meshes.box(), colour: [0, 0, 255], segmentation: 7 } as const
const space = torus(40, 32)
const two = { scout: { at: [1, 2, 3, 4], yaw: [0, 1], team: [5, 6] }, kite: { place: [5, 6, 7, 8, 9, 10] } }

describe('DrawList: what is gathered', () => {
  it('scenery, then visuals as they are listed, then rows, the live ones', () => {
    const scene: Scene = { visuals: [visual(kite, { ...look, at: 'place' }), visual(scout, { ...look, lift: 1, segmentation: ({ team }, row) => team[row] })], scenery: [{ ...look, at: [20, 16, 3] }], cameras: [] }
    expect(placesOf(gathered(scene, worldOf(space, two)))).toEqual([[20, 16, 3], [5, 6, 7], [8, 9, 10], [1, 2, 1], [3, 4, 1]])
    const some = gathered(scene, worldOf(space, two, [0]))
    expect(placesOf(some)).toEqual([[20, 16, 3], [8, 9, 10], [3, 4, 1]])
    expect(tagsOf(some)).toEqual([[0, 255, 7], [0, 255, 7], [0, 255, 6]])
  })

  it('not those that are hidden', () => {
    expect(placesOf(gathered({ visuals: [visual(scout, { ...look, hidden: ({ team }, row) => team[row] === 5 })], cameras: [] }, worldOf(space, two)))).toEqual([[3, 4, 0]])
  })

  it('positions are brought onto a torus, and left as they are inside borders', () => {
    const far = { scout: { at: [-1, 33, 40, 32, -1e-9, 79], yaw: [0, 0, 0], team: [0, 0, 0] } }
    const scene: Scene = { visuals: [visual(scout, look)], cameras: [] }
    expect(placesOf(gathered(scene, worldOf(space, far)))).toEqual([[39, 1, 0], [0, 0, 0], [0, 15, 0]])
    expect(placesOf(gathered(scene, worldOf(bounded(40, 32), far)))[0]).toEqual([-1, 33, 0])
  })

  it('things on the ground stand on it', () => {
    const terrain = hills()
    const at = { scout: { at: [3.5, 2], yaw: [0], team: [0] }, kite: { place: [3.5, 2, 9] } }
    const list = gathered({ terrain, visuals: [visual(scout, { ...look, lift: 2 }), visual(kite, { ...look, at: 'place' })], cameras: [] }, worldOf(space, at))
    expect(placesOf(list)).toEqual([[3.5, 2, Math.fround(terrain.heights[4 * 81 + 7] + 2)], [3.5, 2, 9]])
  })

  it('by instance, every row has a number that stays its own', () => {
    const eyes = camera(scout, { view: { from: 'eyes', height: 1 }, fieldOfView: 60, near: 0.1, far: 16, width: 16, height: 16, segmentation: 'instance' })
    const scene: Scene = { visuals: [visual(kite, { ...look, at: 'place' }), visual(scout, look)], scenery: [{ ...look, at: [20, 16] }], cameras: [eyes] }
    const singled = ({ instances }: DrawList) => Array.from({ length: instances.count }, (_, i) => instances.singled[tagWords * i + 2])
    expect(singled(gathered(scene, worldOf(space, two)))).toEqual([1, 2, 3, 10, 11])
    expect(singled(gathered(scene, worldOf(space, two, [0])))).toEqual([1, 3, 11])
  })
})

describe('DrawList: how things are turned', () => {
  const turned = (angles: { yaw?: number; pitch?: number; roll?: number }, size: readonly [number, number, number] = [1, 1, 1]): Float32Array =>
    gathered({ visuals: [visual(scout, { ...look, ...angles, size })], light: { towards: [0, 0, 2], strength: 1, ambient: 0 }, cameras: [] }, worldOf(space, { scout: { at: [1, 1], yaw: [0], team: [0] } })).instances.bodies.subarray(0, bodyWords)
  const rounded = (words: Float32Array): number[] => [...words].map((word) => Math.round(word * 1000) / 1000 + 0)
  const quarter = Math.PI / 2

  it('yaw turns x to y, pitch lifts the nose, roll lifts the left side', () => {
    expect(rounded(turned({}).subarray(3, 12))).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1])
    expect(rounded(turned({ yaw: quarter }).subarray(3, 12))).toEqual([0, 1, 0, -1, 0, 0, 0, 0, 1])
    expect(rounded(turned({ pitch: quarter }).subarray(3, 12))).toEqual([0, 0, 1, 0, 1, 0, -1, 0, 0])
    expect(rounded(turned({ roll: quarter }).subarray(3, 12))).toEqual([1, 0, 0, 0, 0, 1, 0, -1, 0])
    expect(rounded(turned({ yaw: quarter, pitch: quarter }).subarray(3, 12))).toEqual([0, 0, 1, -1, 0, 0, 0, -1, 0])
  })

  it('the inverse undoes axes and size, and light is seen from the thing', () => {
    const body = turned({ yaw: 0.7, pitch: -0.4, roll: 1.9 }, [2, 3, 0.5])
    for (let line = 0; line < 3; line++) {
      for (let column = 0; column < 3; column++) {
        let sum = 0
        for (let i = 0; i < 3; i++) sum += body[12 + 3 * line + i] * body[3 + 3 * column + i]
        expect(Math.abs(sum - (line === column ? 1 : 0))).toBeLessThan(1e-6)
      }
    }
    expect(rounded(turned({ pitch: quarter }).subarray(21))).toEqual([1, 0, 0])
  })

  it('the sphere around a thing holds it', () => {
    const list = gathered({ visuals: [visual(scout, { ...look, size: [2, 1, 1] })], cameras: [] }, worldOf(space, { scout: { at: [1, 1], yaw: [0], team: [0] } }))
    const radius = list.instances.bounds[3 * list.instances.capacity]
    expect(radius).toBeGreaterThan(Math.sqrt(1.5))
    expect(radius).toBeLessThan(2)
  })
})

describe('DrawList: what can not be drawn', () => {
  const scouts = (at: readonly number[]) => worldOf(space, { scout: { at, yaw: [0, 0], team: [0, 0] } })
  const broken: [string, Partial<Scene>, readonly number[], RegExp][] = [
    ['nowhere', {}, [1, 2, 3, NaN], /scout 1 can't be seen at \(3, NaN\) \(column at\)/],
    ['infinitely far', {}, [-Infinity, 2, 3, 4], /scout 0 can't be seen at \(-Infinity, 2\)/],
    ['turned by no angle', { visuals: [visual(scout, { ...look, yaw: () => NaN })] }, [1, 2, 3, 4], /the yaw of scout 0 can't be NaN/],
    ['of no size', { visuals: [visual(scout, { ...look, size: (_, row) => 1 - row })] }, [1, 2, 3, 4], /the size of scout 1 can't be 0/],
    ['of a size beyond all', { visuals: [visual(scout, { ...look, size: () => 1e300 })] }, [1, 2, 3, 4], /the size of scout 0 can't be 1e\+300/],
    ['of half a colour', { visuals: [visual(scout, { ...look, colour: () => 0.5 })] }, [1, 2, 3, 4], /the colour of scout 0 can't be 0\.5/],
    ['of a large segmentation', { visuals: [visual(scout, { ...look, segmentation: () => 65536 })] }, [1, 2, 3, 4], /the segmentation of scout 0 can't be 65536/],
  ]
  it.each(broken)('%s is named', (_, scene, at, message) => {
    expect(() => gathered({ visuals: [visual(scout, look)], cameras: [], ...scene }, scouts(at))).toThrow(message)
    expect(() => gathered({ visuals: [visual(scout, look)], cameras: [], ...scene }, scouts(at))).toThrow(expect.objectContaining({ code: 'world-invalid' }))
  })
})

describe('AgentViews: where cameras are', () => {
  const lens = { fieldOfView: 90, near: 0.5, far: 16, width: 16, height: 16 } as const
  function viewOf(other: Partial<Camera>, at: readonly number[] = [10, 12], terrain = false): { readonly view: number[]; readonly frame: number; readonly unseen: number } {
    const eyes: Camera = { kind: scout, view: { from: 'eyes', height: 2 }, yaw: (columns, row) => columns['yaw'][row], ...lens, ...other }
    const scene: Scene = { ...(terrain ? { terrain: hills() } : {}), visuals: [visual(scout, look)], scenery: [{ ...look, at: [1, 1] }], cameras: [eyes] }
    const world = worldOf(space, { scout: { at, yaw: [Math.PI / 2], team: [0] } })
    const list = gathered(scene, world)
    const views = new Views(1)
    new AgentViews(eyes, eyes.height, list, world.others(scout)).add(views, 0, 5)
    const view = [...views.words].map((word) => Math.round(word * 1e6) / 1e6 + 0)
    return { view, frame: view[viewAt.frame], unseen: view[viewAt.unseen] }
  }

  it('eyes look along the yaw, and do not see themselves', () => {
    const { view, frame, unseen } = viewOf({})
    expect(view.slice(0, 15)).toEqual([10, 12, 2, 1, 0, 0, 0, 0, -1, 0, 1, 0, 8, 0.5, 16])
    expect([frame, unseen]).toEqual([5, 1])
  })

  it('a camera behind looks over its agent, from the other side of the border, above the ground', () => {
    const view = { from: 'behind', distance: 3, height: 2, pitch: -Math.PI / 6 } as const
    const behind = viewOf({ view }, [10, 1])
    expect(behind.view.slice(0, 3)).toEqual([10, 30, 2])
    expect(behind.view.slice(9, 12)).toEqual([0, 0.866025, -0.5])
    expect(behind.unseen).toBe(-1)
    const low = viewOf({ view: { ...view, height: -50 } }, [10, 1], true)
    expect(low.view[2]).toBe(Math.round((hills().heights[60 * 81 + 20] + 1) * 1e6) / 1e6)
  })

  it('a camera above has north at the top', () => {
    const { view, unseen } = viewOf({ view: { from: 'above', altitude: 9 }, yaw: 0 })
    expect(view.slice(0, 12)).toEqual([10, 12, 9, 1, 0, 0, 0, -1, 0, 0, 0, -1])
    expect(unseen).toBe(-1)
  })

  it('a camera that looks nowhere is named', () => {
    expect(() => viewOf({ yaw: () => Infinity })).toThrow(/the camera of scout 0 can't look along Infinity/)
  })
})
