import { math } from '../../runtime/index.ts'

/** Numbers of a view: eye, right, down and forward (3 each), focal length in pixels, near, far, frame it is written to, instance not drawn (-1: none), 3 unused. */
export const viewWords = 20

/** Where a camera stands, in metres and radians: yaw turns counter-clockwise from +x seen from above, pitch lifts the nose. */
export interface CameraPlace {
  readonly eye: readonly [x: number, y: number, z: number]
  readonly yaw: number
  readonly pitch: number
}

/** What a camera shows: focal length in pixels, and from where to where, in metres in front of it. */
export interface Lens {
  readonly focal: number
  readonly near: number
  readonly far: number
}

/** The views of some cameras, one after the other, each written to the frame of its own number. */
export function viewsOf(places: readonly CameraPlace[], { focal, near, far }: Lens): Float64Array {
  const views = new Float64Array(viewWords * places.length)
  for (const [number, { eye, yaw, pitch }] of places.entries()) {
    const [cosYaw, sinYaw, cosPitch, sinPitch] = [math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)]
    const right = [sinYaw, -cosYaw, 0]
    const down = [sinPitch * cosYaw, sinPitch * sinYaw, -cosPitch]
    const forward = [cosPitch * cosYaw, cosPitch * sinYaw, sinPitch]
    views.set([...eye, ...right, ...down, ...forward, focal, near, far, number, -1], viewWords * number)
  }
  return views
}
