import { meshFromGltf } from './import-gltf.ts'
import { meshFromObj } from './import-obj.ts'
import { box, cone, cylinder, disc, quad, ramp, sphere } from './shapes.ts'

/** Shapes of things, and meshes from files: `import text from './tree.obj'`, `import bytes from './tree.glb'`. */
export const meshes = Object.freeze({ box, cylinder, sphere, cone, quad, disc, ramp, fromObj: meshFromObj, fromGltf: meshFromGltf })
