export { chance, roll, selfId, send } from './agent.ts'
export { countInState, executorOf, machineBehaviour, stateValueOf, type Executor, type MachineBehaviour } from './behaviour.ts'
