import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createSimulation, nativeStatus, packageVersions, prepareWorld } from '../../actors/index.ts'
import { exitCodes, print } from '../output.ts'

/** Hash of step 20 of flocking with seed 1 and its default settings: what every machine must compute. */
const selfCheckHash = 'b101fb75b188ed40'

const freeMegabytesMin = 100

interface Finding {
  readonly name: string
  readonly state: 'ok' | 'note' | 'broken'
  readonly detail: string
}

function finding(name: string, good: boolean, detail: string, otherwise: Finding['state'] = 'broken'): Finding {
  return { name, state: good ? 'ok' : otherwise, detail }
}

function nodeFinding(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const good = major > 20 || (major === 20 && minor >= 11)
  return finding('node', good, `${process.versions.node}${good ? '' : ': install 20.11 or newer'}`)
}

function compilerFinding(): Finding {
  const found = ['c++', 'g++', 'clang++'].find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
  return finding('compiler', found !== undefined, found ?? 'none: only needed to build the native kernels', 'note')
}

function nativeFinding(): Finding {
  const { state, detail } = nativeStatus()
  const advice = state === 'absent' ? '; the TypeScript twins compute the same bits, slower. With a C++20 compiler, npm run build makes the addon' : ''
  return finding('native kernels', state === 'loaded', `${state}${state === 'loaded' ? '' : `: ${detail}`}${advice}`, 'note')
}

function diskFinding(): Finding {
  const folder = existsSync('runs') ? 'runs' : '.'
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return finding('recordings', false, `the folder ${folder} is not writable: record elsewhere with --record`, 'note')
  }
  const { bavail, bsize } = statfsSync(folder)
  const megabytes = Math.floor((bavail * bsize) / 1e6)
  return finding('recordings', megabytes >= freeMegabytesMin, `${String(megabytes)} MB free in ${folder}`, 'note')
}

async function selfCheck(): Promise<Finding> {
  const { definition } = await prepareWorld('flocking')
  const simulation = createSimulation({ world: definition, seed: 1, threads: 0 })
  simulation.step(20)
  const same = simulation.hash === selfCheckHash
  return finding('self-check', same, same ? `flocking at step 20 has the hash it must have (${selfCheckHash})` : `flocking at step 20 has hash ${simulation.hash}, which must be ${selfCheckHash}: this machine computes otherwise`)
}

/** `metabonk doctor`. */
export async function doctorCommand(options: { readonly json?: boolean }): Promise<void> {
  const versions = packageVersions()
  const findings = [
    nodeFinding(),
    finding('metabonk', true, `${versions.metabonk} with xstate ${versions.xstate}`),
    finding('cores', true, String(availableParallelism())),
    finding('shared memory', typeof SharedArrayBuffer === 'function', 'SharedArrayBuffer and Atomics'),
    nativeFinding(),
    compilerFinding(),
    diskFinding(),
    await selfCheck(),
  ]
  const healthy = findings.every((each) => each.state !== 'broken')
  if (!healthy) process.exitCode = exitCodes.failed
  if (options.json === true) {
    print({ healthy, findings })
    return
  }
  const marks = { ok: 'ok  ', note: 'note', broken: 'FAIL' } as const
  for (const { name, state, detail } of findings) process.stdout.write(`${marks[state]}  ${name.padEnd(14)}  ${detail}\n`)
}
