import { posix } from 'node:path'
import { z } from 'zod'
import type { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import { badSample } from './bad-sample.ts'
import { imageExtensions } from './image-files.ts'
import { type LabelKinds, labelsOf } from './label-values.ts'

/** Neighbouring files of one key in a shard. */
export interface WebdatasetFiles {
  readonly key: string
  /** Flag: the shard had the key before. */
  readonly repeated: boolean
  /** Contents by extension. */
  readonly parts: Map<string, Uint8Array>
}

/** A shard, with the fields that its samples need. */
export interface Shard {
  readonly path: string
  /** Name of the shard in ids. */
  readonly name: string
  readonly labels: LabelKinds | undefined
}

/**
 * Make a sample of the files of one key.
 *
 * @throws DataError when the files are bad.
 */
export function webdatasetSample({ key, repeated, parts }: WebdatasetFiles, shard: Shard): Sample {
  const bad = (code: DataError['code'], problem: string, cause?: unknown) =>
    badSample(code, `${shard.path}, sample ${key}`, problem, { file: shard.path, key }, { cause })
  if (repeated)
    throw bad('data/duplicate-key', 'its key came before; files of one sample must stand together')
  const [extension, ...others] = imageExtensions.filter((known) => parts.has(known))
  if (!extension) throw bad('data/missing-image', `no image (${imageExtensions.join(', ')}) among its files`)
  if (others.length > 0) throw bad('data/several-images', `it has ${[extension, ...others].join(' and ')}`)
  const bytes = parts.get(extension)!
  if (bytes.length === 0) throw bad('data/empty-image', `${key}.${extension} has no bytes`)
  const json = jsonOf(parts.get('json'), (problem, cause) =>
    bad('data/malformed-json', `${key}.json: ${problem}`, cause),
  )
  const captions = captionsOf(parts, json)
  if (captions.length === 0) throw bad('data/empty-caption', 'no caption in a .txt or .json file')
  const labels = labelsOf(json, shard.labels ?? {}, (problem) => bad('data/bad-label', problem))
  const id = posix.join(shard.name, key)
  return { id, image: { bytes }, captions, origin: { file: shard.path }, ...(labels && { labels }) }
}

const jsonSchema = z.looseObject({ caption: z.string().optional(), captions: z.array(z.string()).optional() })
type SampleJson = z.infer<typeof jsonSchema>

/** Captions among the files of a sample, each once. */
function captionsOf(parts: WebdatasetFiles['parts'], { caption, captions = [] }: SampleJson): string[] {
  const lines = textOf(parts.get('txt')).split('\n')
  const all = [...lines, ...(caption === undefined ? [] : [caption]), ...captions]
  return [...new Set(all.map((text) => text.trim()))].filter((text) => text !== '')
}

function jsonOf(
  bytes: Uint8Array | undefined,
  malformed: (problem: string, cause: unknown) => DataError,
): SampleJson {
  if (bytes === undefined) return {}
  try {
    return jsonSchema.parse(JSON.parse(textOf(bytes)))
  } catch (cause) {
    if (cause instanceof SyntaxError) throw malformed(cause.message, cause)
    throw malformed('expected {"caption": "…"} or {"captions": ["…", "…"]}', cause)
  }
}

const textOf = (bytes: Uint8Array | undefined): string => (bytes ? new TextDecoder().decode(bytes) : '')
