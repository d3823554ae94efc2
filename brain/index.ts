export { createMlp, type MlpOptions } from './mlp.ts'
export { hasPolicy, observationRegions, observationsOf } from './senses.ts'
export { thinkStage } from './think.ts'
