/** A small world that runs as it is: fireflies that blink when their neighbours do. */
export function worldTemplate(name: string): string {
  return `import { assign, setup } from 'xstate'
import { bounded, chance, defineWorld, f32, int, kind, message, system, u32, vec } from 'metabonk'

// What agents say to each other. A message arrives in the step after it was sent.
const Flash = message('Flash', { by: u32 })

// A kind of agent: columns that others may read (published), and columns of its own.
const Firefly = kind('firefly', {
  published: { at: vec(f32, 2) },
  columns: { charge: f32, flashes: u32 },
  receives: [Flash],
  cell: 10,
})

// How a firefly behaves: an ordinary XState machine. Its context is its columns.
const firefly = setup({ types: Firefly.types, guards: { charged: ({ context }) => context.charge >= 1 } }).createMachine({
  id: 'firefly',
  context: Firefly.context,
  initial: 'dark',
  states: {
    dark: {
      on: {
        Flash: { actions: assign({ charge: ({ context }) => context.charge + 0.05 }) },
        STEP: [
          { guard: 'charged', target: 'lit', actions: assign({ charge: 0, flashes: ({ context }) => context.flashes + 1 }) },
          { guard: chance('spark', 0.5), actions: assign({ charge: ({ context }) => context.charge + 0.02 }) },
        ],
      },
    },
    lit: { after: { 3: 'dark' } },
  },
})

const settings = { fireflies: int(200, { min: 1, max: 100_000, about: 'how many fireflies there are' }) }

// A system runs over a range of rows, every step, on every core. It writes own rows and tells others by message.
const shine = system({
  name: 'shine',
  kind: Firefly,
  run(rows, world) {
    const { at } = world.others(Firefly).columns
    const { charge } = rows.read
    const near = new Uint32Array(4096)
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1 || charge[row] !== 0) continue
      const count = world.grid(Firefly).near(at[2 * row], at[2 * row + 1], 10, near)
      for (let i = 0; i < count; i++) {
        if (near[i] !== row) world.send(row, Flash, world.others(Firefly).id(near[i]), { by: row })
      }
    }
  },
})

export default defineWorld({
  name: '${name}',
  space: bounded(100, 100),
  config: settings,
  kinds: [Firefly.with(firefly)],
  // State 0. All randomness comes from the seed.
  init: ({ spawn, rng, config }) => {
    for (let i = 0; i < config.fireflies; i++) spawn(Firefly, { at: [rng.unit() * 100, rng.unit() * 100], charge: rng.unit() })
  },
  systems: [shine],
  report: { lit: (world) => world.count(Firefly, 'lit'), flashes: (world) => world.sum(Firefly, 'flashes') },
})
`
}

/** What stands beside it. */
export function worldReadme(name: string, file: string): string {
  return `# ${name}

A world for MetaBonk: the same steps and the same seed give the same states, bit for bit, on any number of workers.

    metabonk run ${file} --steps 1000
    metabonk run ${file} fireflies=5000 --seed 7 --steps 1000 --record ${name}.mcap
    metabonk verify ${name}.mcap --workers 1
    metabonk run ${file} --steps 50 --check
`
}
