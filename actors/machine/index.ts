export { chance, roll, selfId, send, type MachineArgs } from './agent.ts'
export { countInState, machineBehaviour, type MachineBehaviour } from './behaviour.ts'
