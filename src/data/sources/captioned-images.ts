import { posix } from 'node:path'
import { DataError } from '../../core/index.ts'
import { badRow, type CaptionRow } from './caption-row.ts'
import { PackedValues } from './packed-values.ts'

/** The images that the rows of a captions file name, in the order in which they are first named. */
export interface CaptionedImages {
  /** Count of images and bad rows. */
  readonly size: number
  /** All rows of an image merged into one, at its first line; or the error of a bad row. */
  at(place: number): CaptionRow | DataError
}

/**
 * Gather rows by image. They are packed, so that an image takes little more memory than its text.
 * @param spelled Name of an image's file as its folder has it: rows that name one file in two ways are of one image.
 */
export function gatherImages(
  rows: Iterable<CaptionRow | DataError>,
  spelled: (file: string) => string = (file) => file,
): CaptionedImages {
  const packed = new PackedValues<CaptionRow>()
  /** Content of each place: an error, or the index of a row. */
  const places: (number | DataError)[] = []
  /** Further rows of an image, by its place. */
  const further = new Map<number, number[]>()
  const placeOf = new Map<string, number>()
  const at = (place: number): CaptionRow | DataError => {
    const first = places[place]!
    if (typeof first !== 'number') return first
    return [first, ...(further.get(place) ?? [])].map((index) => packed.at(index)).reduce(joined)
  }
  for (const row of rows) {
    if (row instanceof DataError) {
      places.push(row)
      continue
    }
    const file = posix.normalize(row.file)
    const key = spelled(file)
    const place = placeOf.get(key)
    if (place === undefined) placeOf.set(key, places.push(packed.push({ ...row, file })) - 1)
    else {
      const problem = conflict(at(place) as CaptionRow, row)
      if (problem) places.push(problem)
      else further.set(place, [...(further.get(place) ?? []), packed.push(row)])
    }
  }
  return { size: places.length, at }
}

const joined = (image: CaptionRow, { captions, labels }: CaptionRow): CaptionRow => ({
  ...image,
  captions: [...new Set([...image.captions, ...captions])],
  ...(labels && { labels: { ...image.labels, ...labels } }),
})

/** Contradiction of an image's earlier rows by a row. */
function conflict(image: CaptionRow, { labels = {}, origin }: CaptionRow): DataError | undefined {
  const { file } = image
  const { line } = image.origin
  for (const [name, numbers] of Object.entries(labels)) {
    const earlier = image.labels?.[name]
    if (earlier === undefined || earlier.join() === numbers.join()) continue
    const problem = `the label "${name}" of ${file} is [${numbers}], but above, from line ${line} on, [${earlier}]`
    return badRow('data/bad-label', origin, problem)
  }
  return undefined
}
