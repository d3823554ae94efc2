import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { built, commandLine, json } from './command.ts'
import { readDot, readMermaid, type ReadDiagram } from './diagram-grammar.ts'

/** A world whose machine has every kind of state, and names that mean something in diagrams. */
const oddWorld = String.raw`
import { assign, not, setup, stateIn } from 'xstate'
import { defineWorld, kind, u32 } from 'metabonk'
const Thing = kind('thing', { columns: { n: u32 } })
const machine = setup({ types: Thing.types, guards: { 'a "quoted"; #1: <b>{x}\\ 50%% & more': () => true } }).createMachine({
  id: 'the "machine"',
  context: Thing.context,
  type: 'parallel',
  states: {
    'end; } [*] --> x': { initial: 'state', states: { state: { on: { STEP: { guard: 'a "quoted"; #1: <b>{x}\\ 50%% & more', target: 'note' } } }, note: { type: 'final', entry: assign({ n: 1 }) } }, onDone: { reenter: true, target: '#inner' } },
    second: {
      id: 'inner', initial: 'one', on: { STEP: '.two' },
      states: { one: { always: { guard: not(stateIn({ second: 'two' })), target: 'two' } }, two: { after: { 3: 'back' }, on: { STEP: { target: '#inner', reenter: true } } }, back: { type: 'history', history: 'deep' } },
    },
    third: {},
  },
})
const Rock = kind('rock', {})
const Wheel = kind('wheel', {})
const turning = setup({}).createMachine({ id: 'wheel', initial: 'turning', states: { turning: {} } })
export default defineWorld({ name: 'odd', kinds: [Thing.with(machine), Rock, Wheel.with(turning)], init: ({ spawn }) => { spawn(Thing, {}) } })
`

/** Names that arrows use and nobody declared. */
function undeclared({ nodes, arrows }: ReadDiagram): string[] {
  return arrows.flatMap(({ from, to }) => [from, to]).filter((name) => name !== '[*]' && !nodes.has(name))
}

const hasDot = spawnSync('dot', ['-V']).status === 0

describe.skipIf(!built)('metabonk debug machines (skipped before npm run build)', () => {
  const { metabonk, folder } = commandLine()

  it('lists the machines of the arena', () => {
    const { code, out } = metabonk('debug', 'machines', 'arena', '--kind', 'enemy')
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^enemy +machine enemy, \w+\n {2}states +5: 2 atomic, 2 compound, 1 final\n {2}configurations +3\n {2}events +Hit\n {2}timers +1\n {2}histories +0\n {2}columns +12 bytes per agent: \$state 4, \$timers 8\n$/) as string,
    })
    const { world, machines } = json(metabonk('debug', 'machines', 'arena', '--json')) as { world: string; machines: { kind: string; states: { path: string }[]; transitions: object[] }[] }
    expect([world, machines.map((each) => each.kind)]).toEqual(['arena', ['scout', 'speedrunner', 'killer', 'tank', 'enemy', 'gem']])
    expect(machines[5].states.map((state) => state.path)).toEqual(['', 'lying', 'taken', 'faded'])
    expect(machines[5].transitions).toEqual([
      { source: 'gem.lying', targets: ['gem.taken'], trigger: 'Claim', actions: ['send Granted'], reenter: false },
      { source: 'gem.lying', targets: ['gem.faded'], trigger: 'after 60000', actions: [], reenter: false },
    ])
  })

  it('says so when a world has none, and what is wrong when it is asked for what is not there', () => {
    expect(metabonk('debug', 'machines', 'flocking')).toMatchObject({ code: 0, out: 'none  no kind of flocking has a machine\n' })
    const faults: [string[], string][] = [
      [['arena', '--kind', 'dragon'], "there is no kind 'dragon' with a machine (--kind); choose from scout, speedrunner, killer, tank, enemy, gem"],
      [['flocking', '--kind', 'bird'], "there is no kind 'bird' with a machine (--kind); no kind of this world has one"],
      [[], 'there is no world to look at; give its name or path, or --counts RUN'],
      [['arena', '--step', '3'], 'there is no recording to look at (--step); add --counts RUN'],
      [['arena', '--dot', '--mermaid'], "option '--mermaid' cannot be used with option '--dot'"],
    ]
    for (const [args, message] of faults) expect(metabonk('debug', 'machines', ...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) as string })
    expect(json(metabonk('debug', 'machines', 'arena', '--kind', 'dragon', '--json'))).toMatchObject({ error: { code: 'usage', where: '--kind' } })
  })

  it('counts the agents in each state at a step of a recording', () => {
    const recording = join(folder, 'meadow.mcap')
    const { report } = json(metabonk('run', 'meadow', 'sheep=50', '--seed', '3', '--steps', '30', '--workers', '1', '--record', recording, '--json')) as { report: { afraid: number } }
    const at = (...args: string[]) => json(metabonk('debug', 'machines', '--counts', recording, '--json', ...args)) as { step: number; finalHash: string; kinds: { kind: string; agents: number; states: { state: string; agents: number }[] }[] }
    const last = at()
    expect(last.step).toBe(30)
    expect(last.kinds).toEqual([{ kind: 'sheep', agents: 50, states: [{ state: 'grazing', agents: 50 - report.afraid }, { state: 'fleeing', agents: report.afraid }] }])
    expect(report.afraid).toBeGreaterThan(0)
    const { code, out } = metabonk('debug', 'machines', 'meadow', '--counts', recording, '--step', '0')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^step +0\nsheep +50\n {2}grazing +50\n {2}fleeing +0\nhash +[0-9a-f]{16}\n$/) as string })
    expect(metabonk('debug', 'machines', '--counts', recording, '--step', '31')).toMatchObject({ code: 2, err: expect.stringContaining('give a step from 0 to 30') as string })
    expect(metabonk('debug', 'machines', '--counts', recording, '--kind', 'wolf')).toMatchObject({ code: 2, err: expect.stringContaining('choose from sheep') as string })
  })
})

