import type { Desk } from '../desk.ts'
import { agentOf, columnNames, refuse, type Command } from './command.ts'

type Value = number | boolean | string | number[]

/** A value as people write it: a number, true or false, a vector like [1,2], or a text. */
function valueOf(text: string): Value {
  if (/^\[.*\]$/.test(text)) return text.slice(1, -1).split(',').map(Number)
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

const assignment = /^(\w+)\s*=\s*(.+)$/
const cellAssignment = /^(\w+)\[(\d+)\]\.(\w+)\s*=\s*(.+)$/

function setGiven(desk: Desk, given: string): Promise<void> {
  const named = cellAssignment.exec(given)
  if (named !== null) return desk.send({ form: 'set', kind: named[1], row: Number(named[2]), column: named[3], value: valueOf(named[4]) })
  const own = assignment.exec(given)
  if (own === null || desk.tab.row === undefined) throw refuse('set', given, 'write enemy[3].health=5, or health=5 for the inspected agent')
  return desk.send({ form: 'set', kind: desk.tab.kind, row: desk.tab.row, column: own[1], value: valueOf(own[2]) })
}

/** Changing the state of a live run, recorded; and turning to other runs. */
export const runCommands: readonly Command[] = [
  {
    name: 'set',
    takes: '<column>=<value>',
    does: 'set a value of the inspected agent, or of enemy[3].health; recorded',
    complete: (desk) => columnNames(desk).map((name) => `${name}=`),
    run: setGiven,
  },
  {
    name: 'spawn',
    takes: '<kind> [column=value ...]',
    does: 'bring an agent to life; recorded',
    complete: (desk, given) => (given.includes(' ') ? columnNames(desk).map((name) => `${name}=`) : desk.playhead.about.kinds.map(({ name }) => name)),
    run: (desk, given) => {
      const [kind, ...rest] = given.split(/\s+/)
      const pairs = rest.map((each) => assignment.exec(each))
      if (kind === '' || pairs.includes(null)) throw refuse('spawn', given, 'write enemy health=5 at=[1,2]')
      return desk.send({ form: 'spawn', kind, values: Object.fromEntries(pairs.map((each) => [each?.[1] ?? '', valueOf(each?.[2] ?? '')])) })
    },
  },
  { name: 'kill', takes: '<kind[row]>', does: 'end an agent; recorded', run: (desk, given) => desk.send({ form: 'kill', ...agentOf('kill', given) }) },
  {
    name: 'config',
    takes: '<key>=<value>',
    does: 'change a live setting; recorded',
    complete: (desk) => Object.keys(desk.playhead.about.config).map((key) => `${key}=`),
    run: (desk, given) => {
      const found = assignment.exec(given)
      const value = valueOf(found?.[2] ?? '')
      if (found === null || typeof value === 'object') throw refuse('config', given, 'write key=value')
      return desk.send({ form: 'config', key: found[1], value })
    },
  },
  {
    name: 'open',
    takes: '<recording>',
    does: 'show a recording beside the other runs',
    complete: (desk) => desk.ports.recordings(desk.playhead.about.recording),
    run: async (desk, given) => {
      if (given === '') throw refuse('open', given, 'give a recording')
      desk.open(await desk.ports.openRecording(given))
    },
  },
  {
    name: 'attach',
    takes: '[pid or world]',
    does: 'show a run of another process; without a name, list them',
    run: async (desk, given) => {
      if (given !== '') {
        desk.open(await desk.ports.attach(given))
        return
      }
      const runs = await desk.ports.runs()
      desk.answer('runs of other processes', runs.length === 0 ? [['none', 'start one with metabonk run']] : runs.map((each) => [each, `:attach ${each.split(' ')[0]}`]))
    },
  },
  { name: 'close', takes: '', does: 'leave this run; it goes on', run: (desk) => desk.closeTab() },
  {
    name: 'run',
    takes: 'next|previous',
    does: 'turn to the next or previous run',
    complete: () => ['next', 'previous'],
    run: (desk, given) => {
      desk.turnTab(given === 'previous' ? -1 : 1)
    },
  },
]
