import { exitCodes } from './output.ts'

/** A signal that aborts at the first Ctrl-C or SIGTERM; the second one ends the process at once. */
export function stopSignal(): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController()
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    process.stderr.write('\nstopping at the next step boundary; once more to end at once\n')
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: stop.signal,
    release: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
