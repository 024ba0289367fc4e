import type { Random } from '../../core/index.ts'
import type { RenderScene } from '../renderer/index.ts'
import type { Randomization } from './randomization.ts'
import { randomizeCamera } from './randomize-camera.ts'
import { randomizeLights } from './randomize-lights.ts'
import { randomizeMaterials } from './randomize-materials.ts'
import { shiftColors } from './shift-colors.ts'

/**
 * Draw a random variant of a scene: other light, other surfaces, another camera; only the camera moves. The same scene,
 * ranges and stream give the same variant. Every dimension draws as many numbers for any range, so that fixing one
 * leaves the others unchanged.
 */
export function randomizeScene(scene: RenderScene, config: Randomization, random: Random): RenderScene {
  const lit = randomizeLights(scene, config.lighting, random)
  const colored = shiftColors(lit, config.lighting, random)
  return {
    ...colored,
    objects: randomizeMaterials(colored.objects, config.materials, random),
    camera: randomizeCamera(scene.camera, config.camera, random),
  }
}
