import { compiledModule } from '../../runtime/host/index.ts'
import { callInChild } from '../harness/child.ts'
import type { Garbage } from '../harness/garbage.ts'
import { interleave, inTurns } from '../harness/measure.ts'
import { bytesOfEach } from '../harness/resident.ts'
import { timeRun } from '../harness/runs.ts'
import { metricOf, suiteOf, type Metric, type Metrics, type Suite } from '../harness/suite.ts'
import { arenaWarmSteps, enemyColumnBytes, garbageOfArena, largeArena, residentArena, sharesOfArena, sizedArena, type ArenaGarbage } from '../models/arena.ts'
import { expectSame, type Crowd } from '../models/crowd.ts'
import { Plant, plantMachine, plantTraffic } from '../models/plant.ts'
import { Population } from '../models/population.ts'
import { childActorBytes, compileMillis, garbageOfActors, garbageOfSentries, litteringEvents, paceOfSentries, residentMailedSentries, residentSentries, sentries, type Pace } from '../models/sentries.ts'
import { sentryMachine, sentryTraffic } from '../models/sentry.ts'
import { startHandwritten } from '../peers/handwritten.ts'
import { startRobots } from '../peers/robot3.ts'
import { startActors } from '../peers/xstate-actors.ts'
import { startStores } from '../peers/xstate-store.ts'
import { startTransitions } from '../peers/xstate-transition.ts'

/** How much a measurement repeats. */
interface Counts {
  readonly agents: number
  /** Agents of XState's pure function, which is slow; and agents whose cost is compared with that of `agents`. */
  readonly pureAgents: number
  readonly crowd: number
  /** Turns of those that are compared, after so many that are not counted, in which V8 makes code of everybody, and steps of a turn. */
  readonly warmRounds: number
  readonly rounds: number
  readonly chunkSteps: number
  /** Processes that are started for a figure. */
  readonly spawns: number
  readonly seconds: number
  readonly residents: number
  readonly children: number
  readonly garbageSteps: number
  readonly arenaSteps: number
  readonly arenaEnemies: number
}

// 10 turns of 5 steps with a message and the clock for each of 10,000 agents: 1e6 events. The rarest moves of the machine get code after a hundred
// steps; how fast it is before is what the first second says.
const fullCounts: Counts = {
  agents: 10_000,
  pureAgents: 1_000,
  crowd: 1_000_000,
  warmRounds: 40,
  rounds: 10,
  chunkSteps: 5,
  spawns: 3,
  seconds: 10,
  residents: 500_000,
  children: 10_000,
  garbageSteps: 2_000,
  arenaSteps: 1_000,
  arenaEnemies: 50_000,
}

const quickCounts: Counts = {
  agents: 400,
  pureAgents: 100,
  crowd: 2_000,
  warmRounds: 1,
  rounds: 1,
  chunkSteps: 4,
  spawns: 1,
  seconds: 2,
  residents: 60_000,
  children: 1_000,
  garbageSteps: 50,
  arenaSteps: 20,
  arenaEnemies: 10_000,
}

/** Lets a crowd do some steps, others the next time; gives events per second. */
function turnsOf(crowd: Crowd, eventsPerStep: number, steps: number): () => Promise<number> {
  let now = 0
  return () => {
    const seconds = crowd.run(now, now + steps)
    now += steps
    return Promise.resolve((steps * eventsPerStep) / seconds)
  }
}

/** How many times another's rate the own is, turn by turn. */
function over(own: readonly number[], others: readonly number[]): Metric {
  return metricOf(own.map((rate, turn) => rate / others[turn]), 'x')
}

/** A population's turns, which also say what the mail adds. */
interface MailedTurns {
  readonly turn: () => Promise<number>
  /** Events per second with the delivery of their messages, and with sending them too. */
  readonly delivered: number[]
  readonly mailed: number[]
}

function mailedTurns(population: Population, steps: number): MailedTurns {
  const turn = turnsOf(population, population.eventsPerStep, steps)
  const delivered: number[] = []
  const mailed: number[] = []
  let now = 0
  return {
    delivered,
    mailed,
    turn: async () => {
      const { deliver, decide } = population.seconds
      const sending = population.resend(now, now + steps)
      now += steps
      const rate = await turn()
      const seconds = population.seconds.deliver - deliver + population.seconds.decide - decide
      delivered.push((steps * population.eventsPerStep) / seconds)
      mailed.push((steps * population.eventsPerStep) / (seconds + sending))
      return rate
    },
  }
}

