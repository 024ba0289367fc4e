import { posix } from 'node:path'
import { type DataError, excerpt } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import { badSample } from './bad-sample.ts'
import { captionTexts, kindOf } from './caption-texts.ts'
import { imageExtensions } from './image-files.ts'
import { type LabelKinds, labelsOf } from './label-values.ts'
import { orDataError } from './pass.ts'
import { parseJson } from './python-json.ts'
import { utf8Text } from './utf8-text.ts'

/** Neighbouring files of one key in a shard. */
export interface WebdatasetFiles {
  readonly key: string
  /** Flag: the shard had the key before. */
  readonly repeated: boolean
  /** Contents by extension; those of extensions that no sample needs are not read. */
  readonly parts: Map<string, Uint8Array>
}

/** Extensions of the files that samples are made of. */
export const sampleExtensions: readonly string[] = [...imageExtensions, 'json', 'txt']

/** A shard, with the fields that its samples need. */
export interface Shard {
  readonly path: string
  /** Name of the shard in ids. */
  readonly name: string
  readonly labels: LabelKinds | undefined
}

type Bad = (code: DataError['code'], problem: string, cause?: unknown) => DataError

/**
 * Make a sample of the files of one key. A file decides over a sample only where the sample needs it: JSON counts for its
 * captions and labels, and beside a `.txt` and without labels JSON that cannot be used is no error.
 *
 * @throws DataError when the files are bad.
 */
export function webdatasetSample({ key, repeated, parts }: WebdatasetFiles, shard: Shard): Sample {
  const bad: Bad = (code, problem, cause) =>
    badSample(code, `${shard.path}, sample ${key}`, problem, { file: shard.path, key }, { cause })
  if (repeated)
    throw bad('data/duplicate-key', 'its key came before; files of one sample must stand together')
  const image = { bytes: imageOf(key, parts, bad) }
  const text = captionTexts([textOf(key, parts, 'txt', bad)]).captions
  const json = orDataError(() => jsonOf(key, parts, bad))
  const isNeeded = text.length === 0 || shard.labels !== undefined
  if (json instanceof Error && isNeeded) throw json
  const { captions: more, values } = json instanceof Error ? { captions: [], values: {} } : json
  const { captions } = captionTexts([text, more])
  if (captions.length === 0) throw bad('data/empty-caption', 'no caption in a .txt or .json file')
  const labels = labelsOf(values, shard.labels ?? {}, (problem) => bad('data/bad-label', problem))
  const id = posix.join(shard.name, key)
  return { id, image, captions, origin: { file: shard.path }, ...(labels && { labels }) }
}

function imageOf(key: string, parts: WebdatasetFiles['parts'], bad: Bad): Uint8Array {
  const [extension, ...others] = imageExtensions.filter((known) => parts.has(known))
  if (others.length > 0) throw bad('data/several-images', `it has ${[extension, ...others].join(' and ')}`)
  if (!extension) {
    const names = [...parts.keys()].map((part) => `${posix.basename(key)}.${part}`)
    const dots = names.some((name) => imageExtensions.includes(posix.extname(name).slice(1)))
    const wayOut = dots ? '; a key ends at the first dot of a name, so put no dot before the last one' : ''
    const kinds = imageExtensions.join(', ')
    throw bad(
      'data/missing-image',
      `no image (${kinds}) among its files, ${excerpt(names.join(', '), 300)}${wayOut}`,
    )
  }
  const bytes = parts.get(extension)
  if (!bytes?.length) throw bad('data/empty-image', `${key}.${extension} has no bytes`)
  return bytes
}

/** Captions in the JSON of a sample, and all its values by key. */
interface SampleJson {
  readonly captions: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
}

function jsonOf(key: string, parts: WebdatasetFiles['parts'], bad: Bad): SampleJson {
  if (!parts.has('json')) return { captions: [], values: {} }
  const malformed = (problem: string, cause?: unknown) =>
    bad('data/malformed-json', `${key}.json: ${problem}`, cause)
  const text = textOf(key, parts, 'json', bad)
  let json: unknown
  try {
    json = parseJson(text)
  } catch (cause) {
    throw malformed((cause as Error).message, cause)
  }
  const wanted = 'expected {"caption": "…"} or {"captions": ["…", "…"]}'
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed(wanted)
  const values = json as Record<string, unknown>
  const { captions, wrong } = captionTexts([values.caption, values.captions])
  if (wrong !== undefined) throw malformed(`${wanted}, and its caption is ${kindOf(wrong)}`)
  return { captions, values }
}

function textOf(key: string, parts: WebdatasetFiles['parts'], extension: string, bad: Bad): string {
  try {
    return utf8Text(parts.get(extension) ?? new Uint8Array())
  } catch (cause) {
    throw bad('data/unreadable-captions', `${key}.${extension} ${(cause as Error).message}`, cause)
  }
}
