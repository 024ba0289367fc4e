import { blurDepth } from './blur-depth.ts'
import { blurPicture } from './blur-picture.ts'
import { srgb255 } from './linear-color.ts'
import type { Camera } from './render-scene.ts'
import { sensorNoise } from './sensor-noise.ts'

/**
 * Develop light [height, width, 3] from surfaces at `depth` [height, width] into sRGB bytes. The lens blurs linear
 * light; the sensor's noise is added in sRGB.
 */
export function develop(
  camera: Camera,
  radiance: Float32Array,
  depth: Float32Array,
  seed: number,
): Uint8Array {
  const { noise = 0, blur = 0 } = camera
  const focused = blurDepth(camera, radiance, depth)
  const light = blur > 0 ? blurPicture(focused, camera.width, blur) : focused
  const out = new Uint8Array(light.length)
  if (noise === 0) {
    for (let i = 0; i < out.length; i++) out[i] = srgb255(light[i]!) + 0.5
    return out
  }
  const noises = sensorNoise(seed, out.length, 255 * noise)
  for (let i = 0; i < out.length; i++) {
    const value = srgb255(light[i]!) + noises[i]! + 0.5
    out[i] = value < 0 ? 0 : value > 255 ? 255 : value
  }
  return out
}
