import { beforeEach, describe, expect, it } from 'vitest'
import { Playhead } from '../../../shell/tui/app/playhead.ts'
import { FakeLive, FakeRecorded, fakePorts } from './fake-run.ts'

/** Lets a playhead hear of its run, as a screen does ten times a second. */
async function hear(playhead: Playhead, at: { now: number }): Promise<void> {
  at.now += 200
  playhead.tick(at.now)
  await new Promise((resolve) => setImmediate(resolve))
}

describe('a playhead on a live run', () => {
  let live: FakeLive
  let playhead: Playhead
  let ports: ReturnType<typeof fakePorts>
  const time = { now: 0 }

  beforeEach(async () => {
    live = new FakeLive()
    ports = fakePorts(live)
    playhead = new Playhead(live, ports)
    await hear(playhead, time)
  })

  it('shows the newest state', async () => {
    live.run(30)
    expect((await playhead.look({})).step).toBe(30)
    expect([playhead.at, playhead.mode, playhead.isPaused]).toEqual([30, 'live', false])
  })

  it('pauses, steps and goes on', async () => {
    await playhead.togglePause()
    expect([live.paused, playhead.mode]).toEqual([true, 'live, paused'])
    await playhead.step(3)
    expect((await playhead.look({})).step).toBe(3)
    await playhead.togglePause()
    expect([live.paused, playhead.mode]).toEqual([false, 'live'])
  })

  it('pauses a run that is stepped', async () => {
    await playhead.step(1)
    expect([live.paused, live.reached]).toEqual([true, 1])
  })

  it('goes into the past of what is recorded, paused, and comes back', async () => {
    live.run(80)
    await playhead.step(-1)
    expect([live.paused, live.flushed, ports.opened.length]).toEqual([true, 80, 1])
    expect([(await playhead.look({})).step, playhead.mode]).toEqual([79, 'past'])
    await playhead.step(-60)
    expect((await playhead.look({})).step).toBe(19)
    await expect(playhead.togglePause()).rejects.toThrow(/going on from it is another run.*fork/)
    expect(playhead.timeline).toMatchObject({ first: 0, last: 80, at: 19, keyframes: [0, 50, 100], inputs: [20] })
    await playhead.step(1)
    expect((await playhead.look({})).step).toBe(20)
    await playhead.toEnd()
    expect([(await playhead.look({})).step, playhead.mode]).toEqual([80, 'live, paused'])
    await playhead.togglePause()
    live.run(40)
    await playhead.goTo(110)
    // The recording that is open is read on.
    expect([ports.opened.length, ports.opened[0].reads, (await playhead.look({})).step]).toEqual([1, 1, 110])
  })

  it('comes back to the run by stepping up to it', async () => {
    live.run(5)
    await playhead.step(-1)
    await playhead.step(1)
    expect([playhead.running, (await playhead.look({})).step]).toEqual([live, 5])
  })

  it('adds up steps back that are asked for before the way back is open, and never moves the run by them', async () => {
    live.run(80)
    await Promise.all([playhead.step(-1), playhead.step(-1), playhead.step(-60), playhead.step(1)])
    expect([(await playhead.look({})).step, playhead.mode, live.reached, ports.opened.length]).toEqual([19, 'past', 80, 1])
    await Promise.all([playhead.step(-1), playhead.step(-1), playhead.step(-1)])
    expect((await playhead.look({})).step).toBe(16)
    await Promise.all([playhead.step(-1), playhead.toEnd()])
    expect([playhead.running, playhead.mode]).toEqual([live, 'live, paused'])
    const back = playhead.step(-5)
    await expect(playhead.togglePause()).rejects.toThrow(/another run/)
    await back
    expect([playhead.mode, live.paused]).toEqual(['past', true])
  })

  it('keeps no recording that was opened while it was closed', async () => {
    live.run(80)
    const back = playhead.step(-1)
    await playhead.close()
    await back
    expect(ports.opened.map(({ closed }) => closed)).toEqual([true])
  })

  it('looks at what a run has left whose process is gone', async () => {
    live.run(60)
    await hear(playhead, time)
    live.ended = 'killed'
    const gone = (): Promise<never> => Promise.reject(new Error('the connection is closed'))
    Object.assign(live, { vitals: gone, flush: gone, setPaused: gone, look: gone, reached: 50 })
    await hear(playhead, time)
    await playhead.step(-20)
    expect((await playhead.look({})).step).toBe(40)
    await playhead.step(-5)
    await playhead.toEnd()
    expect([(await playhead.look({})).step, ports.opened.length]).toEqual([50, 1])
  })

  it('prepares the way back when the run stands still, and once for each place', async () => {
    live.run(80)
    await hear(playhead, time)
    expect(ports.opened.length).toBe(0)
    await playhead.togglePause()
    for (let i = 0; i < 3; i++) await hear(playhead, time)
    expect([ports.opened.map(({ at }) => at), live.flushed, playhead.mode, playhead.recorded]).toEqual([[80], 80, 'live, paused', undefined])
    await playhead.step(-1)
    expect([ports.opened.length, ports.opened[0].reads, ports.opened[0].at, playhead.mode]).toEqual([1, 0, 79, 'past'])
    await playhead.toEnd()
    await playhead.togglePause()
    live.run(20)
    await playhead.togglePause()
    for (let i = 0; i < 4; i++) await hear(playhead, time)
    expect([ports.opened.length, ports.opened[0].reads, ports.opened[0].at, ports.opened[0].last]).toEqual([1, 1, 100, 100])
  })

  it('opens a file anew that is another one by now', async () => {
    live.run(80)
    await playhead.step(-1)
    await playhead.toEnd()
    await playhead.togglePause()
    live.run(20)
    ports.opened[0].readOn = () => Promise.reject(new Error('another file lies there'))
    await playhead.goTo(90)
    expect([ports.opened.length, ports.opened[0].turns.length, (await playhead.look({})).step]).toEqual([1, 1, 90])
  })

  it('ends a search when it is left', async () => {
    const ended: boolean[] = []
    live.run(30)
    await playhead.look({})
    ports.endSearch = () => void ended.push(true)
    await playhead.setBreakpoint('7')
    ports.find = () => new Promise(() => undefined)
    void playhead.toHit(-1)
    await new Promise((resolve) => setImmediate(resolve))
    await playhead.close()
    expect(ended).toEqual([true])
  })

  it('goes back to where a breakpoint began to hold', async () => {
    live.run(30)
    await playhead.look({})
    // Holds in steps 10 to 24.
    ports.find = (_, __, { from, to }) => Promise.resolve(from <= 24 && to >= 10 ? [{ from: Math.max(10, from), to: Math.min(24, to) }] : [])
    await playhead.setBreakpoint('7')
    await playhead.goTo(20)
    await playhead.look({})
    const found: (number | boolean)[] = []
    for (const direction of [-1, -1, 1] as const) {
      found.push(await playhead.toHit(direction), (await playhead.look({})).step)
    }
    expect(found).toEqual([true, 10, false, 10, false, 10])
    expect(playhead.hits).toEqual([{ from: 10, to: 24 }])
  })

  it('is paced', async () => {
    await playhead.setPace(12)
    expect([live.pace, playhead.stepsPerSecond]).toEqual([12, 12])
  })

  it('becomes a recording when the run has ended', async () => {
    live.run(60)
    live.ended = 'finished'
    await hear(playhead, time)
    expect(playhead.mode).toBe('ended')
    await playhead.step(-10)
    expect([(await playhead.look({})).step, live.paused]).toEqual([50, false])
  })

  it('lives on when the run is gone', async () => {
    live.vitals = () => Promise.reject(new Error('the connection is closed'))
    await hear(playhead, time)
    expect([playhead.mode, playhead.vitals?.ended]).toEqual(['ended', 'the connection is closed'])
  })
})

