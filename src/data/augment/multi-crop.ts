import { z } from 'zod'
import { checkedParameters, range } from '../transform-parameters.ts'
import { type RandomResizedCrop, randomResizedCrop, randomResizedCropKind } from './crop.ts'
import { side, type TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('multiCrop'),
  size: side,
  localSize: side,
  globals: z.int().min(1).max(16).default(2),
  locals: z.int().min(0).max(64).default(6),
  globalScale: range(0.001, 1).default([0.4, 1]),
  localScale: range(0.001, 1).default([0.05, 0.4]),
})

/** Parameters of `multiCrop`. */
export type MultiCrop = z.output<typeof schema>

/**
 * Several random crops of one image: `globals` large ones of `size` × `size` (default 2, area 0.4 to 1) and `locals`
 * small ones of `localSize` × `localSize` (default 6, area 0.05 to 0.4), as SwAV (Caron et al. 2020) and DINO (Caron et
 * al. 2021, the source of these areas) do.
 *
 * The first global crop is the sample's image: `pixelValues`, caption and labels are its own. The others are further
 * arrays of the batch: `globalViews` [batch, globals − 1, 3, size, size] and `localViews` [batch, locals, 3, localSize,
 * localSize]. Transforms before `multiCrop` are carried out once, transforms behind it on every view with new draws.
 */
export const multiCrop = (
  size: number,
  options: {
    localSize: number
    globals?: number
    locals?: number
    globalScale?: readonly [number, number]
    localScale?: readonly [number, number]
  },
): MultiCrop => checkedParameters(schema, { kind: 'multiCrop', size, ...options })

/** Crop of a global view, and of a local one. */
export const globalCrop = ({ size, globalScale }: MultiCrop): RandomResizedCrop =>
  randomResizedCrop(size, { scale: globalScale })
export const localCrop = ({ localSize, localScale }: MultiCrop): RandomResizedCrop =>
  randomResizedCrop(localSize, { scale: localScale })

export const multiCropKind: TransformKind<MultiCrop> = {
  schema,
  stage: 'geometry',
  moves: () => 'freely',
  apply: (sample, parameters, random) => randomResizedCropKind.apply(sample, globalCrop(parameters), random),
}
