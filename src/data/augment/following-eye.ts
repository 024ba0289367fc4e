import type { Random } from '../../core/index.ts'
import type { Color, Pixels } from '../images/index.ts'
import { type Affine, compose, identity } from './affine.ts'
import { type ChannelStatistics, normalizePlanes } from './normalize.ts'
import { type Picture, pictureOf, settle, warp } from './picture.ts'
import { type ImageTransform, kindOf } from './registry.ts'
import type { AugmentedSample } from './transform.ts'

/** Output for a further eye: a square of `size` pixels, normalized by statistics of its own. */
export interface Eye extends ChannelStatistics {
  readonly size: number
}

/** A transform that was carried out on the main image. */
export interface Step {
  readonly transform: ImageTransform
  readonly before: AugmentedSample
  readonly after: AugmentedSample
  /** Generator as it was before the transform drew from it; the eye may use it up. */
  readonly random: Random
}

/**
 * The image of a further eye while it follows the main one through a list of transforms: the same crop, the same flip,
 * the same colours, at another resolution. Pixels that move are taken from the main image's map, scaled; changes of
 * colour are carried out again with the same draws, and their lengths in pixels are scaled.
 */
export class FollowingEye {
  readonly #eye: Eye
  /** Size as a multiple of the main image's. */
  readonly #factor: number
  #picture: Picture

  /** @param mainSize Side of the main image that goes out. */
  constructor(pixels: Pixels, background: Color, eye: Eye, mainSize: number) {
    this.#eye = eye
    this.#factor = eye.size / mainSize
    this.#picture = pictureOf(pixels, background)
  }

  follow({ transform, before, after, random }: Step): void {
    const { stage } = kindOf(transform)
    if (stage === 'normalize') return
    if (stage === 'geometry') {
      if (after.picture !== before.picture) this.#move(after.picture)
    } else this.#picture = again(transform, { ...before, picture: this.#picture }, this.#factor, random)
  }

  /** Normalized colours, [3, size, size]. */
  colors(): Float32Array {
    const { colors } = settle(this.#picture)
    normalizePlanes(colors, this.#eye)
    return colors
  }

  /** Show the content of the main image, whose map leads from its places to those of its source. */
  #move({ source, map, width, height }: Picture): void {
    const here = warp(this.#picture, identity, this.#picture.width, this.#picture.height)
    const [w, h] = [width, height].map((side) => Math.round(side * this.#factor)) as [number, number]
    const toMain = scaled(width / w, height / h)
    const fromMain = scaled(here.source.width / source.width, here.source.height / source.height)
    this.#picture = { ...here, width: w, height: h, map: compose(fromMain, compose(map, toMain)) }
  }
}

const scaled = (x: number, y: number): Affine => [x, 0, 0, 0, y, 0]

function again(transform: ImageTransform, sample: AugmentedSample, factor: number, random: Random): Picture {
  const kind = kindOf(transform)
  return kind.apply(sample, kind.enlarged?.(transform, factor) ?? transform, random).picture
}
