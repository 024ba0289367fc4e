export { asha } from './asha.ts'
export type { Pruner, Rungs, Standing, Verdict } from './pruner.ts'
export { successiveHalving } from './successive-halving.ts'
