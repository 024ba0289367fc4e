export { type Curriculum, type CurriculumOptions, curriculum } from './curriculum.ts'
export { difficultyOf } from './difficulty.ts'
export {
  type ProgressiveDifficulty,
  type ProgressiveDifficultyOptions,
  progressiveDifficulty,
} from './progressive-difficulty.ts'
export { type SamplerSpec, samplerSpec } from './sampler-spec.ts'
