import { describe, expect, it } from 'vitest'
import { counts, testSeed } from '../../counts.ts'
import { openScreen } from './open-screen.ts'
import { leftovers, screenOf } from './screen-text.ts'
import { stormOf } from './storm.ts'

describe('a storm of keys, clicks, pastes and sizes', () => {
  it('leaves no exception, nothing that is no character, and the terminal as it was', async () => {
    const seed = testSeed('storm', 7)
    const storm = stormOf(seed)
    const opened = await openScreen()
    const { xterm, screen, app, type, resize, live, frames } = opened
    const events = counts(1500, 100_000)
    for (let i = 0; i < events; i++) {
      const next = storm.next(xterm.cols, xterm.rows)
      if ('bytes' in next) await type(next.bytes)
      else await resize(next.columns, next.rows)
      if (storm.below(20) === 0) live.run(storm.below(50))
      app.desk.hasQuit = false
      // Everything that may be on the screen is a character that takes a cell, or two.
      if (storm.below(200) === 0) expect([seed, i, opened.lines().find((line) => /[\p{Cc}\p{Cs}]/u.test(line))]).toEqual([seed, i, undefined])
      while (app.desk.tabs.length > 4) await app.perform('close')
    }
    await resize(100, 40)
    await frames(3)
    expect(opened.lines().join('').trim()).not.toBe('')
    await screen.close()
    await frames(0)
    // Where the cursor is depends on the sizes there were.
    expect(leftovers(xterm)).toEqual({ ...(leftovers(screenOf(80, 24)) as object), cursorX: expect.any(Number) as number, cursorY: expect.any(Number) as number })
  }, counts(60_000, 3_600_000))
})
