import { z } from 'zod'
import { ConfigError, problemsOf } from '../../core/index.ts'

/** Two numbers within [low, high], the smaller first: what is drawn lies between them. */
const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, 'the smaller number comes first')
    .readonly()

const lighting = z.strictObject({
  /** All light is multiplied by this. */
  brightness: range(0, 10).default([0.5, 1.5]),
  /** Lamps are multiplied by this, light from everywhere is divided by it. */
  contrast: range(0.1, 10).default([0.8, 1.2]),
  /** Colours of lamps and materials: 0 makes them grey, 1 leaves them, more makes them stronger. */
  saturation: range(0, 10).default([0.8, 1.2]),
  /** Colours of lamps and materials are turned by this on the colour wheel, all alike; turns. */
  hue: range(-0.5, 0.5).default([-0.1, 0.1]),
  /** Each lamp gets a filter that takes away this part of all light but that of a hue from anywhere on the wheel. */
  tint: range(0, 1).default([0, 0.15]),
  /** Each lamp is turned by this about the vertical; degrees. */
  azimuth: range(-180, 180).default([-180, 180]),
  /** Height of each lamp above the horizon, degrees. */
  elevation: range(1, 90).default([25, 80]),
})

const materials = z.strictObject({
  roughness: range(0, 1).default([0, 1]),
  metalness: range(0, 1).default([0, 1]),
  bumpStrength: range(0, 1).default([0, 1]),
  /** Probability that a material gets a pattern of its own colour and a lighter or darker one. */
  texture: z.number().min(0).max(1).default(0.5),
  /** Metres of the pattern, evenly by its logarithm. */
  textureScale: range(0.001, 10).default([0.01, 0.1]),
})

const camera = z.strictObject({
  /** Vertical field of view, degrees. */
  verticalFov: range(1, 170).default([45, 60]),
  /** Metres to what is sharp, evenly by its logarithm: what is near decides. */
  focusDistance: range(0.01, 1000).default([0.1, 10]),
  /** Deviation of the sensor's noise, where 1 is full white. */
  noise: range(0, 1).default([0, 0.05]),
  /** Deviation of the blur, as a part of the picture's height: 0.005 is 0.64 pixels of 128. */
  blur: range(0, 0.1).default([0, 0.005]),
  /** The camera is moved by up to this along each of its axes, metres. */
  position: z.number().min(0).max(1).default(0.01),
  /** And turned by up to this about each of its axes, degrees. */
  rotation: z.number().min(0).max(45).default(1),
})

const randomization = z.strictObject({
  lighting: lighting.prefault({}),
  materials: materials.prefault({}),
  camera: camera.prefault({}),
})

/** What a random variant of a scene may differ in, with every range. */
export type Randomization = z.output<typeof randomization>

/** The same, where what is left out has its default. */
export type RandomizationInput = z.input<typeof randomization>

/**
 * Ranges for `randomizeScene`, checked. Without arguments, lighting, materials and lens vary as widely as is usual
 * for domain randomization (Tobin et al. 2017), and the camera's pose by 1 cm and 1°. A range [a, a] fixes its
 * dimension. Set `hue` to [0, 0] where commands name colours that must stay apart.
 * @throws ConfigError `world/randomization` that names the wrong key and the nearest right one.
 */
export function parseRandomization(input: unknown = {}): Randomization {
  const result = randomization.safeParse(input)
  if (result.success) return result.data
  const problems = problemsOf(result.error, knownAt)
  throw new ConfigError(
    'world/randomization',
    `this randomization is not valid:\n  ${problems.join('\n  ')}`,
    { problems },
  )
}

function knownAt([part]: readonly PropertyKey[]): string[] {
  const schema = part === undefined ? randomization : { lighting, materials, camera }[String(part)]
  return Object.keys(schema?.shape ?? {})
}
