export { type LerobotDataset, readLerobot } from './dataset.ts'
export type { Episode } from './episode.ts'
export type { LerobotOptions } from './lerobot-spec.ts'
export { lerobot } from './source.ts'