describe.skipIf(!built)('metabonk debug machines draws (skipped before npm run build)', () => {
  const { metabonk, folder } = commandLine()
  const odd = join(folder, 'odd.ts')
  writeFileSync(odd, oddWorld)

  it('every machine of a world, each with its title, in both languages', () => {
    for (const [option, read] of [['--mermaid', readMermaid], ['--dot', readDot]] as const) {
      const diagrams = read(metabonk('debug', 'machines', 'arena', option).out)
      expect(diagrams.map((each) => each.title), option).toEqual(['scout', 'speedrunner', 'killer', 'tank', 'enemy', 'gem'])
      expect(diagrams.flatMap(undeclared), option).toEqual([])
      const labels = diagrams[4].arrows.map((arrow) => arrow.label)
      expect(labels, option).toEqual(expect.arrayContaining(['Hit [survives] / bleed', 'Hit / send Slain', 'after 200']))
    }
    const { machines } = json(metabonk('debug', 'machines', 'arena', '--kind', 'gem', '--dot', '--json')) as { machines: { diagram: string }[] }
    expect(readDot(machines[0].diagram)).toHaveLength(1)
  })

  it('regions, histories and final states, whatever they are called', () => {
    const mermaid = metabonk('debug', 'machines', odd, '--kind', 'thing', '--mermaid').out
    const [diagram] = readMermaid(mermaid)
    expect(diagram.title).toBe('thing: the "machine"')
    expect(undeclared(diagram)).toEqual([])
    expect(mermaid.match(/^ {4}--$/gm)).toHaveLength(2)
    expect(mermaid).toContain('state "H*" as ')
    expect(diagram.arrows.filter((arrow) => arrow.to === '[*]')).toHaveLength(1)
    expect(diagram.arrows.map((arrow) => arrow.label)).toEqual(expect.arrayContaining(['done (reenter)', 'always [not in second.two]', 'STEP [a #34;quoted#34;#59; #35;1#58; #60;b#62;#123;x#125;#92; 50#37;#37; #38; more]']))
    const dot = metabonk('debug', 'machines', odd, '--kind', 'thing', '--dot').out
    const [graph] = readDot(dot)
    expect(undeclared(graph)).toEqual([])
    expect(dot).toMatch(/\[shape=doublecircle, label="note\\nentry \/ assign\(n\)"\]/)
    expect(graph.arrows.map((arrow) => arrow.label)).toContain('STEP [a \\"quoted\\"; #1: <b>{x}\\\\ 50%% &amp; more]')
    expect([...graph.nodes].filter((name) => name.startsWith('cluster_'))).toHaveLength(3)
  })

  it.skipIf(!hasDot)('what Graphviz takes (skipped without dot)', () => {
    for (const world of ['arena', odd]) {
      const { status, stderr } = spawnSync('dot', ['-Tsvg'], { input: metabonk('debug', 'machines', world, '--dot').out, encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
    }
  })

  it('in grammars that refuse what is none', () => {
    const [mermaid, dot] = ['--mermaid', '--dot'].map((option) => metabonk('debug', 'machines', 'arena', '--kind', 'gem', option).out)
    for (const broken of [mermaid.replace('}', ''), mermaid.replace(' -->', ' ->'), mermaid.replace('"lying', '"ly"ing'), mermaid.replace('Claim', 'Cla;im')]) expect(() => readMermaid(broken)).toThrow()
    for (const broken of [dot.replace('}', ''), dot.replace(' ->', ' -->'), dot.replace('"lying', '"ly"ing'), dot.replace('[shape', '[[shape')]) expect(() => readDot(broken)).toThrow()
  })
})
