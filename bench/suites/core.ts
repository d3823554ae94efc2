import { fileURLToPath } from 'node:url'
import { createSimulation, prepareWorld } from '../../actors/index.ts'
import { kindOf } from '../../actors/world/define.ts'
import { compiledModule, hostKernels } from '../../runtime/host/index.ts'
import { callInChild, commandSeconds } from '../harness/child.ts'
import type { Garbage } from '../harness/garbage.ts'
import { interleave, repeat, secondsOf, type Pair } from '../harness/measure.ts'
import { bytesOfEach } from '../harness/resident.ts'
import { seed, timeRun } from '../harness/runs.ts'
import { metricOf, suiteOf, type Metrics, type Suite } from '../harness/suite.ts'
import { BareFlock } from '../models/bare-flocking.ts'
import { emptyWorld } from '../models/empty.ts'
import { denseFlocking } from '../models/flocking.ts'
import { birdColumnBytes, garbageOfSteps, residentBytes } from '../models/memory.ts'
import { startStepper, timeHash } from '../models/stepper.ts'

/** How much a measurement repeats. */
interface Counts {
  /** Agents of the plain flock, of the one for two workers, and of the crowd whose cost per agent is compared with a few. */
  readonly agents: number
  readonly manyAgents: number
  readonly crowd: number
  /** Steps before the clock starts, and steps it runs for. */
  readonly warmSteps: number
  readonly steps: number
  readonly rounds: number
  /** Steps between two turns of things compared in this thread, and turns of each. */
  readonly chunkSteps: number
  readonly chunks: number
  /** Time for short work that is repeated. */
  readonly millis: number
  /** Agents whose memory is compared with that of a few, and steps whose garbage is counted. */
  readonly residents: number
  readonly garbageSteps: number
  readonly spawns: number
}

const fullCounts: Counts = {
  agents: 10_000,
  manyAgents: 50_000,
  crowd: 100_000,
  warmSteps: 200,
  steps: 1_000,
  rounds: 5,
  chunkSteps: 10,
  chunks: 60,
  millis: 2_000,
  residents: 500_000,
  garbageSteps: 10_000,
  spawns: 9,
}

const quickCounts: Counts = {
  agents: 2_000,
  manyAgents: 4_000,
  crowd: 4_000,
  warmSteps: 20,
  steps: 100,
  rounds: 1,
  chunkSteps: 5,
  chunks: 2,
  millis: 100,
  residents: 60_000,
  garbageSteps: 300,
  spawns: 1,
}

/** Steps per second of the flock as `run` runs it, on one thread, and what recording adds. */
async function runMetrics(counts: Counts): Promise<Metrics> {
  const world = await denseFlocking(counts.agents)
  const { warmSteps, steps } = counts
  const timed = async (recorded: boolean): Promise<number> => (await timeRun({ world, workers: 1, recorded, warmSteps, steps })).seconds
  const { second, ratios } = await interleave({ first: () => timed(false), second: () => timed(true) }, counts.rounds)
  return {
    'core.agent_steps_per_s': metricOf(second.map((seconds) => (counts.agents * steps) / seconds), 'agent-steps/s'),
    'core.record_tax': metricOf(ratios.map(taxPercent), '%'),
  }
}

/** What a thread of its own, whose realm is locked, adds to the same steps in this one. Nothing, if it is done right. */
async function threadMetrics(counts: Counts): Promise<Metrics> {
  const world = await denseFlocking(counts.agents)
  const { warmSteps } = counts
  const steps = Math.ceil(counts.steps / 4)
  const inThisThread = (): number => {
    const simulation = createSimulation({ world: world.definition, config: world.config, seed, threads: 0 })
    simulation.step(warmSteps)
    return secondsOf(() => simulation.step(steps))
  }
  const inItsOwn = async (): Promise<number> => (await timeRun({ world, workers: 1, recorded: false, warmSteps, steps })).seconds
  const { ratios } = await interleave({ first: inThisThread, second: inItsOwn }, counts.rounds)
  return { 'core.thread_tax': metricOf(ratios.map(taxPercent), '%') }
}

/** What the longer of two times adds to the shorter. */
function taxPercent(ratio: number): number {
  return (ratio - 1) * 100
}

/** How much faster two threads are than one, each at its best, which is on idle cores. Both must come to the same hash. */
async function workerMetrics(counts: Counts): Promise<Metrics> {
  const world = await denseFlocking(counts.manyAgents)
  const hashes = new Set<string>()
  const timed = async (workers: number): Promise<number> => {
    const { seconds, finalHash } = await timeRun({ world, workers, recorded: true, warmSteps: Math.ceil(counts.warmSteps / 5), steps: Math.ceil(counts.steps / 5) })
    hashes.add(finalHash)
    return seconds
  }
  const { first, second, ratios } = await interleave({ first: () => timed(2), second: () => timed(1) }, counts.rounds)
  if (hashes.size !== 1) throw new Error(`one and two workers came to different states: ${[...hashes].join(', ')}`)
  return { 'core.two_worker_speedup': { ...metricOf(ratios, 'x'), value: Math.min(...second) / Math.min(...first) } }
}

/** What the hash adds to a step: the seconds its kernel takes, over those of everything else. */
async function hashMetrics(counts: Counts): Promise<Metrics> {
  const { definition: world, config } = await denseFlocking(counts.agents)
  const kernels = timeHash(hostKernels())
  const stepper = startStepper({ world, config, seed, kernels })
  stepper.runTo(counts.warmSteps)
  const taxes: number[] = []
  for (let chunk = 0; chunk < counts.chunks; chunk++) {
    const before = kernels.hashSeconds
    const seconds = secondsOf(() => stepper.runTo(stepper.step + counts.chunkSteps))
    const hashing = kernels.hashSeconds - before
    taxes.push(taxPercent(seconds / (seconds - hashing)))
  }
  return { 'core.hash_tax': metricOf(taxes, '%') }
}

