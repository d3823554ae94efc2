import { type Command, recordingOf, refuse, stepOf } from './command.ts'

const paceLeast = 0.1
const paceMost = 1e6
const paceFactor = 2
const paceStart = 60

function letterAfter(names: readonly string[]): string {
  for (let place = 0; ; place++) {
    const name = place < 26 ? String.fromCharCode(97 + place) : `m${String(place)}`
    if (!names.includes(name)) return name
  }
}

function scaledPace(now: number | undefined, factor: number): number {
  return Math.max(paceLeast, Math.min(paceMost, (now ?? paceStart) * factor))
}

/** Going through time. */
export const timeCommands: readonly Command[] = [
  { name: 'pause', takes: '', does: 'pause, or go on', run: (desk) => desk.playhead.togglePause() },
  {
    name: 'step',
    takes: '[n]',
    does: 'go n steps on; back when n is below 0',
    run: (desk, given) => {
      if (given !== '' && !/^-?\d+$/.test(given)) throw refuse('step', given, 'give a number of steps')
      return desk.playhead.step(given === '' ? 1 : Number(given))
    },
  },
  {
    name: 'go',
    takes: '<step>',
    does: 'go to a step, a mark, start or end',
    complete: (desk) => ['start', 'end', ...desk.playhead.marks.map(({ name }) => name)],
    run: (desk, given) => (given === 'end' ? desk.playhead.toEnd() : desk.playhead.goTo(stepOf(desk, 'go', given))),
  },
  {
    name: 'pace',
    takes: '<steps per second>|max|faster|slower',
    does: 'hold the run to a pace',
    complete: () => ['max', 'faster', 'slower'],
    run: (desk, given) => {
      const { playhead } = desk
      if (given === 'max') return playhead.setPace(undefined)
      if (given === 'faster') return playhead.setPace(scaledPace(playhead.stepsPerSecond, paceFactor))
      if (given === 'slower') return playhead.setPace(scaledPace(playhead.stepsPerSecond, 1 / paceFactor))
      const pace = Number(given)
      if (!(given !== '' && pace >= paceLeast && pace <= paceMost)) throw refuse('pace', given, `give ${String(paceLeast)} to ${String(paceMost)} steps a second, or max`)
      return playhead.setPace(pace)
    },
  },
  {
    name: 'mark',
    takes: '[name]',
    does: 'mark this step',
    run: (desk, given) => {
      const { playhead } = desk
      const name = given === '' ? letterAfter(playhead.marks.map((each) => each.name)) : given
      if (!/^[A-Za-z]\w{0,15}$/.test(name) || name === 'start' || name === 'end') throw refuse('mark', given, 'take up to 16 letters and digits, a letter first')
      playhead.mark(name)
      desk.say(`marked as ${name}: come back with :go ${name}, or '`)
    },
  },
  {
    name: 'nextmark',
    takes: '',
    does: 'go to the next mark, from the last one to the first',
    run: (desk) => {
      const { marks, at } = desk.playhead
      const next = marks.find(({ step }) => step > at) ?? marks.at(0)
      if (next === undefined) throw refuse('nextmark', '', 'mark a step with m first')
      return desk.playhead.goTo(next.step)
    },
  },
  {
    name: 'break',
    takes: '<condition>|off',
    does: 'stop where a condition holds, like enemy.health < 5',
    complete: (desk) => ['off', ...desk.playhead.about.kinds.map(({ name }) => name)],
    run: async (desk, given) => {
      if (given === '') throw refuse('break', given, 'give a condition like enemy.health < 5, or off')
      const { playhead } = desk
      if (given === 'off') desk.ports.endSearch()
      await playhead.setBreakpoint(given === 'off' ? undefined : given)
      if (given === 'off') desk.say('no breakpoint')
      else if (playhead.isLive && playhead.vitals?.ended === undefined) desk.say(`the run stops where ${given}`)
      else desk.say(`${playhead.hits.length === 1 ? '1 stretch' : `${String(playhead.hits.length)} stretches`} where ${given}: n and N go there`)
    },
  },
  {
    name: 'next',
    takes: '',
    does: 'go on to the step from which on the breakpoint holds',
    run: async (desk) => {
      if (!(await desk.playhead.toHit(1))) desk.say('it does not hold at any later step', 'warn')
    },
  },
  {
    name: 'previous',
    takes: '',
    does: 'go back to the step from which on the breakpoint held',
    run: async (desk) => {
      if (await desk.playhead.toHit(-1)) return
      const first = desk.ports.firstStep(recordingOf(desk))
      desk.say(`it does not hold at any earlier step${first === 0 ? '' : ` that is there: those before step ${String(first)} are gone`}`, 'warn')
    },
  },
]
