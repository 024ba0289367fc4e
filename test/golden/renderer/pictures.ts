import type {
  Camera,
  Light,
  Material,
  RenderObject,
  RenderScene,
  Shape3,
  SpotLight,
  Vector3,
} from '../../../src/world/index.ts'
import { type Rendering, render } from '../../../src/world/index.ts'

/** Pixels of a picture's side. */
export const size = 96

const plastic: Material = { color: [0.8, 0.75, 0.7], roughness: 0.5, metalness: 0 }

/** A turn of 0.5 about z, then of 0.6 about x, radians. */
const tilted = turned(0.5, 0.6)

function turned(z: number, x: number): number[] {
  const [c, s, d, t] = [Math.cos(z), Math.sin(z), Math.cos(x), Math.sin(x)]
  return [c, -s, 0, d * s, d * c, -t, t * s, t * c, d]
}

/** Looks down at the origin from the front and above, z up. */
const camera: Camera = {
  position: [0, -0.9, 0.75],
  rotation: turned(0, 0.88),
  verticalFov: 50,
  near: 0.05,
  far: 10,
  width: size,
  height: size,
}

const lamp: Light = {
  kind: 'directional',
  direction: [0.5, 0.4, -1],
  color: [1, 0.96, 0.9],
  intensity: 0.9,
  castsShadow: true,
}

const floor: RenderObject = {
  id: 0,
  shape: { kind: 'plane', halfSizes: [0, 0] },
  position: [0, 0, -0.1],
  rotation: turned(0, 0),
  material: { ...plastic, roughness: 0.9 },
}

const object = (
  id: number,
  shape: Shape3,
  position: Vector3,
  material: Partial<Material>,
  rotation = tilted,
): RenderObject => ({ id, shape, position, rotation, material: { ...plastic, ...material } })

const room = (objects: readonly RenderObject[], change: Partial<RenderScene> = {}): RenderScene => ({
  objects: [floor, ...objects],
  lights: [lamp],
  ambient: [0.45, 0.46, 0.5],
  background: [0.6, 0.7, 0.8],
  camera,
  ...change,
})

const tetrahedron: Shape3 = {
  kind: 'mesh',
  positions: Float32Array.of(0.1, 0.1, 0.1, -0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1, -0.1),
  indices: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
}

/** Every shape, one of them cut by the near plane, in the textures. */
const shapes = room([
  object(1, { kind: 'box', halfSizes: [0.1, 0.08, 0.06] }, [-0.3, 0.2, 0], { color: [0.8, 0.1, 0.1] }),
  object(2, { kind: 'sphere', radius: 0.1 }, [0, 0.25, 0], { color: [0.1, 0.3, 0.8] }),
  object(3, { kind: 'ellipsoid', radii: [0.14, 0.08, 0.06] }, [0.3, 0.2, 0], { color: [0.9, 0.8, 0.1] }),
  object(4, { kind: 'capsule', radius: 0.05, halfLength: 0.1 }, [-0.3, -0.1, 0], { color: [0.1, 0.6, 0.2] }),
  object(5, { kind: 'cylinder', radius: 0.07, halfLength: 0.1 }, [0, -0.1, 0], {
    texture: { kind: 'checks', color: [0.1, 0.1, 0.1], scale: 0.05 },
  }),
  object(6, tetrahedron, [0.3, -0.1, 0], {
    color: [0.7, 0.45, 0.2],
    texture: { kind: 'wood', color: [0.4, 0.2, 0.1], scale: 0.03 },
  }),
  object(7, { kind: 'box', halfSizes: [0.02, 0.3, 0.02] }, [0.16, -0.75, 0.5], {
    texture: { kind: 'noise', color: [0.1, 0.2, 0.5], scale: 0.02 },
  }),
])

/** Rougher from left to right, more of a metal from the back to the front. */
const materials = room(
  [0, 1, 2].flatMap((row) =>
    [0, 1, 2, 3].map((column) =>
      object(1, { kind: 'sphere', radius: 0.1 }, [0.24 * (column - 1.5), 0.24 * (1 - row), 0], {
        color: [0.85, 0.5, 0.2],
        roughness: 0.1 + 0.3 * column,
        metalness: row / 2,
      }),
    ),
  ),
)

const spot: SpotLight = {
  kind: 'spot',
  position: [-0.5, -0.3, 0.8],
  direction: [0.5, 0.4, -0.9],
  angle: 35,
  color: [1, 0.7, 0.4],
  intensity: 1,
  castsShadow: true,
}

/** Bumps of three strengths under two spot lights. */
const bumps = room(
  [0, 1, 2].map((column) =>
    object(1, { kind: 'sphere', radius: 0.13 }, [0.3 * (column - 1), 0, 0.03], {
      bumpStrength: column / 2,
      color: [0.5, 0.7, 0.5],
      roughness: 0.4,
    }),
  ),
  { lights: [spot, { ...spot, position: [0.6, -0.3, 0.8], direction: [-0.6, 0.3, -0.9], color: [0.4, 0.6, 1] }] },
)

/** What stands in front is in focus. */
const lens = { ...shapes, camera: { ...camera, focusDistance: 0.5, aperture: 0.04, noise: 0.02, blur: 0.4 } }

/** A number for each pixel as a grey picture. */
const grey = (values: ArrayLike<number>, level: (value: number) => number): Uint8Array =>
  Uint8Array.from({ length: 3 * values.length }, (_, i) => level(values[Math.floor(i / 3)]!))

const depth = ({ depth: metres }: Rendering) => grey(metres, (value) => 255 / (1 + value))
const segmentation = ({ segmentation: ids }: Rendering) => grey(ids, (id) => 28 * (id + 1))

/** Pictures that are stored beside this file: how each is drawn; of a changed scene, where one is given. */
export const pictures: Readonly<Record<string, (change?: (scene: RenderScene) => RenderScene) => Uint8Array>> = {
  shapes: (change = same) => render(change(shapes)).color,
  'shapes-smooth': (change = same) => render(change(shapes), { supersample: 2 }).color,
  'shapes-depth': (change = same) => depth(render(change(shapes))),
  'shapes-segmentation': (change = same) => segmentation(render(change(shapes))),
  materials: (change = same) => render(change(materials), { supersample: 2 }).color,
  bumps: (change = same) => render(change(bumps), { supersample: 2 }).color,
  lens: (change = same) => render(change(lens), { seed: 5 }).color,
}

const same = (scene: RenderScene): RenderScene => scene
