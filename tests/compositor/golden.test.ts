/**
 * Pictures as they were when somebody looked at them last. A kernel that draws other bytes has changed what worlds see, and recordings made before
 * can not be proved any more: then say so in CHANGELOG.md, run this with METABONK_GOLDEN=renew, look at the pictures, and keep them.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { encodePng } from '../../actors/host/png.ts'
import { depthRangeOf, type Picture } from '../../compositor/index.ts'
import { depthPicture, segmentationPicture } from '../../compositor/picture/colours.ts'
import { channels } from '../../compositor/scene.ts'
import { decodePng } from '../shell/png.ts'
import { bothKernels } from './both-kernels.ts'
import { goldenScenes, type Golden } from './golden-scenes.ts'

const folder = fileURLToPath(new URL('./golden', import.meta.url))
const renew = process.env['METABONK_GOLDEN'] === 'renew'

/** SHA-256 of the bytes of each channel there is, little-endian. */
function hashesOf(golden: Golden): Record<string, string> {
  const there = channels.filter((channel) => golden[channel].length > 0)
  return Object.fromEntries(
    there.map((channel) => {
      const { buffer, byteOffset, byteLength } = golden[channel]
      return [channel, createHash('sha256').update(new Uint8Array(buffer, byteOffset, byteLength)).digest('hex')]
    }),
  )
}

/** For people: colours, depth and segmentation. */
function picturesOf(golden: Golden): Record<string, Picture> {
  const { depth, segmentation } = golden
  return { rgb: golden, depth: depthPicture(depth, golden, depthRangeOf(depth) ?? { near: 0, far: 1 }), segmentation: segmentationPicture(segmentation, golden) }
}

function renewGolden(name: string, golden: Golden): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(hashesOf(golden), undefined, 2)}\n`)
  for (const [what, picture] of Object.entries(picturesOf(golden))) writeFileSync(`${folder}/${name}-${what}.png`, encodePng(picture))
}

describe.each(bothKernels)('pictures drawn by %s', (_, draw) => {
  it.each(Object.keys(goldenScenes))('%s: every byte is that of the pictures in tests/compositor/golden', (name) => {
    const golden = goldenScenes[name](draw)
    if (renew) renewGolden(name, golden)
    expect(hashesOf(golden)).toEqual(JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')))
    for (const [what, { width, height, rgb }] of Object.entries(picturesOf(golden))) {
      // How bytes are deflated is the business of the library; what comes out of it is ours.
      const kept = decodePng(readFileSync(`${folder}/${name}-${what}.png`))
      expect([kept.width, kept.height], what).toEqual([width, height])
      expect(Buffer.from(kept.rgb).equals(rgb), what).toBe(true)
    }
  })
})
