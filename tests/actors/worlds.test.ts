import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSimulation, type Simulation, type WorldDefinition } from '../../actors/index.ts'
import flocking from '../../actors/worlds/flocking.ts'
import meadow from '../../actors/worlds/meadow.ts'
import arena from '../../actors/worlds/arena.ts'
import { kindOf } from '../../actors/world/define.ts'
import type { KindType } from '../../runtime/index.ts'
import { counts } from '../counts.ts'

/** Seed 7, default settings, 200 steps. */
const golden: readonly (readonly [WorldDefinition, string])[] = [
  [arena, '552e11ec64670114'],
  [flocking, '5f1fd9b72957ea1f'],
  [meadow, 'a75d4f8eab12edd0'],
]

function start(world: WorldDefinition, config: Record<string, number | string> = {}, seed = 7): Simulation {
  return createSimulation({ world, seed, config, threads: 0 })
}

function kindNamed(world: WorldDefinition, name: string): KindType {
  const kind = world.kinds.map(kindOf).find((each) => each.name === name)
  if (kind === undefined) throw new Error(`${world.name} has no kind ${name}`)
  return kind
}

/** A vector column of all rows, as one list. */
function column(simulation: Simulation, kind: KindType, name: string): number[] {
  return Array.from({ length: simulation.rows(kind) }, (_, row) => simulation.get(kind, row, name) as number[]).flat()
}

describe('every built-in world', () => {
  it.each(golden)('$name has its golden hash after 200 steps', (world, hash) => {
    const simulation = start(world)
    simulation.step(200)
    expect(simulation.hash).toBe(hash)
  })
  it.each(golden)('$name depends on the seed', (world, hash) => {
    const simulation = start(world, {}, 8)
    simulation.step(200)
    expect(simulation.hash).not.toBe(hash)
  })
  it.each(golden)('$name writes its own rows only, in any order', (world) => {
    const simulation = createSimulation({ world, seed: 7, threads: 0, check: true })
    simulation.step(counts(10, 300))
    expect(simulation.stepCount).toBe(counts(10, 300))
  })
  it.each(['flocking', 'meadow'])('%s is written in under 120 lines', (name) => {
    const text = readFileSync(new URL(`../../actors/worlds/${name}.ts`, import.meta.url), 'utf8')
    expect(text.trimEnd().split('\n').length).toBeLessThan(120)
  })
})

const size = 100
const vision = 5

/** The shortest way from one coordinate to another around the torus. */
function wayTo(from: number, to: number): number {
  return [to - from, to - from - size, to - from + size].reduce((best, way) => (Math.abs(way) < Math.abs(best) ? way : best))
}

function around(index: number, cells: number): number {
  return ((index % cells) + cells) % cells
}

/** Flocking in plain arrays, from the description: the birds of each cell in a list, three steps for each bird. */
class PlainFlock {
  private readonly cells = size / vision
  private at: Float32Array
  private velocity: Float32Array

  constructor(at: readonly number[], velocity: readonly number[]) {
    this.at = Float32Array.from(at)
    this.velocity = Float32Array.from(velocity)
  }

  get state(): { at: number[]; velocity: number[] } {
    return { at: [...this.at], velocity: [...this.velocity] }
  }

  step(): void {
    const lists = this.sort()
    const at = this.at.slice()
    const velocity = this.velocity.slice()
    for (let bird = 0; bird < at.length / 2; bird++) {
      const turn = this.turnOf(bird, lists)
      const sum = [this.velocity[2 * bird] + turn[0], this.velocity[2 * bird + 1] + turn[1]]
      const length = Math.sqrt(sum[0] * sum[0] + sum[1] * sum[1])
      for (const axis of [0, 1]) {
        velocity[2 * bird + axis] = sum[axis] / length
        const moved = this.at[2 * bird + axis] + velocity[2 * bird + axis]
        at[2 * bird + axis] = moved < 0 ? moved + size : moved >= size ? moved - size : moved
        if (at[2 * bird + axis] === size) at[2 * bird + axis] = 0
      }
    }
    this.at = at
    this.velocity = velocity
  }

  private cellOf(bird: number): [number, number] {
    return [Math.floor(this.at[2 * bird] / vision), Math.floor(this.at[2 * bird + 1] / vision)]
  }

  private sort(): number[][] {
    const lists: number[][] = Array.from({ length: this.cells * this.cells }, () => [])
    for (let bird = 0; bird < this.at.length / 2; bird++) {
      const [column, line] = this.cellOf(bird)
      lists[line * this.cells + column].push(bird)
    }
    return lists
  }

