import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { bisectRecordings, findInRecording, forkRun, MetabonkError, recordingInfo, whyRecording } from '../../../actors/index.ts'
import { divergenceRows, whyRows } from '../../answers.ts'
import { recordPath } from '../../record-path.ts'
import { chosenRun, discoverRuns, openRemoteSession, runText, type DiscoveredRun } from '../model/remote-session.ts'
import { openRecordedSession } from '../model/recorded-session.ts'
import type { Ports } from './desk.ts'
import type { OwnRuns } from './own-runs.ts'
import type { Stretch } from './playhead.ts'

const recordingsMax = 200
const hitsMost = 100_000
const folders = ['.', 'runs', 'out']

/** Stretches of steps, whoever it holds for: those that meet are one. */
function joined(hits: readonly Stretch[]): readonly Stretch[] {
  const all: { from: number; to: number }[] = []
  for (const { from, to } of [...hits].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to)
    else all.push({ from, to })
  }
  return all
}

/** Recordings in the usual folders, and beside one that is looked at. */
function recordingsNear(path: string | undefined): readonly string[] {
  const places = [...new Set([...folders, ...(path === undefined ? [] : [relative('.', dirname(path)) || '.'])])]
  return places.flatMap((folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.mcap')).map((name) => join(folder, name)) : [])).slice(0, recordingsMax)
}

async function otherRuns(): Promise<readonly DiscoveredRun[]> {
  return (await discoverRuns()).filter(({ pid }) => pid !== process.pid)
}

/** The file that holds a step of a run: of one that is recorded in parts, that of the part. */
function partWith(file: string, step: number): string {
  // Most runs are in one file: that need not be read for it.
  if (existsSync(file) && !existsSync(file.replace(/(\.[^.]*)?$/, '.1$1'))) return file
  for (let path = file; ; ) {
    const { steps, next } = recordingInfo(path)
    const after = next === undefined ? undefined : join(dirname(path), next)
    if (step <= steps || after === undefined || !existsSync(after)) return path
    path = after
  }
}

/** What a screen does to the world around it. */
export function screenPorts(own: OwnRuns): Ports {
  return {
    openRecording: (file) => openRecordedSession(file),
    partWith,
    find: async (file, expression, { from, to, backwards, most }) => {
      // Each agent it holds for has hits of its own.
      const { hits } = await findInRecording(file, expression, { from, to, backwards, most: most === 1 ? 1 : hitsMost })
      const stretches = joined(hits)
      return (backwards ? [...stretches].reverse() : stretches).slice(0, most)
    },
    why: async (file, step, target) => {
      const result = await whyRecording(file, step, target)
      return { rows: whyRows(result), step: result.step }
    },
    bisect: (a, b) => {
      const found = bisectRecordings(a, b)
      return Promise.resolve({ rows: divergenceRows(found), step: found.step })
    },
    fork: async (file, at, changes) => {
      const { manifest, until, complete, steps } = recordingInfo(file)
      const record = recordPath(`${manifest.world}-fork`, { seed: manifest.seed, record: true }) ?? ''
      const sets = changes.filter((each) => each.split('=')[0].includes('['))
      const overrides = changes.filter((each) => !sets.includes(each))
      const end = complete ? Math.max(steps, at + 1) : (until ?? Infinity)
      const sessions = await own.start((watch) => forkRun(file, { at, record, sets, overrides, steps: end, ...watch }))
      return sessions.open()
    },
    recordings: recordingsNear,
    attach: async (name) => openRemoteSession(chosenRun(await otherRuns(), name, 'or open a recording with :open').path),
    runs: async () => (await otherRuns()).map(runText),
    write: (file, bytes) => {
      try {
        writeFileSync(file, bytes, { flag: 'wx' })
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException
        throw new MetabonkError({ code: 'disk', what: code === 'EEXIST' ? 'the file is there already' : `it can't be written: ${message}`, where: file, todo: 'give another name: :shot FILE', cause })
      }
    },
  }
}
