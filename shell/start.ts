/** What `npm start` shows a newcomer: the arena runs, is recorded, and the recording is proved. */
import { randomBytes } from 'node:crypto'
import { prepareWorld, runWorld, verifyRecording } from '../actors/index.ts'
import { guardOutput, printRows, reportFailure, summaryRows } from './output.ts'
import { watched } from './watched.ts'

const steps = 2_000
const seed = 7

async function start(): Promise<void> {
  const recording = `runs/arena-${String(seed)}-${randomBytes(3).toString('hex')}.mcap`
  const world = await prepareWorld('arena')
  process.stdout.write(`Running the arena for ${String(steps)} steps with seed ${String(seed)}, recorded to ${recording}\n`)
  const { result, stopped } = await watched('run', (watch) => runWorld({ world, seed, steps, record: recording, ...watch }))
  const { outcome, seconds, workers } = result
  printRows([[stopped ? 'stopped at' : 'steps', `${stopped ? 'step ' : ''}${String(outcome.step)} in ${seconds.toFixed(1)} s on ${String(workers)} workers`], ...summaryRows(outcome.report, outcome.agents)])
  if (stopped) return
  process.stdout.write('Running the recording again with one worker, comparing every hash\n')
  const { result: proof } = await watched('verify', (watch) => verifyRecording(recording, { workers: 1, ...watch }))
  process.stdout.write(`Proved: all ${String(proof.steps)} steps came out the same in ${proof.seconds.toFixed(1)} s. The final hash is ${proof.finalHash}, on any machine.\n\n`)
  printRows([
    ['Try next', `npx metabonk seek ${recording} 1200 --agent enemy:0`],
    ['', 'npx metabonk run meadow --steps 1000'],
    ['', 'npx metabonk new demo && npx metabonk run demo/world.ts --steps 1000'],
    ['', 'npx metabonk --help'],
  ])
}

guardOutput()
try {
  await start()
} catch (error) {
  await reportFailure(error, false)
}
