import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import * as metabonk from '../../actors/index.ts'
import { bundleWorld } from '../../actors/host/bundle.ts'
import { evaluateBundle } from '../../actors/host/evaluate.ts'
import { binaryFile, squareSample, textFile } from '../compositor/gltf-sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'metabonk-'))
const world = join(folder, 'world.ts')

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function writeMeshes(bytes: Uint8Array): void {
  writeFileSync(join(folder, 'sheet.glb'), bytes)
  writeFileSync(join(folder, 'sheet.gltf'), textFile(squareSample()))
  writeFileSync(join(folder, 'sheet.obj'), 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n')
}

it('a world imports meshes as texts and bytes; they are sources, and every byte of them is in its code hash', async () => {
  writeFileSync(world, [
    "import { meshes } from 'metabonk'",
    "import bytes from './sheet.glb'",
    "import json from './sheet.gltf'",
    "import text from './sheet.obj'",
    'export default [meshes.fromGltf(bytes), meshes.fromGltf(json), meshes.fromObj(text)].map(({ faces }) => faces.length)',
  ].join('\n'))
  writeMeshes(binaryFile(squareSample()))
  const bundle = await bundleWorld(world)
  expect(evaluateBundle(bundle, { metabonk, xstate: {} })).toEqual([2, 2, 1])
  expect(bundle.sources.map(({ path, mediaType }) => [path, mediaType])).toEqual([
    ['sheet.glb', 'model/gltf-binary'],
    ['sheet.gltf', 'text/plain'],
    ['sheet.obj', 'text/plain'],
    ['world.ts', 'text/plain'],
  ])
  // Bytes that are no UTF-8, and would all read the same as such.
  const hashes = new Set([bundle.codeHash])
  for (const odd of [0x80, 0x81, 0xff]) {
    writeMeshes(binaryFile(squareSample()).with(-13, odd))
    hashes.add((await bundleWorld(world)).codeHash)
  }
  expect(hashes.size).toBe(4)
})
