import { join } from 'node:path'
import sharp from 'sharp'
import { float32, random } from '../src/core/index.ts'
import { Tokenizer, trainBpe } from '../src/data/text/index.ts'
import { writeBundle } from '../src/deploy/index.ts'
import { ClipModel, dualEncoder, withVocabulary } from '../src/models/index.ts'
import { namedParameters } from '../src/nn/index.ts'

const seed = 7
const side = 64

/** A bundle whose image tower is that of `step`, of random weights, and pictures of noise in its size. */
export async function writeServedBundle(
  directory: string,
): Promise<{ readonly bundle: string; readonly pictures: readonly Buffer[] }> {
  const { json, config } = trainBpe(['a red apple on a table', 'a photo of a dog'], {
    vocabularySize: 540,
    length: 16,
  })
  const tokenizer = Tokenizer.fromJson(json, config)
  const towers = dualEncoder({
    image: { size: side, patch: 8, width: 192, depth: 6, heads: 3 },
    text: { length: 16, width: 64, depth: 1, heads: 2 },
    projection: 128,
  })
  const model = new ClipModel(withVocabulary(towers, tokenizer))
  const weights = Array.from(namedParameters(model), ([name, { shape, initialize }]) => {
    return [name, float32(shape, initialize(shape, random(seed, name)))] as const
  })
  const image = {
    size: side,
    fit: 'cover',
    background: [1, 1, 1],
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  } as const
  const bundle = join(directory, 'served')
  await writeBundle(bundle, { model, tokenizer, image, weights: new Map(weights) })
  const pictures = await Promise.all(Array.from({ length: 16 }, (_, i) => noisePng(i)))
  return { bundle, pictures }
}

function noisePng(picture: number): Promise<Buffer> {
  const stream = random(seed, 'picture', picture)
  const data = Uint8Array.from({ length: 3 * side * side }, () => stream.integer(256))
  return sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}
