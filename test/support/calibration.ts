import type { Tools } from '../../src/compression/method.ts'
import { type Batch, float32, int64, random } from '../../src/core/index.ts'
import type { Bundle } from '../../src/deploy/index.ts'

const texts = ['a red apple on a table', 'a photo of a dog', 'a green apple', 'the smiling face of a cat']

/** Random pictures with sentences, as `tinyBundle` and `tinyPolicy` take them. */
export function calibrationBatch({ model, tokenizer }: Bundle, number: number, size = 4): Batch {
  const stream = random(5, 'calibration-batch', number)
  const { image, text } = model.inputs
  const shape = [size, image.channels, image.size, image.size]
  const pixels = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => stream.normal())
  const ids = Array.from(
    { length: size },
    (_, i) => tokenizer.encode(texts[(number + i) % 4]!, text.length).inputIds,
  )
  return {
    ids: ids.map((_, i) => `${number}/${i}`),
    arrays: { pixelValues: float32(shape, pixels), inputIds: int64([size, text.length], ids.flat()) },
  }
}

/** Tools of a compression with these batches; what is told is collected in `notes`. */
export function toolsWith(batches: readonly Batch[], notes: string[] = []): Tools {
  const unused = () => Promise.reject(new Error('not asked for by quantization'))
  return {
    seed: 3,
    threads: 1,
    async *batches() {
      yield* batches
    },
    gradients: unused,
    quality: unused,
    note: (text) => notes.push(text),
  }
}

/** Tools with two batches for a bundle. */
export const toolsFor = (bundle: Bundle, notes: string[] = []): Tools =>
  toolsWith([calibrationBatch(bundle, 0), calibrationBatch(bundle, 1)], notes)
