import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { block, camera, lamp, matt, scene, solid } from '../../../test/support/scenes.ts'
import { random } from '../../core/index.ts'
import { render, renderLabels } from './render.ts'
import type { Light, Material, RenderObject, RenderScene, Shape3, SpotLight } from './render-scene.ts'

const shaped = (shape: Shape3) => ({ objects: [solid(shape, [0, 0, -1])] })
const made = (material: Partial<Material>) => ({
  objects: [block([1, 1, 1], [0, 0, -2], { material: { ...matt, ...material } })],
})
const spot: SpotLight = { ...lamp, kind: 'spot', position: [0, 0, 2], angle: 40 }
const corners = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0)
const face = Uint32Array.of(0, 1, 2)

describe('a scene that cannot be drawn is refused', () => {
  it.each<[field: string, change: Partial<RenderScene>]>([
    ['camera.near', { camera: camera({ near: 0 }) }],
    ['camera.far', { camera: camera({ far: Number.POSITIVE_INFINITY }) }],
    ['camera.verticalFov', { camera: camera({ verticalFov: 180 }) }],
    ['camera.width', { camera: camera({ width: 0 }) }],
    ['camera.height', { camera: camera({ height: 6.5 }) }],
    ['camera.position', { camera: camera({ position: [0, Number.NaN, 0] }) }],
    ['camera.rotation', { camera: camera({ rotation: [1, 0, 0] }) }],
    ['camera.focusDistance', { camera: camera({ focusDistance: 0 }) }],
    ['camera.noise', { camera: camera({ noise: -0.1 }) }],
    ['ambient', { ambient: [Number.NaN, 0, 0] }],
    ['background', { background: [0, Number.POSITIVE_INFINITY, 0] }],
    ['lights[0].direction', { lights: [{ ...lamp, direction: [0, 0, 0] }] }],
    ['lights[1].intensity', { lights: [lamp, { ...lamp, intensity: Number.NaN }] }],
    ['lights[0].angle', { lights: [{ ...spot, angle: 90 }] }],
    ['lights[0].position', { lights: [{ ...spot, position: [0, 0, Number.NaN] }] }],
    ['objects[0] (id 1).position', { objects: [block([1, 1, 1], [Number.NaN, 0, 0])] }],
    ['objects[0] (id -3).id', { objects: [block([1, 1, 1], [0, 0, -2], { id: -3 })] }],
    ['shape.kind', shaped({ kind: 'torus' } as unknown as Shape3)],
    ['shape.radius', shaped({ kind: 'sphere', radius: 0 })],
    ['shape.radii', shaped({ kind: 'ellipsoid', radii: [0, 1, 1] })],
    ['shape.halfSizes', shaped({ kind: 'box', halfSizes: [1, 0, 1] })],
    ['shape.halfSizes', shaped({ kind: 'plane', halfSizes: [-1, 0] })],
    ['shape.halfLength', shaped({ kind: 'cylinder', radius: 1, halfLength: 0 })],
    ['shape.positions', shaped({ kind: 'mesh', positions: Float32Array.of(0, 0), indices: face })],
    ['shape.positions', shaped({ kind: 'mesh', positions: corners.map(() => Number.NaN), indices: face })],
    ['shape.indices', shaped({ kind: 'mesh', positions: corners, indices: Uint32Array.of(0, 1, 3) })],
    ['shape.indices', shaped({ kind: 'mesh', positions: corners, indices: Uint32Array.of(0, 1) })],
    ['shape.normals', shaped({ kind: 'mesh', positions: corners, indices: face, normals: corners.slice(1) })],
    ['material.roughness', made({ roughness: 2 })],
    ['material.metalness', made({ metalness: Number.NaN })],
    ['material.bumpStrength', made({ bumpStrength: -1 })],
    ['material.color', made({ color: [Number.NaN, 0, 0] })],
    ['texture.kind', made({ texture: { kind: 'dots', color: [0, 0, 0], scale: 1 } as never })],
    ['texture.color', made({ texture: { kind: 'wood', color: [0, 0, Number.NaN], scale: 1 } })],
    ['texture.scale', made({ texture: { kind: 'wood', color: [0, 0, 0], scale: 0 } })],
  ])('for its %s', (field, change) => {
    const refusal = expect.objectContaining({
      code: 'world/scene',
      message: expect.stringContaining(`${field} must be`),
    })
    expect(() => render(scene([], change))).toThrow(refusal)
    expect(() => renderLabels(scene([], change))).toThrow(refusal)
  })

  it('with the number in question, finite or not', () => {
    expect(() => render(scene([block([1, 1, 1], [1, Number.NaN, 0])]))).toThrow('[1, NaN, 0]')
    expect(() => render(scene([], made({ bumpStrength: 3 })))).toThrow('but is 3')
  })
})

/** A scene of all sorts of white things, some around the camera, under white light from everywhere and lamps. */
function anyScene(seed: number): RenderScene {
  const draw = random(seed, 'any scene')
  const size = () => 10 ** draw.uniform(-5, 1)
  const place = () => [draw.uniform(-2, 2), draw.uniform(-2, 2), draw.uniform(-4, 1)] as const
  const shape = (): Shape3 =>
    draw.pick<Shape3>([
      { kind: 'box', halfSizes: [size(), size(), size()] },
      { kind: 'sphere', radius: size() },
      { kind: 'ellipsoid', radii: [size(), size(), size()] },
      { kind: 'capsule', radius: size(), halfLength: draw.chance(0.2) ? 0 : size() },
      { kind: 'cylinder', radius: size(), halfLength: size() },
      { kind: 'plane', halfSizes: [0, size()] },
      {
        kind: 'mesh',
        positions: Float32Array.from({ length: 12 }, size),
        indices: Uint32Array.from([0, 1, 2, 1, 1, 2, 3, 2, 1]),
      },
    ])
  const object = (): RenderObject => {
    const [one, two] = [draw.uniform(0, 7), draw.uniform(0, 7)]
    const [c, s, d, t] = [Math.cos(one), Math.sin(one), Math.cos(two), Math.sin(two)]
    const material = {
      color: [1, 1, 1],
      roughness: draw.integer(3) / 2,
      metalness: draw.integer(3) / 2,
      bumpStrength: draw.integer(2),
      texture: { kind: draw.pick(['checks', 'wood', 'noise'] as const), color: [1, 1, 1], scale: size() },
    } satisfies Material
    return {
      id: 1,
      shape: shape(),
      position: place(),
      rotation: [c, -s * d, s * t, s, c * d, -c * t, 0, t, d],
      material,
    }
  }
  const spotLight = (): Light => ({ ...spot, position: place(), direction: place(), intensity: size() })
  return {
    objects: Array.from({ length: 6 }, object),
    lights: [spotLight(), { ...lamp, direction: place() }],
    ambient: [1, 1, 1],
    background: [1, 1, 1],
    camera: camera({ width: 24, height: 16, focusDistance: size(), blur: draw.uniform(0, 1) }),
  }
}

describe('a scene that can be drawn', () => {
  it('has no number that is none in its picture, wherever the camera is', () => {
    const property = fc.property(fc.nat(), (seed) => {
      const drawn = anyScene(seed)
      const { color, depth } = render(drawn)
      // White things in white light are bright everywhere; a number that is none would be black.
      expect(Math.min(...color)).toBeGreaterThan(120)
      for (const value of depth) {
        expect(value).toBeGreaterThanOrEqual(drawn.camera.near * 0.9999)
        expect(value).toBeLessThanOrEqual(drawn.camera.far * 1.0001)
      }
    })
    fc.assert(property, { numRuns: 300, seed: 1 })
  })
})
