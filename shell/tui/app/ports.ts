import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { mayHaveParts, MetabonkError, partsOfRun, runFork } from '../../../actors/index.ts'
import { divergenceRows, whyRows } from '../../answers.ts'
import { chosenRun, discoverRuns, openRemoteSession, runText, type DiscoveredRun } from '../model/remote-session.ts'
import { Questions } from '../model/questions.ts'
import { openRecordedSession } from '../model/recorded-session.ts'
import type { Ports } from './desk.ts'
import type { OwnRuns } from './own-runs.ts'

const recordingsMax = 200
const folders = ['.', 'runs', 'out']

/** Recordings in the usual folders, and beside one that is looked at. */
function recordingsNear(path: string | undefined): readonly string[] {
  const places = [...new Set([...folders, ...(path === undefined ? [] : [relative('.', dirname(path)) || '.'])])]
  return places.flatMap((folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.mcap')).map((name) => join(folder, name)) : [])).slice(0, recordingsMax)
}

async function otherRuns(): Promise<readonly DiscoveredRun[]> {
  return (await discoverRuns()).filter(({ pid }) => pid !== process.pid)
}

/** The file that holds a step of a run: of one that is recorded in parts, that of the part. Throws `usage` for a part that is gone. */
function partWith(file: string, step: number): string {
  if (!mayHaveParts(file)) return file
  const parts = partsOfRun(file)
  const first = parts.at(0)?.first ?? 0
  if (step < first) throw new MetabonkError({ code: 'usage', what: `step ${String(step)} is in a part of the run that is gone`, where: file, todo: `step ${String(first)} is the first there is` })
  // What was seen at the first step of a part is in the part before.
  return (parts.findLast((part) => part.first < step) ?? parts.at(0))?.path ?? file
}

/** What a screen does to the world around it. */
export function screenPorts(own: OwnRuns): Ports {
  const questions = new Questions()
  return {
    openRecording: (file) => openRecordedSession(file),
    partWith,
    firstStep: (file) => partsOfRun(file).at(0)?.first ?? 0,
    find: (file, expression, range) => questions.find(file, expression, range),
    endSearch: () => { questions.endSearch() },
    why: async (file, step, target) => {
      const result = await questions.why(file, step, target)
      return { rows: whyRows(result), step: result.step }
    },
    bisect: async (a, b) => {
      const found = await questions.bisect(a, b)
      return { rows: divergenceRows(found), step: found.step }
    },
    fork: async (file, at, changes) => {
      const fork = await questions.fork(file, at, changes)
      const sessions = await own.start((watch) => runFork(fork, watch))
      return sessions.open()
    },
    close: () => questions.close(),
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
