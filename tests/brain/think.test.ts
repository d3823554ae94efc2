import { describe, expect, it } from 'vitest'
import { createMlp, observationRegions, thinkStage } from '../../brain/index.ts'
import { camera as cameraOf, cameraPixels, frameOf, frameRegions, renderStages, meshes, type Scene } from '../../compositor/index.ts'
import { box, discrete, f32, kindType, math, regionArray, torus, vec, type KindType, type Space, type Stage } from '../../runtime/index.ts'
import { startWorld, type StartedWorld } from '../compositor/world.ts'

const rowsMax = 64
const rows = 40
const observation = box([2, 3], -1, 1)
const options = { published: { at: vec(f32, 2) }, rowsMax }

function agents<S extends Space>(action: S, name = 'agent') {
  return kindType(name, { ...options, policy: { observation, action } })
}

/** Writes the same numbers every time: element i of row r is (r x 6 + i) / 64 - 1. */
function observe(kind: KindType): Stage {
  return {
    name: 'observe',
    kind,
    writes: [],
    bind: ({ slab }) => {
      const out = regionArray(slab, `observations.${kind.name}`, 'f32')
      return (begin, end) => {
        for (let i = begin * 6; i < end * 6; i++) out[i] = i / 64 - 1
      }
    },
  }
}

/** A world of forty agents that have observed and acted once. */
function openThinkers(kind: KindType, stages: readonly Stage[] = [observe(kind), thinkStage({ kind, seed: 7 })]): StartedWorld {
  return startWorld({
    kinds: [kind],
    stages,
    regions: observationRegions([kind]),
    space: torus(100, 100),
    init: (world) => {
      for (let i = 0; i < rows; i++) world.spawn(kind, { at: [world.rng.unitF32() * 100, world.rng.unitF32() * 100] })
    },
  })
}

function actionsOf(world: StartedWorld, kind: KindType): number[] {
  const { live, type } = world.table(kind).column('action')
  return [...live.subarray(0, rows * type.width)]
}

function outputOf(mlp: ReturnType<typeof createMlp>, input: Float32Array): Float32Array {
  const pass = mlp.open(input, 1)
  pass.run(1)
  return pass.output
}

/** Outputs of the policy of a kind named `agent`, seed 7, for a row of `observe`. */
function outputsFor(row: number, outputs: number): number[] {
  const mlp = createMlp({ inputs: 6, hidden: [32, 32], outputs, seed: 7, name: 'agent' })
  return [...outputOf(mlp, Float32Array.from({ length: 6 }, (_, i) => (row * 6 + i) / 64 - 1))]
}

describe('thinkStage: discrete actions', () => {
  it('takes the choice with the largest output', () => {
    const kind = agents(discrete(5))
    const expected = Array.from({ length: rows }, (_, row) => {
      const outputs = outputsFor(row, 5)
      return outputs.indexOf(Math.max(...outputs))
    })
    expect(actionsOf(openThinkers(kind), kind)).toEqual(expected)
    expect(new Set(expected).size).toBeGreaterThan(1)
  })

  it('acts the same for ever', () => {
    const kind = agents(discrete(5))
    expect(actionsOf(openThinkers(kind), kind).join('')).toBe('0000011111134444444444444444444444444444')
    expect(thinkStage({ kind, seed: 7 }).weightsHash).toBe('aa849ae3e5aa5182')
  })

  it('takes the lowest of equals, and heeds the mask', () => {
    const kind = agents(discrete(5, { masked: true }))
    const world = openThinkers(kind, [thinkStage({ kind, seed: 7 })])
    const mask = world.table(kind).column('actionMask').live
    mask.set([1, 1, 1, 1, 1], 0)
    mask.set([0, 0, 1, 1, 1], 5)
    mask.set([0, 0, 0, 0, 1], 10)
    mask.set([0, 0, 0, 0, 0], 15)
    world.step()
    // Nothing was observed and biases are 0, so all outputs are equal.
    expect(actionsOf(world, kind).slice(0, 4)).toEqual([0, 2, 4, 0])
  })

  it('takes the best of the valid choices', () => {
    const kind = agents(discrete(5, { masked: true }))
    const world = openThinkers(kind)
    const mask = world.table(kind).column('actionMask').live
    for (let i = 0; i < rows * 5; i++) mask[i] = (i * 7) % 3 === 0 ? 0 : 1
    world.step()
    const expected = Array.from({ length: rows }, (_, row) => {
      const outputs = outputsFor(row, 5).map((output, i) => (mask[row * 5 + i] === 0 ? -Infinity : output))
      return outputs.indexOf(Math.max(...outputs))
    })
    expect(actionsOf(world, kind)).toEqual(expected)
  })
})

