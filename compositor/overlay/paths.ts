/** The ways that agents came. */
import type { WorldSpace } from '../../runtime/index.ts'
import { tagAt, tagWords } from '../draw/layout.ts'
import type { DrawList } from '../draw-list.ts'
import type { Colour } from '../picture/picture.ts'
import type { Point } from './lines.ts'
import type { Projection } from './projection.ts'

/** Where the agents that were drawn at a step were, by their ids: x and y. */
export type Footprints = ReadonlyMap<number, readonly [x: number, y: number]>

/** Notes where the agents of a list are. */
export function footprintsOf(list: DrawList): Footprints {
  const { bounds, capacity } = list.instances
  const footprints = new Map<number, readonly [number, number]>()
  for (const { id, instance } of list.owners()) if (!footprints.has(id)) footprints.set(id, [bounds[instance], bounds[capacity + instance]])
  return footprints
}

/** A part of a way, as a picture shows it. */
export interface Stride {
  readonly from: Point
  readonly to: Point
  readonly colour: Colour
}

/** Whether an agent went from one place to another, rather than around the torus. */
function isStep([fromX, fromY]: Point, [toX, toY]: Point, { width, height, wraps }: WorldSpace): boolean {
  return !wraps || (2 * Math.abs(toX - fromX) <= width && 2 * Math.abs(toY - fromY) <= height)
}

/**
 * The ways of the agents that are there, over the ground, from the oldest step to the latest; in the colour that each has. A way begins anew where
 * its agent was not drawn at a step, and where it went over the border of a torus: more than half of the space at once.
 */
export function stridesOf(list: DrawList, projection: Projection, space: WorldSpace, trail: readonly Footprints[]): Stride[] {
  const strides: Stride[] = []
  const { tags } = list.instances
  const colours = new Map<number, Colour>()
  for (const { id, instance } of list.owners()) if (!colours.has(id)) colours.set(id, tags[instance * tagWords + tagAt.colour])
  for (const [id, colour] of colours) {
    for (let step = 1; step < trail.length; step++) {
      const [from, to] = [trail[step - 1].get(id), trail[step].get(id)]
      if (from === undefined || to === undefined || !isStep(from, to, space)) continue
      const away = projection.away(from[0], from[1], list.land.heightAt(from[0], from[1]))
      // From the image of the first place that is nearest to the eye, not to the nearest image of the second: that may be another one.
      const next = [away[0] + to[0] - from[0], away[1] + to[1] - from[1], list.land.heightAt(to[0], to[1]) - projection.eye.z] as const
      const line = projection.lineOf(projection.turned(away), projection.turned(next))
      if (line !== undefined) strides.push({ from: line[0], to: line[1], colour })
    }
  }
  return strides
}
