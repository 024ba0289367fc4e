import { z } from 'zod'
import type { Rectangle } from '../images/index.ts'
import { checkedParameters, range } from '../transform-parameters.ts'
import { ontoRectangle } from './affine.ts'
import { type Picture, warp } from './picture.ts'
import { drawRectangle } from './random-rectangle.ts'
import { side, type TransformKind } from './transform.ts'

const randomResizedCropSchema = z.strictObject({
  kind: z.literal('randomResizedCrop'),
  size: side,
  scale: range(0.001, 1).default([0.8, 1]),
  ratio: range(0.05, 20).default([3 / 4, 4 / 3]),
})

/** Parameters of `randomResizedCrop`. */
export type RandomResizedCrop = z.output<typeof randomResizedCropSchema>

/**
 * Cut out a random rectangle and scale it to `size` × `size`: area uniform in `scale` (fractions of the image, default
 * 0.8 to 1), aspect log-uniform in `ratio` (width / height, default 3/4 to 4/3). Drawn up to ten times until it fits,
 * then the largest centred one of the nearest aspect (Szegedy et al. 2015, as in torchvision). Unlike torchvision's,
 * its edges are not rounded to whole pixels.
 */
export const randomResizedCrop = (
  size: number,
  options: { scale?: readonly [number, number]; ratio?: readonly [number, number] } = {},
): RandomResizedCrop =>
  checkedParameters(randomResizedCropSchema, { kind: 'randomResizedCrop', size, ...options })

export const randomResizedCropKind: TransformKind<RandomResizedCrop> = {
  schema: randomResizedCropSchema,
  stage: 'geometry',
  moves: () => 'freely',
  apply(sample, parameters, random) {
    const { picture } = sample
    const { size, ratio } = parameters
    const rectangle = drawRectangle(picture, parameters, random) ?? centralRectangle(picture, ratio)
    const map = ontoRectangle(size, size, rectangle)
    return { ...sample, picture: warp(picture, map, size, size), drawn: { ...rectangle } }
  },
}

/** Largest centred rectangle with the aspect nearest to that of the image. */
function centralRectangle({ width, height }: Picture, ratio: readonly [number, number]): Rectangle {
  const aspect = Math.min(ratio[1], Math.max(ratio[0], width / height))
  const [w, h] = [Math.min(width, height * aspect), Math.min(height, width / aspect)]
  return { left: (width - w) / 2, top: (height - h) / 2, width: w, height: h }
}

const resizeSchema = z.strictObject({ kind: z.literal('resize'), size: side })

/** Parameters of `resize`. */
export type Resize = z.output<typeof resizeSchema>

/** Scale the image to `size` × `size`. */
export const resize = (size: number): Resize => checkedParameters(resizeSchema, { kind: 'resize', size })

export const resizeKind: TransformKind<Resize> = {
  schema: resizeSchema,
  stage: 'geometry',
  apply(sample, { size }) {
    const { width, height } = sample.picture
    const map = ontoRectangle(size, size, { left: 0, top: 0, width, height })
    return { ...sample, picture: warp(sample.picture, map, size, size), drawn: {} }
  },
}

const centerCropSchema = z.strictObject({ kind: z.literal('centerCrop'), size: side })

/** Parameters of `centerCrop`. */
export type CenterCrop = z.output<typeof centerCropSchema>

/** Cut out the middle `size` × `size` pixels, to the left and top by half a pixel where they do not fit evenly. */
export const centerCrop = (size: number): CenterCrop =>
  checkedParameters(centerCropSchema, { kind: 'centerCrop', size })

export const centerCropKind: TransformKind<CenterCrop> = {
  schema: centerCropSchema,
  stage: 'geometry',
  apply(sample, { size }) {
    const { width, height } = sample.picture
    const left = Math.floor((width - size) / 2)
    const top = Math.floor((height - size) / 2)
    const map = ontoRectangle(size, size, { left, top, width: size, height: size })
    return { ...sample, picture: warp(sample.picture, map, size, size), drawn: {} }
  },
}
