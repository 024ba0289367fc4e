import { colorJitter } from './color-jitter.ts'
import { randomResizedCrop } from './crop.ts'
import { defocusBlur } from './defocus-blur.ts'
import { gaussianBlur } from './gaussian-blur.ts'
import { horizontalFlip } from './horizontal-flip.ts'
import { lightDirection } from './light-direction.ts'
import { normalize } from './normalize.ts'
import { randomAffine, rotation } from './random-affine.ts'
import type { ImageTransform } from './registry.ts'
import { sensorNoise } from './sensor-noise.ts'

/**
 * Common augmentation for photographs: crop (area 0.8 to 1), flip (0.5), rotation (±10°), colour jitter (0.2, 0.2, 0.2,
 * hue 0.1), blur (kernel 3), ImageNet's statistics.
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
 * Motion of an image by a moving camera. A photograph is assumed to have a field of view of 60°, and 45° to 60° of it
 * are shown, tan 30° / tan 22.5° times as large at most. One degree about each axis turns the image by as much, and
 * moves it by 2 % of its sides at 50°; a centimetre at one metre by 1 %.
 */
const movedCamera = { scale: [1, 1.39], degrees: 1, translate: 0.03 } as const

/**
 * Domain randomization (Tobin et al. 2017) of the changeable properties of a photograph: field of view and pose of the
 * camera, light from any side, brightness 0.5 to 1.5, contrast and saturation 0.8 to 1.2, hue ±0.1, a lens out of
 * focus, blur, noise up to 0.05. In the simulated world light, material and camera change before rendering.
 * @param camera Change of field of view and pose. Boxes and points follow; positions, poses and joints cannot. With
 * `false` the list suits every label. Default true.
 */
export const domainRandomization = ({ camera = true }: { camera?: boolean } = {}): ImageTransform[] => [
  ...(camera ? [randomAffine(movedCamera)] : []),
  lightDirection(),
  colorJitter({ brightness: 0.5 }),
  defocusBlur(),
  gaussianBlur({ kernel: 5, sigma: [0.01, 1] }),
  sensorNoise(),
]
