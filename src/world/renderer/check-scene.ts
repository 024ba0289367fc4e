import { ConfigError } from '../../core/index.ts'
import type { Camera, Light, RenderObject, RenderScene } from './render-scene.ts'

/**
 * Refuse a scene that cannot be drawn: a number that is not finite would spread over the picture silently.
 * @throws ConfigError `world/scene` that names the object, light or camera and the field.
 */
export function checkScene({ objects, lights, ambient, background, camera }: RenderScene): void {
  checkCamera(camera)
  demand(finite(ambient), 'ambient', 'three finite numbers', ambient)
  demand(finite(background), 'background', 'three finite numbers', background)
  for (const [index, light] of lights.entries()) checkLight(light, `lights[${index}]`)
  for (const [index, object] of objects.entries()) checkObject(object, index)
}

function checkCamera(camera: Camera): void {
  const { position, rotation, verticalFov, near, far, width, height } = camera
  demand(finite(position), 'camera.position', 'three finite numbers', position)
  demand(rotation.length === 9 && finite(rotation), 'camera.rotation', 'nine finite numbers', rotation)
  demand(verticalFov >= 1 && verticalFov <= 170, 'camera.verticalFov', '1 to 170 degrees', verticalFov)
  demand(near > 0 && near < Infinity, 'camera.near', 'a distance above 0 m', near)
  demand(far > near, 'camera.far', `a distance beyond camera.near (${near} m)`, far)
  demand(isCount(width), 'camera.width', 'a whole number of pixels above 0', width)
  demand(isCount(height), 'camera.height', 'a whole number of pixels above 0', height)
  const { focusDistance = 1, aperture = 0, blur = 0, noise = 0 } = camera
  demand(focusDistance > 0, 'camera.focusDistance', 'a distance above 0 m', focusDistance)
  demand(aperture >= 0 && aperture < Infinity, 'camera.aperture', 'a diameter of 0 m or more', aperture)
  demand(blur >= 0 && blur <= 100, 'camera.blur', '0 to 100 pixels', blur)
  demand(noise >= 0 && noise < Infinity, 'camera.noise', 'a deviation of 0 or more', noise)
}

function checkLight(light: Light, name: string): void {
  const { direction, color, intensity } = light
  const pointed = finite(direction) && Math.hypot(...direction) > 0
  demand(pointed, `${name}.direction`, 'three finite numbers, not all 0', direction)
  demand(finite(color), `${name}.color`, 'three finite numbers', color)
  demand(intensity >= 0 && intensity < Infinity, `${name}.intensity`, '0 or more', intensity)
  if (light.kind === 'directional') return
  demand(finite(light.position), `${name}.position`, 'three finite numbers', light.position)
  demand(light.angle > 0 && light.angle < 80, `${name}.angle`, 'above 0 and below 80 degrees', light.angle)
}

function checkObject({ id, shape, position, rotation, material }: RenderObject, index: number): void {
  const name = `objects[${index}] (id ${id})`
  demand(Number.isInteger(id) && id >= 0, `${name}.id`, 'a whole number of 0 or more', id)
  demand(finite(position), `${name}.position`, 'three finite numbers', position)
  demand(rotation.length === 9 && finite(rotation), `${name}.rotation`, 'nine finite numbers', rotation)
  for (const [key, size] of Object.entries(shape)) {
    if (shape.kind === 'mesh' || key === 'kind') continue
    const sizes: readonly number[] = typeof size === 'number' ? [size] : size
    demand(finite(sizes) && Math.min(...sizes) >= 0, `${name}.shape.${key}`, 'sizes of 0 m or more', size)
  }
  const { color, roughness, metalness, texture, bumpStrength = 0 } = material
  demand(finite(color), `${name}.material.color`, 'three finite numbers', color)
  const parts = [roughness, metalness, bumpStrength]
  demand(
    parts.every((part) => part >= 0 && part <= 1),
    `${name}.material`,
    'roughness, metalness and bumpStrength from 0 to 1',
    parts,
  )
  if (texture === undefined) return
  demand(texture.scale > 0, `${name}.material.texture.scale`, 'a length above 0 m', texture.scale)
}

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0

function finite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

function demand(holds: boolean, field: string, wanted: string, value: unknown): void {
  if (holds) return
  throw new ConfigError('world/scene', `${field} must be ${wanted}, but is ${JSON.stringify(value)}`, {
    field,
    value,
  })
}
