import { describe, expect, it } from 'vitest'
import { createSimulation, defineWorld, f32, kind, system, torus, vec, type Simulation } from '../../actors/index.ts'
import { resolveConfig } from '../../actors/host/resolve-config.ts'
import { buildProgram } from '../../actors/world/program.ts'
import arena from '../../actors/worlds/arena.ts'
import { gem } from '../../actors/worlds/arena/enemies.ts'
import { vanish } from '../../actors/worlds/arena/enemy-systems.ts'
import { Claim, Enemy, Gem, Granted, roles, Scout } from '../../actors/worlds/arena/kinds.ts'
import { observationElements, ownElements, seenElements, slopeElements } from '../../actors/worlds/arena/observation.ts'
import { settings } from '../../actors/worlds/arena/settings.ts'
import { heightAt, heightMax, landOf, terrainOf } from '../../actors/worlds/arena/terrain.ts'
import { checkTerrain } from '../../compositor/terrain.ts'
import { attachShared, Coordinator, createSharedMemory, regionArray, twinKernels } from '../../runtime/index.ts'
import { counts } from '../counts.ts'

function start(config: Record<string, number | string> = {}, seed = 7): Simulation {
  return createSimulation({ world: arena, seed, config, threads: 0 })
}

/** A column of all heroes, role by role. */
function ofHeroes(simulation: Simulation, column: string): unknown[] {
  return roles.flatMap((role) => Array.from({ length: simulation.rows(role) }, (_, row) => simulation.get(role, row, column)))
}

function total(simulation: Simulation, column: string): number {
  return ofHeroes(simulation, column).reduce<number>((sum, value) => sum + (value as number), 0)
}

/** Row and generation of every gem there is. */
function gemsOf(simulation: Simulation): string[] {
  const rows = Array.from({ length: simulation.rows(Gem) }, (_, row) => row).filter((row) => simulation.isAlive(Gem, row))
  return rows.map((row) => `${String(row)}.${String(simulation.agent(Gem, row)['$generation'])}`)
}

describe('the arena', () => {
  it('sees kills, gems, levels, falls and returns, and no more enemies than it may', () => {
    const simulation = start()
    let fallen = 0
    let returned = 0
    for (let step = 0; step < counts(1_300, 5_000); step++) {
      const before = ofHeroes(simulation, 'fate')
      simulation.step()
      expect(simulation.count(Enemy)).toBeLessThanOrEqual(200)
      fallen += ofHeroes(simulation, 'terminated').filter(Boolean).length
      returned += ofHeroes(simulation, 'fate').filter((fate, hero) => fate === 'standing' && before[hero] === 'lying').length
    }
    const report = simulation.report()
    expect(report['kills']).toBeGreaterThan(100)
    expect(report['gathered']).toBeGreaterThan(50)
    expect(report['level']).toBeGreaterThan(1.5)
    expect(report['deaths']).toBe(fallen)
    expect(returned).toBeGreaterThan(0)
    expect(report['heroes']).toBeGreaterThan(8)
  })

  it('ends a life after two minutes, as truncated, and begins another', () => {
    const simulation = start({ agents: 1, enemies: 0 })
    const ends = { terminated: [] as number[], truncated: [] as number[] }
    while (simulation.stepCount < 2_470) {
      simulation.step()
      for (const end of ['terminated', 'truncated'] as const) if (simulation.get(Scout, 0, end) === true) ends[end].push(simulation.stepCount)
    }
    // The step in which the timer is due leads to the next state.
    expect(ends).toEqual({ terminated: [], truncated: [2_401] })
    expect(simulation.agent(Scout, 0)).toMatchObject({ fate: 'standing', deaths: 0, age: 10, level: 1 })
  })

  it('grants every gem to exactly one of those who reach for it', () => {
    const simulation = start({ agents: 200, enemies: 200, map: 32 })
    const seen = new Set<string>()
    for (let step = 0; step < counts(150, 1_000); step++) {
      const before = gemsOf(simulation)
      for (const each of before) seen.add(each)
      simulation.step()
      // A grant arrives in the step after the gem is gone.
      expect(total(simulation, 'gems'), `step ${String(step)}`).toBe(seen.size - before.length)
    }
    expect(seen.size).toBeGreaterThan(100)
  })

  it('pays rewards out: their sum is the score', () => {
    const simulation = start()
    const sums = ofHeroes(simulation, 'reward').map(() => 0)
    for (let step = 0; step < 300; step++) {
      simulation.step()
      ofHeroes(simulation, 'reward').forEach((reward, hero) => {
        sums[hero] = Math.fround(sums[hero] + (reward as number))
      })
    }
    expect(sums).toEqual(ofHeroes(simulation, 'score'))
    expect(sums.some((sum) => sum > 0)).toBe(true)
  })

  it('lets no enemies come at difficulty 0, and more the harder it is', () => {
    const after = (difficulty: number): number => {
      const simulation = start({ difficulty, agents: 1, enemies: 400, map: 400 })
      simulation.step(150)
      return simulation.count(Enemy) + total(simulation, 'kills')
    }
    expect(after(0)).toBe(200)
    expect(after(0.5)).toBe(300)
    expect(after(5)).toBe(400)
  })

  it('takes a change of difficulty while it runs', () => {
    const simulation = start({ difficulty: 0, agents: 1, enemies: 400, map: 400 })
    simulation.step(90)
    simulation.input({ form: 'config', key: 'difficulty', value: 1 })
    simulation.step(60)
    expect(simulation.count(Enemy) + total(simulation, 'kills')).toBe(300)
  })

  it('deals roles in turn', () => {
    const simulation = start({ agents: 6 })
    expect(roles.map((role) => simulation.count(role))).toEqual([2, 2, 1, 1])
  })

  it('runs with policies that act from pixels', () => {
    const simulation = start({ obs: 'pixels' })
    simulation.step(20)
    expect(ofHeroes(simulation, 'action').every((action) => (action as number) <= 8)).toBe(true)
    expect(simulation.hash).not.toBe(stepped(start(), 20).hash)
  })

  it('observes numbers from -1 to 1', () => {
    const program = buildProgram(arena, { seed: 7, config: resolveConfig(settings, { overrides: ['agents=64', 'map=40'] }) })
    const state = attachShared(program, createSharedMemory(program, 1), twinKernels)
    const coordinator = new Coordinator(state, { wait: { spins: 0, stallSlices: 1 } })
    coordinator.start()
    coordinator.runTo(counts(103, 1_503))
    for (const role of roles) {
      const observed = regionArray(state.stages, `observations.${role.name}`, 'f32').subarray(0, 16 * observationElements)
      expect(observed.every((value) => value >= -1 && value <= 1)).toBe(true)
      expect(observed.some((value) => value < 0)).toBe(true)
      const nearnessOfFirst = ownElements + slopeElements + seenElements - 1
      expect(observed.some((value, i) => i % observationElements === nearnessOfFirst && value > 0)).toBe(true)
    }
  })
})

