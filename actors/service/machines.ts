import { assign, setup } from 'xstate'

/** Control-plane events of a run: few, never one per step. */
export type ServiceEvent =
  | { readonly type: 'START'; readonly step: number }
  | { readonly type: 'KEYFRAME'; readonly step: number; readonly bytes: number }
  | { readonly type: 'FAULT'; readonly step: number; readonly final: boolean }
  | { readonly type: 'RECOVERED'; readonly step: number }
  | { readonly type: 'SHOWN'; readonly step: number }
  | { readonly type: 'STALL'; readonly step: number; readonly reader: string }
  | { readonly type: 'RESUME'; readonly step: number }
  | { readonly type: 'STOP'; readonly step: number; readonly failed: boolean }

const events = {} as ServiceEvent

/** The director: whether the clock runs. */
export const directorMachine = setup({ types: { context: {} as { step: number }, events } }).createMachine({
  id: 'director',
  context: { step: 0 },
  initial: 'initialising',
  on: { STOP: { target: '.stopped' } },
  states: {
    initialising: { on: { START: { target: 'stepping', actions: assign({ step: ({ event }) => event.step }) } } },
    stepping: {
      on: {
        FAULT: { target: 'recovering', actions: assign({ step: ({ event }) => event.step }) },
        KEYFRAME: { actions: assign({ step: ({ event }) => event.step }) },
      },
    },
    recovering: { on: { RECOVERED: { target: 'stepping', actions: assign({ step: ({ event }) => event.step }) } } },
    stopped: { type: 'final' },
  },
})

/** The recorder: whether there is a recording and how it ended. */
export const recorderMachine = setup({ types: { context: {} as { keyframes: number; bytes: number; recorded: boolean }, input: {} as { recorded: boolean }, events } }).createMachine({
  id: 'recorder',
  context: ({ input }) => ({ keyframes: 0, bytes: 0, recorded: input.recorded }),
  initial: 'idle',
  states: {
    idle: { on: { START: { guard: ({ context }) => context.recorded, target: 'recording' }, STOP: { target: 'closed' } } },
    recording: {
      on: {
        KEYFRAME: { actions: assign({ keyframes: ({ context }) => context.keyframes + 1, bytes: ({ context, event }) => context.bytes + event.bytes }) },
        STOP: { target: 'closed' },
      },
    },
    closed: { type: 'final' },
  },
})

/** The compositor: whether there are frames, and whom they wait for. It is told of the first frames after a start or a fault, not of each. */
export const compositorMachine = setup({ types: { context: {} as { present: boolean; step: number; reader: string }, input: {} as { present: boolean }, events } }).createMachine({
  id: 'compositor',
  context: ({ input }) => ({ present: input.present, step: 0, reader: '' }),
  initial: 'idle',
  on: { STOP: { target: '.stopped' } },
  states: {
    idle: {
      on: {
        START: { guard: ({ context }) => context.present, target: 'rendering', actions: assign({ step: ({ event }) => event.step }) },
        // A run that goes on with a recording has no start.
        SHOWN: { target: 'published', actions: assign({ step: ({ event }) => event.step }) },
      },
    },
    rendering: { on: { SHOWN: { target: 'published', actions: assign({ step: ({ event }) => event.step }) }, FAULT: { target: 'faulted' } } },
    published: {
      on: {
        STALL: { target: 'stalled', actions: assign({ step: ({ event }) => event.step, reader: ({ event }) => event.reader }) },
        FAULT: { target: 'faulted' },
      },
    },
    stalled: { on: { RESUME: { target: 'published', actions: assign({ reader: '' }) }, FAULT: { target: 'faulted' } } },
    faulted: { entry: assign({ reader: '' }), on: { RECOVERED: { target: 'recovering' } } },
    recovering: { on: { SHOWN: { target: 'published', actions: assign({ step: ({ event }) => event.step }) }, FAULT: { target: 'faulted' } } },
    stopped: { type: 'final' },
  },
})

/** The brain: whether its stage of the step is in order. */
export const stageMachine = setup({ types: { context: {} as { present: boolean }, input: {} as { present: boolean }, events } }).createMachine({
  id: 'stage',
  context: ({ input }) => ({ present: input.present }),
  initial: 'idle',
  on: { STOP: { target: '.stopped' } },
  states: {
    idle: { on: { START: { guard: ({ context }) => context.present, target: 'serving' } } },
    serving: { on: { FAULT: { target: 'recovering' } } },
    recovering: { on: { RECOVERED: { target: 'serving' } } },
    stopped: { type: 'final' },
  },
})

/** Restarts a supervisor allows before it lets a run fail. */
const restartsMax = 3

/**
 * The supervisor: lets a run restore and replay after a fault, unless the same step fails again, the error can only come
 * again, or there were too many.
 */
export const supervisorMachine = setup({
  types: { context: {} as { faultStep: number; restarts: number }, events },
  guards: {
    hopeless: ({ context, event }) => event.type === 'FAULT' && (event.final || event.step === context.faultStep || context.restarts >= restartsMax),
  },
}).createMachine({
  id: 'supervisor',
  context: { faultStep: -1, restarts: 0 },
  initial: 'watching',
  on: { STOP: [{ guard: ({ event }) => event.failed, target: '.failed' }, { target: '.done' }] },
  states: {
    watching: {
      on: {
        FAULT: [
          { guard: 'hopeless', target: 'escalating' },
          { target: 'restarting', actions: assign({ faultStep: ({ event }) => event.step, restarts: ({ context }) => context.restarts + 1 }) },
        ],
      },
    },
    restarting: { on: { RECOVERED: { target: 'watching' }, FAULT: { target: 'escalating' } } },
    escalating: {},
    failed: { type: 'final' },
    done: { type: 'final' },
  },
})
