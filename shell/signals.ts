import { exitCodes } from './output.ts'

/** Listens to Ctrl-C and SIGTERM until what it returns is called. */
function onSignals(listener: () => void): () => void {
  process.on('SIGINT', listener)
  process.on('SIGTERM', listener)
  return () => {
    process.off('SIGINT', listener)
    process.off('SIGTERM', listener)
  }
}

/** A signal that aborts at the first Ctrl-C or SIGTERM; the second one ends the process at once. */
export function stopSignal(): { readonly signal: AbortSignal; readonly release: () => void } {
  const stop = new AbortController()
  const release = onSignals(() => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    process.stderr.write('\nstopping at the next step boundary; once more to end at once\n')
    stop.abort()
  })
  return { signal: stop.signal, release }
}

/** A signal that aborts at Ctrl-C or SIGTERM, without a word: who only looks ends at once. */
export function endSignal(): { readonly signal: AbortSignal; readonly release: () => void } {
  const end = new AbortController()
  return { signal: end.signal, release: onSignals(() => { end.abort() }) }
}
