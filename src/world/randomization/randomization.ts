import { z } from 'zod'
import { ConfigError, problemsOf } from '../../core/index.ts'

/** Two numbers within [low, high], the smaller first: the bounds of a draw. */
const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, 'the smaller number comes first')
    .readonly()

const lighting = z.strictObject({
  /** Factor of all light. */
  brightness: range(0, 10).default([0.5, 1.5]),
  /** Factor of the lamps and divisor of the ambient light. */
  contrast: range(0.1, 10).default([0.8, 1.2]),
  /** Saturation factor of the colours of lamps and materials: 0 is grey, 1 no change, more is stronger. */
  saturation: range(0, 10).default([0.8, 1.2]),
  /** Common rotation of the colours of lamps and materials on the colour wheel, turns. */
  hue: range(-0.5, 0.5).default([-0.1, 0.1]),
  /** Fraction of light that each lamp's filter takes from all hues but one, drawn from the whole wheel. */
  tint: range(0, 1).default([0, 0.15]),
  /** Rotation of each lamp about the vertical, degrees. */
  azimuth: range(-180, 180).default([-180, 180]),
  /** Height of each lamp above the horizon, degrees. */
  elevation: range(1, 90).default([25, 80]),
})

const materials = z.strictObject({
  roughness: range(0, 1).default([0, 1]),
  metalness: range(0, 1).default([0, 1]),
  bumpStrength: range(0, 1).default([0, 1]),
  /** Probability of a pattern in a material: its own colour and a lighter or darker one. */
  texture: z.number().min(0).max(1).default(0.5),
  /** Scale of the pattern, metres, uniform in its logarithm. */
  textureScale: range(0.001, 10).default([0.01, 0.1]),
})

const camera = z.strictObject({
  /** Vertical field of view, degrees. */
  verticalFov: range(1, 170).default([45, 60]),
  /** Metres to the plane in focus, uniform in its logarithm: near distances matter most. */
  focusDistance: range(0.01, 1000).default([0.1, 10]),
  /** Standard deviation of the sensor's noise, where 1 is full white. */
  noise: range(0, 1).default([0, 0.05]),
  /** Standard deviation of the blur, as a fraction of the image's height: 0.005 is 0.64 pixels of 128. */
  blur: range(0, 0.1).default([0, 0.005]),
  /** Greatest displacement of the camera along each of its axes, metres. */
  position: z.number().min(0).max(1).default(0.01),
  /** Greatest rotation of the camera about each of its axes, degrees. */
  rotation: z.number().min(0).max(45).default(1),
})

const randomization = z.strictObject({
  lighting: lighting.prefault({}),
  materials: materials.prefault({}),
  camera: camera.prefault({}),
})

/** Ranges of all random properties of a scene. */
export type Randomization = z.output<typeof randomization>

/** Ranges as input, with defaults for missing ones. */
export type RandomizationInput = z.input<typeof randomization>

/**
 * Check ranges for `randomizeScene`. The defaults vary lighting, materials and lens as widely as usual in domain
 * randomization (Tobin et al. 2017), and the camera's pose by 1 cm and 1°. A range [a, a] fixes its dimension. Set
 * `hue` to [0, 0] for commands that name colours.
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
