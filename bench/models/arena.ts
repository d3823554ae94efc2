import { createSimulation, prepareWorld, type PreparedWorld } from '../../actors/index.ts'
import { buildProgram } from '../../actors/world/program.ts'
import { elementBytes, worldColumns, type Behaviour, type Program } from '../../runtime/index.ts'
import { hostKernels } from '../../runtime/host/index.ts'
import { garbageOf, type Garbage } from '../harness/garbage.ts'
import { secondsOf } from '../harness/measure.ts'
import { residentWith } from '../harness/resident.ts'
import { seed } from '../harness/runs.ts'
import { startProgram } from './stepper.ts'

/** Heroes and enemies of an arena. */
export interface ArenaSize {
  readonly heroes: number
  readonly enemies: number
}

/** The arena that its figures are about. */
export const largeArena: ArenaSize = { heroes: 1_000, enemies: 4_000 }

/** The built-in arena with so many heroes and enemies, as dense with enemies as its default is: 200 on 96 x 96. */
export function sizedArena({ heroes, enemies }: ArenaSize, settings: readonly string[] = []): Promise<PreparedWorld> {
  const map = Math.min(1024, Math.round(96 * Math.sqrt(enemies / 200)))
  return prepareWorld('arena', { overrides: [`agents=${heroes}`, `enemies=${enemies}`, `map=${map}`, ...settings] })
}

function programOf({ definition, config }: PreparedWorld): Program {
  return buildProgram(definition, { seed, config })
}

/** Bytes of the columns of one enemy: those it declares, and what its machine keeps. */
export async function enemyColumnBytes(): Promise<number> {
  const columns = worldColumns(programOf(await sizedArena(largeArena))).filter(({ kind, column }) => kind === 'enemy' && column !== '$alive' && column !== '$generation')
  return columns.reduce((bytes, { type }) => bytes + type.width * elementBytes[type.dtype], 0)
}

/** Bytes of the process that runs an arena with so many enemies, and a few heroes. Wants a process of its own. */
export async function residentArena(enemies: number): Promise<number> {
  // At its start an arena has half of the enemies that it may have.
  const { definition: world, config } = await sizedArena({ heroes: 16, enemies: 2 * enemies })
  const simulation = createSimulation({ world, config, seed, threads: 0 })
  simulation.step(5)
  return residentWith(simulation)
}

/** Steps after which the large arena is full of enemies and the compiler has seen every common path. */
export const arenaWarmSteps = 300

/** Garbage of the large arena soon after its start, and when all of it has code: rare moves get code late, and make objects of floats before. */
export interface ArenaGarbage {
  readonly early: Garbage
  readonly late: Garbage
}

/** Heap that steps of the large arena leave. Wants a process of its own. */
export async function garbageOfArena(steps: number): Promise<ArenaGarbage> {
  const { definition: world, config } = await sizedArena(largeArena)
  const simulation = createSimulation({ world, config, seed, threads: 0 })
  const run = (count: number): void => {
    simulation.step(count)
  }
  run(arenaWarmSteps)
  const early = await garbageOf(run, steps)
  run(6 * steps)
  return { early, late: await garbageOf(run, steps) }
}

/** What goes on in the large arena, some steps at a time. */
export interface ArenaShares {
  /** Machines' share of the time of the steps, in percent, by chunk. */
  readonly decidePercent: readonly number[]
  /** Heroes and enemies alive, by chunk. */
  readonly alive: readonly number[]
}

/** Steps the large arena in this thread, hashed, with a clock on its machines. */
export async function sharesOfArena(steps: number, chunks: number): Promise<ArenaShares> {
  const clock = { seconds: 0 }
  const program = programOf(await sizedArena(largeArena))
  const { coordinator, shared } = startProgram({ ...program, behaviours: program.behaviours.map((behaviour) => behaviour && timed(behaviour, clock)) }, hostKernels())
  const walking = shared.tables.filter(({ kind }) => kind.name !== 'gem')
  const decidePercent: number[] = []
  const alive: number[] = []
  coordinator.runTo(arenaWarmSteps)
  for (let chunk = 0; chunk < chunks; chunk++) {
    clock.seconds = 0
    const seconds = secondsOf(() => {
      coordinator.runTo(coordinator.step + steps)
    })
    decidePercent.push((100 * clock.seconds) / seconds)
    alive.push(walking.reduce((sum, table) => sum + table.aliveCount, 0))
  }
  return { decidePercent, alive }
}

/** A behaviour with a clock on what it decides. */
function timed(behaviour: Behaviour, clock: { seconds: number }): Behaviour {
  return {
    ...behaviour,
    bind: (port) => {
      const bound = behaviour.bind(port)
      return {
        born: (row, step) => {
          bound.born(row, step)
        },
        decide: (begin, end) => {
          clock.seconds += secondsOf(() => {
            bound.decide(begin, end)
          })
        },
      }
    },
  }
}
