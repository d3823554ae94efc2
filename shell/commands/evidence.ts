import { collectEvidence } from '../../actors/index.ts'
import type { Log } from '../log.ts'
import { print, printRows } from '../output.ts'
import { watched } from '../watched.ts'
import { parseAgent } from './replays.ts'

/** Options of `metabonk evidence`. */
interface EvidenceCommandOptions {
  readonly on?: string
  readonly around: number
  readonly out?: string
  readonly agent?: string
  readonly most?: number
  readonly workers?: number
  readonly world?: string
  readonly json?: boolean
}

/** `metabonk evidence RUN`. */
export async function evidenceCommand(path: string, options: EvidenceCommandOptions, log: Log | undefined): Promise<void> {
  const { on, around, most, workers, world } = options
  const out = options.out ?? `${path.replace(/\.mcap$/, '')}-evidence`
  const agent = options.agent === undefined ? undefined : parseAgent(options.agent, '--agent')
  const { result } = await watched('evidence', (watch) => {
    log?.info({ path, on, out }, 'evidence')
    return collectEvidence(path, { ...watch, on, around, out, agent, most, workers, world })
  })
  if (options.json === true) {
    print({ recording: path, ...result })
    return
  }
  const { moments, more, pictures, black, events } = result
  printRows([
    ['moments', `${String(moments)} at which ${on ?? 'a reward was not 0'}${more ? ', the first of more: see --most' : ''}`],
    ['pictures', `${String(pictures.length)} in ${out}, from ${String(around)} steps before to ${String(around)} after`],
    ['left out', `${String(black)} that are black`],
    ['events', `${String(events)} in ${out}/events.jsonl`],
  ])
}
