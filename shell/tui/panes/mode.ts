import type { PaneContext } from './pane.ts'

/** What is looked at is a run that goes on, or stands. */
export function isLive({ mode, vitals }: PaneContext): boolean {
  return vitals !== undefined || mode.startsWith('live')
}

export function isPaused({ mode }: PaneContext): boolean {
  return mode.includes('paused')
}