describe('a breakpoint on a live run', () => {
  let live: FakeLive
  let playhead: Playhead
  const time = { now: 0 }
  const stops = (): number[] => playhead.takeStops().map(({ step }) => step)

  beforeEach(async () => {
    live = new FakeLive()
    playhead = new Playhead(live, fakePorts(live))
    live.run(1)
    await hear(playhead, time)
  })

  it('lets it go freely, and is told where it has stopped', async () => {
    await playhead.setBreakpoint('7')
    expect([live.paused, playhead.mode, playhead.isMoving]).toEqual([false, 'live, to a breakpoint', true])
    live.run(5)
    expect([(await playhead.look({})).step, playhead.hits]).toEqual([6, []])
    live.run(100)
    await hear(playhead, time)
    await hear(playhead, time)
    expect([(await playhead.look({})).step, playhead.mode, playhead.hits, stops(), stops()]).toEqual([7, 'live, paused', [{ from: 7, to: 7 }], [7], []])
    await playhead.toHit(1)
    expect(playhead.mode).toBe('live, to a breakpoint')
    live.run(100)
    await hear(playhead, time)
    await playhead.togglePause()
    live.run(100)
    await hear(playhead, time)
    expect([stops(), playhead.hits.map(({ from }) => from)]).toEqual([[14, 21], [7, 14, 21]])
    await playhead.look({})
    expect(await playhead.toHit(-1)).toBe(true)
    expect((await playhead.look({})).step).toBe(14)
    await playhead.toEnd()
    await playhead.setBreakpoint(undefined)
    expect([playhead.breakpoint, live.breakpoint, playhead.hits, playhead.mode]).toEqual([undefined, undefined, [], 'live, paused'])
    await playhead.togglePause()
    live.run(100)
    await hear(playhead, time)
    expect([live.reached, playhead.mode]).toEqual([121, 'live'])
  })

  it('does not go on from a stop that nobody was told of', async () => {
    await playhead.setBreakpoint('7')
    live.run(100)
    // The run stands already: this is where it goes to.
    await playhead.toHit(1)
    expect([live.paused, live.reached, stops()]).toEqual([true, 7, [7]])
    await playhead.toHit(1)
    live.run(100)
    await playhead.toHit(1)
    expect([live.paused, live.reached, stops()]).toEqual([true, 14, [14]])
  })

  it('is reached by steps, by a pause before it, and where it is set', async () => {
    await playhead.togglePause()
    await playhead.setBreakpoint('7')
    await playhead.step(30)
    await hear(playhead, time)
    expect([live.reached, stops(), playhead.mode]).toEqual([7, [7], 'live, paused'])
    await playhead.setBreakpoint('7')
    expect([stops(), playhead.hits]).toEqual([[7], [{ from: 7, to: 7 }]])
    await playhead.setBreakpoint('10')
    await hear(playhead, time)
    expect([stops(), playhead.hits]).toEqual([[], []])
  })

  it('that is another\'s stops it too, and is no hit of one\'s own', async () => {
    live.breakpoint = '7'
    live.run(100)
    await hear(playhead, time)
    expect([stops(), playhead.hits, playhead.mode]).toEqual([[7], [], 'live, paused'])
    await playhead.togglePause()
    expect(live.paused).toBe(false)
  })

  it('that can not be told is told, and no hit', async () => {
    await playhead.setBreakpoint('7')
    live.stops = [{ step: 1, by: 3, expression: '7', fault: 'the report threw' }]
    live.paused = true
    await hear(playhead, time)
    expect([playhead.takeStops().map(({ fault }) => fault), playhead.hits]).toEqual([['the report threw'], []])
  })

  it('that can not be read is refused, and changes nothing', async () => {
    await playhead.setBreakpoint('7')
    await expect(playhead.setBreakpoint('health <')).rejects.toMatchObject({ code: 'usage' })
    expect([playhead.breakpoint, playhead.mode, live.paused]).toEqual(['7', 'live, to a breakpoint', false])
  })

  it('holds a run no longer than it is looked at, unless it is paused', async () => {
    const said: boolean[] = []
    const setPaused = live.setPaused.bind(live)
    live.setPaused = (paused) => {
      said.push(paused)
      return setPaused(paused)
    }
    await playhead.setBreakpoint('7')
    live.run(100)
    await hear(playhead, time)
    // What is done from there is done to a run that stands for the breakpoint alone.
    await playhead.step(2)
    await playhead.close()
    expect([said, live.reached]).toEqual([[true, false], 9])
    const other = new Playhead(live, fakePorts(live))
    await hear(other, time)
    await other.togglePause()
    await other.step(5)
    await hear(other, time)
    expect(live.stops).toHaveLength(1)
    await other.step(1)
    await other.close()
    expect(said).toEqual([true, false, true])
  })
})

