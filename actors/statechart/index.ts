export { chance, roll, selfId, send } from './agent.ts'
export { countInState, machineBehaviour } from './interpreted.ts'
