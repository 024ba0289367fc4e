import { flatMesh, type Mesh, mesh } from './mesh.ts'
import type { RenderObject, Shape3, Vector3 } from './render-scene.ts'
import { sidesOf, type UnitShape, unitMesh } from './unit-meshes.ts'

/** Object prepared for drawing: its shape as a stretched unit shape, or as a mesh. */
export interface Solid {
  readonly object: RenderObject
  readonly unit: UnitShape | undefined
  /** Factors of the mesh's positions. */
  readonly scale: Vector3
  /** Displacement of a capsule's ends along z, metres. */
  readonly stretch: number
  /** Radius of a ball about the object's position that contains it, metres. */
  readonly boundingRadius: number
  /** Radius of the largest circle of the shape, metres; 0 without one. */
  readonly roundness: number
}

/** Half size of a plane without end, metres. */
const endless = 20

/** Prepare an object for drawing. */
export function solidOf(object: RenderObject): Solid {
  const { shape } = object
  switch (shape.kind) {
    case 'box':
      return unitSolid(object, 'box', shape.halfSizes, 0)
    case 'plane':
      return unitSolid(object, 'plane', [shape.halfSizes[0] || endless, shape.halfSizes[1] || endless, 0], 0)
    case 'sphere':
      return unitSolid(object, 'sphere', [shape.radius, shape.radius, shape.radius], shape.radius)
    case 'ellipsoid':
      return unitSolid(object, 'sphere', shape.radii, Math.max(...shape.radii))
    case 'cylinder':
      return unitSolid(object, 'cylinder', [shape.radius, shape.radius, shape.halfLength], shape.radius)
    case 'capsule':
      return unitSolid(
        object,
        'capsule',
        [shape.radius, shape.radius, shape.radius],
        shape.radius,
        shape.halfLength,
      )
    case 'mesh':
      return {
        object,
        unit: undefined,
        scale: [1, 1, 1],
        stretch: 0,
        boundingRadius: radiusOf(shape.positions),
        roundness: 0,
      }
  }
}

function unitSolid(
  object: RenderObject,
  unit: UnitShape,
  scale: Vector3,
  roundness: number,
  stretch = 0,
): Solid {
  const reach = unit === 'sphere' || unit === 'capsule' ? Math.max(...scale) + stretch : length(unit, scale)
  return { object, unit, scale, stretch, boundingRadius: reach, roundness }
}

/** Distance from the middle of a box, plane or cylinder to its corner or rim. */
const length = (unit: UnitShape, [x, y, z]: Vector3): number =>
  unit === 'cylinder' ? Math.hypot(x, z) : Math.hypot(x, y, z)

/** Triangles of a solid, fine enough for `pixelsPerMetre`. */
export function meshOf(solid: Solid, pixelsPerMetre: number): Mesh {
  if (solid.unit !== undefined) return unitMesh(solid.unit, sidesOf(solid.roundness * pixelsPerMetre))
  return ownMesh(solid.object.shape)
}

const ownMeshes = new WeakMap<Float32Array, Mesh>()

function ownMesh(shape: Shape3): Mesh {
  if (shape.kind !== 'mesh') throw new TypeError(`${shape.kind} is a unit shape`)
  const { positions, normals, indices } = shape
  const known = ownMeshes.get(positions)
  if (known !== undefined) return known
  const made = normals === undefined ? flatMesh(positions, indices) : mesh(positions, normals, indices)
  ownMeshes.set(positions, made)
  return made
}

const ownRadii = new WeakMap<Float32Array, number>()

function radiusOf(positions: Float32Array): number {
  const known = ownRadii.get(positions)
  if (known !== undefined) return known
  let most = 0
  for (let i = 0; i < positions.length; i += 3) {
    most = Math.max(most, Math.hypot(positions[i]!, positions[i + 1]!, positions[i + 2]!))
  }
  ownRadii.set(positions, most)
  return most
}
