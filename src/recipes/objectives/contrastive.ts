import { dirname, relative } from 'node:path'
import { z } from 'zod'
import { shellWord } from '../../core/index.ts'
import { type Sample, type Source, thumbnail } from '../../data/index.ts'
import { DualEncoderRuntime } from '../../deploy/index.ts'
import { retrievalExamples } from '../../evaluation/index.ts'
import {
  type CrossModalRetrieval,
  crossModalRanks,
  type RankedQueries,
  rankMetrics,
} from '../../metrics/index.ts'
import { type DualEncoder, hasHeads } from '../../models/index.ts'
import { humanize, retrievalReport, retrievalTable } from '../../report/index.ts'
import {
  batchWithoutMismatch,
  contrastiveTask,
  dualEncoderContrast,
  encodeDataset,
  retrievalOf,
} from '../../training/index.ts'
import { distillationOfDualEncoders } from '../distillation/of-dual-encoders.ts'
import type { Direction, Objective, ObjectiveOptions, ResultsByTest, SampleParts } from './objective.ts'
import { requireMismatch } from './require-mismatch.ts'

/** Options of the contrastive objective. */
export interface ContrastiveOptions {
  readonly kind: 'contrastive'
}

/** The objective of a dual encoder: InfoNCE for CLIP, the sigmoid loss for SigLIP; see `contrastiveTask`. */
export const contrastive = (): ContrastiveOptions => ({ kind: 'contrastive' })

/** A dual encoder that learns from pairs and is tested by retrieval in both directions. */
export const contrastiveObjective = {
  schema: z.strictObject({ kind: z.literal('contrastive') }),
  refusal: (model) =>
    hasHeads(model)
      ? 'a policy has no space that images and texts share; its objective is imitation()'
      : undefined,
  problems: ({ batches }) =>
    batches.size > 1
      ? []
      : [
          [
            'a contrastive loss compares the samples of a batch, and one alone teaches nothing: take more, at best hundreds ' +
              '(batches.microSize keeps the memory small)',
            'batches',
            'size',
          ],
        ],
  requireTeachingSamples: ({ texts }, source) => requireMismatch(source, texts.firstCaption),
  metrics: () => ({ ...directionsOf('imageToText'), ...directionsOf('textToImage') }),
  monitor: () => 'imageToText.R@1',
  captions: ({ texts }) => (texts.firstCaption < 1 ? 'all' : 'first'),
  losses: (model) => dualEncoderContrast(model),
  evaluator: (model) => retrievalOf(model),
  remark: () => batchWithoutMismatch,
  task: (model, { machine: { precision }, seed, lora }, { added }) =>
    contrastiveTask(model, { precision, seed: lora && lora.dropout > 0 ? seed : undefined, added }),
  features: ['imageFeatures', 'textFeatures', 'pooledTexts'],
  distillation: distillationOfDualEncoders,
  load: (directory, options) => DualEncoderRuntime.load(directory, options),
  async test({ runner }, { name, source, open }) {
    const encoded = await encodeDataset(runner, open())
    const samples = new Map<string, Sample>()
    for await (const sample of source.samples({ onBad: () => {} })) samples.set(sample.id, sample)
    const examples = await retrievalExamples(encoded, samples, thumbnail, { queries: 8, answers: 5 })
    const { imageToText, textToImage } = crossModalRanks(encoded)
    const captions = encoded.textIds.map((id, row) => `${id}#${encoded.textCaptions[row]}`)
    return {
      metrics: {
        imageToText: rankMetrics(imageToText.ranks),
        textToImage: rankMetrics(textToImage.ranks),
        gallery: encoded.imageIds.length,
        captions: captions.length,
      },
      samples: {
        'imageToText.R@1': foundAtOnce(imageToText, encoded.imageIds),
        'textToImage.R@1': foundAtOnce(textToImage, captions, encoded.textIds),
      },
      ...(new Set(encoded.imageConcepts).size < 2 && { allRight: oneConcept }),
      grids: [
        { title: `${humanize(name)}: images ask for captions`, queries: examples.imageToText },
        { title: `${humanize(name)}: captions ask for images`, queries: examples.textToImage },
      ],
    }
  },
  table: (results: ResultsByTest<CrossModalRetrieval>) => retrievalTable(results),
  report: (results: ResultsByTest<CrossModalRetrieval>) => retrievalReport(results),
  next: async (directory, source) =>
    source === undefined
      ? `search ${shellWord(directory)} "a red apple" --images DIRECTORY`
      : searchOf(directory, source),
} satisfies Objective<ObjectiveOptions, DualEncoder, DualEncoderRuntime, CrossModalRetrieval>

const oneConcept =
  'all samples are of one concept, so that every answer is right and R@1 is 100 for any model: take more samples'

/** Parts of R@1: 100 for a query whose first answer is right. */
const foundAtOnce = (
  { ranks }: RankedQueries,
  ids: readonly string[],
  sampleIds?: readonly string[],
): SampleParts => ({
  ids: [...ids],
  ...(sampleIds && { sampleIds }),
  sums: Array.from(ranks, (rank) => (rank === 1 ? 100 : 0)),
  weights: ids.map(() => 1),
})

const directionsOf = (way: string): Record<string, Direction> => ({
  [`${way}.R@1`]: 'max',
  [`${way}.R@5`]: 'max',
  [`${way}.R@10`]: 'max',
  [`${way}.MedR`]: 'min',
  [`${way}.MeanR`]: 'min',
})

/**
 * A search command for the concept of a source's first image, in the folder that holds all images; for data without
 * files, which cannot be searched, a command that exports the model.
 */
async function searchOf(directory: string, source: Source): Promise<string> {
  const sample = await firstOf(source)
  if (!sample || !('file' in sample.image)) return `export ${shellWord(directory)}`
  const folder = folderOf(source.spec, sample.image.file)
  const fromHere = relative('.', folder) || '.'
  const images = fromHere.startsWith('..') ? folder : fromHere
  return `search ${shellWord(directory)} ${JSON.stringify(firstWords(sample.captions[0]!))} --images ${shellWord(images)}`
}

/** Beginning of a caption, which may be of any length, for a line that is typed. */
function firstWords(caption: string): string {
  const line = caption.replace(/\s+/g, ' ')
  return line.length <= 80 ? line : line.slice(0, 80).replace(/ \S*$/, '')
}

/** The folder that a source names and that holds the image, also in a folder within; else the image's own. */
function folderOf(spec: unknown, image: string): string {
  const within = (folder: string) => !relative(folder, image).startsWith('..')
  return directoriesIn(spec).find(within) ?? dirname(image)
}

/** Directories that a source or its parts name. */
function directoriesIn(spec: unknown): string[] {
  if (typeof spec !== 'object' || spec === null) return []
  return Object.entries(spec).flatMap(([key, value]) =>
    key === 'directory' && typeof value === 'string' ? [value] : directoriesIn(value),
  )
}

async function firstOf(source: Source): Promise<Sample | undefined> {
  for await (const sample of source.samples({ onBad: () => {} })) return sample
  return undefined
}
