import { defineWorld, f32, int, kind, real, system, torus, vec, type ConfigOf, type ParallelWorld, type Rows } from 'metabonk'

/**
 * Reynolds flocking as the ABMFrameworksComparison declares it, except that all birds move at once. In every step a bird
 *
 * 1. looks at the other birds within `vision` (inclusive), the shortest way around the torus, as they were when the step began;
 * 2. averages over them the way there, times `cohere`, less `separate` when nearer than `separation`, and their velocity, times `match`;
 * 3. adds that to its velocity, scales it to length 1, and flies `speed` along it.
 *
 * Sums are in f64, neighbours by cell (lines, then columns, both from the lowest in reach and around) and by row inside a cell; stored
 * values are f32. The published declaration activates birds one by one in random order instead.
 */
const settings = {
  agents: int(200, { min: 1, max: 1_000_000, about: 'birds' }),
  size: real(100, { min: 1, max: 1e6, about: 'edge of the square world; 100 * sqrt(agents / 200) keeps the density' }),
  vision: real(5, { min: 0, max: 1e6, live: true, about: 'how far a bird sees' }),
  speed: real(1, { min: 0, max: 1e3, live: true, about: 'how far a bird flies in a step' }),
  separation: real(1, { min: 0, max: 1e6, live: true, about: 'neighbours nearer than this repel' }),
  cohere: real(0.03, { min: 0, max: 1e3, live: true, about: 'weight of the way to neighbours' }),
  separate: real(0.015, { min: 0, max: 1e3, live: true, about: 'weight of the way back from neighbours that are too near' }),
  match: real(0.05, { min: 0, max: 1e3, live: true, about: 'weight of the velocity of neighbours' }),
}

const Bird = kind('bird', { published: { at: vec(f32, 2), velocity: vec(f32, 2) }, cell: 5, rowsMax: 1_000_000 })

/** From one coordinate to another, the shortest way around. */
function across(from: number, to: number, size: number, half: number): number {
  const way = to - from
  return way > half ? way - size : way < -half ? way + size : way
}

/** A coordinate brought back onto the torus, as f32 holds it: rounding may reach the far border, which is 0. */
function onto(at: number, size: number): number {
  const inside = Math.fround(at - Math.floor(at / size) * size)
  return inside < size ? inside : 0
}

/** The line or column of a coordinate, less those in reach before it, going around `count` of them. */
function firstOf(at: number, cell: number, back: number, count: number): number {
  const first = Math.min(Math.floor(at / cell), count - 1) - back
  return first < 0 ? first + count : first
}

/* eslint-disable max-depth -- the hot loop: with a function call per bird the step takes 1.4 times as long */
/** One step of own birds, from all birds as it begins; cell by cell, so that neighbours in a crowd are still in the cache. */
function steer({ begin, end, write }: Rows<typeof Bird>, world: ParallelWorld<ConfigOf<typeof settings>>): void {
  const { size, speed, vision, separation, cohere, separate, match } = world.config
  const { at, velocity } = world.others(Bird).columns
  const { at: nextAt, velocity: nextVelocity } = write
  const grid = world.grid(Bird)
  const { start, sorted, shape: { columns, cellWidth } } = grid
  const half = size / 2
  const visible = vision * vision
  const crowded = separation * separation
  const reach = Math.ceil(vision / cellWidth)
  const back = reach % columns
  const cells = Math.min(2 * reach + 1, columns)
  for (let turn = 0, birds = start[columns * columns]; turn < birds; turn++) {
    const bird = sorted[turn]
    if (bird < begin || bird >= end) continue
    const x = at[2 * bird], y = at[2 * bird + 1]
    const left = firstOf(x, cellWidth, back, columns)
    let line = firstOf(y, cellWidth, back, columns)
    let changeX = 0, changeY = 0, count = 0
    for (let i = 0; i < cells; i++, line = line + 1 === columns ? 0 : line + 1) {
      for (let j = 0, column = left, run = 0; j < cells; j += run, column = 0) {
        // Cells side by side are one run of places, up to the border.
        run = Math.min(cells - j, columns - column)
        for (let place = start[line * columns + column], last = start[line * columns + column + run]; place < last; place++) {
          const other = sorted[place]
          const awayX = across(x, at[2 * other], size, half)
          const awayY = across(y, at[2 * other + 1], size, half)
          const square = awayX * awayX + awayY * awayY
          if (square > visible || other === bird) continue
          const pull = cohere - (square < crowded ? separate : 0)
          changeX += pull * awayX + match * velocity[2 * other]
          changeY += pull * awayY + match * velocity[2 * other + 1]
          count++
        }
      }
    }
    const headX = velocity[2 * bird] + changeX / Math.max(count, 1)
    const headY = velocity[2 * bird + 1] + changeY / Math.max(count, 1)
    const length = Math.sqrt(headX * headX + headY * headY)
    if (length > 0) {
      nextVelocity[2 * bird] = headX / length
      nextVelocity[2 * bird + 1] = headY / length
    }
    nextAt[2 * bird] = onto(x + nextVelocity[2 * bird] * speed, size)
    nextAt[2 * bird + 1] = onto(y + nextVelocity[2 * bird + 1] * speed, size)
  }
}
/* eslint-enable max-depth -- as above */

export default defineWorld({
  name: 'flocking',
  config: settings,
  space: ({ size }) => torus(size, size),
  kinds: [Bird],
  init: ({ config, rng, spawn }) => {
    for (let i = 0; i < config.agents; i++) {
      const velocity: [number, number] = [0, 0]
      rng.direction(velocity, 0)
      const at = [onto(rng.unit() * config.size, config.size), onto(rng.unit() * config.size, config.size)] as const
      spawn(Bird, { at, velocity })
    }
  },
  systems: [system({ name: 'flock', kind: Bird, config: settings, run: steer })],
  report: { birds: (view) => view.count(Bird) },
})
