export { createMlp, type MlpOptions } from './mlp.ts'
export { observationRegions } from './senses.ts'
export { thinkStage } from './think.ts'
