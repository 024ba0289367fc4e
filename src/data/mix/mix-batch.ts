import { type Batch, type HostArray, hostArray, type Random, zeros } from '../../core/index.ts'
import type { ArrayKinds } from '../array-rows.ts'
import type { LabelKinds } from '../label-rows.ts'
import type { Tokenizer } from '../text/index.ts'
import { maskName, textNumbersName } from '../text-rows.ts'
import { interpolateRows } from './interpolate-rows.ts'
import { drawPatch, enlarge, pastePatches } from './mix-images.ts'
import { mixLabels, type Shares } from './mix-labels.ts'
import type { MixMethod } from './mix-methods.ts'
import { mixTexts } from './mix-texts.ts'

export interface MixOptions {
  /** Methods of which one is drawn evenly for each batch. */
  readonly methods: readonly MixMethod[]
  readonly labels: LabelKinds
  /** Arrays of the source, which all declare their mixing. Default none. */
  readonly arrays?: ArrayKinds
  /** Captions of the rows, as they were tokenized. */
  readonly captions: readonly string[]
  /** Tokenizers of the batch's texts, by the names of their token ids. Default none. */
  readonly tokenizers?: Readonly<Record<string, Tokenizer>>
  /** Arrays of the same image for further eyes, mixed as `pixelValues` are. Default none. */
  readonly eyes?: readonly string[]
  readonly random: Random
}

/**
 * Mix every sample of a batch with another one: images, texts and labels together (MixUp for vision and language).
 *
 * Adds the arrays from which a contrastive loss makes its soft targets (`mixedTargets`): `partnerConcepts` int64
 * [batch], the concept of the other sample, and where there are texts `partnerTexts`, the number of its text; `imageShares` and `textShares` float32 [batch], the fractions of the image
 * and of the text about the sample's own concept, 1 without mixing. Every batch has the arrays, mixed or not, so that
 * all batches have one form.
 */
export function mixBatch(batch: Batch, options: MixOptions): Batch {
  const { arrays } = batch
  const { random, methods, labels } = options
  const method = random.pick(methods)
  const mixed = random.chance(method.probability)
  const partners = random.shuffle(batch.ids.map((_, row) => row))
  const eyes = ['pixelValues', ...(options.eyes ?? [])].map(
    (name) => [name, arrays[name] as HostArray<'float32'>] as const,
  )
  const { images, shares } = mixed
    ? mixImages(eyes, partners, method, random)
    : { images: {}, shares: { own: new Float32Array(partners.length).fill(1), partners } }
  const { textShares, ...texts } = mixedTexts(arrays, shares, options)
  const textNumbers = arrays[textNumbersName] as HostArray<'int64'> | undefined
  return {
    ids: batch.ids,
    arrays: {
      ...arrays,
      ...images,
      ...texts,
      ...mixLabels(arrays, labels, shares),
      ...mixArrays(arrays, options.arrays ?? {}, shares),
      partnerConcepts: ofPartners(arrays.concepts as HostArray<'int64'>, partners),
      ...(textNumbers && { partnerTexts: ofPartners(textNumbers, partners) }),
      imageShares: hostArray('float32', [partners.length], shares.own),
      textShares,
    },
  }
}

/** Mix the images of all eyes, the main one first: its patches are those of the others, at their sizes. */
function mixImages(
  eyes: readonly (readonly [name: string, images: HostArray<'float32'>])[],
  partners: readonly number[],
  { kind, alpha }: MixMethod,
  random: Random,
): { images: Record<string, HostArray>; shares: Shares } {
  const drawn = Float32Array.from(partners, () => random.beta(alpha, alpha))
  const mixed = (mix: (images: HostArray<'float32'>) => HostArray) =>
    Object.fromEntries(eyes.map(([name, images]) => [name, mix(images)]))
  if (kind === 'mixUp') {
    const shares = { own: drawn, partners }
    return { images: mixed((images) => interpolateRows(images, shares)), shares }
  }
  const [height, width] = eyes[0]![1].shape.slice(2) as [number, number]
  const patches = Array.from(drawn, (share) => drawPatch(width, height, 1 - share, random))
  const own = Float32Array.from(patches, (patch) => 1 - (patch.width * patch.height) / (width * height))
  const images = mixed((images) => {
    const factor = images.shape[3]! / width
    return pastePatches(
      images,
      patches.map((patch) => enlarge(patch, factor)),
      partners,
    )
  })
  return { images, shares: { own, partners } }
}

function mixedTexts(
  arrays: Batch['arrays'],
  shares: Shares,
  { captions, tokenizers = {} }: MixOptions,
): Record<string, HostArray> & { textShares: HostArray<'float32'> } {
  const texts = Object.entries(tokenizers).map(([name, tokenizer]) => ({
    name,
    tokenizer,
    inputIds: arrays[name] as HostArray<'int64'>,
    attentionMask: arrays[maskName(name)] as HostArray<'int64'>,
  }))
  const { arrays: mixed, shares: textShares } = mixTexts(captions, texts, shares)
  return { ...mixed, textShares: hostArray('float32', [textShares.length], textShares) }
}

/** Mix the interpolated arrays; the others are kept. */
function mixArrays(arrays: Batch['arrays'], kinds: ArrayKinds, shares: Shares): Record<string, HostArray> {
  const names = Object.keys(kinds).filter((name) => kinds[name]?.mixing === 'interpolate')
  return Object.fromEntries(
    names.map((name) => [name, interpolateRows(arrays[name] as HostArray<'float32'>, shares)]),
  )
}

/** The number of each sample's partner. */
function ofPartners(numbers: HostArray<'int64'>, partners: readonly number[]): HostArray<'int64'> {
  const result = zeros('int64', numbers.shape)
  for (const [row, partner] of partners.entries()) result.data[row] = numbers.data[partner]!
  return result
}
