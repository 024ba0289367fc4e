import { describe, expect, it } from 'vitest'
import { block, camera, matt, scene, solid } from '../../../test/support/scenes.ts'
import { random } from '../../core/index.ts'
import { linear, type RenderScene, render } from '../renderer/index.ts'
import { parseRandomization, type Randomization } from './randomization.ts'
import { randomizeScene } from './randomize-scene.ts'

const ball = solid({ kind: 'sphere', radius: 0.25 }, [-0.2, 0.1, -1.2], {
  material: { ...matt, color: [0.8, 0.2, 0.1], roughness: 0.5 },
})
const wall = block([2, 2, 0.1], [0, 0, -2.5], { id: 2, material: { ...matt, color: [0.6, 0.6, 0.3] } })
const handle = solid({ kind: 'sphere', radius: 0.1 }, [0.2, 0, -1.2], { material: ball.material })
const plain = scene([ball, handle, wall])
const defaults = parseRandomization()

const variants = (config: Randomization, count: number, from: RenderScene = plain) =>
  Array.from({ length: count }, (_, seed) => randomizeScene(from, config, random(seed, 'variant')))

/** What of a variant each range is about. */
const dimensions: Record<
  string,
  { value: (variant: RenderScene) => number; range: readonly [number, number] }
> = {
  brightness: { value: brightnessOf, range: defaults.lighting.brightness },
  contrast: { value: contrastOf, range: defaults.lighting.contrast },
  elevation: { value: (v) => elevationOf(v.lights[0]!.direction), range: defaults.lighting.elevation },
  azimuth: { value: azimuthOf, range: defaults.lighting.azimuth },
  roughness: { value: (v) => v.objects[0]!.material.roughness, range: [0, 1] },
  metalness: { value: (v) => v.objects[0]!.material.metalness, range: [0, 1] },
  bumpStrength: { value: (v) => v.objects[0]!.material.bumpStrength!, range: [0, 1] },
  verticalFov: { value: (v) => v.camera.verticalFov, range: [45, 60] },
  focusDistance: { value: (v) => Math.log10(v.camera.focusDistance!), range: [-1, 1] },
  noise: { value: (v) => v.camera.noise!, range: [0, 0.05] },
  blur: { value: (v) => v.camera.blur! / 64, range: [0, 0.005] },
  'camera.x': { value: (v) => v.camera.position[0], range: [-0.01, 0.01] },
  'camera.y': { value: (v) => v.camera.position[1], range: [-0.01, 0.01] },
  'camera.z': { value: (v) => v.camera.position[2], range: [-0.01, 0.01] },
}

/** Lamps are multiplied by brightness · contrast, ambient light by brightness / contrast; both linear. */
function brightnessOf(variant: RenderScene): number {
  return Math.sqrt((variant.lights[0]!.intensity / 0.8) * ambientOf(variant))
}

function contrastOf(variant: RenderScene): number {
  return Math.sqrt(variant.lights[0]!.intensity / 0.8 / ambientOf(variant))
}

function ambientOf({ ambient: [red] }: RenderScene): number {
  return ((red + 0.055) / 1.055) ** 2.4 / ((0.3 + 0.055) / 1.055) ** 2.4
}

