import { random } from '../../core/index.ts'
import { augmentText } from '../../data/index.ts'
import { crossModalRanksByBlocks } from '../../metrics/index.ts'
import type { SampleValues } from '../suite/measured.ts'
import { requireWrongAnswers } from '../suite/retrieval.ts'
import type { Features, Subject } from '../suite/subject.ts'
import type { Condition } from './axes.ts'
import { requireSameSamples, type Trials } from './trial.ts'

/** Features of both sides. */
interface Sides {
  readonly images: Float32Array
  readonly texts: Float32Array
}

/** Function that tells, by measure, what is right by features of both sides. */
type Judge = (sides: Sides) => RightValues | Promise<RightValues>

type RightValues = Readonly<Record<string, SampleValues>>

/**
 * Trials of a dual encoder by retrieval: a corruption of images meets clean captions, one of captions meets clean images, and
 * both directions are judged. What matches is what matched without corruption. One pass each.
 *
 * @throws DataError `evaluation/one-answer` for data of one concept; `evaluation/changed-data` when a pass does not have the images
 * of the first one.
 */
export async function retrievalTrials(subject: Subject, conditions: readonly Condition[]): Promise<Trials> {
  const features = await subject.features()
  requireWrongAnswers(subject.name, features)
  const clusters = {
    images: await subject.clusters(features.imageIds),
    texts: await subject.clusters(features.textIds),
  }
  return trialsOf(subject, features, conditions, judgeOfRetrieval(subject, features, clusters))
}

/** Trials of some judge of features. */
export async function trialsOf(
  subject: Subject,
  features: Features,
  conditions: readonly Condition[],
  judge: Judge,
): Promise<Trials> {
  const clean: Sides = { images: features.imageFeatures, texts: features.textFeatures }
  const corrupted = []
  for (const condition of conditions) {
    const sides = condition.variation.images
      ? { ...clean, images: await corruptedImages(subject, features, condition) }
      : { ...clean, texts: await subject.texts(corruptedTexts(features, condition, subject.seed)) }
    corrupted.push({ condition, right: await judge(sides) })
  }
  return {
    clean: { condition: undefined, right: await judge(clean) },
    corrupted,
    passes: 1 + conditions.length,
  }
}

async function corruptedImages(
  subject: Subject,
  { imageIds }: Features,
  condition: Condition,
): Promise<Float32Array> {
  const varied = await subject.features({ variation: condition.variation })
  requireSameSamples(subject.name, condition, imageIds, varied.imageIds)
  return varied.imageFeatures
}

/** The distinct captions, each corrupted by itself: the order and what they match stay. */
export function corruptedTexts(
  { textIds, textCaptions, samples }: Pick<Features, 'textIds' | 'textCaptions' | 'samples'>,
  { variation }: Condition,
  seed: number,
): string[] {
  return textIds.map((id, row) => {
    const caption = textCaptions[row]!
    const text = samples.get(id)!.captions[caption]!
    return augmentText(text, variation.texts ?? [], random(seed, 'robustness', id, caption))
  })
}

/** Judge of retrieval at rank 1 in both directions; ties and NaN are wrong (see `retrievalRanks`). */
function judgeOfRetrieval(
  subject: Subject,
  features: Features,
  clusters: Readonly<Record<keyof Sides, readonly string[] | undefined>>,
): Judge {
  const { imageIds, textIds, textCaptions } = features
  const captionIds = textIds.map((id, row) => `${id}#${textCaptions[row]}`)
  const right = (side: keyof Sides, ids: readonly string[], ranks: Int32Array): SampleValues => ({
    ids,
    values: Array.from(ranks, (rank) => Number(rank === 1)),
    clusters: clusters[side],
  })
  return async ({ images, texts }) => {
    const sides = { ...features, imageFeatures: images, textFeatures: texts }
    const found = await crossModalRanksByBlocks(sides, subject.products(features.width))
    return {
      'imageToText.R@1': right('images', imageIds, found.imageToText.ranks),
      'textToImage.R@1': right('texts', captionIds, found.textToImage.ranks),
    }
  }
}
