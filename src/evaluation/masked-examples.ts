import { random, splitRows } from '../core/index.ts'
import { displayed, pngOf, type Tokenizer } from '../data/index.ts'
import { type ImageProcessing, imageOptionsOf, type ModelDescription } from '../deploy/index.ts'
import type { VlmModel } from '../models/index.ts'
import type { PictureStrip } from '../report/index.ts'
import { imageOfPatches, type MaskedRound, normalizedPatch, patchRows } from '../training/index.ts'

/** Number of examples that are shown. */
const kept = 8

/** A sample with its masks, and what a model put in their place. */
interface Example {
  /** Random number of the sample; the smallest are shown. */
  readonly draw: number
  readonly image: Float32Array
  readonly predicted: readonly Float32Array[]
  readonly visible: ReadonlySet<bigint>
  readonly tokens: BigInt64Array
  readonly masked: readonly { place: number; found: bigint; alone: bigint }[]
}

/** Collector of examples of masked modelling, drawn at random from a data set; the same data gives the same ones. */
export class MaskedExamples {
  readonly #description: ModelDescription<VlmModel>
  #examples: readonly Example[] = []

  constructor(description: ModelDescription<VlmModel>) {
    this.#description = description
  }

  /** Consider all samples of a batch. */
  add({ batch, masks, values, alone }: MaskedRound): void {
    const count = batch.ids.length
    const rows = <T extends Float32Array | BigInt64Array>(data: T) => splitRows(data, count) as T[]
    const images = rows(batch.arrays.pixelValues!.data as Float32Array)
    const texts = rows(batch.arrays.inputIds!.data as BigInt64Array)
    const [visible, places] = [rows(masks.visiblePatches.data), rows(masks.maskedTokens.data)]
    const [patches, found, foundAlone] = [rows(values.patches), rows(values.words), rows(alone.words)]
    const { length } = patchRows(images[0]!, this.#description.model)
    const considered = batch.ids.map(
      (id, row): Example => ({
        draw: random(0, 'maskedExamples', id).uniform(),
        image: images[row]!,
        predicted: splitRows(patches[row]!, length),
        visible: new Set(visible[row]!),
        tokens: texts[row]!,
        masked: Array.from(places[row]!, (place, i) => ({
          place: Number(place),
          found: found[row]![i]!,
          alone: foundAlone[row]![i]!,
        })).filter(({ place }) => place >= 0),
      }),
    )
    this.#examples = [...this.#examples, ...considered].sort((a, b) => a.draw - b.draw).slice(0, kept)
  }

  /** A strip of each: the image, with its masks, and as reconstructed, beside the words. */
  strips(): Promise<PictureStrip[]> {
    return Promise.all(this.#examples.map((example) => stripOf(example, this.#description)))
  }
}

async function stripOf(
  example: Example,
  { model, tokenizer, image }: ModelDescription<VlmModel>,
): Promise<PictureStrip> {
  const shown = (colors: Float32Array) => pngOf(displayed(colors, imageOptionsOf(image).augment))
  const original = patchRows(example.image, model)
  const grey = greyOf(image, original[0]!.length)
  const covered = original.map((patch, i) => (example.visible.has(BigInt(i)) ? patch : grey))
  const restored = original.map((patch, i) => {
    if (example.visible.has(BigInt(i)) || example.predicted[i]!.length !== patch.length) return covered[i]!
    const { mean, deviation } = normalizedPatch(patch)
    return example.predicted[i]!.map((value) => value * deviation + mean)
  })
  const pictures = [
    { title: 'Original', colors: original, lines: [] },
    { title: 'Masked', colors: covered, lines: [] },
    { title: 'Reconstructed', colors: restored, lines: wordLines(example, tokenizer) },
  ].map(async ({ title, colors, lines }) => ({
    picture: await shown(imageOfPatches(colors, model)),
    marks: [],
    title,
    lines,
  }))
  return { title: `“${maskedText(example, tokenizer)}”`, pictures: await Promise.all(pictures) }
}

/** A patch of middle grey, normalized as the images are. */
function greyOf({ mean, std }: ImageProcessing, length: number): Float32Array {
  const area = length / mean.length
  return Float32Array.from({ length }, (_, i) => {
    const channel = Math.floor(i / area)
    return (0.5 - mean[channel]!) / std[channel]!
  })
}

const wordOf = (tokenizer: Tokenizer, id: bigint): string =>
  tokenizer.decode([Number(id)]).trim() || `token ${id}`

/** `✓ apple`, or `✗ pear, true: apple`, and what was said without the image. */
const wordLines = ({ masked, tokens }: Example, tokenizer: Tokenizer): string[] =>
  masked.flatMap(({ place, found, alone }) => {
    const [word, truth] = [wordOf(tokenizer, found), wordOf(tokenizer, tokens[place]!)]
    const said = found === tokens[place] ? `✓ ${word}` : `✗ ${word}, true: ${truth}`
    return [said, `without the image: ${wordOf(tokenizer, alone)}`]
  })

/** The text with its masks. */
function maskedText({ masked, tokens }: Example, tokenizer: Tokenizer): string {
  const places = masked.map(({ place }) => place)
  const bounds = [-1, ...places, tokens.length]
  return bounds
    .slice(1)
    .map((end, i) => tokenizer.decode(Array.from(tokens.subarray(bounds[i]! + 1, end), Number)).trim())
    .join(' ▢ ')
    .trim()
}
