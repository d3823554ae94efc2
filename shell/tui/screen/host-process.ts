/** Signals that end a program. */
export type EndSignal = 'SIGTERM' | 'SIGHUP' | 'SIGINT' | 'SIGQUIT'

export type HostEvent = EndSignal | 'SIGTSTP' | 'SIGCONT' | 'exit' | 'uncaughtExceptionMonitor'

/** What a terminal has to do with the process it is open in. */
export interface HostProcess {
  on(event: HostEvent, listener: () => void): void
  off(event: HostEvent, listener: () => void): void
  /** Stops all processes of the job, as Ctrl-Z does. */
  stop(): void
  /** Ends this process by a signal that nobody here listens to any more. */
  end(signal: EndSignal): void
}

export const hostProcess: HostProcess = {
  on: (event, listener) => void process.on(event, listener),
  off: (event, listener) => void process.off(event, listener),
  stop: () => void process.kill(0, 'SIGTSTP'),
  end: (signal) => void process.kill(process.pid, signal),
}
