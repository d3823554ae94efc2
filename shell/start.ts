/** What `npm start` shows a newcomer: the arena runs, is recorded, and the recording is proved. */
import { randomBytes } from 'node:crypto'
import { prepareWorld, runWorld, verifyRecording } from '../actors/index.ts'
import { printRows, reportFailure, summaryRows } from './output.ts'
import { ProgressLine } from './progress.ts'
import { stopSignal } from './signals.ts'

const steps = 2_000
const seed = 7

async function start(): Promise<void> {
  const stop = stopSignal()
  const recording = `runs/arena-${String(seed)}-${randomBytes(3).toString('hex')}.mcap`
  const world = await prepareWorld('arena')
  process.stdout.write(`Running the arena for ${String(steps)} steps with seed ${String(seed)}, recorded to ${recording}\n`)
  const running = new ProgressLine('run   ')
  const result = await runWorld({ world, seed, steps, record: recording, signal: stop.signal, onProgress: running.draw })
  running.end()
  printRows([['steps', `${String(result.outcome.step)} in ${result.seconds.toFixed(1)} s on ${String(result.workers)} workers`], ...summaryRows(result.outcome.report, result.outcome.agents)])
  if (stop.signal.aborted) return
  process.stdout.write('Running the recording again with one worker, comparing every hash\n')
  const proving = new ProgressLine('verify')
  const proof = await verifyRecording(recording, { workers: 1, signal: stop.signal, onProgress: proving.draw })
  proving.end()
  stop.release()
  process.stdout.write(`Proved: all ${String(proof.steps)} steps came out the same in ${proof.seconds.toFixed(1)} s. The final hash is ${proof.finalHash}, on any machine.\n\n`)
  printRows([
    ['Try next', `npx metabonk seek ${recording} 1200 --agent enemy:0`],
    ['', 'npx metabonk run meadow --steps 1000'],
    ['', 'npx metabonk new demo && npx metabonk run demo/world.ts --steps 1000'],
    ['', 'npx metabonk --help'],
  ])
}

try {
  await start()
} catch (error) {
  reportFailure(error, false)
}
