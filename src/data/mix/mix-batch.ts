import { type Batch, type HostArray, hostArray, type Random, zeros } from '../../core/index.ts'
import type { ArrayKinds } from '../array-rows.ts'
import type { LabelKinds } from '../label-rows.ts'
import type { Tokenizer } from '../text/index.ts'
import { interpolateRows } from './interpolate-rows.ts'
import { drawPatch, pastePatches } from './mix-images.ts'
import { mixLabels, type Shares } from './mix-labels.ts'
import type { MixMethod } from './mix-methods.ts'
import { mixTexts } from './mix-texts.ts'

export interface MixOptions {
  /** One is drawn evenly for each batch. */
  readonly methods: readonly MixMethod[]
  readonly labels: LabelKinds
  /** Those of the source, which all declare their mixing. Default none. */
  readonly arrays?: ArrayKinds
  /** Of the rows, as they were tokenized. */
  readonly captions: readonly string[]
  /** Needed where the batch has texts. */
  readonly tokenizer?: Tokenizer
  readonly random: Random
}

/**
 * Mix every sample of a batch with another one: images, texts and labels together (MixUp for vision and language).
 *
 * Adds what a contrastive loss makes its soft targets of (`mixedTargets`): `partnerConcepts` int64 [batch], the
 * concept of the other sample; `imageShares` and `textShares` float32 [batch], how much of the picture and of the
 * text is about the sample's own concept, 1 where nothing was mixed in. The arrays are there for every batch, mixed
 * or not, so that all batches have one form.
 */
export function mixBatch(batch: Batch, options: MixOptions): Batch {
  const { arrays } = batch
  const { random, methods, labels } = options
  const method = random.pick(methods)
  const mixed = random.chance(method.probability)
  const partners = random.shuffle(batch.ids.map((_, row) => row))
  const images = arrays.pixelValues as HostArray<'float32'>
  const { pixelValues, shares } = mixed
    ? mixImages(images, partners, method, random)
    : { pixelValues: images, shares: { own: new Float32Array(partners.length).fill(1), partners } }
  const { textShares, ...texts } = mixedTexts(arrays, shares, options)
  return {
    ids: batch.ids,
    arrays: {
      ...arrays,
      pixelValues,
      ...texts,
      ...mixLabels(arrays, labels, shares),
      ...mixArrays(arrays, options.arrays ?? {}, shares),
      partnerConcepts: partnerConcepts(arrays.concepts as HostArray<'int64'>, partners),
      imageShares: hostArray('float32', [partners.length], shares.own),
      textShares,
    },
  }
}

function mixImages(
  images: HostArray<'float32'>,
  partners: readonly number[],
  { kind, alpha }: MixMethod,
  random: Random,
): { pixelValues: HostArray<'float32'>; shares: Shares } {
  const drawn = Float32Array.from(partners, () => random.beta(alpha, alpha))
  if (kind === 'mixUp') {
    const shares = { own: drawn, partners }
    return { pixelValues: interpolateRows(images, shares), shares }
  }
  const [, , height, width] = images.shape as [number, number, number, number]
  const patches = Array.from(drawn, (share) => drawPatch(width, height, 1 - share, random))
  const own = Float32Array.from(patches, (patch) => 1 - (patch.width * patch.height) / (width * height))
  return { pixelValues: pastePatches(images, patches, partners), shares: { own, partners } }
}

function mixedTexts(
  arrays: Batch['arrays'],
  shares: Shares,
  { captions, tokenizer }: MixOptions,
): Record<string, HostArray> & { textShares: HostArray<'float32'> } {
  const { inputIds, attentionMask } = arrays as Record<string, HostArray<'int64'>>
  if (!inputIds || !attentionMask || !tokenizer) {
    return { textShares: hostArray('float32', [captions.length], new Float32Array(captions.length).fill(1)) }
  }
  const { shares: textShares, ...texts } = mixTexts({ captions, inputIds, attentionMask }, shares, tokenizer)
  return { ...texts, textShares: hostArray('float32', [textShares.length], textShares) }
}

/** Those that are interpolated; the others are kept. */
function mixArrays(arrays: Batch['arrays'], kinds: ArrayKinds, shares: Shares): Record<string, HostArray> {
  const names = Object.keys(kinds).filter((name) => kinds[name]?.mixing === 'interpolate')
  return Object.fromEntries(
    names.map((name) => [name, interpolateRows(arrays[name] as HostArray<'float32'>, shares)]),
  )
}

function partnerConcepts(concepts: HostArray<'int64'>, partners: readonly number[]): HostArray<'int64'> {
  const result = zeros('int64', concepts.shape)
  for (const [row, partner] of partners.entries()) result.data[row] = concepts.data[partner]!
  return result
}