  private turnOf(bird: number, lists: readonly number[][]): [number, number] {
    const [column, line] = this.cellOf(bird)
    const sum: [number, number] = [0, 0]
    let count = 0
    for (const down of [-1, 0, 1]) {
      for (const right of [-1, 0, 1]) {
        for (const other of lists[around(line + down, this.cells) * this.cells + around(column + right, this.cells)]) {
          const way = [wayTo(this.at[2 * bird], this.at[2 * other]), wayTo(this.at[2 * bird + 1], this.at[2 * other + 1])]
          const square = way[0] * way[0] + way[1] * way[1]
          if (other === bird || square > vision * vision) continue
          const weight = square < 1 ? 0.03 - 0.015 : 0.03
          for (const axis of [0, 1]) sum[axis] += weight * way[axis] + 0.05 * this.velocity[2 * other + axis]
          count++
        }
      }
    }
    return count === 0 ? sum : [sum[0] / count, sum[1] / count]
  }
}

describe('flocking', () => {
  const Bird = kindNamed(flocking, 'bird')

  it('has the bits of the same rules in plain arrays', () => {
    const simulation = start(flocking)
    const plain = new PlainFlock(column(simulation, Bird, 'at'), column(simulation, Bird, 'velocity'))
    for (let step = 1; step <= 100; step++) {
      simulation.step()
      plain.step()
      expect({ at: column(simulation, Bird, 'at'), velocity: column(simulation, Bird, 'velocity') }, `step ${String(step)}`).toEqual(plain.state)
    }
  })
  it('lines birds up', () => {
    const simulation = start(flocking)
    const order = (): number => {
      const sum = column(simulation, Bird, 'velocity').reduce((both, part, i) => [both[0] + (i % 2 === 0 ? part : 0), both[1] + (i % 2 === 0 ? 0 : part)], [0, 0])
      return Math.hypot(sum[0], sum[1]) / simulation.count(Bird)
    }
    const before = order()
    simulation.step(500)
    expect(before).toBeLessThan(0.3)
    expect(order()).toBeGreaterThan(0.7)
  })
  it.each([
    { agents: 1, size: 1, vision: 5, speed: 1 },
    { agents: 30, size: 12, vision: 20, speed: 1 },
    { agents: 30, size: 70.7, vision: 0, speed: 1 },
    { agents: 50, size: 33.3, vision: 5, speed: 40 },
  ])('keeps its birds on the torus and at full speed with %o', (config) => {
    const simulation = start(flocking, config)
    simulation.step(50)
    for (const part of column(simulation, Bird, 'at')) expect(part >= 0 && part < config.size).toBe(true)
    const velocity = column(simulation, Bird, 'velocity')
    for (let i = 0; i < velocity.length; i += 2) expect(Math.abs(Math.hypot(velocity[i], velocity[i + 1]) - 1)).toBeLessThan(1e-6)
  })
})

describe('meadow', () => {
  const Sheep = kindNamed(meadow, 'sheep')

  it('frightens the sheep that hear a wolf, and only those', () => {
    const simulation = start(meadow, { wolves: 1 })
    const before = column(simulation, Sheep, 'at')
    const wolf = simulation.get(kindNamed(meadow, 'wolf'), 0, 'at') as number[]
    simulation.step(2)
    expect(simulation.report()['afraid']).toBeGreaterThan(0)
    for (let row = 0; row < simulation.rows(Sheep); row++) {
      const afraid = (simulation.get(Sheep, row, 'fear') as number) > 0
      const distance = Math.hypot(wayTo(wolf[0], before[2 * row]), wayTo(wolf[1], before[2 * row + 1]))
      if (distance < 11) expect(afraid).toBe(true)
      if (distance > 13) expect(afraid).toBe(false)
    }
  })
  it('calms down when nobody howls any more', () => {
    const simulation = start(meadow, { wolves: 1 })
    simulation.step(2)
    expect(simulation.report()['afraid']).toBeGreaterThan(0)
    simulation.input({ form: 'kill', kind: 'wolf', row: 0 })
    simulation.step(60)
    expect(simulation.report()).toEqual({ afraid: 0, fear: 0 })
  })
  it('is at peace without wolves', () => {
    const simulation = start(meadow, { wolves: 0 })
    simulation.step(50)
    expect(simulation.report()).toEqual({ afraid: 0, fear: 0 })
  })
})
