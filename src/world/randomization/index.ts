export { parseRandomization, type Randomization, type RandomizationInput } from './randomization.ts'
export { randomizeScene } from './randomize-scene.ts'
