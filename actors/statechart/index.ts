export { chance, roll, selfId, send } from './agent.ts'
export { countInState, executorOf, machineBehaviour, statePaths, stateValueOf, type Executor, type MachineBehaviour, type MachineOptions } from './behaviour.ts'
export { machineNames, stateCounts, type KindStates } from './counts.ts'
export { describeMachine, type MachineDescription, type StateDescription, type TransitionDescription } from './describe.ts'