/** The agent machine, everywhere the same events: ours in batches; an actor for each agent; the pure function; two libraries; no library. All must come to the same. */
async function agentMetrics({ agents, pureAgents, warmRounds, rounds, chunkSteps }: Counts): Promise<Metrics> {
  const population = sentries(agents)
  const actors = { machine: sentryMachine(), traffic: sentryTraffic, agents }
  const peers = { send: startActors(actors), robot3: startRobots(agents), store: startStores(agents), handwritten_switch: startHandwritten(agents) }
  const pure = startTransitions({ ...actors, machine: sentryMachine(), agents: pureAgents })
  const own = mailedTurns(population, chunkSteps)
  const turns = {
    batch: own.turn,
    send: turnsOf(peers.send, population.eventsPerStep, chunkSteps),
    pure_transition: turnsOf(pure, pureAgents * sentryTraffic.eventsPerStep, chunkSteps),
    robot3: turnsOf(peers.robot3, population.eventsPerStep, chunkSteps),
    store: turnsOf(peers.store, population.eventsPerStep, chunkSteps),
    handwritten_switch: turnsOf(peers.handwritten_switch, population.eventsPerStep, chunkSteps),
  }
  await inTurns(warmRounds, turns)
  const { batch, ...others } = await inTurns(rounds, turns)
  const digest = population.digest()
  for (const [name, peer] of Object.entries(peers)) expectSame(name, peer.digest(), digest)
  const few = startHandwritten(pureAgents)
  few.run(0, (warmRounds + rounds) * chunkSteps)
  expectSame('pure_transition', pure.digest(), few.digest())
  const [delivered, mailed] = [own.delivered.slice(warmRounds), own.mailed.slice(warmRounds)]
  return {
    ...Object.fromEntries(Object.entries(others).map(([name, rates]) => [`statechart.batch_over_${name}`, over(batch, rates)])),
    'statechart.batch_delivered_over_send': over(delivered, others.send),
    'statechart.batch_mailed_over_send': over(mailed, others.send),
    'statechart.events_per_s': metricOf(batch, 'events/s'),
    'statechart.events_delivered_per_s': metricOf(delivered, 'events/s'),
    'statechart.events_mailed_per_s': metricOf(mailed, 'events/s'),
    ...Object.fromEntries(Object.entries(others).map(([name, rates]) => [`statechart.${name}_per_s`, metricOf(rates, 'events/s')])),
  }
}

/** A machine with 320 configurations: ours in batches against an actor for each agent. */
async function parallelMetrics({ agents, warmRounds, rounds, chunkSteps }: Counts): Promise<Metrics> {
  const population = new Population({ kind: Plant, machine: plantMachine(), traffic: plantTraffic, agents })
  const actors = startActors({ machine: plantMachine(), traffic: plantTraffic, agents })
  const turns = {
    // As many events as the agent machine gets with the clock.
    batch: turnsOf(population, population.eventsPerStep, 2 * chunkSteps),
    send: turnsOf(actors, population.eventsPerStep, 2 * chunkSteps),
  }
  await inTurns(warmRounds, turns)
  const { batch, send } = await inTurns(rounds, turns)
  expectSame('parallel send', actors.digest(), population.digest())
  return {
    'statechart.parallel_over_send': over(batch, send),
    'statechart.parallel_events_per_s': metricOf(batch, 'events/s'),
    'statechart.parallel_send_per_s': metricOf(send, 'events/s'),
  }
}

/** A million agents in this process, and what one of them costs over one of a few, in the same steps of their lives. */
async function crowdMetrics({ agents, crowd, rounds }: Counts): Promise<Metrics> {
  const steps = 4
  const pace = (population: Population): (() => number) => {
    let now = 0
    return () => {
      const seconds = population.run(now, now + steps)
      now += steps
      return seconds / (steps * population.table.rows)
    }
  }
  const pair = { first: pace(sentries(agents, steps)), second: pace(sentries(crowd, steps)) }
  await interleave(pair, 1)
  const { second, ratios } = await interleave(pair, rounds)
  return {
    'statechart.million_agents_step_ms': metricOf(second.map((seconds) => seconds * 1_000_000 * 1000), 'ms'),
    'statechart.million_cost_per_agent_vs_10k': metricOf(ratios, 'x'),
  }
}

const sentriesModule = compiledModule('bench/models/sentries')
const arenaModule = compiledModule('bench/models/arena')
/** Room for the garbage of some steps, whoever makes it, between two collections. */
const roomy = ['--min-semi-space-size=64', '--max-semi-space-size=64'] as const

/** Results of the same function in so many processes, one after the other. */
async function inChildren<Result>(spawns: number, name: string, argument: number): Promise<Result[]> {
  const results: Result[] = []
  for (let spawn = 0; spawn < spawns; spawn++) results.push(await callInChild<Result>({ url: sentriesModule, name, argument, flags: ['--expose-gc'] }))
  return results
}