describe('thinkStage: box actions', () => {
  it('squashes outputs into the bounds, in f32', () => {
    const kind = agents(box([2], -0.3, 0.7))
    const expected = Array.from({ length: rows }, (_, row) =>
      outputsFor(row, 2).map((output) => {
        const part = Math.fround(Math.fround(Math.fround(math.tanh(output)) + 1) * 0.5)
        const width = Math.fround(Math.fround(0.7) - Math.fround(-0.3))
        return Math.fround(Math.fround(-0.3) + Math.fround(part * width))
      }),
    ).flat()
    expect(actionsOf(openThinkers(kind), kind)).toEqual(expected)
  })

  it('stays inside the bounds however large the outputs', () => {
    for (const [low, high] of [[-0.3, 0.7], [0.1, 0.3], [-1e-3, 1e7], [5, 5.000001], [-0.1, 1 / 7]]) {
      const kind = agents(box([4], low, high))
      const loud: Stage = { ...observe(kind), bind: ({ slab }) => () => void regionArray(slab, 'observations.agent', 'f32').fill(1e6) }
      const actions = actionsOf(openThinkers(kind, [loud, thinkStage({ kind, seed: 7 })]), kind)
      expect(Math.min(...actions)).toBeGreaterThanOrEqual(Math.fround(low))
      expect(Math.max(...actions)).toBeLessThanOrEqual(Math.fround(high))
      expect(actions).toContain(Math.fround(high))
      expect(actions).toContain(Math.fround(low))
    }
  })

  it('refuses a box without bounds or without a column', () => {
    for (const action of [box([2], -Infinity, 1), box([65], 0, 1)]) {
      expect(() => thinkStage({ kind: agents(action), seed: 7 })).toThrow(expect.objectContaining({ code: 'world-invalid', where: 'kind agent' }))
    }
  })
})

describe('thinkStage: rows', () => {
  it('acts the same for any split of the rows', () => {
    const kind = agents(box([2], -1, 1))
    const stage = thinkStage({ kind, seed: 7 })
    const whole = actionsOf(openThinkers(kind), kind)
    for (const split of [[[0, 40]], [[13, 40], [0, 13]], Array.from({ length: rows }, (_, row) => [rows - 1 - row, rows - row])]) {
      const world = openThinkers(kind, [observe(kind)])
      const run = stage.bind(world.port(stage))
      for (const [begin, end] of split) run(begin, end)
      expect(actionsOf(world, kind)).toEqual(whole)
    }
  })

  it('leaves the dead alone', () => {
    const kind = agents(discrete(5))
    const world = openThinkers(kind)
    const whole = actionsOf(world, kind)
    const row = whole.findIndex((action) => action > 0)
    world.table(kind).freeRow(row)
    world.step()
    expect(actionsOf(world, kind)).toEqual(whole.map((action, i) => (i === row ? 0 : action)))
  })

  it('writes only the action', () => {
    expect(thinkStage({ kind: agents(discrete(2)), seed: 7 }).writes).toEqual(['action'])
  })
})

