export { parseRandomization, type Randomization, type RandomizationInput } from './randomization.ts'
export { displacedCamera } from './randomize-camera.ts'
export { randomizeLights } from './randomize-lights.ts'
export { randomizeScene } from './randomize-scene.ts'
