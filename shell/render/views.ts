/** Whose pictures: agents and free cameras, as people name them. */
import { MetabonkError, type PictureView, type RecordedPictures } from '../../actors/index.ts'
import { closest } from '../../runtime/index.ts'
import { parseAgent } from '../commands/replays.ts'

/** A view with the name that its pictures are labelled with. */
export interface NamedView {
  readonly name: string
  readonly view: PictureView
}

/** Most views of one sheet. */
const viewsMax = 1024

function refuse(what: string, where: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'usage', what, where, todo })
}

function kindNames({ kinds }: RecordedPictures): string[] {
  return kinds.map(({ name }) => name)
}

/** The kind that a number alone is of: the only one with cameras. */
function onlyKind(text: string, pictures: RecordedPictures): string {
  const [first, ...others] = kindNames(pictures)
  if (others.length > 0) throw refuse(`'${text}' does not say of which kind`, '--agent', `write ${first}:${text}; there are cameras of ${[first, ...others].join(', ')}`)
  return first
}

/** The rows that a name is of: `killer:3`, `killer[3]`, `killer:0..7`, and `3` or `0..7` where only one kind has cameras. */
function agentsNamed(text: string, pictures: RecordedPictures): { readonly kind: string; readonly row: number }[] {
  const range = /^(?:([A-Za-z_]\w*):)?(\d+)(?:\.\.(\d+))?$/.exec(text) as (string | undefined)[] | null
  if (range === null) return [parseAgent(text, '--agent')]
  const [, kind = onlyKind(text, pictures), from, to = from] = range
  const rows = Number(to) - Number(from) + 1
  if (!(rows >= 1 && rows <= viewsMax)) throw refuse(`'${text}' names ${rows < 1 ? 'nobody' : 'too many'}`, '--agent', `give a first row and a last one, ${String(viewsMax)} rows at most`)
  return Array.from({ length: rows }, (_, i) => ({ kind, row: Number(from) + i }))
}

function agentView(agent: { readonly kind: string; readonly row: number }, pictures: RecordedPictures): NamedView {
  const known = kindNames(pictures)
  const found = pictures.kinds.find(({ name }) => name === agent.kind)
  if (found === undefined) throw refuse(`agents of kind '${agent.kind}' have no camera`, '--agent', `choose from ${known.join(', ')}`)
  if (agent.row >= found.rowsMax) throw refuse(`kind '${agent.kind}' has no row ${String(agent.row)}`, '--agent', `give one below ${String(found.rowsMax)}`)
  return { name: `${agent.kind}:${String(agent.row)}`, view: agent }
}

function cameraView(camera: string, { cameras }: RecordedPictures): NamedView {
  if (cameras.includes(camera)) return { name: camera, view: { camera } }
  const near = closest(camera, cameras)
  throw refuse(`there is no camera '${camera}'`, '--camera', cameras.length === 0 ? 'the world has none but those of its agents: give --agent' : near === undefined ? `choose from ${cameras.join(', ')}` : `did you mean ${near}?`)
}

/** The views that are asked for, in that order: agents, then free cameras. Throws `usage` for none, and for what is not there. */
export function viewsOf(pictures: RecordedPictures, path: string, { agent = [], camera = [] }: { readonly agent?: readonly string[] | undefined; readonly camera?: readonly string[] | undefined }): NamedView[] {
  const known = kindNames(pictures)
  if (known.length === 0 && pictures.cameras.length === 0) throw refuse('the world has no camera', path, 'record a run with a scene and a camera: in the arena that is obs=pixels')
  if (known.length === 0 && agent.length > 0) throw refuse('no agent has a camera', '--agent', `give --camera ${pictures.cameras[0]}`)
  const views = [...agent.flatMap((text) => agentsNamed(text, pictures)).map((each) => agentView(each, pictures)), ...camera.map((each) => cameraView(each, pictures))]
  if (views.length === 0) throw refuse('nobody is named to see', path, known.length > 0 ? `give --agent ${known[0]}:0` : `give --camera ${pictures.cameras[0]}`)
  if (views.length > viewsMax) throw refuse(`${String(views.length)} views are too many for a sheet`, '--agent', `give ${String(viewsMax)} at most`)
  return views
}