describe('thinkStage: bad input', () => {
  const observing = (value: number): Stage => {
    const kind = agents(discrete(5))
    return { ...observe(kind), bind: ({ slab }) => () => void (regionArray(slab, 'observations.agent', 'f32')[6 * 3 + 4] = value) }
  }

  it.each([NaN, Infinity, -Infinity])('an observation of %s is refused by kind, row and element', (value) => {
    const kind = agents(discrete(5))
    expect(() => openThinkers(kind, [observing(value), thinkStage({ kind, seed: 7 })])).toThrow(
      expect.objectContaining({ code: 'world-invalid', what: `element 4 of the observation of agent 3 is ${value}`, where: 'observer of agent' }),
    )
  })

  it('observations whose sums overflow are refused', () => {
    const kind = agents(box([2], -1, 1))
    const loud: Stage = { ...observe(kind), bind: ({ slab }) => () => void regionArray(slab, 'observations.agent', 'f32').fill(3e38) }
    expect(() => openThinkers(kind, [loud, thinkStage({ kind, seed: 7, hidden: [8, 8, 8, 8] })])).toThrow(/of the policy is not a number for agent 0/)
  })

  it('a kind without a policy is refused', () => {
    expect(() => thinkStage({ kind: kindType('gem', options), seed: 7 })).toThrow(/kind gem has no policy/)
  })

  it('regions are made for kinds with a policy only', () => {
    expect(observationRegions([kindType('gem', options), agents(discrete(2), 'tank')])).toEqual([{ name: 'observations.tank', kind: 'tensor', dtype: 'f32', shape: [rowsMax, 6] }])
  })
})

describe('thinkStage: from pixels', () => {
  const kind = agents(discrete(5))
  const camera = cameraOf(kind, { view: { from: 'above', altitude: 20 }, fieldOfView: 90, near: 0.5, far: 40, width: 20, height: 16 })
  const scene: Scene = { visuals: [{ kind, mesh: meshes.box(), size: [8, 8, 1], colour: (_, row) => 0x100000 + 9973 * row, segmentation: 1 }], cameras: [camera] }
  const draw = (): Stage => renderStages(scene)[0]
  const think = thinkStage({ kind, seed: 7, frames: cameraPixels(camera) })

  function openSeers(stages: readonly Stage[]): StartedWorld {
    return startWorld({
      kinds: [kind],
      stages,
      regions: frameRegions(scene, torus(100, 100)),
      space: torus(100, 100),
      init: (world) => {
        for (let i = 0; i < rows; i++) world.spawn(kind, { at: [world.rng.unitF32() * 100, world.rng.unitF32() * 100] })
      },
    })
  }

  it('acts by the frame of the step, each byte divided by 255', () => {
    const world = openSeers([draw(), think])
    const mlp = createMlp({ inputs: 960, hidden: [32, 32], outputs: 5, seed: 7, name: 'agent' })
    const expected = Array.from({ length: rows }, (_, row) => {
      const output = outputOf(mlp, Float32Array.from(frameOf(world.slab, kind, row, 0).rgb, (byte) => byte / 255))
      return output.indexOf(Math.max(...output))
    })
    expect(actionsOf(world, kind)).toEqual(expected)
    expect(new Set(expected).size).toBeGreaterThan(1)
  })

  it('acts the same for ever', () => {
    expect(actionsOf(openSeers([draw(), think]), kind).join('')).toBe('1114444104111111104404401414411400441141')
  })

  it('refuses a frame that was not drawn, or of another step', () => {
    expect(() => openSeers([think])).toThrow(/the frame of agent 0 is not of step 0: there is none/)
    const once: Stage = {
      ...draw(),
      bind: (port) => {
        const paint = draw().bind(port)
        return (begin, end) => port.world.step === 0 && paint(begin, end)
      },
    }
    const world = openSeers([once, think])
    expect(() => world.step()).toThrow(/the frame of agent 0 is not of step 1: there is none/)
  })
})
