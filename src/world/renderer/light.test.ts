import { describe, expect, it } from 'vitest'
import { block, camera, lamp, matt, scene, solid } from '../../../test/support/scenes.ts'
import { linear } from './linear-color.ts'
import { render } from './render.ts'
import type { DirectionalLight, Light, Rendering, RenderScene, SpotLight, Vector3 } from './render-scene.ts'

const dark = { ambient: [0, 0, 0], background: [0, 0, 0] } as const
const floor = solid({ kind: 'plane', halfSizes: [0, 0] }, [0, 0, -3], { id: 9 })

/** Linear colour of a pixel. */
function lightAt({ color, width }: Rendering, column: number, row: number) {
  const at = 3 * (row * width + column)
  return linear([color[at]! / 255, color[at + 1]! / 255, color[at + 2]! / 255])
}

/** A lamp that shines straight at what the camera sees. */
const headOn: DirectionalLight = { ...lamp, kind: 'directional', direction: [0, 0, -1], intensity: 0.5 }

describe('a matt surface', () => {
  it.each([0, 30, 60, 80])(
    'that is turned by %i° from the light is as bright as the cosine says',
    (degrees) => {
      const angle = (degrees * Math.PI) / 180
      const light: Light = { ...headOn, direction: [Math.sin(angle), 0, -Math.cos(angle)] }
      const picture = render(scene([floor], { ...dark, lights: [light] }))
      const [red, green, blue] = lightAt(picture, 32, 32)
      // A coat reflects some of it like glass, more of it at grazing angles.
      expect(red).toBeGreaterThan(0.5 * Math.cos(angle))
      expect(red).toBeLessThan(0.5 * Math.cos(angle) + 0.02)
      expect([green, blue]).toEqual([red, red])
    },
  )

  it('that faces away from the light has next to none of it', () => {
    const picture = render(scene([floor], { ...dark, lights: [{ ...headOn, direction: [0.2, 0, 1] }] }))
    expect(lightAt(picture, 32, 32)[0]).toBeLessThan(0.01)
  })

  it('under a spot light is as bright as the distance says, and dark outside of the cone', () => {
    const spot: SpotLight = {
      kind: 'spot',
      position: [0, 0, -1],
      direction: [0, 0, -3],
      angle: 20,
      color: [1, 1, 1],
      intensity: 2,
      castsShadow: false,
    }
    const wide = camera({ width: 65, height: 65 })
    const picture = render(scene([floor], { ...dark, lights: [spot], camera: wide }))
    expect(lightAt(picture, 32, 32)[0]).toBeCloseTo(2 / 2 ** 2, 1)
    const near = render(
      scene([floor], { ...dark, lights: [{ ...spot, position: [0, 0, -2] }], camera: wide }),
    )
    expect(near.color[3 * (32 * 65 + 32)]).toBe(255)
    // The cone ends 2 m · tan(20°) from its axis, 0.728 m, at 16.9 pixels.
    expect(lightAt(picture, 32 + 10, 32)[0]).toBeGreaterThan(0.2)
    expect(lightAt(picture, 32 + 15, 32)[0]).toBeGreaterThan(0.05)
    expect(lightAt(picture, 32 + 18, 32)[0]).toBeLessThan(0.03)
  })
})

/** Whether a ray from `point` along `towards` meets a box that is `margin` larger. */
function meetsBox(point: Vector3, towards: Vector3, half: Vector3, center: Vector3, margin: number): boolean {
  let from = 0
  let to = Infinity
  for (const axis of [0, 1, 2]) {
    const low = (center[axis]! - half[axis]! - margin - point[axis]!) / towards[axis]!
    const high = (center[axis]! + half[axis]! + margin - point[axis]!) / towards[axis]!
    from = Math.max(from, Math.min(low, high))
    to = Math.min(to, Math.max(low, high))
  }
  return from < to
}

