import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createActor, SimulatedClock } from 'xstate'
import { bool, f64, MetabonkError, type ColumnType } from '../../runtime/index.ts'
import type { Executor } from '../../actors/statechart/index.ts'
import { OneAgent } from './one-agent.ts'
import { Unreadable } from './scxml-code.ts'
import { actorDialect, AgentDialect } from './scxml-dialects.ts'
import { readScxml } from './scxml.ts'
import { allOf, parseXml } from './xml.ts'

interface Expectation {
  readonly initialConfiguration: readonly string[]
  readonly events: readonly { readonly after?: number; readonly event: { readonly name: string }; readonly nextConfiguration: readonly string[] }[]
}

/** A document and the configurations it is to be in. */
export interface Case {
  readonly name: string
  readonly text: string
  readonly expectation: Expectation
}

/** What runs a case. */
interface Running {
  /** Ids of the active atomic states. */
  active(): unknown[]
  /** All that is kept between events. */
  kept(): unknown
  /** Lets what happens at once happen, and then milliseconds pass. */
  wait(millis: number): void
  send(event: string): void
}

const require = createRequire(import.meta.url)
const folder = join(dirname(require.resolve('@scion-scxml/test-framework/package.json')), 'test')

/** All cases that have an expectation. */
export function readCases(): Case[] {
  const groups = readdirSync(folder).sort()
  return groups.flatMap((group) => {
    const names = readdirSync(join(folder, group)).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length))
    return names.sort().map((name) => {
      const path = join(folder, group, name)
      const text = readFileSync(`${path}.scxml`, 'utf8').replace(/<script src="([^"]*)"\/>/g, (_, source: string) => `<script><![CDATA[${readFileSync(join(folder, group, source), 'utf8')}]]></script>`)
      return { name: `${group}/${name.replace('.txml', '')}`, text, expectation: JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Expectation }
    })
  })
}

const structural = new Set(['scxml', 'state', 'parallel', 'final', 'history', 'initial', 'transition', 'onentry', 'onexit', 'raise', 'log'])

/** Whether a case is about states, transitions and events only, without data and sending. */
export function isStructural({ text }: Case): boolean {
  return allOf(parseXml(text)).every(({ name, attributes }) => structural.has(name) && /^(!?In\('[^']*'\))?$/.test(attributes['cond'] ?? ''))
}

/** Runs a case on a plain actor of XState. */
export function actorOf({ text, expectation }: Case): Running {
  const { machine } = readScxml(text, eventsOf(expectation), actorDialect)
  const clock = new SimulatedClock()
  const actor = createActor(machine, { clock, id: 'case' })
  actor.subscribe({ error: () => undefined })
  const checked = (): void => {
    const snapshot = actor.getSnapshot()
    if (snapshot.status === 'error') throw snapshot.error
  }
  return {
    kept: () => actor.getSnapshot().context as unknown,
    active: () => Object.values<unknown>(actor.getSnapshot().getMeta()),
    wait: (millis) => {
      actor.start()
      clock.increment(millis)
      checked()
    },
    send: (type) => {
      if (actor.getSnapshot().status === 'active') actor.send({ type })
      checked()
    },
  }
}

/** Runs a case on one agent. */
export function agentOf({ text, expectation }: Case, executor: Executor): Running {
  const dialect = new AgentDialect()
  const { machine, data, events } = readScxml(text, eventsOf(expectation), dialect)
  const columns = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, columnFor(value, text)]))
  const receives = events.map((event) => dialect.type(event))
  const agent = new OneAgent({ machine, columns, receives, executor })
  return {
    kept: () => agent.columns(),
    active: () => agent.active(),
    wait: (millis) => {
      agent.settle()
      agent.wait(millis)
    },
    send: (event) => {
      agent.send(dialect.type(event), dialect.noValues(event))
    },
  }
}

const noColumn = 'data that is neither number nor boolean'

function columnFor(value: unknown, text: string): ColumnType {
  if (typeof value === 'number') return f64
  if (typeof value === 'boolean') return bool
  if (value !== undefined) throw new Unreadable(noColumn)
  if (text.includes('undefined')) throw new Unreadable('data that is looked at before it has a value')
  return f64
}

function eventsOf({ events }: Expectation): string[] {
  return events.map(({ event }) => event.name).filter((name) => name !== '')
}

/** How a case went: what was kept after each event when all was as expected, else why it can't be run, or what was different. */
export interface Outcome {
  readonly kept?: readonly unknown[]
  readonly unreadable?: string
  readonly difference?: string
}

/** Runs a case and compares configurations after every event. */
export function runCase(each: Case, make: (each: Case) => Running): Outcome {
  const kept: unknown[] = []
  try {
    const running = make(each)
    const compare = (where: string, expected: readonly string[]): void => {
      kept.push(running.kept())
      const active = running.active().sort()
      if (active.join() !== [...expected].sort().join()) throw new Error(`${where}: in ${active.join()}, expected ${expected.join()}`)
    }
    compare('at first', each.expectation.initialConfiguration)
    running.wait(0)
    for (const [i, { after, event, nextConfiguration }] of each.expectation.events.entries()) {
      running.wait(after ?? 0)
      if (event.name !== '') running.send(event.name)
      compare(`event ${i + 1}, ${event.name}`, nextConfiguration)
    }
    return { kept }
  } catch (error) {
    if (error instanceof Unreadable) return { unreadable: error.message }
    if (error instanceof MetabonkError && error.code === 'schema') return { unreadable: noColumn }
    return { difference: error instanceof Error ? error.message : String(error) }
  }
}
