import { actorsPane } from './actors.ts'
import { agentsPane } from './agents.ts'
import { cameraPane } from './camera.ts'
import { inspectorPane } from './inspector.ts'
import { learningPane } from './learning.ts'
import { logPane } from './log.ts'
import { mapPane } from './map.ts'
import { overviewPane } from './overview.ts'
import type { Pane, PaneName } from './pane.ts'
import { phasesPane } from './phases.ts'
import { ringsPane } from './rings.ts'
import { swarmPane } from './swarm.ts'
import { timelinePane } from './timeline.ts'

/** All panes by name. */
export const panes: Readonly<Record<PaneName, Pane>> = {
  overview: overviewPane,
  timeline: timelinePane,
  phases: phasesPane,
  rings: ringsPane,
  actors: actorsPane,
  swarm: swarmPane,
  agents: agentsPane,
  inspector: inspectorPane,
  camera: cameraPane,
  map: mapPane,
  learning: learningPane,
  log: logPane,
}
