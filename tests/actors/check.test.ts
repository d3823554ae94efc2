import { assign, createMachine, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { box, createSimulation, defineWorld, discrete, kind, message, observe, sequential, system, u16, u32, u8, vec, type ParallelWorld, type Rows, type WorldOptions } from '../../actors/index.ts'

const Note = message('Note', { n: u32 })
const Cell = kind('cell', { columns: { x: u32, y: u32, byte: u8, half: u16, bytes: vec(u8, 3) }, receives: [Note], rowsMax: 400 })

type Run = (rows: Rows<typeof Cell>, world: ParallelWorld) => void

/** What `--check` says of a world of `agents` cells with these systems; undefined when it finds nothing in four steps. */
function verdict(agents: number, runs: readonly Run[]): string | undefined {
  const systems = runs.map((run, i) => system({ name: `s${String(i)}`, kind: Cell, run }))
  const world = defineWorld({ name: 'cells', kinds: [Cell], systems, init: ({ spawn }) => {
    for (let i = 0; i < agents; i++) spawn(Cell, { x: i })
  } })
  const simulation = createSimulation({ world, threads: 0, check: true })
  try {
    simulation.step(4)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** A system that does something for each of its rows. */
function each(visit: (row: number, rows: Rows<typeof Cell>, world: ParallelWorld) => void): Run {
  return (rows, world) => {
    for (let row = rows.begin; row < rows.end; row++) if (rows.alive[row] === 1) visit(row, rows, world)
  }
}

/** A system that counts on over all rows it meets, and does something with the count. */
function counting(use: (count: number, row: number, rows: Rows<typeof Cell>, world: ParallelWorld) => void): Run {
  let count = 0
  return each((row, rows, world) => {
    use(count++, row, rows, world)
  })
}

const fine = each((row, rows, world) => {
  rows.write.x[row]++
  if (row % 7 === 0) world.send(row, Note, rows.id(row), { n: row })
  if (row % 50 === 3 && world.step === 1) world.kill(row)
  if (row % 50 === 4 && world.step === 1) world.spawn(row, Cell, { x: row })
})

describe('--check', () => {
  it.each([1, 3, 64, 65, 300])('passes %i agents that keep to their rows', (agents) => {
    expect(verdict(agents, [fine, each((row, rows) => (rows.write.y[row] = rows.read.x[row]))])).toBeUndefined()
  })

  it.each([2, 10, 200])('finds a write to the next row among %i agents', (agents) => {
    expect(verdict(agents, [each((row, rows) => (rows.write.x[(row + 1) % agents] = 99))])).toMatch(/^system s0 wrote cell\.x of row \d+, which is outside the rows of cell it was given \(step 0\)/)
  })

  it.each<[string, Run, RegExp]>([
    ['a column', counting((n, row, rows) => (rows.write.x[row] = n)), /cell\.x of row \d+ comes out otherwise when blocks run backwards/],
    ['the payload of a message', counting((n, row, rows, world) => {
      world.send(row, Note, rows.id(row), { n })
    }), /it sends other messages/],
    ['who is written to', counting((n, row, rows, world) => {
      world.send(row, Note, rows.id(n % 30), { n: 1 })
    }), /it sends other messages/],
    ['what is born', counting((n, row, _, world) => {
      if (n % 20 === 0) world.spawn(row, Cell, { x: n })
    }), /it asks for other births/],
    ['who dies', counting((n, row, _, world) => {
      if (n % 20 === 7) world.kill(row)
    }), /it ends other rows/],
  ])('finds a counter outside the columns that decides %s', (_, run, message) => {
    expect(verdict(30, [run])).toMatch(message)
  })

  it("finds a system that reads what another writes in others' rows in the same step", () => {
    const writer = each((row, rows) => rows.write.x[row]++)
    const reader = (away: number): Run => each((row, rows) => (rows.write.y[row] = rows.read.x[(row + away) % 40]))
    for (const away of [1, 39, 20]) {
      expect(verdict(40, [writer, reader(away)])).toMatch(/^the stage of system s0, system s1 depends on the order of rows: cell\.y of row \d+ comes out otherwise when one thread is ahead of another \(step 0\)/)
    }
    expect(verdict(40, [writer, reader(0)])).toBeUndefined()
  })

  it('finds writes to published copies, and those of sequential systems and observers that nobody would see', () => {
    const Eye = kind('eye', { published: { x: u32 }, columns: { y: u32 }, policy: { observation: box([1], 0, 1), action: discrete(2) } })
    const verdictOf = (options: Partial<Pick<WorldOptions<Record<never, never>>, 'systems' | 'observers'>>): unknown => {
      const observers = options.observers ?? [observe({ kind: Eye, run: ({ out, offset }) => (out[offset] = 1) })]
      const world = defineWorld({ name: 'eyes', kinds: [Eye], ...options, observers, init: ({ spawn }) => void spawn(Eye, { x: 1 }) })
      try {
        createSimulation({ world, threads: 0, check: true }).step(2)
        return undefined
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(verdictOf({})).toBeUndefined()
    const copies = system({ name: 'copies', kind: Eye, run: (_, world) => ((world.others(Eye).columns.x as Uint32Array)[0] = 5) })
    expect(verdictOf({ systems: [copies] })).toMatch(/^system copies wrote the published copy of eye\.x of row 0 \(step 0\)/)
    const sly = sequential({ name: 'sly', kinds: [Eye], run: (world) => ((world.rows(Eye).read.x as Uint32Array)[0] = 5) })
    expect(verdictOf({ systems: [sly] })).toMatch(/^system sly wrote eye\.x of row 0 through a column it took for reading \(step 0\)/)
    const own = sequential({ name: 'own', kinds: [Eye], run: (world) => world.rows(Eye).write.x[0]++ })
    expect(verdictOf({ systems: [own] })).toBeUndefined()
    const meddler = observe({ kind: Eye, run: ({ row, read }) => ((read.y as Uint32Array)[row] = 7) })
    expect(verdictOf({ observers: [meddler] })).toMatch(/^observe of eye wrote eye\.y of row 0, which it does not declare to write \(step 0\)/)
  })

  it('finds a machine whose assigner counts outside its context', () => {
    let calls = 0
    const Imp = kind('imp', { columns: { n: u32 } })
    const machine = setup({ types: Imp.types }).createMachine({ id: 'imp', context: Imp.context, on: { STEP: { actions: assign({ n: () => ++calls }) } } })
    const world = defineWorld({ name: 'imps', kinds: [Imp.with(machine)], init: ({ spawn }) => {
      for (let i = 0; i < 5; i++) spawn(Imp, {})
    } })
    expect(() => {
      createSimulation({ world, threads: 0, check: true }).step()
    }).toThrow("machine imp: the assign 'n' said 1 and then 2 of the same context and event (step 0, imp 0 in imp, event STEP)")
    expect(() => {
      createSimulation({ world, threads: 0, check: true, machines: 'compiled' }).step()
    }).toThrow('the machine of imp depends on the order of rows: imp.n of row 0 comes out otherwise')
  })

  it('finds a machine that reads a field it does not have, or keeps its context', () => {
    const Imp = kind('imp', { columns: { n: u32 } })
    const step = (actions: unknown) => () => {
      const machine = createMachine({ id: 'imp', on: { STEP: { actions: actions as never } } })
      createSimulation({ world: defineWorld({ name: 'imps', kinds: [Imp.with(machine)], init: ({ spawn }) => { spawn(Imp, {}); spawn(Imp, {}) } }), threads: 0, check: true }).step()
    }
    const misspelt = ({ context }: { context: { readonly m?: number } }): boolean => context.m === 3
    expect(step(misspelt)).toThrow("machine imp: its context has no field 'm'")
    const kept: { readonly n: number }[] = []
    const keep = ({ context }: { context: { readonly n: number } }): void => {
      for (const each of kept) expect(each.n).toBe(0)
      kept.push(context)
    }
    expect(step(keep)).toThrow("machine imp: its context was kept and read for 'n' after the call")
  })
})

describe('--check looks at every byte', () => {
  const foreign = /^system s0 wrote cell\.\w+ of row \d+, which is outside the rows of cell it was given \(step 0\)/

  it.each([2, 64, 65, 130, 200, 300])('of narrow columns, whose rows share words, among %i agents', (agents) => {
    const next = (row: number): number => (row + 1) % agents
    const runs: Run[] = [
      each((row, rows) => (rows.write.byte[next(row)] ^= 1)),
      each((row, rows) => (rows.write.half[next(row)] ^= 1)),
      each((row, rows) => (rows.write.bytes[3 * next(row)] ^= 1)),
      each((row, rows) => (rows.write.bytes[3 * next(row) + 2] ^= 1)),
      each((row, rows) => (rows.write.byte[row === 0 ? agents - 1 : row] ^= 1)),
    ]
    for (const run of runs) expect(verdict(agents, [run])).toMatch(foreign)
    expect(verdict(agents, [each((row, rows) => {
      rows.write.byte[row] ^= 1
      rows.write.half[row] += 3
      rows.write.bytes.fill(row % 200, 3 * row, 3 * row + 3)
    })])).toBeUndefined()
  })

  it.each([2, 64, 130])('of what is undone before the step is over, among %i agents', (agents) => {
    const twice: Run[] = [
      each((row, rows) => {
        const read = rows.read.y as unknown as Uint32Array
        read[(row + 1) % agents]++
        read[row]--
      }),
      each((_, rows) => ((rows.read.y as unknown as Uint32Array)[0] ^= 1)),
    ]
    for (const run of twice) expect(verdict(agents, [run])).toMatch(foreign)
  })
})
