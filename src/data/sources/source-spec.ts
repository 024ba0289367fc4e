import { z } from 'zod'
import type { Source } from '../source.ts'
import { emoji } from './emoji/source.ts'
import { trainingStyles } from './emoji/styles.ts'
import { folder } from './folder.ts'
import { labelKindsSpec } from './label-spec.ts'
import { parquet } from './parquet/source.ts'
import { tabletop, tabletopSettings, tabletopSplits } from './tabletop/index.ts'
import { webdataset } from './webdataset.ts'

const styleNames = Object.keys(trainingStyles) as [
  keyof typeof trainingStyles,
  ...(keyof typeof trainingStyles)[],
]

const emojiSpec = z.strictObject({
  source: z.literal('emoji'),
  split: z.enum(['train', 'validation', 'heldOutStyle', 'heldOutConcepts']),
  styles: z.array(z.enum(styleNames)).optional(),
})

const folderSpec = z.strictObject({
  source: z.literal('folder'),
  directory: z.string(),
  captions: z.string().default('captions.jsonl'),
  labels: labelKindsSpec.exactOptional(),
})

const webdatasetSpec = z.strictObject({
  source: z.literal('webdataset'),
  shards: z.string(),
  labels: labelKindsSpec.exactOptional(),
})

const parquetSpec = z.strictObject({
  source: z.literal('parquet'),
  files: z.string(),
  image: z.string().default('image'),
  caption: z.union([z.string(), z.array(z.string()).nonempty()]).default('caption'),
  directory: z.string().exactOptional(),
  labels: labelKindsSpec.exactOptional(),
})

const tabletopSpec = z.strictObject({
  source: z.literal('tabletop'),
  directory: z.string(),
  split: z.enum(tabletopSplits).default('train'),
  setting: z.enum(tabletopSettings).exactOptional(),
})

/** A source as plain data. */
const specs = z.discriminatedUnion('source', [
  emojiSpec,
  folderSpec,
  webdatasetSpec,
  parquetSpec,
  tabletopSpec,
])

/** What a recipe takes for data: a source's description, or the source itself, which then stands for its own. */
export const sourceSpec = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && 'spec' in value ? value.spec : value),
  specs,
)

export type SourceSpec = z.output<typeof specs>

/** The source that a description stands for. @throws as the source's own function. */
export function openSource(spec: SourceSpec): Source {
  switch (spec.source) {
    case 'emoji': {
      const { split, styles } = spec
      return emoji(split === 'train' ? { split, ...(styles && { styles }) } : { split })
    }
    case 'folder': {
      const { source: _, directory, ...options } = spec
      return folder(directory, options)
    }
    case 'webdataset': {
      const { source: _, shards, ...options } = spec
      return webdataset(shards, options)
    }
    case 'parquet': {
      const { source: _, files, ...options } = spec
      return parquet(files, options)
    }
    case 'tabletop': {
      const { source: _, directory, ...options } = spec
      return tabletop(directory, options)
    }
  }
}
