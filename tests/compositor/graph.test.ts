import { describe, expect, it } from 'vitest'
import { GraphError, passesOver, RenderGraph } from '../../compositor/graph.ts'
import { camera, meshes, Stills, visual, type FreeCamera, type Scene } from '../../compositor/index.ts'
import { labelsOf } from '../../compositor/overlay/outlines.ts'
import { stridesOf } from '../../compositor/overlay/paths.ts'
import { Projection } from '../../compositor/overlay/projection.ts'
import { partInside } from '../../compositor/overlay/lines.ts'
import { SceneJobs } from '../../compositor/draw-job.ts'
import { DrawList } from '../../compositor/draw-list.ts'
import { viewWords } from '../../compositor/draw/layout.ts'
import { createTwin } from '../../compositor/draw/twin.ts'
import { addFreeView, Views } from '../../compositor/cameras.ts'
import { f32, kindType, torus, twinKernels, vec, type AgentId, type DrawJob, type Others, type StepWorld } from '../../runtime/index.ts'

interface Values {
  seed: number
  a: number
  b: number
  c: number
  unused: number
}

const pass = passesOver<Values>()

/** Passes that note when they run, and what they are asked for. */
function noted(runs: string[]) {
  const note = (name: string, asked: ReadonlySet<string>) => runs.push(`${name}: ${[...asked].join(' ')}`)
  return [
    pass({ name: 'last', reads: ['b', 'a'], makes: ['c'], run: ({ a, b }, asked) => (note('last', asked), { c: 10 * a + b }) }),
    pass({ name: 'first', reads: ['seed'], makes: ['a', 'unused'], run: ({ seed }, asked) => (note('first', asked), { a: seed + 1 }) }),
    pass({ name: 'middle', reads: ['a'], makes: ['b'], run: ({ a }, asked) => (note('middle', asked), { b: 2 * a }) }),
  ]
}

function refusal(act: () => unknown): Pick<GraphError, 'code' | 'pass' | 'message'> {
  try {
    act()
  } catch (error) {
    if (error instanceof GraphError) return { code: error.code, pass: error.pass, message: error.message }
  }
  throw new Error('nothing was refused')
}

describe('a render graph', () => {
  it('runs what is needed, once, each after what it reads from, and asks for what is needed alone', () => {
    const runs: string[] = []
    const graph = new RenderGraph(noted(runs))
    expect(graph.compute(['c'], { seed: 1 }).c).toBe(24)
    expect(runs.splice(0)).toEqual(['first: a', 'middle: b', 'last: c'])
    expect(graph.compute(['a'], { seed: 4 }).a).toBe(5)
    expect(runs.splice(0)).toEqual(['first: a'])
    expect(graph.compute(['c', 'b'], { a: 3, b: 1 })).toMatchObject({ b: 1, c: 31 })
    expect(runs.splice(0)).toEqual(['last: c'])
    expect(graph.plan([]).length).toBe(0)
  })

  it('refuses, with the name of the pass, what nothing makes, what waits for itself, and what is made twice', () => {
    const [last, first, middle] = noted([])
    expect(refusal(() => new RenderGraph([last, first]).compute(['c'], { seed: 1 }))).toEqual({ code: 'usage', pass: 'last', message: "nothing makes 'b' (pass last); add a pass that does, or give it" })
    expect(refusal(() => new RenderGraph([first]).plan(['a']))).toMatchObject({ pass: 'first', message: expect.stringContaining("nothing makes 'seed'") as string })
    expect(refusal(() => new RenderGraph([first]).plan(['c']))).toMatchObject({ pass: undefined, message: expect.stringContaining("nothing makes 'c' (render graph)") as string })
    const back = pass({ name: 'back', reads: ['c'], makes: ['a'], run: ({ c }) => ({ a: c }) })
    expect(refusal(() => new RenderGraph([last, middle, back]).plan(['c'], new Set(['seed'])))).toMatchObject({ pass: 'last', message: expect.stringContaining('it waits for itself: last <- middle <- back <- last') as string })
    expect(refusal(() => new RenderGraph([first, back]))).toMatchObject({ pass: 'back', message: expect.stringContaining("'a' is made by first already") as string })
  })
})

const post = kindType('post', { published: { at: vec(f32, 2) }, rowsMax: 8 })
const space = torus(64, 64)
/** Looks north from the middle, level, a metre above the ground: a pixel is as wide as high. */
const north: FreeCamera = { name: 'north', at: [32, 32, 1], yaw: Math.PI / 2, pitch: 0, fieldOfView: 90, near: 0.5, far: 24 }
const size = { width: 64, height: 48, samples: 1 } as const

