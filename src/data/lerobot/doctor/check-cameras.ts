import { DataError, evenlySpread } from '../../../core/index.ts'
import { decodeImage } from '../../images/index.ts'
import type { EncodedImage, Sample } from '../../sample.ts'
import type { Source } from '../../source.ts'
import type { LerobotDataset } from '../dataset.ts'
import type { Finding } from './finding.ts'

/** A picture of a camera. */
export interface CameraLook {
  readonly camera: string
  readonly episode: number
  readonly frame: number
  readonly image: EncodedImage
  /** Mean level of its colours, from 0 to 1. */
  readonly brightness: number
  /** Small picture, levels from 0 to 255. */
  readonly levels: Float64Array
}

/** Looks at the cameras, and what could not be looked at. */
export interface CameraLooks {
  readonly looks: readonly CameraLook[]
  readonly findings: readonly Finding[]
}

/** Pictures of an episode that are looked at, and the episodes at most, evenly spread. */
const looked = { frames: 5, episodes: 50 } as const
/** Side of the small pictures. */
const side = 32
/** Mean level of a black picture, and mean difference of levels between pictures of a scene that moves, of 255. */
const levels = { black: 6, moving: 0.25 } as const

/**
 * Look at some frames of each episode.
 * @param source All frames of the data set, in their order.
 */
export async function lookAtCameras(
  source: Source,
  { episodes }: Pick<LerobotDataset, 'episodes'>,
  onEpisode: () => void,
): Promise<CameraLooks> {
  const looks: CameraLook[] = []
  const findings: Finding[] = []
  const firsts = episodes.map((_, i) => episodes.slice(0, i).reduce((sum, { length }) => sum + length, 0))
  for (const place of evenlySpread(episodes.length, looked.episodes)) {
    const { index, length } = episodes[place]!
    for (const frame of evenlySpread(length, looked.frames)) {
      const found = await lookAt(source, firsts[place]! + frame, { episode: index, frame })
      if (found instanceof DataError) {
        if (isAboutNumbers(found, source.cameras ?? [])) continue // which the checks of numbers tell
        const about = { episodes: [index], subject: `frame ${frame}` }
        findings.push({ kind: 'unreadable', ...about, message: found.message })
        break
      }
      looks.push(...found)
    }
    onEpisode()
  }
  return { looks, findings: [...findings, ...cameraFindings(looks)] }
}

const isAboutNumbers = ({ facts }: DataError, cameras: readonly string[]): boolean =>
  typeof facts.key === 'string' && !cameras.includes(facts.key)

async function lookAt(
  source: Source,
  place: number,
  where: { readonly episode: number; readonly frame: number },
): Promise<CameraLook[] | DataError> {
  try {
    for await (const sample of source.samples({ skip: place })) {
      const pictures = Object.entries(namedPictures(sample, source.cameras ?? []))
      return await Promise.all(
        pictures.map(async ([camera, image]) => {
          const small = await decodeImage({ ...sample, image }, { resolution: side, fit: 'fill' })
          const own = colorsOf(small.data)
          const brightness = own.reduce((sum, level) => sum + level, 0) / own.length / 255
          return { camera, ...where, image, brightness, levels: own }
        }),
      )
    }
    return []
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
}

/** Pictures of a sample by the names of the cameras. */
export const namedPictures = (
  { image, views = {} }: Sample,
  [first = 'camera']: readonly string[],
): Record<string, EncodedImage> => ({ [first]: image, ...views })

const colorsOf = (rgba: Uint8Array): Float64Array => {
  const colors = new Float64Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    for (let c = 0; c < 3; c++) colors[to++] = rgba[from + c]!
  }
  return colors
}

function cameraFindings(looks: readonly CameraLook[]): Finding[] {
  const cameras = [...new Set(looks.map(({ camera }) => camera))]
  return cameras.flatMap((camera) => {
    const own = looks.filter((look) => look.camera === camera)
    const episodes = [...new Set(own.map(({ episode }) => episode))]
    const ofEpisode = (episode: number) => own.filter((look) => look.episode === episode)
    const black = episodes.filter((episode) => ofEpisode(episode).every(isBlack))
    const still = episodes.filter((episode) => !black.includes(episode) && isStill(ofEpisode(episode)))
    return [
      ...cameraFinding(
        'black-camera',
        camera,
        black,
        `black in ${black.length} of ${episodes.length} episodes`,
      ),
      ...cameraFinding(
        'static-camera',
        camera,
        still,
        `the same picture through ${still.length} of ${episodes.length} episodes`,
      ),
    ]
  })
}

const cameraFinding = (
  kind: Finding['kind'],
  subject: string,
  episodes: readonly number[],
  message: string,
): Finding[] => (episodes.length > 0 ? [{ kind, episodes, subject, message }] : [])

const isBlack = ({ brightness }: CameraLook): boolean => 255 * brightness < levels.black

const isStill = (looks: readonly CameraLook[]): boolean =>
  looks.length > 1 &&
  looks.slice(1).every(({ levels: own }, i) => {
    const before = looks[i]!.levels
    return own.reduce((sum, level, at) => sum + Math.abs(level - before[at]!), 0) / own.length < levels.moving
  })