const elevationOf = ([x, y, z]: readonly [number, number, number]) =>
  (-Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI

function azimuthOf({ lights }: RenderScene): number {
  const [x, y] = lights[0]!.direction
  const turn = ((Math.atan2(y, x) - Math.atan2(-0.7, 0.5)) * 180) / Math.PI
  return turn - 360 * Math.round(turn / 360)
}

describe('randomizeScene', () => {
  it.each(Object.entries(dimensions))(
    'draws %s from all of its range',
    (_, { value, range: [low, high] }) => {
      const values = variants(defaults, 400).map(value)
      const slack = 1e-3 * (high - low)
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low - slack)
      expect(Math.max(...values)).toBeLessThanOrEqual(high + slack)
      expect(Math.min(...values)).toBeLessThan(low + 0.05 * (high - low))
      expect(Math.max(...values)).toBeGreaterThan(high - 0.05 * (high - low))
    },
  )

  it('turns hues by at most a tenth of the wheel, all colours alike', () => {
    const config = parseRandomization({ lighting: { saturation: [1, 1] } })
    const turns = variants(config, 200).map(
      ({ objects }) => [hueOf(objects[0]!), hueOf(objects[2]!)] as const,
    )
    for (const [ofBall, ofWall] of turns) {
      expect(difference(ofBall, hueOf(ball))).toBeCloseTo(difference(ofWall, hueOf(wall)), 4)
      expect(Math.abs(difference(ofBall, hueOf(ball)))).toBeLessThan(0.1001)
    }
    expect(Math.max(...turns.map(([ofBall]) => Math.abs(difference(ofBall, hueOf(ball)))))).toBeGreaterThan(
      0.09,
    )
  })

  it('puts filters before lamps that let all of one hue pass and at least 85 % of the others', () => {
    const config = parseRandomization({ lighting: { saturation: [1, 1], hue: [0, 0] } })
    const colors = variants(config, 200).map(({ lights }) => linear(lights[0]!.color))
    for (const color of colors) {
      expect(Math.max(...color)).toBeCloseTo(1, 5)
      expect(Math.min(...color)).toBeGreaterThanOrEqual(0.85 - 1e-5)
    }
    for (const channel of [0, 1, 2]) {
      expect(Math.min(...colors.map((color) => color[channel]!))).toBeLessThan(0.87)
    }
  })

  it('gives about half of the materials a pattern, a shade of their own colour', () => {
    const drawn = variants(defaults, 300).map(({ objects }) => objects[0]!.material)
    const patterned = drawn.filter(({ texture }) => texture !== undefined)
    expect(patterned.length).toBeGreaterThan(120)
    expect(patterned.length).toBeLessThan(180)
    expect(new Set(patterned.map(({ texture }) => texture!.kind))).toEqual(
      new Set(['checks', 'wood', 'noise']),
    )
    for (const { color, texture } of patterned) {
      expect(texture!.scale).toBeGreaterThanOrEqual(0.01)
      expect(texture!.scale).toBeLessThanOrEqual(0.1)
      const parts = texture!.color.map((value, channel) => value / color[channel]!)
      expect(Math.max(...parts) - Math.min(...parts)).toBeLessThan(1e-6)
    }
  })

  it('keeps parts of one thing of one material', () => {
    for (const { objects } of variants(defaults, 20)) {
      expect(objects[1]!.material).toEqual(objects[0]!.material)
      expect(objects[2]!.material).not.toEqual(objects[0]!.material)
    }
  })

  it('turns the camera by up to a degree about each axis, and keeps its axes orthogonal', () => {
    const angles = variants(defaults, 300).map(({ camera: { rotation: r } }) => {
      const at = (row: number, column: number) => r[3 * row + column]!
      for (const [a, b] of [
        [0, 1],
        [0, 2],
        [1, 2],
      ] as const) {
        expect(at(0, a) * at(0, b) + at(1, a) * at(1, b) + at(2, a) * at(2, b)).toBeCloseTo(0, 10)
      }
      return (Math.acos((at(0, 0) + at(1, 1) + at(2, 2) - 1) / 2) * 180) / Math.PI
    })
    expect(Math.max(...angles)).toBeLessThan(Math.sqrt(3) + 0.01)
    expect(Math.max(...angles)).toBeGreaterThan(1)
  })

  it('swings spot lights about the middle of the objects', () => {
    const lamp = {
      ...plain.lights[0]!,
      kind: 'spot',
      position: [0, 0, 2],
      direction: [0, 0.1, -1],
      angle: 50,
    } as const
    const [still] = variants(defaults, 1, { ...plain, objects: [], lights: [lamp] })
    expect(still!.lights[0]).toMatchObject({ position: [0, 0, 2] })
    for (const { lights } of variants(defaults, 20, { ...plain, lights: [lamp] })) {
      const light = lights[0]!
      if (light.kind !== 'spot') throw new Error('a spot light became another one')
      const { position, direction } = light
      // The axis still passes through the place that it passed nearest to the objects' middle.
      const reach = 3.63 / Math.hypot(...direction)
      const place = position.map((value, axis) => value + reach * direction[axis]!)
      expect(place[1]).toBeCloseTo(0.36, 1)
      expect(place[2]).toBeCloseTo(-1.6, 1)
    }
  })

  it('is pure: the scene stays, and the same stream gives the same variant', () => {
    const before = structuredClone(plain)
    const [one, again] = [variants(defaults, 3), variants(defaults, 3)]
    expect(one).toEqual(again)
    expect(one[0]).not.toEqual(one[1])
    expect(plain).toEqual(before)
  })

  it('leaves all other dimensions as they were when one is fixed', () => {
    const fixed = parseRandomization({ lighting: { brightness: [1, 1] }, camera: { noise: [0, 0] } })
    const [free, tied] = [variants(defaults, 5), variants(fixed, 5)]
    for (const [i, variant] of free.entries()) {
      expect(tied[i]!.objects).toEqual(variant.objects)
      expect({ ...tied[i]!.camera, noise: 0 }).toEqual({ ...variant.camera, noise: 0 })
      expect(tied[i]!.lights[0]!.direction).toEqual(variant.lights[0]!.direction)
    }
  })
})

