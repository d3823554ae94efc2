import type { KindType, Others, ReadColumn } from '../runtime/index.ts'
import type { Vec3 } from './face.ts'
import type { Mesh } from './mesh.ts'
import type { Sunlight, Terrain } from './terrain.ts'

/** Red, green and blue, each an integer from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number]

type Columns = Readonly<Record<string, ReadColumn>>

/** A number for all agents of a kind, or one for each from its published columns: a pure function of its arguments. */
export type PerAgent<C = Columns> = number | ((columns: C, row: number) => number)

/** How the agents of a kind look. Angles are in radians, lengths in metres: units of the space. */
export interface Look<C = Columns> {
  readonly mesh: Mesh
  /** What the mesh is multiplied by, in all or along its x, y and z: 1e-6 to 1e6. Default 1. */
  readonly size?: PerAgent<C> | readonly [PerAgent<C>, PerAgent<C>, PerAgent<C>]
  /** The published column of positions: vec(f32, 2), which is on the ground, or vec(f32, 3). Default `at`. */
  readonly at?: keyof C & string
  /** Metres of the mesh's origin above that position. Default 0. */
  readonly lift?: PerAgent<C>
  /** About the vertical: 0 looks along +x (east), counter-clockwise from above. Default 0. */
  readonly yaw?: PerAgent<C>
  /** Nose up. Default 0. */
  readonly pitch?: PerAgent<C>
  /** About its own x: left side up. Default 0. */
  readonly roll?: PerAgent<C>
  /** Of faces without one of their own: red x 65536 + green x 256 + blue, where it is a function. */
  readonly colour: Rgb | ((columns: C, row: number) => number)
  /** What it is, as the world numbers its things: 0 to 65535. */
  readonly segmentation: PerAgent<C>
  /** Turns to the eye: about the vertical, or so that it lies parallel to the picture; its -y faces the eye. */
  readonly billboard?: 'upright' | 'facing'
  /** Those not drawn. Default: all are. */
  readonly hidden?: (columns: C, row: number) => boolean
}

/** A look and whose it is. */
export interface Visual extends Look {
  readonly kind: KindType
}

/** A thing that never moves. */
export interface Scenery extends Pick<Look, 'mesh' | 'billboard'> {
  /** x and y, which is on the ground, or x, y and z. */
  readonly at: readonly [x: number, y: number] | Vec3
  readonly lift?: number
  readonly size?: number | Vec3
  readonly yaw?: number
  readonly pitch?: number
  readonly roll?: number
  readonly colour: Rgb
  readonly segmentation: number
}

/** What a picture can hold of a pixel. */
export const channels = ['rgb', 'grey', 'depth', 'depthMillis', 'segmentation'] as const
export type Channel = (typeof channels)[number]

/** What an eye sees: from `near` to `far` metres of depth, as many degrees from the top of the picture to its bottom. */
export interface Lens {
  /** Vertical, in degrees: 1 to 170. */
  readonly fieldOfView: number
  readonly near: number
  /** On a torus at most half of its smaller edge: a thing is drawn once, where it is nearest to the eye. */
  readonly far: number
  /** Sees through the fog. Default: does not. */
  readonly clear?: boolean
}

/**
 * Where the camera of an agent is. `eyes`: so high above the agent's position, which itself is not drawn. `behind`: so far behind it and so high,
 * but above the ground. `above`: so high, looking straight down, with north (+y) at the top of the picture. Pitch is in radians, positive up.
 */
export type Viewpoint =
  | { readonly from: 'eyes'; readonly height: number; readonly pitch?: number }
  | { readonly from: 'behind'; readonly distance: number; readonly height: number; readonly pitch: number }
  | { readonly from: 'above'; readonly altitude: number }

/** A camera of every agent of a kind. */
export interface CameraLook<C = Columns> extends Lens {
  readonly view: Viewpoint
  /** The published column of positions. Default `at`. */
  readonly at?: keyof C & string
  /** Where it looks: 0 along +x, counter-clockwise from above. Default 0; not for one that looks down. */
  readonly yaw?: PerAgent<C>
  /** Pixels: 16 to 1920 across, 16 to 1080 down. */
  readonly width: number
  readonly height: number
  /** What is drawn in every step. Default: rgb alone. With none, nothing is drawn unless somebody asks. */
  readonly channels?: readonly Channel[]
  /**
   * What segmentation tells apart: what things are (default), or one thing from another. There are 65,534 numbers for things: where scenery and all the
   * rows that visuals can have (their `rowsMax`) are more, numbers come again.
   */
  readonly segmentation?: 'kind' | 'instance'
  /** Frames of the last steps kept for each agent: 1 to 64. Default 2. */
  readonly slots?: number
}

/** A camera's look and whose it is. */
export interface Camera extends CameraLook {
  readonly kind: KindType
}

/** A camera that stands somewhere, for people: nothing is drawn for it unless somebody asks. */
export interface FreeCamera extends Lens {
  readonly name: string
  readonly at: Vec3
  readonly yaw: number
  readonly pitch: number
}

/** What there is to see, and who sees it. Made from configuration and seed alone, so that every thread makes the same. */
export interface Scene {
  readonly terrain?: Terrain
  readonly visuals: readonly Visual[]
  readonly scenery?: readonly Scenery[]
  /** Default: {@link defaultLight}. */
  readonly light?: Sunlight
  /** Begins at `from` metres of depth and hides everything from `to` on. Default: none. */
  readonly fog?: { readonly from: number; readonly to: number; readonly colour: Rgb }
  /** Colour where nothing is: of the horizon, and straight up. Default: black. */
  readonly sky?: { readonly horizon: Rgb; readonly zenith: Rgb }
  /** At most one for each kind. */
  readonly cameras: readonly Camera[]
  readonly freeCameras?: readonly FreeCamera[]
}

/** From the south-west, high up. */
export const defaultLight: Sunlight = { towards: [-0.4, -0.5, 0.8], strength: 0.6, ambient: 0.5 }
export const defaultSlots = 2
export const defaultChannels: readonly Channel[] = ['rgb']

/** A look that reads columns of its kind: a misspelt column does not compile. */
export function visual<K extends KindType>(kind: K, look: Look<Others<K>['columns']>): Visual {
  return Object.freeze({ ...(look as unknown as Look), kind })
}

/** A camera that reads columns of its kind: a misspelt column does not compile. */
export function camera<K extends KindType>(kind: K, look: CameraLook<Others<K>['columns']>): Camera {
  return Object.freeze({ ...(look as unknown as CameraLook), kind })
}
