export type { Duplicates } from './duplicates.ts'
export { inspectSource, type SourceInspection } from './inspect-source.ts'
export type { Distribution } from './tally.ts'
