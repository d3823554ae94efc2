/** Mesa's Vulkan driver for processors, drawing what our compositor draws: an oracle for its pixels, and a peer for its speed. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inFolder, memoryFolder } from '../harness/folder.ts'
import { buildDrawViews } from './build.ts'
import { decodeFrames, type Frames } from './frames-file.ts'
import { encodeScene, type FlatScene } from './scene-file.ts'

const run = promisify(execFile)

/** Where drivers of Vulkan say that they are there. */
const driverFolders = ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d']

/** Views of a scene: the numbers of each, as `viewsOf` has them, and the pixels of a frame. */
export interface ViewsOfScene {
  readonly scene: FlatScene
  readonly views: Float64Array
  readonly width: number
  readonly height: number
}

/** How drawing is timed. */
export interface Pace {
  /** Frames that are drawn at least, over the views again and again; an eighth of them more before the clocks start. */
  readonly frames: number
  /** Frames are drawn `side` x `side` in one picture with one submission; 1 for each by itself. */
  readonly side: number
}

/** What it took, with all threads of the process. */
export interface PaceResult {
  readonly frames: number
  readonly seconds: number
  readonly processorSeconds: number
}

/** The driver, ready to draw. */
export interface Lavapipe {
  /** Name and version, as the driver has them. */
  readonly device: string
  readonly draw: (views: ViewsOfScene) => Promise<Frames>
  readonly time: (views: ViewsOfScene, pace: Pace) => Promise<PaceResult>
}

/** Compiles and asks for the driver; where something is not installed, says what. */
export async function openLavapipe(): Promise<Lavapipe | { readonly missing: string }> {
  const driver = driverFile()
  if (driver === undefined) return { missing: 'no llvmpipe driver of Vulkan (Debian: mesa-vulkan-drivers)' }
  const built = await buildDrawViews()
  if ('missing' in built) return built
  // Both names of the driver's: older loaders know the second only. Without threads of its own, the rasteriser takes the least processor time.
  const env = { ...process.env, VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver, LP_NUM_THREADS: '0' }
  const ask = async (...args: readonly string[]): Promise<string> => (await run(built.program, args, { env })).stdout
  const { name } = JSON.parse(await ask('device')) as { readonly name: string }
  return {
    device: name,
    draw: (views) =>
      withFiles(views, async (files, folder) => {
        const frames = join(folder, 'frames')
        await ask('draw', ...files, frames)
        return decodeFrames(readFileSync(frames))
      }),
    time: (views, { frames, side }) => withFiles(views, async (files) => JSON.parse(await ask('time', ...files, String(frames), String(side))) as PaceResult),
  }
}

function driverFile(): string | undefined {
  for (const folder of driverFolders) {
    try {
      const name = readdirSync(folder).find((each) => /^lvp_icd\b.*\.json$/.test(each))
      if (name !== undefined) return join(folder, name)
    } catch {
      // There need not be such a folder.
    }
  }
  return undefined
}

/** Writes scene and views, and gives the arguments that name them and the size of a frame. */
function withFiles<Result>({ scene, views, width, height }: ViewsOfScene, work: (files: readonly string[], folder: string) => Promise<Result>): Promise<Result> {
  return inFolder(async (folder) => {
    const [sceneFile, viewsFile] = [join(folder, 'scene'), join(folder, 'views')]
    writeFileSync(sceneFile, encodeScene(scene))
    writeFileSync(viewsFile, views)
    return await work([sceneFile, viewsFile, String(width), String(height)], folder)
  }, memoryFolder)
}