function stepped(simulation: Simulation, steps: number): Simulation {
  simulation.step(steps)
  return simulation
}

/** A claimant of a kind, and the system that lets all of them reach for gem 0 in step 0. */
function claimants(name: string) {
  const claimant = kind(name, { published: { at: vec(f32, 2) }, columns: { granted: f32 }, receives: [Granted] })
  const claim = system({
    name: `claim-${name}`,
    kind: claimant,
    run: (rows, world) => {
      const { granted } = rows.write
      for (let row = rows.begin; row < rows.end; row++) {
        if (rows.alive[row] !== 1) continue
        if (world.step === 0) world.send(row, Claim, world.others(Gem).id(0), {})
        rows.eachMail(Granted, row, ({ xp }) => {
          granted[row] += xp
        })
      }
    },
  })
  return { claimant, claim }
}

describe('a gem', () => {
  it('goes to the first of its claimants by kind and row, whoever was asked first', () => {
    const late = claimants('late')
    const early = claimants('early')
    const world = defineWorld({
      name: 'contention',
      space: torus(10, 10),
      kinds: [late.claimant, early.claimant, Gem.with(gem)],
      init: ({ spawn }) => {
        for (let i = 0; i < 3; i++) spawn(late.claimant, {})
        for (let i = 0; i < 3; i++) spawn(early.claimant, {})
        spawn(Gem, { xp: 5 })
      },
      systems: [late.claim, early.claim, vanish],
    })
    const simulation = createSimulation({ world, threads: 0 })
    simulation.step(4)
    const granted = (of: typeof late): unknown[] => [0, 1, 2].map((row) => simulation.get(of.claimant, row, 'granted'))
    expect(granted(early)).toEqual([5, 0, 0])
    expect(granted(late)).toEqual([0, 0, 0])
    expect(simulation.count(Gem)).toBe(0)
  })
  it('fades after a minute', () => {
    const world = defineWorld({ name: 'fading', stepMillis: 1_000, kinds: [Gem.with(gem)], init: ({ spawn }) => void spawn(Gem, { xp: 1 }), systems: [vanish] })
    const simulation = createSimulation({ world, threads: 0 })
    simulation.step(60)
    expect(simulation.count(Gem)).toBe(1)
    simulation.step()
    expect(simulation.count(Gem)).toBe(0)
  })
})

describe('the land', () => {
  const land = landOf(7, 96)
  const places = Array.from({ length: 1_000 }, (_, i) => [(i % 37) * 2.6, Math.floor(i / 37) * 3.5] as const)

  it('lies between 0 and its greatest height', () => {
    const heights = places.map(([x, y]) => heightAt(land, x, y))
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...heights)).toBeLessThanOrEqual(heightMax)
    expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(2)
  })
  it('repeats at the borders without a step', () => {
    for (let along = 0; along < 96; along += 0.5) {
      expect(heightAt(land, 96, along)).toBe(heightAt(land, 0, along))
      expect(heightAt(land, along, -3)).toBe(heightAt(land, along, 93))
      expect(Math.abs(heightAt(land, 95.99, along) - heightAt(land, 0.01, along))).toBeLessThan(0.05)
    }
  })
  it('is another for another seed, in all bits of it', () => {
    const same = (seed: number): boolean => places.every(([x, y]) => heightAt(landOf(seed, 96), x, y) === heightAt(land, x, y))
    expect([7, 8, 7 + 2 ** 32].map(same)).toEqual([true, false, false])
  })
  it.each([32, 33, 96, 1024])('covers a map of %i metres for the compositor', (map) => {
    const terrain = terrainOf(landOf(7, map))
    expect(() => {
      checkTerrain(terrain, torus(map, map))
    }).not.toThrow()
    expect(terrain.segmentation.every((each) => each >= 1 && each <= 5)).toBe(true)
  })
})
