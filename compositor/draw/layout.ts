/**
 * What the words of a {@link DrawJob} mean. The addon has the same table in native/src/draw.h; a test compares the two.
 *
 * World: right-handed, x east, y north, z up, metres. Pictures: columns grow to the right, lines grow down. Packed colours are
 * red x 65536 + green x 256 + blue.
 */

/** Places in `numbers`. */
export const numberAt = {
  width: 0,
  height: 1,
  instances: 2,
  /** Instances `bounds` has room for: the stride from its x to its y, z and radius. */
  capacity: 3,
  spaceWidth: 4,
  spaceHeight: 5,
  /** 1 where the space is a torus. */
  wraps: 6,
  /** Light on a face: ambient + strength x cosine towards the light, 0 on the far side. */
  ambient: 7,
  strength: 8,
  /** Fog begins at this depth; `fogScale` is 1 / (its thickness), 0 for none. */
  fogFrom: 9,
  fogScale: 10,
  fogColour: 11,
  horizon: 12,
  zenith: 13,
  /** Cells of the ground along x and y (0: no ground), metres of a cell's edge, cells along the edge of a tile. */
  columns: 14,
  lines: 15,
  cell: 16,
  tile: 17,
  /** The ground is refined until what it leaves out is smaller than this, in pixels. */
  pixelError: 18,
  /** Meshes in the table. */
  meshes: 19,
} as const
export const numberCount = 20

/** u32 words of a mesh: first vertex, vertices, first face, faces, unused, coarser mesh or `none`, pixels across its sphere below which that is drawn. */
export const meshAt = { vertexFirst: 0, vertexCount: 1, faceFirst: 2, faceCount: 3, coarser: 5, coarserBelow: 6 } as const
export const meshWords = 8

/** u32 words of a face: four corners (the last `none` for a triangle), counter-clockwise from outside, and its colour or `none`: the instance's. */
export const faceWords = 5
export const none = 0xffffffff

/** f32 words of a face's plane: outward unit normal n and d, with n . v = d for its points. */
export const planeWords = 4

/**
 * f32 words of an instance: position; the columns of M (object to world); the rows of its inverse; the direction towards the light,
 * turned into the object. M is a rotation times a diagonal of positive scales; for a billboard only that diagonal.
 */
export const bodyAt = { position: 0, axes: 3, inverse: 12, light: 21 } as const
export const bodyWords = 24

/** u32 words of an instance: mesh + `billboard` x 2^24, packed colour, segmentation. */
export const tagAt = { mesh: 0, colour: 1, segmentation: 2 } as const
export const tagWords = 3
/** Billboards: `upright` ones turn about z until their -y looks at the eye, `facing` ones lie parallel to the picture. */
export const billboard = { none: 0, upright: 1, facing: 2 } as const

/** f64 words of a view: eye; unit vectors to the right, down and forward; pixels of focal length; near and far depth; the frame to write; the instance it does not see (-1: none). */
export const viewAt = { eye: 0, right: 3, down: 6, forward: 9, focal: 12, near: 13, far: 14, frame: 15, unseen: 16 } as const
export const viewWords = 20

/** f32 words of a corner of the ground, together where it is decided whether it shows: height, error, reach, radius. */
export const detailAt = { height: 0, error: 1, reach: 2, radius: 3 } as const
export const detailWords = 4

/** Pixels an edge of a picture may have. */
export const edgeMax = 7680
