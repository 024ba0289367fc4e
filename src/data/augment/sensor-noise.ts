import { z } from 'zod'
import type { Random } from '../../core/index.ts'
import { checkedParameters, range } from '../transform-parameters.ts'
import { settle } from './picture.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('sensorNoise'),
  deviation: range(0, 1).default([0, 0.05]),
})

/** Parameters of `sensorNoise`. */
export type SensorNoise = z.output<typeof schema>

/**
 * Add independent Gaussian noise to every colour of every pixel, its deviation uniform in `deviation` (colours from 0
 * to 1; default 0 to 0.05).
 */
export const sensorNoise = (options: { deviation?: readonly [number, number] } = {}): SensorNoise =>
  checkedParameters(schema, { kind: 'sensorNoise', ...options })

export const sensorNoiseKind: TransformKind<SensorNoise> = {
  schema,
  stage: 'color',
  apply(sample, parameters, random) {
    const picture = settle(sample.picture)
    const deviation = random.uniform(parameters.deviation[0], parameters.deviation[1])
    addNoise(picture.colors, deviation, random)
    return { ...sample, picture, drawn: { deviation } }
  },
}

/** Add noise; Box–Muller gives values in pairs. */
function addNoise(planes: Float32Array, deviation: number, random: Random): void {
  for (let i = 0; i < planes.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.uniform()))
    const angle = 2 * Math.PI * random.uniform()
    planes[i] = clamp(planes[i]! + radius * Math.cos(angle))
    if (i + 1 < planes.length) planes[i + 1] = clamp(planes[i + 1]! + radius * Math.sin(angle))
  }
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value))
