import { z } from 'zod'
import type { Random } from '../../core/index.ts'
import { checkedParameters } from '../transform-parameters.ts'
import { type Affine, aboutCenter } from './affine.ts'
import { namesColor } from './caption-words.ts'
import { brighten, contrast, saturate } from './color-operations.ts'
import { type SettledPicture, settle, warp } from './picture.ts'
import { autoContrast, equalize, posterize, sharpen, solarize } from './tone-operations.ts'
import type { AugmentedSample, TransformKind } from './transform.ts'

const largestMagnitude = 30

const schema = z.strictObject({
  kind: z.literal('randAugment'),
  operations: z.int().min(1).max(14).default(2),
  magnitude: z.number().min(0).max(largestMagnitude).default(9),
})

/** Parameters of `randAugment`. */
export type RandAugment = z.output<typeof schema>

/**
 * Apply several `operations` in a row (default 2), each drawn evenly from fourteen, all of one `magnitude` from 0 to 30
 * (default 9): RandAugment (Cubuk et al. 2020) with the operations and ranges of torchvision.
 *
 * Shears are about the centre, where torchvision's are about the upper left corner. Where the caption names a colour,
 * operations that would change it are left out.
 */
export const randAugment = (options: { operations?: number; magnitude?: number } = {}): RandAugment =>
  checkedParameters(schema, { kind: 'randAugment', ...options })

/** One of the fourteen operations. `amount` is its strength at the given magnitude, with the sign that was drawn. */
interface Operation {
  readonly name: string
  /** Strength at the largest magnitude; in between it is in proportion. */
  readonly most: number
  /** Flag for an operation in both directions. */
  readonly signed: boolean
  /** Flag for an operation that may make a colour in the caption untrue. */
  readonly recolors?: boolean
  apply(sample: AugmentedSample, amount: number): AugmentedSample
}

const operations: readonly Operation[] = [
  { name: 'identity', most: 0, signed: false, apply: (sample) => sample },
  moving('shearX', 0.3, ({ width, height }, amount) => aboutCenter(width, height, [1, amount, 0, 1])),
  moving('shearY', 0.3, ({ width, height }, amount) => aboutCenter(width, height, [1, 0, amount, 1])),
  moving('translateX', 150 / 331, ({ width }, amount) => [1, 0, amount * width, 0, 1, 0]),
  moving('translateY', 150 / 331, ({ height }, amount) => [1, 0, 0, 0, 1, amount * height]),
  moving('rotate', 30, ({ width, height }, amount) => {
    const [cos, sin] = [Math.cos((amount * Math.PI) / 180), Math.sin((amount * Math.PI) / 180)]
    return aboutCenter(width, height, [cos, -sin, sin, cos])
  }),
  coloring('brightness', 0.9, true, ({ colors }, amount) => brighten(colors, 1 + amount)),
  coloring('contrast', 0.9, true, ({ colors }, amount) => contrast(colors, 1 + amount)),
  coloring('sharpness', 0.9, true, (picture, amount) => sharpen(picture.colors, picture, 1 + amount)),
  { ...coloring('color', 0.9, true, ({ colors }, amount) => saturate(colors, 1 + amount)), recolors: true },
  {
    ...coloring('posterize', 4, false, ({ colors }, amount) => posterize(colors, 8 - Math.round(amount))),
    recolors: true,
  },
  { ...coloring('solarize', 1, false, ({ colors }, amount) => solarize(colors, 1 - amount)), recolors: true },
  { ...coloring('autoContrast', 0, false, ({ colors }) => autoContrast(colors)), recolors: true },
  { ...coloring('equalize', 0, false, ({ colors }) => equalize(colors)), recolors: true },
]

function moving(
  name: string,
  most: number,
  map: (size: { readonly width: number; readonly height: number }, amount: number) => Affine,
): Operation {
  return {
    name,
    most,
    signed: true,
    apply({ picture, ...rest }, amount) {
      const { width, height } = picture
      return { ...rest, picture: warp(picture, map(picture, amount), width, height) }
    },
  }
}

function coloring(
  name: string,
  most: number,
  signed: boolean,
  change: (picture: SettledPicture, amount: number) => void,
): Operation {
  return {
    name,
    most,
    signed,
    apply(sample, amount) {
      const picture = settle(sample.picture)
      change(picture, amount)
      return { ...sample, picture }
    },
  }
}

export const randAugmentKind: TransformKind<RandAugment> = {
  schema,
  stage: 'color',
  moves: () => 'freely',
  apply(sample, { operations: count, magnitude }, random) {
    const steps = Array.from({ length: count }, () => drawStep(magnitude, random)).filter(
      ({ operation }) => !(operation.recolors && namesColor(sample.caption)),
    )
    const drawn = steps.map(({ operation, amount }) => `${operation.name} ${Number(amount.toPrecision(3))}`)
    const changed = steps.reduce((before, { operation, amount }) => operation.apply(before, amount), sample)
    return { ...changed, drawn: { operations: drawn.join(', ') } }
  },
}

function drawStep(magnitude: number, random: Random): { operation: Operation; amount: number } {
  const operation = random.pick(operations)
  const amount = (operation.most * magnitude) / largestMagnitude
  return { operation, amount: operation.signed && random.chance(0.5) ? -amount : amount }
}