/** Posts at these places; rows are alive unless said otherwise. */
function worldOf(at: readonly (readonly [number, number])[], dead: readonly number[] = []): Pick<StepWorld, 'space' | 'others'> {
  const others: Others = { rows: at.length, alive: at.map((_, row) => (dead.includes(row) ? 0 : 1)), columns: { at: Float32Array.from(at.flat()) }, id: (row) => row as AgentId }
  return { space, others: () => others }
}

const scene: Scene = {
  visuals: [visual(post, { mesh: meshes.box(), size: 2, lift: 1, colour: [200, 100, 50], segmentation: 7 })],
  cameras: [camera(post, { view: { from: 'above', altitude: 9 }, fieldOfView: 60, near: 0.5, far: 16, width: 32, height: 32 })],
}

/** Stills of posts, and the jobs that were drawn. */
function stillsOf(at: readonly (readonly [number, number])[], dead: readonly number[] = []): { stills: Stills; jobs: DrawJob[] } {
  const jobs: DrawJob[] = []
  const twin = createTwin()
  const stills = new Stills(scene, worldOf(at, dead), { ...twinKernels, drawViews: (job, count) => { jobs.push(job); twin(job, count) } })
  stills.gather()
  return { stills, jobs }
}

function channelsOf({ rgb, depth, segmentation }: DrawJob): number[] {
  return [rgb.length / 3, depth.length, segmentation.length]
}

describe('stills draw', () => {
  const pixels = size.width * size.height

  it('the channels that are asked for alone', () => {
    const { stills, jobs } = stillsOf([[32, 40]])
    const still = stills.ofFree(north, size)
    expect(still.channels(['rgb']).rgb).toHaveLength(3 * pixels)
    expect(still.channels(['depth', 'segmentation']).depth).toHaveLength(pixels)
    still.shown({ channel: 'segmentation', overlays: [] }, {})
    still.shown({ channel: 'rgb', overlays: ['minimap', 'paths'] }, { trail: [] })
    expect(jobs.map(channelsOf)).toEqual([[pixels, 0, 0], [0, pixels, pixels], [0, 0, pixels], [pixels, 0, 0]])
  })

  it('once for boxes and colours, twice for boxes and what things are', () => {
    const { stills, jobs } = stillsOf([[32, 40]])
    const still = stills.ofFree(north, size)
    still.shown({ channel: 'rgb', overlays: ['boxes', 'labels'] }, {})
    still.shown({ channel: 'segmentation', overlays: ['boxes'] }, {})
    expect(jobs.map(channelsOf)).toEqual([[pixels, 0, pixels], [0, 0, pixels], [0, 0, pixels]])
  })

  it('what they need the range for only when it is given', () => {
    const { stills } = stillsOf([[32, 40]])
    expect(refusal(() => stills.ofFree(north, size).shown({ channel: 'depth', overlays: [] }, {}))).toMatchObject({ pass: 'depthColours' })
  })
})

/** Columns and lines of the pixels that an overlay changes. */
function changed(at: readonly (readonly [number, number])[], { dead = [], samples = 1 }: { readonly dead?: readonly number[]; readonly samples?: number } = {}): number[][] {
  const { stills } = stillsOf(at, dead)
  const { colours, picture } = stills.ofFree(north, { ...size, samples }).shown({ channel: 'segmentation', overlays: ['boxes'] }, {})
  return Array.from({ length: size.width * size.height }, (_, pixel) => pixel)
    .filter((pixel) => colours.rgb[3 * pixel] !== picture.rgb[3 * pixel])
    .map((pixel) => [pixel % size.width, Math.floor(pixel / size.width)])
}

describe('boxes', () => {
  // Edges of 2 metres, 8 metres ahead: the near side is 7 away, 24 / 7 pixels a metre.
  const around8 = [28, 20, 35, 27]
  const edges = (points: number[][]): number[] => [0, 1].flatMap((axis) => [Math.min(...points.map((point) => point[axis])), Math.max(...points.map((point) => point[axis]))])

  it.each([1, 4])('lie around what the agent covers, with %d samples', (samples) => {
    const points = changed([[32, 40]], { samples })
    const [left, top, right, bottom] = around8
    expect(edges(points)).toEqual([left, right, top, bottom])
    expect(points).toHaveLength(4 * 7)
  })

  it('reach beyond the picture where the agent does, cut off at the near end of sight', () => {
    // To the right, from the eye's own line to 2 metres before it: only the left side of its box is in the picture.
    expect(edges(changed([[33.9, 33]]))).toEqual([42, 42, 0, 47])
    expect(changed([[32, 30]])).toEqual([])
  })

  it('are not drawn around who is dead, hidden behind another, or out of sight', () => {
    expect(changed([[32, 40], [40, 50]], { dead: [0, 1] })).toEqual([])
    expect(edges(changed([[32, 40], [32, 50]]))).toEqual([28, 35, 20, 27])
    expect(changed([[32, 40], [32, 50]])).toEqual(changed([[32, 40]]))
    expect(changed([[32, 20]])).toEqual([])
  })
})

