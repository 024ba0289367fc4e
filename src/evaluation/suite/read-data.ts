import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { DataError } from '../../core/index.ts'
import type { OnBadSample, Sample, Source } from '../../data/index.ts'

/** The samples of a data set by id, and what tells it from any other. */
export interface ReadData {
  readonly samples: ReadonlyMap<string, Sample>
  /** SHA-256 of the samples in order: id, captions, concept, labels and image bytes. */
  readonly sha256: string
  /** SHA-256 of each sample's image by the sample's id. */
  readonly images: ReadonlyMap<string, string>
  /** Samples that the source could not read, where they are skipped. */
  readonly bad: number
}

/**
 * Read a data set once, without decoding its images.
 * @param name Name of the data set, for messages.
 * @throws DataError `data/duplicate-id` for two samples with one id, `data/unreadable-image` for an image file that cannot be
 * read; those of the source, unless bad samples are skipped.
 */
export async function readData(name: string, source: Source, onBadSample: OnBadSample): Promise<ReadData> {
  const hash = createHash('sha256')
  const samples = new Map<string, Sample>()
  const images = new Map<string, string>()
  let bad = 0
  const skip = { onBad: () => void bad++ }
  for await (const sample of source.samples(onBadSample === 'skip' ? skip : {})) {
    if (samples.has(sample.id)) throw duplicate(name, sample.id)
    samples.set(sample.id, sample)
    const { id, captions, testedCaptions, concept, labels } = sample
    hash.update(`${JSON.stringify([id, captions, testedCaptions, concept, labels])}\n`)
    const image = await imageDigest(sample, onBadSample)
    images.set(id, image.toString('hex'))
    hash.update(image)
  }
  return { samples, images, sha256: hash.digest('hex'), bad }
}

/** SHA-256 of the bytes of an image. */
async function imageDigest({ id, image, origin }: Sample, onBadSample: OnBadSample): Promise<Buffer> {
  const hash = createHash('sha256')
  if ('bytes' in image) return hash.update(image.bytes).digest()
  try {
    for await (const chunk of createReadStream(image.file)) hash.update(chunk)
  } catch (cause) {
    if (onBadSample === 'skip') return hash.update('unreadable').digest()
    const message = `${image.file} (sample '${id}') cannot be read: ${(cause as Error).message}`
    throw new DataError('data/unreadable-image', message, { id, file: image.file, origin }, { cause })
  }
  return hash.digest()
}

const duplicate = (name: string, id: string): DataError =>
  new DataError(
    'data/duplicate-id',
    `the data set '${name}' has two samples with the id '${id}', which would be one in the results. Give each its own, or ` +
      'join sets under names of their own with concat({ … })',
    { name, id },
  )
