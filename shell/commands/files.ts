import { readFileSync } from 'node:fs'
import { compressRecording, MetabonkError, recordedInputs, recordingInfo, recoverRecording, type RecordingInfo } from '../../actors/index.ts'
import type { Log } from '../log.ts'
import { print, printRows } from '../output.ts'
import { watched } from '../watched.ts'

type Row = readonly [name: string, value: string | number]

/** The key file that `--sign` names. Throws `usage` when it can't be read. */
export function readKey(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new MetabonkError({ code: 'usage', what: `the key can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, where: path, todo: 'make one with: openssl genpkey -algorithm ed25519 -out key.pem', cause })
  }
}

/** `1,234,567 bytes (1.2 MB)`. */
function bytesText(bytes: number): string {
  const text = String(bytes).replace(/\B(?=(\d{3})+$)/g, ',')
  return bytes < 10_000 ? `${text} bytes` : `${text} bytes (${(bytes / 1e6).toFixed(1)} MB)`
}

const inputsShown = 20

/** The inputs by the numbers that `fork --drop-input` takes. */
function inputRows(path: string, count: number): Row[] {
  const rows = count === 0 ? [] : recordedInputs(path).slice(0, inputsShown).map(({ step, input }, place): Row => [`  input ${String(place)}`, `before step ${String(step)}: ${JSON.stringify(input)}`])
  return count > inputsShown ? [...rows, ['', `and ${String(count - inputsShown)} more: metabonk export --to csv --what inputs`]] : rows
}

/** `300`, `300 of 5000`, or `100 to 300 of 5000` in a part that begins later. */
function stepsText({ first, steps, until }: RecordingInfo): string {
  return `${first === 0 ? '' : `${String(first)} to `}${String(steps)}${until === undefined || until < steps ? '' : ` of ${String(until)}`}`
}

/** `metabonk info RUN`. */
export function infoCommand(path: string, options: { readonly json?: boolean }, log: Log | undefined): Promise<void> {
  log?.info({ path }, 'info')
  const info = recordingInfo(path)
  if (options.json === true) {
    print({ recording: path, ...info })
    return Promise.resolve()
  }
  const { manifest, keyframes } = info
  const { parent } = manifest
  printRows([
    ['world', `${manifest.world} (${manifest.worldSource}, code ${manifest.codeHash})`],
    ['seed', manifest.seed],
    ...Object.entries(manifest.config).map(([key, value]): Row => [key, String(value)]),
    ...(parent === undefined ? [] : [['fork of', `${parent.recording} at step ${String(parent.step)} (${parent.hash})`] as const]),
    ['steps', stepsText(info)],
    ...(manifest.follows === undefined ? [] : [['follows', `${manifest.follows.recording} (sha256 ${manifest.follows.sha256})`] as const]),
    ...(info.next === undefined ? [] : [['goes on in', info.next] as const]),
    ['end', info.reason ?? 'none: the file is torn, and holds its steps up to its last complete chunk'],
    ['hash', info.finalHash],
    ['inputs', info.inputs],
    ...inputRows(path, info.inputs),
    ['keyframes', keyframes.length === 0 ? 'none' : `${String(keyframes.length)}, the last at step ${String(keyframes[keyframes.length - 1])}`],
    ...info.streams.map(({ topic, messages, dropped }): Row => [topic, `${String(messages)} messages${dropped === 0 ? '' : `, ${String(dropped)} dropped`}`]),
    ['recorded', `with ${String(manifest.workers)} workers on node ${manifest.versions.node}, metabonk ${manifest.versions.metabonk}, xstate ${manifest.versions.xstate}`],
    ['size', bytesText(info.bytes)],
    ...(info.sha256 === undefined ? [] : [['sha256', info.sha256] as const]),
    ...(info.publicKey === undefined ? [] : [['signed by', info.publicKey] as const]),
  ])
  return Promise.resolve()
}

interface RewriteCommandOptions {
  readonly out: string
  readonly sign?: string
  readonly json?: boolean
}

async function rewritten(path: string, { out, json, sign }: RewriteCommandOptions, how: typeof recoverRecording): Promise<void> {
  const signKey = readKey(sign)
  const { result } = await watched('write', ({ signal }) => how(path, out, { signKey, signal }))
  if (json === true) print({ recording: path, out, ...result })
  else printRows([['written', out], ['steps', result.steps], ['end', result.reason], ['hash', result.finalHash], ['size', `${bytesText(result.bytes)}, before ${bytesText(result.bytesBefore)}`], ...(result.signatureLost ? [['note', 'the recording was signed, its copy is not: --sign KEY signs it'] as const] : []), ['next', `metabonk verify ${out}`]])
}

/** `metabonk recover RUN --out FILE`. */
export function recoverCommand(path: string, options: RewriteCommandOptions, log: Log | undefined): Promise<void> {
  log?.info({ path, out: options.out }, 'recover')
  return rewritten(path, options, recoverRecording)
}

/** `metabonk compress RUN --out FILE`. */
export function compressCommand(path: string, options: RewriteCommandOptions, log: Log | undefined): Promise<void> {
  log?.info({ path, out: options.out }, 'compress')
  return rewritten(path, options, compressRecording)
}
