import { MetabonkError } from '../../../../actors/index.ts'
import type { Desk } from '../desk.ts'
import { columnNames, recordingOf, refuse, stepOf, type Command } from './command.ts'

const endOfRecording = '.mcap'

/** The agent that is inspected. */
function inspected(desk: Desk): { readonly kind: string; readonly row: number } {
  const { kind, row } = desk.tab
  if (row !== undefined) return { kind, row }
  throw new MetabonkError({ code: 'usage', what: 'no agent is inspected', todo: 'choose one in the table of agents, or with :agent enemy[3]' })
}

/** The recording that a live run has so far, or the one that is shown, up to its last step. */
async function flushed(desk: Desk): Promise<string> {
  const path = recordingOf(desk)
  const { running, vitals } = desk.playhead
  if (vitals?.ended === undefined) await running?.flush()
  return path
}

/** The inspected agent at a step of a recording. */
async function agentAt(desk: Desk, path: string, step: number): Promise<void> {
  const { tab } = desk
  const agent = inspected(desk)
  const session = await desk.ports.openRecording(path)
  try {
    await session.goTo(Math.max(session.first, Math.min(session.last, step)))
    const view = await session.look({ agent })
    tab.other = { name: path === tab.playhead.about.recording ? `step ${String(view.step)}` : `${path}, step ${String(view.step)}`, agent: view.agent }
  } finally {
    await session.close()
  }
}

function otherRecordings(desk: Desk): readonly string[] {
  const own = desk.playhead.about.recording
  const shown = desk.tabs.flatMap(({ playhead }) => playhead.about.recording ?? [])
  return [...new Set([...shown, ...desk.ports.recordings(own)])].filter((path) => path !== own)
}

/** Asking where things come from, and what is different. */
export const questionCommands: readonly Command[] = [
  {
    name: 'why',
    takes: '<column>',
    does: 'tell why a value of the inspected agent is what it is',
    complete: (desk) => ['state', ...columnNames(desk)],
    run: async (desk, given) => {
      if (given === '') throw refuse('why', given, 'name a column of the agent, or state')
      const agent = inspected(desk)
      const target = given.includes('[') ? given : `${agent.kind}[${String(agent.row)}].${given}`
      const { tab, playhead: { at } } = desk
      const { rows, step } = await desk.ports.why(await flushed(desk), at, target)
      desk.answer(`why ${target} at step ${String(at)}`, rows, step < 0 ? undefined : { command: `go ${String(step)}`, tab })
    },
  },
  {
    name: 'diff',
    takes: '<step>|<recording>|off',
    does: 'compare the inspected agent with itself at another step or in another run',
    complete: (desk) => ['off', ...desk.playhead.marks.map(({ name }) => name), ...otherRecordings(desk)],
    run: async (desk, given) => {
      if (given === 'off') {
        desk.tab.other = undefined
        return
      }
      const isFile = given.endsWith(endOfRecording) || given.includes('/')
      await (isFile ? agentAt(desk, given, desk.playhead.at) : agentAt(desk, await flushed(desk), stepOf(desk, 'diff', given)))
    },
  },
  {
    name: 'bisect',
    takes: '<recording>',
    does: 'find the first step in which another run differs',
    complete: otherRecordings,
    run: async (desk, given) => {
      const other = given === '' ? otherRecordings(desk).at(0) : given
      if (other === undefined) throw refuse('bisect', given, 'give another recording')
      const { tab } = desk
      const path = await flushed(desk)
      const { rows, step } = await desk.ports.bisect(path, other)
      desk.answer(`${path} and ${other}`, rows, step === undefined ? undefined : { command: `go ${String(step)}`, tab })
    },
  },
  {
    name: 'fork',
    takes: '[key=value | kind[row].column=value ...]',
    does: 'make another run from this step on, with a change',
    complete: (desk, given) => {
      const { kind, row } = desk.tab
      const word = given.slice(given.lastIndexOf(' ') + 1)
      return word.includes('[') ? columnNames(desk).map((name) => `${kind}[${String(row ?? 0)}].${name}=`) : Object.keys(desk.playhead.about.config).map((key) => `${key}=`)
    },
    run: async (desk, given) => {
      const at = desk.playhead.at
      const session = await desk.ports.fork(await flushed(desk), at, given.split(/\s+/).filter((each) => each !== ''))
      desk.say(`forked at step ${String(at)}: ${session.about.recording ?? ''}`)
      const { kind, row } = desk.tab
      desk.open(session)
      if (row !== undefined) desk.inspect(kind, row)
    },
  },
]
