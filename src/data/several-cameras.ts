import { ConfigError } from '../core/index.ts'
import { type ImageTransform, kindOf } from './augment/registry.ts'
import type { LoaderOptions } from './loader-options.ts'
import type { Source } from './source.ts'

/** Cameras whose pictures are the `views` of samples. */
export const furtherCameras = ({ cameras = [] }: Source): readonly string[] => cameras.slice(1)

/**
 * Refuse what does not fit pictures of several cameras, which draw their transforms each for itself, and what a robot's
 * motions do not follow: a mirrored image.
 * @throws ConfigError `data/camera-views` naming the option or transform.
 */
export function requireCamerasFit(
  { source, images = {}, mix = [], mode }: Pick<LoaderOptions, 'source' | 'images' | 'mix' | 'mode'>,
  transforms: readonly ImageTransform[],
): void {
  const { cameras = [], arrays = {} } = source
  const wrong = (option: string, problem: string) =>
    new ConfigError('data/camera-views', `${option}: ${problem}`, { option, cameras })
  const mirror = transforms.find((transform) => kindOf(transform).moves?.(transform) === 'mirrored')
  const motion = Object.keys(arrays).find((name) => arrays[name]?.isMotion === true)
  if (mirror && motion !== undefined)
    throw wrong(
      mirror.kind,
      `it mirrors the picture, but "${motion}" of the robot stays as it is; leave the transform out`,
    )
  if (cameras.length < 2) return
  const several = `the source has ${cameras.length} cameras (${cameras.join(', ')})`
  if (mirror) throw wrong(mirror.kind, `it mirrors some pictures, but ${several}, which see one scene`)
  if (transforms.some(({ kind }) => kind === 'multiCrop'))
    throw wrong('multiCrop', `it shows one picture several times, but ${several}`)
  const [eye] = Object.keys(images)
  if (eye !== undefined) throw wrong('images', `"${eye}" sees one picture, but ${several}`)
  if (mix.length > 0 && mode !== 'evaluate')
    throw wrong(
      'mix',
      `it mixes one picture with another, but ${several}; choose one camera, or leave it out`,
    )
}
