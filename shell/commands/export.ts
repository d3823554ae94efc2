import { exportRecording, type ExportOptions } from '../export/formats.ts'
import type { Log } from '../log.ts'
import { print, printRows } from '../output.ts'
import { watched } from '../watched.ts'
import { parseAgent } from './replays.ts'

interface ExportCommandOptions extends Omit<ExportOptions, 'cameras'> {
  readonly camera?: readonly string[]
  readonly json?: boolean
}

/** `metabonk export RUN --to FORMAT`. */
export async function exportCommand(path: string, options: ExportCommandOptions, log: Log | undefined): Promise<void> {
  const { camera, json, ...rest } = options
  const cameras = camera?.map((text) => parseAgent(text, '--camera'))
  const { result } = await watched('export', (watch) => {
    log?.info({ path, ...rest, cameras }, 'export')
    return exportRecording(path, { ...rest, cameras }, watch)
  })
  if (json === true) {
    print({ recording: path, format: options.to, ...result })
    return
  }
  const { from, until, every, files } = result
  printRows([
    ...files.map((file) => ['wrote', `${file.path}: ${String(file.rows)} rows, ${String(file.bytes)} bytes`] as const),
    ['steps', `${String(from)} to ${String(until)}${every === 1 ? '' : `, every ${String(every)}`}`],
  ])
}
