import { z } from 'zod'
import { ConfigError, didYouMean } from '../../core/index.ts'
import { withKind } from '../kind-key.ts'
import { lerobotSpec } from '../lerobot/lerobot-spec.ts'
import { lerobot } from '../lerobot/source.ts'
import type { Source } from '../source.ts'
import { classFolders } from './class-folders.ts'
import { concat } from './composition/concat.ts'
import { filter } from './composition/filter.ts'
import { mix } from './composition/mix.ts'
import { mapParts, type Parts } from './composition/parts.ts'
import { emoji } from './emoji/source.ts'
import { trainingStyles } from './emoji/styles.ts'
import { folder } from './folder.ts'
import { labelKindsSpec } from './label-spec.ts'
import { misplaced } from './misplaced.ts'
import { parquet } from './parquet/source.ts'
import { tabletop, tabletopSettings, tabletopSplits } from './tabletop/index.ts'
import { webdataset } from './webdataset.ts'

const styleNames = Object.keys(trainingStyles) as [
  keyof typeof trainingStyles,
  ...(keyof typeof trainingStyles)[],
]

const emojiSpec = z.strictObject({
  kind: z.literal('emoji'),
  split: z.enum(['train', 'validation', 'heldOutStyle', 'heldOutConcepts']),
  styles: z.array(z.enum(styleNames)).optional(),
})

const folderSpec = z.strictObject({
  kind: z.literal('folder'),
  directory: z.string(),
  captions: z.string().default('captions.jsonl'),
  image: z.string().exactOptional(),
  caption: z.union([z.string(), z.array(z.string()).nonempty()]).exactOptional(),
  labels: labelKindsSpec.exactOptional(),
})

const classFoldersSpec = z.strictObject({ kind: z.literal('classFolders'), directory: z.string() })

const webdatasetSpec = z.strictObject({
  kind: z.literal('webdataset'),
  shards: z.string(),
  labels: labelKindsSpec.exactOptional(),
})

const parquetSpec = z.strictObject({
  kind: z.literal('parquet'),
  files: z.string(),
  image: z.string().default('image'),
  caption: z.union([z.string(), z.array(z.string()).nonempty()]).default('caption'),
  directory: z.string().exactOptional(),
  labels: labelKindsSpec.exactOptional(),
})

const tabletopSpec = z.strictObject({
  kind: z.literal('tabletop'),
  directory: z.string(),
  split: z.enum(tabletopSplits).default('train'),
  setting: z.enum(tabletopSettings).exactOptional(),
})

const keepSpec = z.strictObject({
  caption: z.string().exactOptional(),
  minimumCaptions: z.int().positive().exactOptional(),
  labels: z.array(z.string()).exactOptional(),
  every: z.int().positive().exactOptional(),
  exceptEvery: z.int().min(2).exactOptional(),
})

/** Schema of a source that a program brings itself, under its own name for it. */
const ownSpec = z.strictObject({ kind: z.literal('own'), name: z.string() })

/** Schemas of sources that are not made of others. */
const leafSpecs = [
  emojiSpec,
  folderSpec,
  classFoldersSpec,
  parquetSpec,
  webdatasetSpec,
  tabletopSpec,
  lerobotSpec,
  ownSpec,
] as const

export type LeafSpec = z.output<(typeof leafSpecs)[number]>

interface ConcatSpec {
  readonly kind: 'concat'
  readonly of: Parts<SourceSpec>
}

interface FilterSpec {
  readonly kind: 'filter'
  readonly of: SourceSpec
  readonly keep: z.output<typeof keepSpec>
}

interface MixSpec {
  readonly kind: 'mix'
  readonly of: Parts<{ readonly data: SourceSpec; readonly weight: number }>
  readonly seed: number
}

/** A source as plain data. */
export type SourceSpec = LeafSpec | ConcatSpec | FilterSpec | MixSpec

/** Schema of the data of a recipe: a source's description, or the source itself, which then stands for its own. */
export const sourceSpec: z.ZodType<SourceSpec> = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && 'spec' in value ? value.spec : value),
  z.lazy(() =>
    withKind('source', z.discriminatedUnion('kind', [...leafSpecs, concatSpec, filterSpec, mixSpec])),
  ),
)

const concatSpec = z.strictObject({ kind: z.literal('concat'), of: z.record(z.string(), sourceSpec) })
const filterSpec = z.strictObject({ kind: z.literal('filter'), of: sourceSpec, keep: keepSpec })
const mixSpec = z.strictObject({
  kind: z.literal('mix'),
  of: z.record(z.string(), z.strictObject({ data: sourceSpec, weight: z.number().positive() })),
  seed: z.int().default(0),
})

/** Sources of a user's own, by the names that descriptions give them: `{ kind: 'own', name: 'photos' }`. */
export type OwnSources = Readonly<Record<string, Source>>

/**
 * Open the source of a description. Relative paths begin in the working directory.
 * @param own Sources of kind `own`, by name. Default: none.
 * @throws as the source's own function; ConfigError `config/source` for a missing own source.
 */
export function openSource(spec: SourceSpec, own: OwnSources = {}): Source {
  try {
    return open(spec, own)
  } catch (error) {
    throw misplaced(spec, error)
  }
}

function open(spec: SourceSpec, own: OwnSources): Source {
  const openPart = (part: SourceSpec) => openSource(part, own)
  switch (spec.kind) {
    case 'emoji': {
      const { split, styles } = spec
      return emoji(split === 'train' ? { split, ...(styles && { styles }) } : { split })
    }
    case 'folder': {
      const { kind: _, directory, ...options } = spec
      return folder(directory, options)
    }
    case 'classFolders':
      return classFolders(spec.directory)
    case 'webdataset': {
      const { kind: _, shards, ...options } = spec
      return webdataset(shards, options)
    }
    case 'parquet': {
      const { kind: _, files, ...options } = spec
      return parquet(files, options)
    }
    case 'tabletop': {
      const { kind: _, directory, ...options } = spec
      return tabletop(directory, options)
    }
    case 'lerobot': {
      const { kind: _, directory, ...options } = spec
      return lerobot(directory, options)
    }
    case 'own':
      return ownSource(spec.name, own)
    case 'concat':
      return concat(mapParts(spec.of, openPart))
    case 'filter':
      return filter(openPart(spec.of), spec.keep)
    case 'mix':
      return mix(
        mapParts(spec.of, ({ data, weight }) => ({ data: openPart(data), weight })),
        spec,
      )
  }
}

function ownSource(name: string, own: OwnSources): Source {
  if (Object.hasOwn(own, name)) return own[name]!
  throw new ConfigError(
    'config/source',
    `there is no source '${name}' among those of this program${didYouMean(name, Object.keys(own))}: give it as sources: { ${name}: … }`,
    { name, known: Object.keys(own) },
  )
}
