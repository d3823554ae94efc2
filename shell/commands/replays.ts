import { MetabonkError, openRecording, recordingInfo, replayRecording, verifyRecording } from '../../actors/index.ts'
import type { Log } from '../log.ts'
import { print, printRows, summaryRows } from '../output.ts'
import type { OpeningScreen } from '../tui/screen/opening.ts'
import { watched } from '../watched.ts'

interface ReplayOptions {
  readonly workers?: number
  readonly world?: string
  readonly json?: boolean
}

/** `metabonk verify RUN`. */
export async function verifyCommand(path: string, options: ReplayOptions & { readonly key?: string }, log: Log | undefined): Promise<void> {
  const { manifest, first } = recordingInfo(path)
  const { result } = await watched('verify', (watch) => {
    log?.info({ path, manifest }, 'verify')
    return verifyRecording(path, { ...watch, workers: options.workers, world: options.world, publicKey: options.key })
  })
  if (options.json === true) {
    print({ ...result, recording: path, world: manifest.world, seed: manifest.seed, verified: true })
    return
  }
  printRows([
    ['verified', `${first === 0 ? `${String(result.steps)} steps` : `steps ${String(first)} to ${String(result.steps)}`} of ${manifest.world}, seed ${String(manifest.seed)}: every hash came out the same`],
    ...(result.follows === undefined ? [] : ([['follows', `${result.follows.recording}, ${result.follows.compared ? 'whose last state and seal are those it was begun with' : `which is not there (sha256 ${result.follows.sha256})`}`]] as const)),
    ['recorded', `with ${String(manifest.workers)} workers on node ${manifest.versions.node}, metabonk ${manifest.versions.metabonk}`],
    ['run again', `on ${String(result.workers)} threads in ${result.seconds.toFixed(2)} s`],
    ...(result.complete ? [] : ([['note', 'the recording is torn: what it holds up to its last complete chunk was verified']] as const)),
    ...(result.signedBy === undefined ? [] : ([['signed by', result.signedBy]] as const)),
    ['hash', result.finalHash],
  ])
}

/** `metabonk replay RUN`. */
export async function replayCommand(path: string, options: ReplayOptions & { readonly to?: number; readonly screen?: OpeningScreen }, log: Log | undefined): Promise<void> {
  if (options.screen !== undefined) {
    const { showRuns } = await import('../tui/index.ts')
    await showRuns(options.screen, async () => {
      const { openRecordedSession } = await import('../tui/model/recorded-session.ts')
      const session = await openRecordedSession(path, { world: options.world })
      await session.goTo(options.to ?? session.first)
      return [session]
    })
    return
  }
  const { result, stopped } = await watched('replay', (watch) => {
    log?.info({ path, to: options.to }, 'replay')
    return replayRecording(path, { ...watch, workers: options.workers, world: options.world, to: options.to })
  })
  if (options.json === true) print({ steps: result.step, stepsPerSecond: result.step / result.seconds, recording: path, stopped, ...result })
  else printRows([[stopped ? 'stopped at' : 'replayed', `${stopped ? '' : 'to '}step ${String(result.step)} in ${result.seconds.toFixed(2)} s`], ...summaryRows(result.report, result.agents), ['hash', result.finalHash]])
}

/** `metabonk seek RUN STEP`. */
export async function seekCommand(path: string, step: number, options: Pick<ReplayOptions, 'world' | 'json'> & { readonly agent?: string }, log: Log | undefined): Promise<void> {
  const wanted = options.agent === undefined ? undefined : parseAgent(options.agent, '--agent')
  const { result: state } = await watched('seek', async (watch) => {
    log?.info({ path, step }, 'seek')
    const run = await openRecording(path, { world: options.world })
    return run.seek(step, watch)
  })
  const agent = wanted === undefined ? undefined : state.agent(wanted.kind, wanted.row)
  if (options.json === true) {
    print({ recording: path, step: state.step, finalHash: state.hash, keyframeStep: state.keyframeStep, report: state.report, agents: state.agents, ...(agent === undefined ? {} : { agent }) })
    return
  }
  printRows([
    ['step', `${String(state.step)}, from the keyframe at ${String(state.keyframeStep)}`],
    ...summaryRows(state.report, state.agents),
    ['hash', state.hash],
    ...Object.entries(agent ?? {}).map(([column, value]) => [`${String(options.agent)} ${column}`, JSON.stringify(value)] as const),
  ])
}

/** An agent as people name it, `enemy:3` or `enemy[3]`. Throws `usage`. */
export function parseAgent(text: string, where: string): { readonly kind: string; readonly row: number } {
  const match = /^([A-Za-z_]\w*)(?::(\d+)|\[(\d+)\])$/.exec(text)
  if (match === null) throw new MetabonkError({ code: 'usage', what: `'${text}' names no agent`, where, todo: 'write kind:row, like enemy:3, or kind[row]' })
  const [, kind, row, other] = match as (string | undefined)[]
  return { kind: String(kind), row: Number(row ?? other) }
}
