export { parseQuery, type BoundQuery, type Query, type QueryType } from './query.ts'
export type { MachineNames, QueryScope, QuerySource } from './scope.ts'
export { parseAssignment, parseTarget, type Assignment, type Target } from './target.ts'