describe('a playhead on a recording', () => {
  const time = { now: 0 }
  let recorded: FakeRecorded
  let playhead: Playhead

  beforeEach(() => {
    recorded = new FakeRecorded(120)
    playhead = new Playhead(recorded, fakePorts())
  })

  it('begins at the end, and goes everywhere between first and last', async () => {
    expect([playhead.at, playhead.mode]).toEqual([120, 'recorded'])
    for (const [step, expected] of [[5, 5], [-3, 0], [1e9, 120]]) {
      await playhead.goTo(step)
      expect((await playhead.look({})).step).toBe(expected)
    }
  })

  it("plays in the world's own time, from the start when it is at the end", async () => {
    await playhead.togglePause()
    await hear(playhead, time)
    expect(playhead.mode).toBe('recorded, playing')
    await hear(playhead, time)
    expect(recorded.at).toBeGreaterThan(0)
    expect(recorded.at).toBeLessThan(12)
    await playhead.togglePause()
    const { at } = recorded
    await hear(playhead, time)
    expect(recorded.at).toBe(at)
  })

  it('stops playing at the end', async () => {
    await playhead.goTo(118)
    await playhead.setPace(1000)
    await playhead.togglePause()
    for (let i = 0; i < 5; i++) await hear(playhead, time)
    expect([recorded.at, playhead.isPaused]).toEqual([120, true])
  })

  it('finds where a breakpoint holds, and plays up to there', async () => {
    await playhead.goTo(2)
    await playhead.setBreakpoint('50')
    expect(playhead.hits.map(({ from }) => from)).toEqual([0, 50, 100])
    await playhead.setPace(1000)
    await playhead.togglePause()
    for (let i = 0; i < 5; i++) await hear(playhead, time)
    expect(recorded.at).toBe(50)
    await playhead.look({})
    expect([await playhead.toHit(1), recorded.at]).toEqual([true, 100])
    await playhead.look({})
    expect([await playhead.toHit(1), recorded.at]).toEqual([false, 100])
    expect([await playhead.toHit(-1), recorded.at]).toEqual([true, 50])
  })

  it('keeps marks in their order', async () => {
    await playhead.goTo(50)
    await playhead.look({})
    playhead.mark('b')
    await playhead.goTo(10)
    await playhead.look({})
    playhead.mark('a')
    expect(playhead.timeline.marks).toEqual([{ name: 'a', step: 10 }, { name: 'b', step: 50 }])
  })
})
