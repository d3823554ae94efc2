import { createRng, f32, kindType, message, streamId, torus, u32, vec, type KindType, type Program, type System } from '../../runtime/index.ts'

const Tag = message('Tag', { strength: f32, from: u32 })

/** Movers wander on a torus, tag their neighbours by message, count tags, bear and die. */
export const Mover = kindType('mover', { published: { at: vec(f32, 2) }, columns: { tags: u32, heat: f32, age: u32 }, receives: [Tag], cell: 5 })
/** Markers are born where movers die; nothing moves them. */
const Marker = kindType('marker', { published: { at: vec(f32, 2) }, columns: { left: u32 }, rowsMax: 4096, whenFull: 'refuse' })

const near = new Uint32Array(4096)

const wander: System = {
  form: 'parallel',
  name: 'wander',
  kind: Mover,
  run(rows, world) {
    const { at, heat, age } = (rows as unknown as { write: Record<string, Float32Array> }).write
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1) continue
      const rng = world.rng('turn', row)
      at[2 * row] = wrap(at[2 * row] + rng.unit() - 0.5)
      at[2 * row + 1] = wrap(at[2 * row + 1] + rng.unit() - 0.5)
      heat[row] = heat[row] * 0.9
      age[row] += 1
    }
  },
}

function wrap(x: number): number {
  return x < 0 ? x + 100 : x >= 100 ? x - 100 : x
}

const tag: System = {
  form: 'parallel',
  name: 'tag',
  kind: Mover,
  run(rows, world) {
    const grid = world.grid(Mover)
    const others = world.others(Mover)
    const at = others.columns.at
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1) continue
      const count = grid.near(at[2 * row], at[2 * row + 1], 2, near)
      for (let i = 0; i < Math.min(count, 8); i++) {
        if (near[i] !== row) world.send(row, Tag, others.id(near[i]), { strength: 1 / (1 + i), from: row })
      }
    }
  },
}

const feel: System = {
  form: 'parallel',
  name: 'feel',
  kind: Mover,
  run(rows, world) {
    const { tags, heat, age } = (rows as unknown as { write: Record<string, Float32Array> }).write
    for (let row = rows.begin; row < rows.end; row++) {
      if (rows.alive[row] !== 1) continue
      rows.eachMail(Tag, row, (payload) => {
        tags[row] += 1
        // Order matters here: floating-point sums tell one mail order from another.
        heat[row] = heat[row] * 1.01 + payload.strength
      })
      if (age[row] > 40 && world.rng('die', row).unit() < 0.05) {
        world.kill(row)
        const at = world.others(Mover).columns.at
        world.spawn(row, Marker, { at: [at[2 * row], at[2 * row + 1]], left: 20 })
      }
      if (world.rng('bear', row).unit() < 0.002) world.spawn(row, Mover, { at: [world.rng('x', row).unit() * 100, world.rng('y', row).unit() * 100] })
    }
  },
}

const fade: System = {
  form: 'sequential',
  name: 'fade',
  kinds: [Marker],
  order: 'seeded',
  run(world) {
    const rows = world.rows(Marker) as unknown as { write: { left: Uint32Array } }
    const { left } = rows.write
    for (const row of world.order(Marker)) {
      left[row] -= 1
      if (left[row] === 0) world.kill(Marker, row)
    }
  },
}

/** A program without machines that uses births, deaths, mail, the grid, parallel and sequential systems. */
export function moverProgram(options: { readonly seed: number; readonly movers: number; readonly extra?: readonly System[] }): Program {
  const kinds: KindType[] = [Marker, Mover]
  return {
    name: 'movers',
    kinds,
    behaviours: [undefined, undefined],
    types: [Tag],
    systems: [wander, tag, fade, feel, ...(options.extra ?? [])],
    stages: [],
    regions: [{ name: 'counters', kind: 'counters', dtype: 'u32', shape: [16] }],
    space: torus(100, 100),
    config: { calm: 1 },
    seed: options.seed,
    stepMillis: 0,
    init: ({ spawn, rng }) => {
      for (let i = 0; i < options.movers; i++) spawn(Mover, { at: [rng.unit() * 100, rng.unit() * 100] })
    },
  }
}

/** A generator for tests that need one of their own. */
export function testRng(seed: number): ReturnType<typeof createRng> {
  return createRng(seed, streamId('', 'test', 'numbers'))
}
