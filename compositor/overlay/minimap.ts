/** The world from straight above, small. */
import type { WorldSpace } from '../../runtime/index.ts'
import { tagAt, tagWords } from '../draw/layout.ts'
import type { DrawList } from '../draw-list.ts'
import { drawBox } from '../picture/drawing.ts'
import { blankPicture, fillBox, paste, setPixel, type Colour, type Picture } from '../picture/picture.ts'
import type { Terrain } from '../terrain.ts'
import { drawSegment, type Point } from './lines.ts'
import type { Projection } from './projection.ts'

const groundColour: Colour = 0x303030
const eyeColour: Colour = 0xffffff
const frameColour: Colour = 0x808080

/** The longer edge of the map is a third of the picture's shorter one; a dot has a pixel along its edge for so many of the map's. */
const share = 3
const dotShare = 48

/** The map without anybody on it: the colours of the ground's cells. */
function groundMap({ terrain, width, height, scale }: { readonly terrain: Terrain | undefined; readonly width: number; readonly height: number; readonly scale: number }): Picture {
  const map = blankPicture(width, height, groundColour)
  if (terrain === undefined) return map
  const { columns, lines, cell, colours } = terrain
  const cellAt = (pixel: number, cells: number): number => Math.min(cells - 1, Math.floor((pixel + 0.5) / scale / cell))
  for (let line = 0; line < height; line++) {
    for (let column = 0; column < width; column++) {
      const at = 3 * (cellAt(height - 1 - line, lines) * columns + cellAt(column, columns))
      setPixel(map, column, line, colours[at] * 0x10000 + colours[at + 1] * 0x100 + colours[at + 2])
    }
  }
  return map
}

/** The corners of what a view sees of level ground below its eye, or of how far it sees, clockwise in the picture from its upper left: x and y from the eye. */
function sightOf({ eye }: Projection, ground: number): Point[] {
  const { right, down, forward, inverseFocal, middleX, middleY, far } = eye
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([across, along]) => {
    const [x, y, z] = [0, 1, 2].map((i) => forward[i] + (right[i] * across * middleX + down[i] * along * middleY) * inverseFocal)
    const reach = z < 0 ? Math.max(0, Math.min(far, (ground - eye.z) / z)) : far
    return [x * reach, y * reach]
  })
}

/**
 * A map with north at the top: the ground, the agents that are drawn as dots in their colours, the eye as a white dot, and in white the outline of the ground that
 * is in its field of view, which goes around a torus.
 */
export function minimapOf(list: DrawList, projection: Projection, { space, terrain }: { readonly space: WorldSpace; readonly terrain: Terrain | undefined }): Picture {
  const edge = Math.floor(Math.min(projection.width, projection.height) / share)
  const scale = edge / Math.max(space.width, space.height)
  const width = Math.max(1, Math.floor(space.width * scale + 0.5))
  const height = Math.max(1, Math.floor(space.height * scale + 0.5))
  const map = groundMap({ terrain, width, height, scale })
  const dot = Math.max(1, Math.floor(edge / dotShare))
  const put = (x: number, y: number, colour: Colour): void => {
    fillBox(map, { left: Math.floor(x * scale - (dot - 1) / 2), top: Math.floor((space.height - y) * scale - (dot - 1) / 2), width: dot, height: dot }, colour)
  }
  const { bounds, capacity, tags } = list.instances
  for (const { instance } of list.owners()) put(bounds[instance], bounds[capacity + instance], tags[instance * tagWords + tagAt.colour])
  const { eye } = projection
  const corners = sightOf(projection, list.land.heightAt(eye.x, eye.y))
  const images = space.wraps ? [-1, 0, 1] : [0]
  for (const east of images) {
    for (const north of images) {
      const points = corners.map(([x, y]): Point => [(eye.x + x + east * space.width) * scale, (space.height - eye.y - y - north * space.height) * scale])
      points.forEach((from, i) => { drawSegment(map, from, points[(i + 1) % points.length], eyeColour) })
    }
  }
  put(eye.x, eye.y, eyeColour)
  return map
}

/** Puts a map into the upper right corner of a picture, with a frame around it. */
export function drawMinimap(picture: Picture, map: Picture): void {
  const left = picture.width - map.width - 1
  paste(picture, map, left, 1)
  drawBox(picture, { left: left - 1, top: 0, width: map.width + 2, height: map.height + 2 }, frameColour)
}
