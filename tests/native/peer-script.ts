import { mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { nativeStatus } from '../../native/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Makes a folder with `peer.mjs`: a script as one file beside the addon, so that it runs without a build of its own. Remove it afterwards. */
export function peerFolder(script: URL): string {
  const folder = mkdtempSync(join(tmpdir(), 'metabonk-peer-'))
  buildSync({ entryPoints: [fileURLToPath(script)], bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', outfile: join(folder, 'peer.mjs') })
  const { state, detail } = nativeStatus()
  if (state === 'loaded') symlinkSync(detail, join(folder, 'metabonk.node'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  symlinkSync(join(root, 'package.json'), join(folder, 'package.json'))
  return folder
}
