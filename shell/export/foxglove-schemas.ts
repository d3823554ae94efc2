/** JSON Schemas of the messages that Foxglove draws, as https://docs.foxglove.dev/docs/sdk/schemas names and describes them. */

type Schema = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string' }
const number: Schema = { type: 'number' }
const flag: Schema = { type: 'boolean' }
const count: Schema = { type: 'integer', minimum: 0 }
const nanos: Schema = { ...count, maximum: 999_999_999 }

function list(items: Schema): Schema {
  return { type: 'array', items }
}

function record(name: string, properties: Readonly<Record<string, Schema>>): Schema {
  return { title: `foxglove.${name}`, type: 'object', properties, required: Object.keys(properties) }
}

function choice(name: string, names: readonly string[]): Schema {
  return { title: `foxglove.${name}`, oneOf: names.map((title, value) => ({ title, const: value })) }
}

const timestamp: Schema = { type: 'object', title: 'time', properties: { sec: count, nsec: nanos } }
const duration: Schema = { type: 'object', title: 'duration', properties: { sec: { type: 'integer' }, nsec: nanos } }
const place = { x: number, y: number, z: number }
const vector = record('Vector3', place)
const points = list(record('Point3', place))
const pose = record('Pose', { position: vector, orientation: record('Quaternion', { ...place, w: number }) })
const color = record('Color', { r: number, g: number, b: number, a: number })
const shape = { pose, size: vector, color }
const vertices = { points, color, colors: list(color), indices: list(count) }

const primitives = {
  arrows: list(record('ArrowPrimitive', { pose, shaft_length: number, shaft_diameter: number, head_length: number, head_diameter: number, color })),
  cubes: list(record('CubePrimitive', shape)),
  spheres: list(record('SpherePrimitive', shape)),
  cylinders: list(record('CylinderPrimitive', { pose, size: vector, bottom_scale: number, top_scale: number, color })),
  lines: list(record('LinePrimitive', { type: choice('LineType', ['LINE_STRIP', 'LINE_LOOP', 'LINE_LIST']), pose, thickness: number, scale_invariant: flag, ...vertices })),
  triangles: list(record('TriangleListPrimitive', { pose, ...vertices })),
  texts: list(record('TextPrimitive', { pose, billboard: flag, font_size: number, scale_invariant: flag, color, text })),
  models: list(record('ModelPrimitive', { pose, scale: vector, color, override_color: flag, url: text, media_type: text, data: { ...text, contentEncoding: 'base64' } })),
}

const entity = record('SceneEntity', { timestamp, frame_id: text, id: text, lifetime: duration, frame_locked: flag, metadata: list(record('KeyValuePair', { key: text, value: text })), ...primitives })
const deletion = record('SceneEntityDeletion', { timestamp, type: choice('SceneEntityDeletionType', ['MATCHING_ID', 'ALL']), id: text })

/** The schemas by their full names. */
export const foxgloveSchemas = {
  'foxglove.SceneUpdate': record('SceneUpdate', { deletions: list(deletion), entities: list(entity) }),
  'foxglove.Log': record('Log', { timestamp, level: choice('LogLevel', ['UNKNOWN', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'FATAL']), message: text, name: text, file: text, line: count }),
  'foxglove.CompressedImage': record('CompressedImage', { timestamp, frame_id: text, data: { ...text, contentEncoding: 'base64' }, format: text }),
} as const satisfies Readonly<Record<string, Schema>>
