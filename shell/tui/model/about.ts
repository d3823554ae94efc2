import type { LiveRun, RecordedKind, RecordedRun } from '../../../actors/index.ts'
import type { ColumnPlan, WorldSpace } from '../../../runtime/index.ts'
import type { ColumnAbout, KindAbout, RunAbout } from './model.ts'
import { typeText } from './values.ts'

function columnAbout({ name, type, published }: ColumnPlan): ColumnAbout {
  return { name, type: typeText(type), isNumber: type.form === 'number', published }
}

/** What is said of the kinds of a world. */
function kindsAbout(kinds: readonly RecordedKind[]): KindAbout[] {
  return kinds.map(({ type, hasMachine, hasCamera }) => ({
    name: type.name,
    rowsMax: type.rowsMax,
    columns: type.plan.map(columnAbout),
    hasMachine,
    hasCamera,
    hasPolicy: type.policy !== undefined,
  }))
}

/** The edges of a space that some kind lives in. */
function spaceAbout(kinds: readonly RecordedKind[], { width, height }: WorldSpace): RunAbout['space'] {
  return kinds.some(({ type }) => type.plan.some(({ name }) => name === 'at')) ? { width, height } : undefined
}

/** What stays the same of a recorded run. Nothing runs, so there are no phases. */
export function aboutOfRecording({ path, manifest, kinds, space }: RecordedRun): RunAbout {
  const { world, seed, workers, config, until, stepMillis } = manifest
  return { world, seed, recording: path, workers, pid: undefined, config, kinds: kindsAbout(kinds), phases: [], until, stepMillis, space: spaceAbout(kinds, space) }
}

/** What stays the same of a run of this process. */
export function aboutOfRun({ world, seed, workers, recording, until, program }: LiveRun): RunAbout {
  const { kinds, space, phases, stepMillis } = program
  return { world: world.definition.name, seed, recording, workers, pid: process.pid, config: world.config, kinds: kindsAbout(kinds), phases, until, stepMillis, space: spaceAbout(kinds, space) }
}
