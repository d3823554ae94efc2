import { Views } from '../../compositor/cameras.ts'

/** Where a camera stands, in metres and radians: yaw turns counter-clockwise from +x seen from above, pitch lifts the nose. */
export interface CameraPlace {
  readonly eye: readonly [x: number, y: number, z: number]
  readonly yaw: number
  readonly pitch: number
}

/** What a camera shows: focal length in pixels, and from where to where, in metres in front of it. */
export interface FocalLens {
  readonly focal: number
  readonly near: number
  readonly far: number
}

/** The views of some cameras, one after the other, each written to the frame of its own number. */
export function viewsOf(places: readonly CameraPlace[], { focal, near, far }: FocalLens): Float64Array {
  const views = new Views(places.length)
  for (const [number, { eye: [x, y, z], yaw, pitch }] of places.entries()) {
    views.add(x, y, z)
    views.aim(yaw, pitch)
    views.finish({ near, far }, focal, number, -1)
  }
  return views.words
}