/** From a machine to decisions in all its states; and whether that is as fast in the first second as it is in the last. */
async function startMetrics({ spawns, seconds }: Counts): Promise<Metrics> {
  const compile = await inChildren<number>(3 * spawns, compileMillis.name, 64)
  const paces = await inChildren<Pace>(Math.ceil(spawns / 3), paceOfSentries.name, seconds)
  return {
    'statechart.compile_ms': metricOf(compile, 'ms'),
    'statechart.first_second_events_per_s': metricOf(paces.map(({ first }) => first), 'events/s'),
    'statechart.tenth_second_events_per_s': metricOf(paces.map(({ last }) => last), 'events/s'),
  }
}

/** Garbage of an event, and memory of an agent, here and in XState. */
async function memoryMetrics({ spawns, residents, children, garbageSteps }: Counts): Promise<Metrics> {
  const garbage = await callInChild<Garbage>({ url: sentriesModule, name: garbageOfSentries.name, argument: garbageSteps, flags: roomy })
  const actors = await callInChild<Garbage>({ url: sentriesModule, name: garbageOfActors.name, argument: garbageSteps, flags: roomy })
  const sizes = { few: 10_000, many: residents, pairs: spawns }
  const agent = await bytesOfEach({ url: sentriesModule, name: residentSentries.name }, sizes)
  const mailed = await bytesOfEach({ url: sentriesModule, name: residentMailedSentries.name }, sizes)
  const child = await inChildren<number>(spawns, childActorBytes.name, children)
  return {
    'statechart.bytes_allocated_per_event': metricOf(garbage.bytesPerStep.map((bytes) => bytes / litteringEvents), 'B'),
    'statechart.send_bytes_allocated_per_event': metricOf(actors.bytesPerStep.map((bytes) => bytes / litteringEvents), 'B'),
    'statechart.bytes_per_agent': metricOf(agent, 'B'),
    'statechart.bytes_per_agent_with_mail': metricOf(mailed, 'B'),
    'statechart.bytes_per_child_actor': metricOf(child, 'B'),
    'statechart.child_actor_bytes_over_agent': metricOf(child.map((bytes, round) => bytes / agent[round]), 'x'),
  }
}

/** The arena with 1,000 heroes and 4,000 enemies on one thread, hashed and recorded: its steps, the machines' share of them, its garbage and its memory. */
async function arenaMetrics({ spawns, arenaSteps: steps, arenaEnemies }: Counts): Promise<Metrics> {
  const chunks = 20
  const { decidePercent, alive } = await sharesOfArena(Math.ceil(steps / chunks), chunks)
  const entities = metricOf(alive, 'entities')
  const world = await sizedArena(largeArena)
  const rates: number[] = []
  for (let round = 0; round < spawns; round++) rates.push((entities.value * steps) / (await timeRun({ world, workers: 1, recorded: true, warmSteps: arenaWarmSteps, steps })).seconds)
  const { early, late } = await callInChild<ArenaGarbage>({ url: arenaModule, name: garbageOfArena.name, argument: steps, flags: roomy })
  const columnBytes = await enemyColumnBytes()
  // They are few for what V8 has more or less of in each process: half a megabyte or one.
  const enemy = await bytesOfEach({ url: arenaModule, name: residentArena.name }, { few: 2_000, many: arenaEnemies, pairs: 2 * spawns + 1 })
  return {
    'statechart.arena_entity_steps_per_s': metricOf(rates, 'entity-steps/s'),
    'statechart.arena_entities': entities,
    'statechart.arena_decide_share': metricOf(decidePercent, '%'),
    'statechart.arena_allocated_bytes_per_step': metricOf(late.bytesPerStep, 'B'),
    'statechart.arena_early_allocated_bytes_per_step': metricOf(early.bytesPerStep, 'B'),
    'statechart.arena_memory_per_agent_over_columns': metricOf(enemy.map((bytes) => bytes / columnBytes), 'x'),
  }
}

/** XState machines over populations: against XState itself, other libraries and no library at all. */
export const statechart: Suite = suiteOf('statechart', { full: fullCounts, quick: quickCounts }, [
  // Processes first: to start one takes longer the more memory this one holds.
  { what: 'the start', measure: startMetrics },
  { what: 'memory', measure: memoryMetrics },
  { what: 'the arena', measure: arenaMetrics },
  { what: 'the agent machine and its peers', measure: agentMetrics },
  { what: 'the parallel machine', measure: parallelMetrics },
  { what: 'a million agents', measure: crowdMetrics },
])
