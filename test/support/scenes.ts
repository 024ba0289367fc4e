import type {
  Camera,
  Light,
  Material,
  RenderObject,
  RenderScene,
  Shape3,
  Vector3,
} from '../../src/world/index.ts'

/** No rotation. */
export const unturned = [1, 0, 0, 0, 1, 0, 0, 0, 1]

/** White chalk. */
export const matt: Material = { color: [1, 1, 1], roughness: 1, metalness: 0 }

/** A camera at the origin that looks along −z, 64 × 64 pixels. */
export const camera = (change: Partial<Camera> = {}): Camera => ({
  position: [0, 0, 0],
  rotation: unturned,
  verticalFov: 50,
  near: 0.05,
  far: 20,
  width: 64,
  height: 64,
  ...change,
})

/** Light along the camera's direction, from above and from the left. */
export const lamp: Light = {
  kind: 'directional',
  direction: [0.5, -0.7, -1],
  color: [1, 1, 1],
  intensity: 0.8,
  castsShadow: true,
}

/** An object with id 1, of white chalk, not turned. */
export const solid = (
  shape: Shape3,
  position: Vector3,
  change: Partial<RenderObject> = {},
): RenderObject => ({
  id: 1,
  shape,
  position,
  rotation: unturned,
  material: matt,
  ...change,
})

/** A box. */
export const block = (
  halfSizes: Vector3,
  position: Vector3,
  change: Partial<RenderObject> = {},
): RenderObject => solid({ kind: 'box', halfSizes }, position, change)

/** A scene with one lamp and a little ambient light. */
export const scene = (objects: readonly RenderObject[], change: Partial<RenderScene> = {}): RenderScene => ({
  objects,
  lights: [lamp],
  ambient: [0.3, 0.3, 0.3],
  background: [0.5, 0.6, 0.7],
  camera: camera(),
  ...change,
})
