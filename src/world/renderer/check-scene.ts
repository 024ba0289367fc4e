import { ConfigError } from '../../core/index.ts'
import { patterns } from './patterns.ts'
import type { Camera, Light, Material, RenderObject, RenderScene, Shape3 } from './render-scene.ts'

/**
 * Refuse a scene with numbers that cannot be drawn; one that is not finite would spread over the image silently.
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
  demand(far > near && far < Infinity, 'camera.far', `a distance beyond camera.near (${near} m)`, far)
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
  checkShape(shape, `${name}.shape`)
  checkMaterial(material, `${name}.material`)
}

/** Sizes that may be 0: of a plane without end, and of a capsule that is a ball. */
const mayBeZero: Readonly<Partial<Record<Shape3['kind'], string>>> = {
  plane: 'halfSizes',
  capsule: 'halfLength',
}

const kinds: readonly string[] = [
  'box',
  'sphere',
  'ellipsoid',
  'capsule',
  'cylinder',
  'plane',
  'mesh',
] satisfies Shape3['kind'][]

function checkShape(shape: Shape3, name: string): void {
  demand(kinds.includes(shape.kind), `${name}.kind`, `one of ${kinds.join(', ')}`, shape.kind)
  if (shape.kind === 'mesh') {
    checkMesh(shape, name)
    return
  }
  for (const [key, size] of Object.entries(shape)) {
    if (key === 'kind') continue
    const sizes: readonly number[] = typeof size === 'number' ? [size] : size
    const least = Math.min(...sizes)
    if (mayBeZero[shape.kind] === key)
      demand(finite(sizes) && least >= 0, `${name}.${key}`, '0 m or more', size)
    else demand(finite(sizes) && least > 0, `${name}.${key}`, 'sizes above 0 m', size)
  }
}

/** Cache of checked meshes, by their positions, to save another pass over the vertices. */
const rightMeshes = new WeakSet<Float32Array>()

function checkMesh({ positions, indices, normals }: Shape3 & { kind: 'mesh' }, name: string): void {
  if (rightMeshes.has(positions)) return
  const vertices = positions.length / 3
  demand(Number.isInteger(vertices), `${name}.positions`, 'three numbers a vertex', positions.length)
  demand(finite(positions), `${name}.positions`, 'finite numbers', firstOf(positions, Number.isFinite))
  demand(indices.length % 3 === 0, `${name}.indices`, 'three numbers a triangle', indices.length)
  const isVertex = (index: number) => index < vertices
  const wrong = firstOf(indices, isVertex)
  demand(
    wrong === undefined,
    `${name}.indices`,
    `whole numbers below ${vertices}, the number of vertices`,
    wrong,
  )
  if (normals !== undefined) {
    const one = normals.length === positions.length
    demand(one && finite(normals), `${name}.normals`, 'three finite numbers a vertex', normals.length)
  }
  rightMeshes.add(positions)
}

/** First number that fails a test. */
function firstOf(numbers: ArrayLike<number>, isRight: (value: number) => boolean): number | undefined {
  for (let i = 0; i < numbers.length; i++) if (!isRight(numbers[i]!)) return numbers[i]
  return undefined
}

function checkMaterial(material: Material, name: string): void {
  const { color, roughness, metalness, texture, bumpStrength = 0 } = material
  demand(finite(color), `${name}.color`, 'three finite numbers', color)
  for (const [key, part] of Object.entries({ roughness, metalness, bumpStrength })) {
    demand(part >= 0 && part <= 1, `${name}.${key}`, 'from 0 to 1', part)
  }
  if (texture === undefined) return
  const known = Object.keys(patterns)
  demand(known.includes(texture.kind), `${name}.texture.kind`, `one of ${known.join(', ')}`, texture.kind)
  demand(finite(texture.color), `${name}.texture.color`, 'three finite numbers', texture.color)
  const { scale } = texture
  demand(scale > 0 && scale < Infinity, `${name}.texture.scale`, 'a length above 0 m', scale)
}

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0

function finite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** Text of a value; JSON writes null for numbers that are not finite. */
const shown = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `[${Array.from(value as ArrayLike<unknown>, String).join(', ')}]`
    : String(value)

function demand(holds: boolean, field: string, wanted: string, value: unknown): void {
  if (holds) return
  throw new ConfigError('world/scene', `${field} must be ${wanted}, but is ${shown(value)}`, {
    field,
    value,
  })
}