/** A flock in the runtime, hashed and not recorded, over the same flock as a bare loop, step by step at the same states. */
async function runtimeMetrics(counts: Counts): Promise<Metrics> {
  const { definition: world, config } = await denseFlocking(counts.agents)
  const bird = kindOf(world.kinds[0])
  const simulation = createSimulation({ world, config, seed, threads: 0 })
  const bare = new BareFlock(simulation, bird, config, hostKernels())
  const turns = (steps: number): Pair => ({
    first: () => secondsOf(() => bare.step(steps)),
    second: () => secondsOf(() => simulation.step(steps)),
  })
  await interleave(turns(counts.warmSteps), 1)
  const { ratios } = await interleave(turns(counts.chunkSteps), counts.chunks)
  bare.expectBirdsOf(simulation, bird)
  return { 'core.runtime_tax': metricOf(ratios, 'x') }
}

/** Cost of an agent's step in a crowd over that among 1,000, at the same density and over the same steps of their lives. */
async function growthMetrics(counts: Counts): Promise<Metrics> {
  const steps = Math.ceil(counts.steps / 10)
  const secondsPerAgent = async (agents: number, flocks: number): Promise<number> => {
    const { definition: world, config } = await denseFlocking(agents)
    let seconds = 0
    for (let flock = 0; flock < flocks; flock++) {
      const stepper = startStepper({ world, config, seed: flock, kernels: hostKernels() })
      stepper.runTo(Math.ceil(steps / 10))
      seconds += secondsOf(() => stepper.runTo(stepper.step + steps))
    }
    return seconds / (agents * flocks)
  }
  await secondsPerAgent(1_000, 1)
  const { ratios } = await interleave({ first: () => secondsPerAgent(1_000, 10), second: () => secondsPerAgent(counts.crowd, 1) }, counts.rounds)
  return { 'core.per_agent_cost_growth': metricOf(ratios, 'x') }
}

/** Steps per second when there is nothing to do in them. */
async function emptyMetrics(counts: Counts): Promise<Metrics> {
  const simulation = createSimulation({ world: emptyWorld, threads: 0 })
  const steps = 1_000
  const samples = await repeat('empty steps', () => simulation.step(steps), { millis: counts.millis })
  return { 'core.empty_steps_per_s': metricOf(samples.map((seconds) => steps / seconds), 'steps/s') }
}

/** Steps per second of the arena with its default settings as `run` runs it, on one thread. */
async function arenaMetrics(counts: Counts): Promise<Metrics> {
  const world = await prepareWorld('arena')
  const { steps, warmSteps } = counts
  const samples: number[] = []
  for (let round = 0; round < counts.rounds; round++) {
    samples.push(steps / (await timeRun({ world, workers: 1, recorded: true, warmSteps, steps })).seconds)
  }
  return { 'core.arena_steps_per_s': metricOf(samples, 'steps/s') }
}

/** A whole `metabonk run` of one step, from the start of the process to its end. */
async function coldMetrics(counts: Counts): Promise<Metrics> {
  const entry = fileURLToPath(compiledModule('shell/main'))
  const timed = (world: string) => async (): Promise<number> => await commandSeconds(entry, ['run', world, '--steps', '1', '--no-record', '--json'])
  const { first, second } = await interleave({ first: timed('flocking'), second: timed('meadow') }, counts.spawns)
  const millis = (seconds: number): number => seconds * 1000
  return { 'core.cold_start_ms': metricOf(first.map(millis), 'ms'), 'core.cold_start_meadow_ms': metricOf(second.map(millis), 'ms') }
}

/** Memory that an agent adds to the process over what its columns hold, and what steps leave to be collected. */
async function memoryMetrics(counts: Counts): Promise<Metrics> {
  const url = compiledModule('bench/models/memory')
  const bird = await bytesOfEach({ url, name: residentBytes.name }, { few: 10_000, many: counts.residents, pairs: counts.rounds })
  const garbage = await callInChild<Garbage>({ url, name: garbageOfSteps.name, argument: counts.garbageSteps })
  return {
    'core.memory_per_agent_over_columns': metricOf(bird.map((bytes) => bytes / birdColumnBytes), 'x'),
    'core.allocated_bytes_per_step': metricOf(garbage.bytesPerStep, 'B'),
    'core.collections_per_10000_steps': metricOf([(garbage.collections * 10_000) / counts.garbageSteps], 'collections'),
  }
}

/** What the runtime costs: against bare loops, against itself with parts left out, with more agents and more threads. */
export const core: Suite = suiteOf('core', { full: fullCounts, quick: quickCounts }, [
  // Processes first: to start one takes longer the more memory this one holds.
  { what: 'cold starts', measure: coldMetrics },
  { what: 'memory', measure: memoryMetrics },
  { what: 'whole runs, recorded and not', measure: runMetrics },
  { what: 'a thread of its own', measure: threadMetrics },
  { what: 'two workers', measure: workerMetrics },
  { what: 'the hash', measure: hashMetrics },
  { what: 'the runtime over a bare loop', measure: runtimeMetrics },
  { what: 'the cost per agent', measure: growthMetrics },
  { what: 'empty steps', measure: emptyMetrics },
  { what: 'the arena', measure: arenaMetrics },
])