/** Ranges that leave the scene as it is. */
const still = {
  lighting: {
    brightness: [1, 1],
    contrast: [1, 1],
    tint: [0, 0],
    saturation: [1, 1],
    hue: [0, 0],
    azimuth: [0, 0],
    elevation: [49.29, 49.29],
  },
  materials: {
    roughness: [0.5, 0.5],
    metalness: [0, 0],
    bumpStrength: [0, 0],
    texture: 0,
    textureScale: [0.05, 0.05],
  },
  camera: {
    verticalFov: [50, 50],
    focusDistance: [1.2, 1.2],
    noise: [0, 0],
    blur: [0, 0],
    position: 0,
    rotation: 0,
  },
} as const

describe('every dimension changes the picture', () => {
  const draw = (config: unknown) => {
    const [variant] = variants(parseRandomization(config), 1)
    return render(variant!).color
  }
  const reference = draw(still)

  it('and none of them does not', () => {
    const sharp = { ...plain, camera: camera() }
    const untouched = render({
      ...sharp,
      objects: [ball, handle, { ...wall, material: { ...wall.material, roughness: 0.5 } }],
    })
    expect(meanDifference(reference, untouched.color)).toBeLessThan(0.5)
  })

  it.each([
    ['lighting', 'brightness', [1.5, 1.5]],
    ['lighting', 'contrast', [1.2, 1.2]],
    ['lighting', 'saturation', [0.8, 0.8]],
    ['lighting', 'hue', [0.1, 0.1]],
    ['lighting', 'tint', [0.5, 0.5]],
    ['lighting', 'azimuth', [120, 120]],
    ['lighting', 'elevation', [25, 25]],
    ['materials', 'roughness', [0.1, 0.1]],
    ['materials', 'metalness', [1, 1]],
    ['materials', 'bumpStrength', [1, 1]],
    ['materials', 'texture', 1],
    ['camera', 'verticalFov', [45, 45]],
    ['camera', 'focusDistance', [0.1, 0.1]],
    ['camera', 'noise', [0.05, 0.05]],
    ['camera', 'blur', [0.02, 0.02]],
    ['camera', 'position', 0.1],
    ['camera', 'rotation', 5],
  ] as const)('%s.%s', (part, dimension, value) => {
    const changed = draw({ ...still, [part]: { ...still[part], [dimension]: value } })
    expect(meanDifference(changed, reference)).toBeGreaterThan(0.7)
  })

  it('materials.textureScale', () => {
    const scaled = (scale: number) =>
      draw({ ...still, materials: { ...still.materials, texture: 1, textureScale: [scale, scale] } })
    expect(meanDifference(scaled(0.05), scaled(0.1))).toBeGreaterThan(1)
  })
})

describe('parseRandomization', () => {
  it.each([
    [{ lightning: {} }, "lightning: there is no such key; did you mean 'lighting'"],
    [{ camera: { fov: [45, 60] } }, 'camera.fov: there is no such key'],
    [{ camera: { noice: [0, 0.1] } }, "did you mean 'noise'"],
    [{ materials: { roughness: [0.9, 0.1] } }, 'materials.roughness: the smaller number comes first'],
    [{ lighting: { elevation: [-10, 20] } }, 'lighting.elevation'],
  ])('refuses %j', (input, message) => {
    expect(() => parseRandomization(input)).toThrow(
      expect.objectContaining({ code: 'world/randomization', message: expect.stringContaining(message) }),
    )
  })

  it('parses what it gave', () => {
    expect(parseRandomization(defaults)).toEqual(defaults)
  })
})

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length
}

/** Hue of the hexcone model, in turns. */
function hueOf({ material }: RenderScene['objects'][number]): number {
  const [red, green, blue] = material.color
  const most = Math.max(red, green, blue)
  const chroma = most - Math.min(red, green, blue)
  if (most === red) return (green - blue) / (6 * chroma)
  return most === green ? (2 + (blue - red) / chroma) / 6 : (4 + (red - green) / chroma) / 6
}

const difference = (a: number, b: number): number => a - b - Math.round(a - b)
