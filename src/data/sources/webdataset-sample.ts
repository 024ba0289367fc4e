import { posix } from 'node:path'
import { z } from 'zod'
import type { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import { badSample } from './bad-sample.ts'

/** Extensions of images, without the dot. */
const imageExtensions = ['jpg', 'jpeg', 'png', 'webp']

/** Neighbouring files of one key in a shard. */
export interface WebdatasetFiles {
  readonly key: string
  /** The shard had the key before. */
  readonly repeated: boolean
  /** Contents by extension. */
  readonly parts: Map<string, Uint8Array>
}

/**
 * The sample that files of one key make; `name` is the shard's in ids.
 *
 * @throws DataError when they make none.
 */
export function webdatasetSample(
  { key, repeated, parts }: WebdatasetFiles,
  shard: string,
  name: string,
): Sample {
  const bad = (code: `data/${string}`, problem: string, cause?: unknown) =>
    badSample(code, `${shard}, sample ${key}`, problem, { file: shard, key }, { cause })
  if (repeated)
    throw bad('data/duplicate-key', 'its key came before; files of one sample must stand together')
  const [extension, ...others] = imageExtensions.filter((known) => parts.has(known))
  if (!extension) throw bad('data/missing-image', `no image (${imageExtensions.join(', ')}) among its files`)
  if (others.length > 0) throw bad('data/several-images', `it has ${[extension, ...others].join(' and ')}`)
  const bytes = parts.get(extension)!
  if (bytes.length === 0) throw bad('data/empty-image', `${key}.${extension} has no bytes`)
  const captions = captionsOf(parts, (problem, cause) =>
    bad('data/malformed-json', `${key}.json: ${problem}`, cause),
  )
  if (captions.length === 0) throw bad('data/empty-caption', 'no caption in a .txt or .json file')
  return { id: posix.join(name, key), image: { bytes }, captions, origin: { file: shard } }
}

const jsonSchema = z.object({ caption: z.string().optional(), captions: z.array(z.string()).optional() })

/** The captions among the files of a sample, each once. */
function captionsOf(
  parts: WebdatasetFiles['parts'],
  malformed: (problem: string, cause: unknown) => DataError,
): string[] {
  const lines = textOf(parts.get('txt')).split('\n')
  const json = parts.has('json') ? parseJson(textOf(parts.get('json')), malformed) : {}
  const captions = [...lines, ...(json.caption === undefined ? [] : [json.caption]), ...(json.captions ?? [])]
  return [...new Set(captions.map((caption) => caption.trim()))].filter((caption) => caption !== '')
}

function parseJson(
  text: string,
  malformed: (problem: string, cause: unknown) => DataError,
): z.infer<typeof jsonSchema> {
  try {
    return jsonSchema.parse(JSON.parse(text))
  } catch (cause) {
    if (cause instanceof SyntaxError) throw malformed(cause.message, cause)
    throw malformed('expected {"caption": "…"} or {"captions": ["…", "…"]}', cause)
  }
}

const textOf = (bytes: Uint8Array | undefined): string => (bytes ? new TextDecoder().decode(bytes) : '')
