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

interface Agent {
  readonly kind: string
  readonly row: number
}

function refuse(what: string, where: string, todo: string): MetabonkError {
  return new MetabonkError({ code: 'usage', what, where, todo })
}

function kindNames({ kinds }: RecordedPictures): string[] {
  return kinds.map(({ name }) => name)
}

/** Agent `number` of all kinds with cameras, dealt in turn: row 0 of each kind, in the scene's order, then row 1 of each. */
function dealt(number: number, { kinds }: RecordedPictures): Agent {
  return { kind: kinds[number % kinds.length].name, row: Math.floor(number / kinds.length) }
}

/** The agents that a name is of: `killer:3`, `killer[3]`, `killer:0..7`, and `3` or `0..7` of all kinds with cameras, dealt in turn. */
function agentsNamed(text: string, pictures: RecordedPictures): Agent[] {
  const range = /^(?:([A-Za-z_]\w*):)?(\d+)(?:\.\.(\d+))?$/.exec(text) as (string | undefined)[] | null
  if (range === null) return [parseAgent(text, '--agent')]
  const [, kind, from, to = from] = range
  const count = Number(to) - Number(from) + 1
  if (!(count >= 1 && count <= viewsMax)) throw refuse(`'${text}' names ${count < 1 ? 'nobody' : 'too many'}`, '--agent', `give a first agent and a last one, ${String(viewsMax)} at most`)
  return Array.from({ length: count }, (_, i) => (kind === undefined ? dealt(Number(from) + i, pictures) : { kind, row: Number(from) + i }))
}

function agentView(agent: Agent, pictures: RecordedPictures): NamedView {
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
