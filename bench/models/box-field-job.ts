import { meshes, type Scene, type Scenery } from '../../compositor/index.ts'
import { bounded, type DrawJob } from '../../runtime/index.ts'
import { boxFieldFocal, boxFieldRange, type BoxField } from './box-field.ts'
import { viewsOf } from './camera-view.ts'
import { stillJob } from './still-job.ts'

function sceneOf({ ground, boxes, light }: BoxField): Scene {
  const mesh = meshes.box()
  const scenery = Array.from({ length: boxes.count }, (_, box): Scenery => {
    const colour = boxes.colours[box]
    const [at, size] = [boxes.at, boxes.size].map((column) => [column[3 * box], column[3 * box + 1], column[3 * box + 2]] as const)
    return { mesh, at, size, yaw: boxes.yaw[box], colour: [colour >>> 16, (colour >>> 8) & 255, colour & 255], segmentation: boxes.segmentation[box] }
  })
  return { terrain: ground, scenery, light, visuals: [], cameras: [] }
}

/** The field as our compositor draws it: colour, depth and segmentation of all its cameras, each in a frame of its own. */
export function boxFieldJob(field: BoxField, width: number, height: number): DrawJob {
  const { columns, lines, cell } = field.ground
  const views = viewsOf(field.cameras, { focal: boxFieldFocal(height), ...boxFieldRange })
  return stillJob(sceneOf(field), bounded(columns * cell, lines * cell), { views, width, height, channels: ['rgb', 'depth', 'segmentation'] })
}
