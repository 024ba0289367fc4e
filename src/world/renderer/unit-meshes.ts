import type { BufferGeometry } from 'three'
import { ifInstalled, missingPackage } from '../../core/index.ts'
import { type Mesh, mesh } from './mesh.ts'

/** Shapes drawn as a stretched unit shape. */
export type UnitShape = 'box' | 'plane' | 'sphere' | 'cylinder' | 'capsule'

/** Possible counts of sides for a circle. */
const sides = [8, 12, 16, 24, 32, 48] as const

/** Distance, in pixels, of a circle's chord inside of the circle. */
const chordError = 0.2

/** Sides for a circle of `radius` pixels: a chord of n sides stays radius·(1 − cos(π/n)) ≈ radius·π²/2n² inside. */
export function sidesOf(radius: number): number {
  const wanted = Math.PI * Math.sqrt(radius / (2 * chordError))
  return sides.find((count) => count >= wanted) ?? 48
}

/** Geometries of three, or undefined in an installation without it. */
const installed = await ifInstalled(async () => ({
  ...(await import('three/src/geometries/BoxGeometry.js')),
  ...(await import('three/src/geometries/CapsuleGeometry.js')),
  ...(await import('three/src/geometries/CylinderGeometry.js')),
  ...(await import('three/src/geometries/PlaneGeometry.js')),
  ...(await import('three/src/geometries/SphereGeometry.js')),
}))

/** @throws ConfigError `config/package`. */
function three(): NonNullable<typeof installed> {
  if (installed === undefined) throw missingPackage('three', 'the renderer')
  return installed
}

const cache = new Map<string, Mesh>()

/** Unit shape with circles of that many sides: half sizes, radius and half length are 1. */
export function unitMesh(shape: UnitShape, circleSides: number): Mesh {
  const round = shape !== 'box' && shape !== 'plane'
  const key = round ? `${shape} ${circleSides}` : shape
  const known = cache.get(key)
  if (known !== undefined) return known
  const made = build[shape](circleSides)
  cache.set(key, made)
  return made
}

/** Turn one of three's round shapes, along y, to ours, along z. */
const upright = <G extends BufferGeometry>(geometry: G): G => geometry.rotateX(Math.PI / 2)

const build: Record<UnitShape, (sides: number) => Mesh> = {
  box: () => fromThree(new (three().BoxGeometry)(2, 2, 2)),
  plane: () => fromThree(new (three().PlaneGeometry)(2, 2)),
  sphere: (n) => fromThree(upright(new (three().SphereGeometry)(1, n, n / 2))),
  cylinder: (n) => fromThree(upright(new (three().CylinderGeometry)(1, 1, 2, n))),
  capsule: (n) => capsuleFrom(fromThree(upright(new (three().CapsuleGeometry)(1, 2, n / 4, n, 1)))),
}

function fromThree(geometry: BufferGeometry): Mesh {
  const { position, normal } = geometry.attributes
  if (position === undefined || normal === undefined || geometry.index === null) {
    throw new TypeError('a geometry without positions, normals or indices')
  }
  return mesh(
    Float32Array.from(position.array),
    Float32Array.from(normal.array),
    Uint32Array.from(geometry.index.array),
  )
}

/** Capsule of half length 1, as two half spheres in one place with marked ends. */
function capsuleFrom({ positions, normals, indices }: Mesh): Mesh {
  const ends = new Float32Array(positions.length / 3)
  for (let i = 0; i < ends.length; i++) {
    ends[i] = Math.sign(positions[3 * i + 2]!)
    positions[3 * i + 2]! -= ends[i]!
  }
  return mesh(positions, normals, indices, ends)
}