describe('shadows', () => {
  const half: Vector3 = [0.2, 0.3, 0.1]
  const center: Vector3 = [-0.3, 0.1, -2.5]
  const from = (direction: Vector3): DirectionalLight => ({ ...headOn, direction })

  /** Pixels of the floor that are shaded, lit, and wrong about it; within 3 cm of the border either is right. */
  function judge(light: Light, towards: (point: Vector3) => Vector3) {
    const picture = render(
      scene([floor, block(half, center)], {
        ...dark,
        lights: [light],
        camera: camera({ width: 128, height: 128 }),
      }),
    )
    const focal = 64 / Math.tan((25 * Math.PI) / 180)
    const counts = { shaded: 0, lit: 0, wrong: 0 }
    for (const [pixel, id] of picture.segmentation.entries()) {
      if (id !== 9) continue
      const [column, row] = [pixel % 128, Math.floor(pixel / 128)]
      const point: Vector3 = [((column + 0.5 - 64) * 3) / focal, ((64 - row - 0.5) * 3) / focal, -3]
      const bright = lightAt(picture, column, row)[0] > 0.1
      const surely = meetsBox(point, towards(point), half, center, -0.03)
      const perhaps = meetsBox(point, towards(point), half, center, 0.03)
      if (surely) counts.shaded++
      if (!perhaps) counts.lit++
      if ((surely && bright) || (!perhaps && !bright)) counts.wrong++
    }
    return counts
  }

  it.each([[[0.9, 0.001, -1]], [[-0.7, -0.8, -1]], [[0.3, 1.5, -1]]] as const)(
    'of a box under parallel light along %j fall where its rays say',
    (direction) => {
      const [x, y, z] = direction
      const counts = judge(from(direction), () => [-x, -y, -z])
      expect(counts.wrong).toBe(0)
      expect(counts.shaded).toBeGreaterThan(200)
      expect(counts.lit).toBeGreaterThan(5000)
    },
  )

  it('of a box under a spot light fall where its rays say', () => {
    const position: Vector3 = [-0.9, 0.4, -1]
    const light: Light = {
      ...headOn,
      kind: 'spot',
      position,
      direction: [0.5, -0.2, -1],
      angle: 70,
      intensity: 9,
    }
    const counts = judge(light, (point) => [
      position[0] - point[0],
      position[1] - point[1],
      position[2] - point[2],
    ])
    expect(counts.wrong).toBe(0)
    expect(counts.shaded).toBeGreaterThan(200)
    expect(counts.lit).toBeGreaterThan(5000)
  })

  it('touch what stands on the floor', () => {
    const standing = block([0.2, 0.2, 0.2], [0, 0, -2.8])
    const picture = render(scene([floor, standing], { ...dark, lights: [from([1, 0, -1])] }))
    // Along the middle row, right of the box: the shadow begins at its very edge.
    const row = Array.from({ length: 64 }, (_, column) => 32 * 64 + column)
    const edge = row.findLastIndex((pixel) => picture.segmentation[pixel] === 1) + 1
    expect(lightAt(picture, edge, 32)[0]).toBeLessThan(0.02)
    expect(lightAt(picture, edge + 1, 32)[0]).toBeLessThan(0.02)
  })

  it('do not speckle what is lit', () => {
    for (let angle = 0; angle < 75; angle += 7) {
      const tilt = (angle * Math.PI) / 180
      const light = from([Math.sin(tilt), 0.1, -Math.cos(tilt)])
      const ball = solid({ kind: 'sphere', radius: 0.5 }, [0, 0, -2.4])
      const lone = render(scene([floor], { ...dark, lights: [light] }))
      expect(new Set(lone.color).size).toBe(1)
      const shaded = render(scene([ball], { ...dark, lights: [light] })).color
      const open = render(scene([ball], { ...dark, lights: [{ ...light, castsShadow: false }] })).color
      const differences = shaded.filter((value, i) => Math.abs(value - open[i]!) > 40)
      expect(differences.length).toBeLessThan(20)
    }
  })

  it('are left out where a light casts none', () => {
    const objects = [floor, block(half, center)]
    const shining = (castsShadow: boolean): RenderScene =>
      scene(objects, { ...dark, lights: [{ ...from([0.9, 0, -1]), castsShadow }] })
    const darkFloor = ({ color, segmentation }: Rendering) =>
      segmentation.filter((id, pixel) => id === 9 && color[3 * pixel]! < 20).length
    expect(darkFloor(render(shining(true)))).toBeGreaterThan(50)
    expect(darkFloor(render(shining(false)))).toBe(0)
  })
})

describe('a highlight', () => {
  const green = [0.1, 0.7, 0.2] as const
  const ballOf = (metalness: number, roughness: number) => {
    const material = { ...matt, color: green, metalness, roughness }
    const ball = solid({ kind: 'sphere', radius: 0.5 }, [0, 0, -2], { material })
    const dim = { ...headOn, intensity: 0.2 }
    return render(scene([ball], { ...dark, lights: [dim], camera: camera({ width: 65, height: 65 }) }))
  }
  const mirrored = (roughness: number, metalness: number) => lightAt(ballOf(metalness, roughness), 32, 32)

  it('on metal has the colour of the metal, on plastic that of the light', () => {
    const [red, own, blue] = linear(green)
    const onMetal = mirrored(0.6, 1)
    expect(onMetal[0] / onMetal[1]).toBeCloseTo(red / own, 1)
    expect(onMetal[2] / onMetal[1]).toBeCloseTo(blue / own, 1)
    // Of plastic, what its matt ground does not explain is white: the same in all channels.
    const onPlastic = mirrored(0.35, 0)
    const added = onPlastic.map((value, channel) => value - 0.2 * linear(green)[channel]!)
    expect(Math.min(...added)).toBeGreaterThan(0.05)
    expect(Math.max(...added) / Math.min(...added)).toBeLessThan(1.15)
  })

  it('is smaller and brighter the smoother the surface is', () => {
    /** Pixels that are at least half as bright as the middle. */
    const size = (roughness: number) => {
      const picture = ballOf(0, roughness)
      const middle = lightAt(picture, 32, 32)[0]
      const columns = Array.from({ length: 65 * 65 }, (_, pixel) =>
        lightAt(picture, pixel % 65, Math.floor(pixel / 65)),
      )
      return columns.filter(([red]) => red > middle / 2).length
    }
    expect(mirrored(0.35, 0)[0]).toBeGreaterThan(2 * mirrored(0.6, 0)[0])
    expect(size(0.4)).toBeGreaterThan(3)
    expect(size(0.5)).toBeGreaterThan(1.5 * size(0.4))
    expect(size(0.6)).toBeGreaterThan(1.5 * size(0.5))
  })
})
