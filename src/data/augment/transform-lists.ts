import { colorJitter } from './color-jitter.ts'
import { randomResizedCrop } from './crop.ts'
import { defocusBlur } from './defocus-blur.ts'
import { gaussianBlur } from './gaussian-blur.ts'
import { horizontalFlip } from './horizontal-flip.ts'
import { lightDirection } from './light-direction.ts'
import { normalize } from './normalize.ts'
import { rotation } from './random-affine.ts'
import type { ImageTransform } from './registry.ts'
import { sensorNoise } from './sensor-noise.ts'

/**
 * What photographs are commonly trained with: crop (area 0.8 to 1), flip (0.5), rotation (±10°), colour jitter (0.2,
 * 0.2, 0.2, hue 0.1), blur (kernel 3), ImageNet's statistics.
 * @param size Side of the square that goes out.
 */
export const standardAugmentation = (size: number): ImageTransform[] => [
  randomResizedCrop(size),
  horizontalFlip(),
  rotation(),
  colorJitter(),
  gaussianBlur(),
  normalize(),
]

/**
 * Domain randomization (Tobin et al. 2017) of what can be changed in a photograph: light from any side, brightness
 * 0.5 to 1.5, contrast and saturation 0.8 to 1.2, hue ±0.1, a lens out of focus, noise up to 0.05. Of colours only: no
 * label minds it. In the simulated world light, material and camera change before rendering.
 */
export const domainRandomization = (): ImageTransform[] => [
  lightDirection(),
  colorJitter({ brightness: 0.5 }),
  defocusBlur(),
  sensorNoise(),
]