function projected(at: readonly (readonly [number, number])[]): { list: DrawList; projection: Projection } {
  const world = worldOf(at)
  const list = new DrawList(scene, world, true)
  list.gather()
  const views = new Views(1)
  addFreeView(views, north, list.land, size.height)
  expect(views.words).toHaveLength(viewWords)
  const none = { grey: new Uint8Array(0), depth: new Float32Array(0), depthMillis: new Uint16Array(0), segmentation: new Uint16Array(0), rgb: new Uint8Array(0) }
  const job = new SceneJobs(scene, space, list).job({ ...none, width: size.width, height: size.height }, views.words, { segmentation: 'kind', clear: false })
  return { list, projection: new Projection(job, size) }
}

describe('projection', () => {
  const { projection } = projected([])

  it('puts known places where they are', () => {
    const point = (x: number, y: number, z: number) => projection.pointOf(projection.turned(projection.away(x, y, z))).map((value) => Math.round(value * 1e6) / 1e6)
    expect(point(32, 40, 1)).toEqual([32, 24])
    expect(point(36, 40, 1)).toEqual([44, 24])
    expect(point(32, 40, 3)).toEqual([32, 18])
    // The nearest image: 64 metres around is the same place.
    expect(point(36 + 64, 40 - 64, 1)).toEqual([44, 24])
  })

  it('cuts boxes and lines off at the near end of sight', () => {
    const corners = (near: number, far: number) => Array.from({ length: 8 }, (_, i): [number, number, number] => [(i & 1) * 2 - 1, (i & 2) - 1, i & 4 ? far : near])
    expect(projection.boxOf(corners(-3, -1))).toBeUndefined()
    expect(projection.boxOf(corners(4, 8))).toEqual({ left: 26, top: 18, width: 12, height: 12 })
    // At half a metre a metre has 48 pixels.
    const wide = corners(-1, 8).map(([right, down, forward]): [number, number, number] => [0.99 * right, 0.99 * down, forward])
    expect(projection.boxOf(wide)).toEqual({ left: -16, top: -24, width: 96, height: 96 })
    expect(projection.lineOf([0, 0, -2], [0, 0, 0.4])).toBeUndefined()
    expect(projection.lineOf([0, 0, 25], [0, 0, 30])).toBeUndefined()
    expect(projection.lineOf([-1, 0, 0], [1, 0, 1])).toEqual([[32, 24], [56, 24]])
    expect(partInside([[-1, 1], [3, -1]])).toEqual([0.5, 0.75])
    expect(partInside([[-1, 1], [1, -3]])).toBeUndefined()
  })
})

describe('labels', () => {
  const named = (name: string, left: number, top: number) => ({ name, colour: 0, distance: 0, box: { left, top, width: 8, height: 8 } })
  const placed = (...outlines: ReturnType<typeof named>[]) => labelsOf(outlines, size).map(({ text, box }) => [text, box.left, box.top])

  it('are written above their boxes, inside of the picture', () => {
    expect(placed(named('a:1', 5, 30), named('b:2', 60, 2), named('c:3', -9, 60))).toEqual([['a:1', 5, 21], ['b:2', 45, 0], ['c:3', 0, 39]])
  })

  it('are left out where a nearer one is, and where they are wider than the picture', () => {
    expect(placed(named('near:1', 5, 30), named('far:1', 20, 25), named('far:2', 20, 39), named('enormous:77', 5, 9))).toEqual([['near:1', 5, 21], ['far:2', 20, 30]])
  })
})

describe('paths', () => {
  it('go from step to step, and break where an agent was not there or went around the torus', () => {
    const { list, projection } = projected([[32, 40]])
    const trail = [[32, 36], [32, 38], undefined, [30, 40], [34, 40], [60, 40], [4, 40]].map((at) => new Map(at === undefined ? [] : [[0, [at[0], at[1]] as const]]))
    const round = (point: readonly number[]) => point.map((value) => Math.round(value * 1e6) / 1e6)
    const strides = stridesOf(list, projection, space, trail)
    expect(strides.map(({ from, to }) => [round(from), round(to)]).slice(0, 2)).toEqual([[[32, 30], [32, 28]], [[26, 27], [38, 27]]])
    expect(strides).toHaveLength(3)
    expect(strides[0].colour).toBe(0xc86432)
  })
})
