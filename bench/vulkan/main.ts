/** The Vulkan program by hand: compiles it, writes what it draws in the benchmark, compares what was drawn. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { boxField, boxFieldFocal, boxFieldRange } from '../models/box-field.ts'
import { viewsOf } from '../models/camera-view.ts'
import { boxFieldScene } from './box-field-scene.ts'
import { buildDrawViews } from './build.ts'
import { compareFrames } from './compare.ts'
import { decodeFrames } from './frames-file.ts'
import { encodeScene } from './scene-file.ts'

const usage = `usage: node dist/bench/vulkan/main.js build
       node dist/bench/vulkan/main.js field FOLDER PIXELS CELLS
       node dist/bench/vulkan/main.js compare FRAMES OTHER

  build      compiles the program, where all it needs is installed, and prints its path
  field      writes the scene and the views of the benchmark: lines of a frame, cells along a square of ground
  compare    prints how far two files of frames agree`

async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === 'build' && args.length === 0) {
    const built = await buildDrawViews()
    console.log('program' in built ? built.program : `not compiled: ${built.missing}`)
    return 0
  }
  if (command === 'field' && args.length === 3 && Number(args[1]) > 0 && 96 % (8 * Number(args[2])) === 0) {
    writeField(args[0], Number(args[1]), Number(args[2]))
    return 0
  }
  if (command === 'compare' && args.length === 2) {
    const [own, other] = args.map((path) => decodeFrames(readFileSync(path)))
    console.log(JSON.stringify(compareFrames(own, other), undefined, 2))
    return 0
  }
  console.error(usage)
  return 2
}

function writeField(folder: string, pixels: number, squareCells: number): void {
  const field = boxField(1, 1024)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'scene'), encodeScene(boxFieldScene(field, squareCells)))
  writeFileSync(join(folder, 'views'), viewsOf(field.cameras, { focal: boxFieldFocal(pixels), ...boxFieldRange }))
}

process.exitCode = await main(process.argv.slice(2))
