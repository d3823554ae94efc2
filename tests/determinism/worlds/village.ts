import { assign, setup } from 'xstate'
import { agentId, chance, defineWorld, f32, int, kind, message, real, roll, send, sequential, system, torus, u32, vec } from 'metabonk'

/** Villagers gossip: machines, mail, births, deaths, a sequential market, everything that a partition could upset. */
const Gossip = message('Gossip', { weight: f32, from: agentId }, { perSender: 1_000 })
const Sold = message('Sold', { price: u32 })

const Villager = kind('villager', {
  published: { at: vec(f32, 2), mood: f32 },
  columns: { heard: u32, age: u32, friend: agentId, coins: u32 },
  receives: [Gossip, Sold],
  cell: 5,
})
const Stall = kind('stall', { published: { at: vec(f32, 2) }, columns: { goods: u32 } })

const villager = setup({ types: Villager.types, guards: { old: ({ context }) => context.age > 60 } }).createMachine({
  id: 'villager',
  context: Villager.context,
  initial: 'idle',
  states: {
    idle: {
      on: {
        Gossip: { target: 'chatty', actions: assign({ heard: ({ context }) => context.heard + 1, mood: ({ context, event }) => context.mood * 0.99 + event.weight, friend: ({ event }) => event.sender }) },
        STEP: [{ guard: 'old', target: 'resting' }, { guard: chance('whim', 0.05), actions: assign({ mood: (args) => roll(args, 'mood') }) }],
      },
    },
    chatty: {
      after: { 300: 'idle' },
      on: { Gossip: { actions: send(Gossip, ({ event }) => event.sender, ({ context }) => ({ weight: context.mood / 3, from: context.friend })) } },
    },
    resting: { after: { 1000: { target: 'idle', actions: assign({ age: 0 }) } } },
  },
  on: { Sold: { actions: assign({ coins: ({ context, event }) => context.coins + event.price }) } },
})

const settings = { villagers: int(300, { min: 1, max: 100_000 }), noise: real(1, { live: true, min: 0, max: 10 }) }
const reach = 3

const walk = system({
  name: 'walk',
  kind: Villager,
  config: settings,
  run(rows, world) {
    const { at, age } = rows.write
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1) continue
      const rng = world.rng('turn', row)
      at[2 * row] = (at[2 * row] + (rng.unit() - 0.5) * world.config.noise + 100) % 100
      at[2 * row + 1] = (at[2 * row + 1] + (rng.unit() - 0.5) * world.config.noise + 100) % 100
      age[row] += 1
      if (rng.chance(0.001)) world.kill(row)
      if (rng.chance(0.001)) world.spawn(row, Villager, { at: [rng.unit() * 100, rng.unit() * 100] })
    }
  },
})

const talk = system({
  name: 'talk',
  kind: Villager,
  run(rows, world) {
    const near = new Uint32Array(1024)
    const others = world.others(Villager)
    const { at, mood } = others.columns
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1 || !world.rng('talk', row).chance(0.1)) continue
      const count = world.grid(Villager).near(at[2 * row], at[2 * row + 1], reach, near)
      for (let i = 0; i < Math.min(count, 6); i++) world.send(row, Gossip, others.id(near[i]), { weight: mood[near[i]] * 0.1 + 0.01, from: rows.id(row) })
    }
  },
})

const market = sequential({
  name: 'market',
  kinds: [Stall, Villager],
  order: 'seeded',
  run(world) {
    const { goods } = world.rows(Stall).write
    const buyers = world.order(Villager)
    for (const stall of world.order(Stall)) {
      goods[stall] += 1
      const buyer = buyers[stall % buyers.length]
      if (goods[stall] < 3) continue
      goods[stall] = 0
      world.send(Sold, world.rows(Villager).id(buyer), { price: 2 })
    }
  },
})

export default defineWorld({
  name: 'village',
  space: torus(100, 100),
  stepMillis: 100,
  config: settings,
  kinds: [Villager.with(villager), Stall],
  init: ({ spawn, rng, config }) => {
    for (let i = 0; i < config.villagers; i++) spawn(Villager, { at: [rng.unit() * 100, rng.unit() * 100], age: rng.below(60) })
    for (let i = 0; i < 20; i++) spawn(Stall, { at: [rng.unit() * 100, rng.unit() * 100] })
  },
  systems: [walk, market, talk],
  report: { chatty: (w) => w.count(Villager, 'chatty'), coins: (w) => w.sum(Villager, 'coins') },
})
