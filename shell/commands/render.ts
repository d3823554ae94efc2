import { MetabonkError } from '../../actors/index.ts'
import type { Log } from '../log.ts'
import { print, printRows } from '../output.ts'
import { renderRecording, type Rendered, type RenderOptions } from '../render/render.ts'
import { watched } from '../watched.ts'

interface RenderCommandOptions extends RenderOptions {
  readonly term?: boolean
  readonly json?: boolean
}

const filesShown = 3

function rowsOf({ files, from, to, every, steps, absent, fps, depthRange, contrast }: Rendered): (readonly [string, string])[] {
  const rate = fps === undefined ? '' : `, ${fps.toFixed(2).replace(/\.?0+$/, '')} a second`
  return [
    ...files.slice(0, filesShown).map((file) => ['wrote', `${file.path}: ${String(file.bytes)} bytes`] as const),
    ...(files.length > filesShown ? [['', `and ${String(files.length - filesShown)} more`] as const] : []),
    ['steps', from === to ? String(from) : `${String(from)} to ${String(to)}${every === 1 ? '' : `, every ${String(every)}`}: ${String(steps)} pictures${rate}`],
    ...(absent === 0 ? [] : [['absent', `${String(absent)} pictures of agents that did not live then are crossed out`] as const]),
    ...(depthRange === undefined ? [] : [['depth', `bright is ${depthRange.near.toFixed(1)} m, dark ${depthRange.far.toFixed(1)} m, black nothing`] as const]),
    ...(contrast === undefined ? [] : [['differ', contrast.firstStep === undefined ? 'no pixel' : `${String(contrast.differingPixels)} pixels of ${String(contrast.differingPictures)} pictures, first at step ${String(contrast.firstStep)}`] as const]),
  ]
}

/** `metabonk render RUN`. */
export async function renderCommand(path: string, options: RenderCommandOptions, log: Log | undefined): Promise<void> {
  const { term, json, ...rest } = options
  if ((term === true) === (rest.out !== undefined)) throw new MetabonkError({ code: 'usage', what: term === true ? 'a picture goes to a file or to the terminal' : 'it is not said where to', where: term === true ? '--term' : path, todo: 'give --out FILE or --term' })
  if (term === true && json === true) throw new MetabonkError({ code: 'usage', what: 'a picture in the terminal is not JSON', where: '--json', todo: 'leave --json out, or write a file with --out' })
  const { result } = await watched('render', (watch) => {
    log?.info({ path, ...rest }, 'render')
    // A progress line would be in the picture.
    return renderRecording(path, rest, term === true ? { ...watch, onProgress: () => undefined } : watch)
  })
  if (json === true) print({ recording: path, ...result })
  else printRows(rowsOf(result))
}
